"""Capacity of the table and its index, which follows demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body


def tracking(kind: str, target: object = 70) -> Body:
    metric = {"PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"}
    return {"PredefinedMetricSpecification": metric, "TargetValue": target}


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


def policy(kind: str, **named: object) -> Body:
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": "demand",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": tracking(kind),
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
    "ReadsFollow": policy("Read", ScalingTargetId={"Ref": "Reads"}),
    "Writes": target("table", "WriteCapacityUnits", "table/orders"),
    "WritesFollow": policy("Write", **WRITES),
    "IndexReads": target("index", "ReadCapacityUnits", INDEX),
    "IndexReadsFollow": policy("Read", ScalingTargetId={"Ref": "IndexReads"}),
    "IndexWrites": target("index", "WriteCapacityUnits", INDEX),
    "IndexWritesFollow": policy("Write", ScalingTargetId={"Ref": "IndexWrites"}),
}
