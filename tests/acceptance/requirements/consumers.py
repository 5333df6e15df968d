"""Grants for consumers, and roles of other accounts."""

from __future__ import annotations

from tests.acceptance.requirement import Check, Moment, Requirement
from tests.acceptance.requirements.event_source_mapping import READ, STREAM
from tests.policies.requests.key_use import THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.other_accounts import MEMBER, ORDERS
from tests.policies.requests.perimeter import OFFICE

EXPORT_PAGE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html"
LARGE_FILES = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"
_CROSS_ACCOUNT = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html"
_KEY_OF_ANOTHER_ACCOUNT = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html"

STREAM_CONSUMERS = (
    Requirement(
        service="AWS Lambda",
        moment=Moment.CREATION,
        who="Indexer",
        actions=READ,
        on="stream",
        check=Check.ROLE_ALONE,
        source=STREAM,
        configurations=("consumers",),
    ),
    Requirement(
        service="AWS Lambda",
        moment=Moment.RUN_TIME,
        who="Indexer",
        actions=READ,
        on="stream",
        source=STREAM,
        configurations=("consumers",),
    ),
    Requirement(
        service="AWS Lambda",
        moment=Moment.RUN_TIME,
        who="Indexer",
        actions=("kms:Decrypt",),
        on="key",
        context=dict(THROUGH_DYNAMODB),
        source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
        configurations=("consumers",),
    ),
)
EXPORTS = tuple(
    Requirement(
        service="Amazon DynamoDB",
        moment=Moment.RUN_TIME,
        who="Exporter",
        actions=actions,
        on=on,
        context=dict(context),
        source=source,
        configurations=("consumers",),
    )
    for actions, on, context, source in (
        (("dynamodb:ExportTableToPointInTime",), "table", OFFICE, EXPORT_PAGE),
        (("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"), "exported object", {}, EXPORT_PAGE),
        (("kms:GenerateDataKey", "kms:Decrypt"), "export key", THROUGH_S3, LARGE_FILES),
    )
)
OTHER_ACCOUNTS = tuple(
    Requirement(
        service="Amazon DynamoDB",
        moment=Moment.RUN_TIME,
        who=who,
        actions=actions,
        on=on,
        context=dict(context),
        source=source,
        configurations=("cross_account",),
    )
    for who, actions, on, context, source in (
        ("reports", ("dynamodb:GetItem", "dynamodb:Query"), "table", MEMBER, _CROSS_ACCOUNT),
        ("reports", ("kms:Decrypt",), "key", {**THROUGH_DYNAMODB, **ORDERS, **MEMBER}, _KEY_OF_ANOTHER_ACCOUNT),
        ("orders of another account", ("dynamodb:PutItem",), "table", MEMBER, _CROSS_ACCOUNT),
    )
)
