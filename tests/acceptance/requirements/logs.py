"""CloudWatch Logs encrypts log groups; Firehose and CloudTrail write what they record."""

from __future__ import annotations

from tests.acceptance.requirement import Basis, Check, Context, Moment, Requirement
from tests.policies.requests.key_use import DESCRIBE, THROUGH_S3
from tests.policies.requests.keys import AUDIT_LOG, CLOUDTRAIL, FIREHOSE, LOGS, SOURCE, TRAIL
from tests.policies.requests.services import ACL, EXTERNAL_ID, LOG

_LOGS_KEY = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
_TO_S3 = "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3"
_SUBSCRIPTION = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample"
_TRAIL_BUCKET = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
_TRAIL_KEY = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"
_TRAIL_TO_LOGS = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html"
)

# AWS's example names kms:Describe* under the same condition, but a request for it carries no encryption context.
ENCRYPTED_LOG_GROUP = tuple(
    Requirement(
        service="Amazon CloudWatch Logs",
        moment=moment,
        who=LOGS,
        actions=("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"),
        on="key",
        context=dict(AUDIT_LOG),
        source=_LOGS_KEY,
        configurations=("minimal", "everything", "own_key", "ephemeral"),
    )
    for moment in Moment
)


def _firehose(
    who: str,
    actions: tuple[str, ...],
    on: str,
    *,
    source: str = _TO_S3,
    context: Context | None = None,
    check: Check = Check.ALL_POLICIES,
    basis: Basis = Basis.AWS_PAGE,
    moment: Moment = Moment.RUN_TIME,
) -> Requirement:
    return Requirement(
        service="Amazon Data Firehose",
        moment=moment,
        who=who,
        actions=actions,
        on=on,
        context=context or {},
        check=check,
        basis=basis,
        source=source,
        configurations=("everything",),
    )


_DELIVERY, _SUBSCRIBER = "OrdersAuditArchiveRole", "OrdersAuditArchiveSubscriptionRole"
FIREHOSE_DELIVERY = (
    _firehose("firehose.amazonaws.com", ("sts:AssumeRole",), _DELIVERY, context=EXTERNAL_ID, moment=Moment.CREATION),
    _firehose("logs.amazonaws.com", ("sts:AssumeRole",), _SUBSCRIBER, context=LOG, source=_SUBSCRIPTION),
    _firehose(
        _DELIVERY,
        ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"),
        "object in the archive bucket",
        check=Check.ROLE_ALONE,
    ),
    _firehose(
        _DELIVERY,
        ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
        "archive bucket",
        check=Check.ROLE_ALONE,
    ),
    _firehose(_DELIVERY, ("kms:Decrypt", "kms:GenerateDataKey"), "key", context=dict(THROUGH_S3)),
    _firehose(_DELIVERY, ("logs:PutLogEvents",), "error log"),
    _firehose(_SUBSCRIBER, ("firehose:PutRecord", "firehose:PutRecordBatch"), "delivery stream", source=_SUBSCRIPTION),
    _firehose(
        _SUBSCRIBER,
        ("kms:Decrypt", "kms:GenerateDataKey"),
        "key",
        context=dict(FIREHOSE),
        basis=Basis.MANAGED_POLICY,
        source="AWSServiceRoleForLogDeliveryPolicy",
    ),
    # The deployment role hands the key of the delivery stream to Firehose.
    _firehose(
        "deployment",
        ("kms:CreateGrant",),
        "key",
        context={**FIREHOSE, "kms:GrantIsForAWSResource": "true"},
        source="https://docs.aws.amazon.com/firehose/latest/dev/encryption.html",
        moment=Moment.CREATION,
    ),
)


def _cloudtrail(
    moment: Moment, actions: tuple[str, ...], on: str, context: Context, source: str, *, who: str = CLOUDTRAIL
) -> Requirement:
    return Requirement(
        service="AWS CloudTrail",
        moment=moment,
        who=who,
        actions=actions,
        on=on,
        context=context,
        source=source,
        configurations=("everything", "own_trail"),
    )


TRAIL_DELIVERY = tuple(
    requirement
    for moment in Moment
    for requirement in (
        _cloudtrail(moment, ("s3:GetBucketAcl",), "trail bucket", dict(SOURCE), _TRAIL_BUCKET),
        _cloudtrail(moment, ("s3:PutObject",), "log file in the trail bucket", {**SOURCE, **ACL}, _TRAIL_BUCKET),
        _cloudtrail(moment, ("kms:GenerateDataKey",), "key", dict(TRAIL), _TRAIL_KEY),
        _cloudtrail(moment, (DESCRIBE,), "key", dict(SOURCE), _TRAIL_KEY),
    )
)
TRAIL_TO_LOG_GROUP = (
    Requirement(
        service="AWS CloudTrail",
        moment=Moment.CREATION,
        who=CLOUDTRAIL,
        actions=("sts:AssumeRole",),
        on="OrdersPerimeterLogRole",
        source=_TRAIL_TO_LOGS,
        configurations=("observed",),
    ),
    Requirement(
        service="AWS CloudTrail",
        moment=Moment.CREATION,
        who="OrdersPerimeterLogRole",
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        on="perimeter log",
        check=Check.ROLE_ALONE,
        source=_TRAIL_TO_LOGS,
        configurations=("observed",),
    ),
)
