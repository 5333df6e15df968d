"""The measures of a table's use: that it is used, and that reads are not unusually many. Nothing here loads CDK.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.monitoring.measure import Measure, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY = 24 * 60 * 60
# An alarm looks back for seven days at most, and one on a query for three hours.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MOST_UNUSED_DAYS = 7
# A metric math expression takes ten metrics.
_MOST_INDEXES = 8


def unused(table_name: str, indexes: Iterable[str], days: int) -> Measure:
    """Return the measures of a table that may no longer be needed (MON-3)."""
    table = {"TableName": table_name}
    consumed = {
        "reads": Metric("AWS/DynamoDB", "ConsumedReadCapacityUnits", table),
        "writes": Metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", table),
    }
    # Writes to an index are writes to the table; reads are counted where they are made.
    for number, index in enumerate(list(indexes)[:_MOST_INDEXES], start=1):
        dimensions = {**table, "GlobalSecondaryIndexName": index}
        consumed[f"reads{number}"] = Metric("AWS/DynamoDB", "ConsumedReadCapacityUnits", dimensions)
    return Measure(
        name="Unused",
        description=(
            f"Cost notice, nothing is broken: no item of this table was read or written for {days} days. Its key, "
            "backups, point-in-time recovery and alarms still cost money. Ask the owner named in its tags whether it "
            "is still needed. A new table is in this state until it is used."
        ),
        expression=" + ".join(f"FILL({each}, 0)" for each in consumed),
        metrics=consumed,
        threshold=0,
        comparison="LessThanOrEqualToThreshold",
        period=_DAY,
        periods=days,
        periods_to_alarm=days,
    )


def unusual_reads(table_name: str, band: float) -> Measure:
    """Return the measures of reads that are many for this hour of this day of the week, such as a copy of all items.

    No fixed number fits a table by day and by night, and of every size.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
    """
    return Measure(
        name="UnusualReads",
        description=(
            "Far more is read from this table than usual at this time. Someone may be copying it. First check which "
            "role reads, in CloudTrail's data events if a trail selects them, and whether it scans, by "
            "SuccessfulRequestLatency of Scan. If the reads are unexplained, take the role or the table out of use as "
            "described in docs/containment.md. New traffic, such as a campaign, looks the same until the model has "
            "adapted."
        ),
        metric="ConsumedReadCapacityUnits",
        dimensions={"TableName": table_name},
        threshold=0,
        band=band,
        period=5 * 60,
        periods=3,
        periods_to_alarm=3,
        comparison="GreaterThanUpperThreshold",
    )


def key_requests() -> Measure:
    """Return the measures of requests to AWS KMS, which refuses those beyond a quota of the account and Region.

    https://aws.amazon.com/blogs/security/manage-your-aws-kms-api-request-rates-using-service-quotas-and-amazon-cloudwatch/
    """
    dimensions = {"Type": "API", "Service": "KMS", "Resource": "CryptographicOperationsSymmetric", "Class": "None"}
    return Measure(
        name="KeyRequests",
        description=(
            "Requests to AWS KMS are near the quota of this account and Region, in percent. Beyond it, tables, audit "
            "functions and topics fail at random. First check which key gets the most requests, by SuccessfulRequest "
            "in AWS/KMS. Then request a higher quota for cryptographic operations with symmetric keys in Service "
            "Quotas."
        ),
        expression="requests / SERVICE_QUOTA(requests) * 100",
        metrics={"requests": Metric("AWS/Usage", "CallCount", dimensions)},
        threshold=80,
        periods=5,
        periods_to_alarm=3,
    )
