"""Capacity of the table and its index, which follows demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

TRACKING = {
    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
    "TargetValue": 70,
}


def target(kind: str, dimension: str, resource: object) -> Body:
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "MinCapacity": "5",
            "MaxCapacity": 50,
            "ResourceId": resource,
            "ScalableDimension": f"dynamodb:{kind}:{dimension}",
            "ServiceNamespace": "dynamodb",
        },
    }


def policy(**named: object) -> Body:
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": "demand",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": TRACKING,
            **named,
        },
    }


WRITES = {
    "ResourceId": {"Fn::Join": ["/", ["table", "orders"]]},
    "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
    "ServiceNamespace": "dynamodb",
}
INDEX = {"Fn::Sub": "table/${Table}/index/by-date"}
SCALING: Body = {
    "Reads": target("table", "ReadCapacityUnits", {"Fn::Sub": "table/${Table}"}),
    "ReadsFollow": policy(ScalingTargetId={"Ref": "Reads"}),
    "Writes": target("table", "WriteCapacityUnits", "table/orders"),
    "WritesFollow": policy(**WRITES),
    "IndexReads": target("index", "ReadCapacityUnits", INDEX),
    "IndexReadsFollow": policy(ScalingTargetId={"Ref": "IndexReads"}),
    "IndexWrites": target("index", "WriteCapacityUnits", INDEX),
    "IndexWritesFollow": policy(ScalingTargetId={"Ref": "IndexWrites"}),
}
