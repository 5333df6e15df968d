"""Exports on a schedule, and the mapping that hands over items which expired."""

from __future__ import annotations

from tests.acceptance.requirement import Check, Context, Moment, Requirement
from tests.acceptance.requirements.consumers import EXPORT_PAGE, LARGE_FILES
from tests.acceptance.requirements.event_source_mapping import DESTINATION_PAGE, READ, STREAM
from tests.policies.requests.key_use import THROUGH_DYNAMODB, THROUGH_S3

# Neither comes from inside of the perimeter that the tables enforce.
_FROM_AWS: Context = {"aws:SourceIp": "198.51.100.7"}

SCHEDULED_EXPORTS = tuple(
    Requirement(
        service="Amazon DynamoDB",
        moment=Moment.RUN_TIME,
        who="ExportsRole",
        actions=actions,
        on=on,
        context=context,
        source=source,
        configurations=("exporting",),
    )
    for actions, on, context, source in (
        (("dynamodb:ExportTableToPointInTime",), "table", _FROM_AWS, EXPORT_PAGE),
        (("dynamodb:DescribeExport",), "export", _FROM_AWS, EXPORT_PAGE),
        (("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"), "exported object", {}, EXPORT_PAGE),
        (("kms:GenerateDataKey", "kms:Decrypt"), "export key", dict(THROUGH_S3), LARGE_FILES),
    )
)
EXPIRED_ITEMS = tuple(
    Requirement(
        service="AWS Lambda",
        moment=moment,
        who="ExpiredRole",
        actions=actions,
        on=on,
        context=context,
        # A key always asks its own policy.
        check=Check.ALL_POLICIES if actions[0].startswith("kms:") else Check.ROLE_ALONE,
        source=source,
        configurations=("keeping",),
    )
    for moment in Moment
    for actions, on, context, source in (
        (READ, "stream", _FROM_AWS, STREAM),
        (("kms:Decrypt",), "key", dict(THROUGH_DYNAMODB), STREAM),
        (("s3:PutObject",), "object in the expired bucket", {}, DESTINATION_PAGE),
        (("s3:ListBucket",), "expired bucket", {}, DESTINATION_PAGE),
        (("kms:GenerateDataKey",), "expired key", dict(THROUGH_S3), DESTINATION_PAGE),
    )
)
