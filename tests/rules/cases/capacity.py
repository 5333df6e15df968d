"""Capacity that does not scale."""

from __future__ import annotations

from tests.rules.cases.making import TABLE, Cases, P
from tests.rules.handwritten.making import PARAMETER
from tests.rules.handwritten.scaling import tracking

TRACKING = "TargetTrackingScalingPolicyConfiguration"
NOTHING = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
OTHER_INDEX = [{"IndexName": "by-date"}, {"IndexName": "by-status"}]

CASES: dict[str, Cases] = {
    "OPS3": Cases(
        broken=[
            *((name, NOTHING) for name in ("Reads", "ReadsFollow", "WritesFollow", "IndexReads", "IndexWritesFollow")),
            (f"Reads/{P}/MaxCapacity", 5),
            (f"Reads/{P}/ServiceNamespace", "ecs"),
            (f"Reads/{P}/ScalableDimension", "dynamodb:table:WriteCapacityUnits"),
            (f"Writes/{P}/ResourceId", "table/others"),
            (f"Writes/{P}/SuspendedState", {"DynamicScalingOutSuspended": True}),
            (f"WritesFollow/{P}/ResourceId", "table/orders/index/by-date"),
            (f"IndexReads/{P}/ResourceId", "table/orders/index/other"),
            (f"IndexWritesFollow/{P}/PolicyType", "StepScaling"),
            (f"IndexWritesFollow/{P}/ScalingTargetId", {"Ref": "IndexReads"}),
            (f"{TABLE}/GlobalSecondaryIndexes", OTHER_INDEX),
            (f"ReadsFollow/{P}/{TRACKING}", None),
            (f"ReadsFollow/{P}/{TRACKING}", tracking("Write")),
            (f"ReadsFollow/{P}/{TRACKING}", tracking("Read", 100000)),
            (f"WritesFollow/{P}/{TRACKING}", tracking("Read")),
            (f"IndexWritesFollow/{P}/{TRACKING}", tracking("Write", 19)),
            (f"IndexWritesFollow/{P}/{TRACKING}", tracking("Write", 91)),
            (f"IndexReadsFollow/{P}/{TRACKING}", {"CustomizedMetricSpecification": {}, "TargetValue": 70}),
        ],
        unknown=[
            (f"{TABLE}/BillingMode", PARAMETER),
            (f"{TABLE}/GlobalSecondaryIndexes", PARAMETER),
            (f"{TABLE}/GlobalSecondaryIndexes", [OTHER_INDEX[0], PARAMETER]),
            (f"Reads/{P}/MaxCapacity", PARAMETER),
            (f"Reads/{P}/ResourceId", PARAMETER),
            (f"Reads/{P}/ScalableDimension", PARAMETER),
            ("Reads/Condition", "Sometimes"),
            (f"ReadsFollow/{P}/ScalingTargetId", PARAMETER),
            (f"Writes/{P}/SuspendedState", PARAMETER),
            (f"WritesFollow/{P}/ResourceId", PARAMETER),
            (f"IndexWritesFollow/{P}/PolicyType", PARAMETER),
            (f"ReadsFollow/{P}/{TRACKING}", PARAMETER),
            (f"WritesFollow/{P}/{TRACKING}", tracking("Write", PARAMETER)),
        ],
    )
}
