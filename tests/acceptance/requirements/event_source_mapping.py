"""AWS Lambda: the event source mapping, its failure destination, and the function itself."""

from __future__ import annotations

from tests.acceptance.requirement import Basis, Check, Moment, Requirement
from tests.policies.requests.key_use import IN_CODE, THROUGH_DYNAMODB, THROUGH_S3

_ROLE = "OrdersAuditRole"
STREAM = "https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html"
DESTINATION_PAGE = "https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html"
_EXECUTION_ROLE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"
# Requests of the function's code, and those by which Lambda logs for it, name the function; other requests of Lambda in
# the role's name, such as reading the stream, do not: https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
_CONFIGURATIONS = ("minimal", "everything", "enforced", "own_key", "ephemeral")


def _of_lambda(
    moment: Moment,
    actions: tuple[str, ...],
    on: str,
    source: str,
    *,
    check: Check = Check.ALL_POLICIES,
    basis: Basis = Basis.AWS_PAGE,
    context: dict[str, str | list[str] | None] | None = None,
) -> Requirement:
    return Requirement(
        service="AWS Lambda",
        moment=moment,
        who=_ROLE,
        actions=actions,
        on=on,
        context=context or {},
        check=check,
        basis=basis,
        source=source,
        configurations=_CONFIGURATIONS,
    )


READ = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
EVENT_SOURCE_MAPPING = (
    Requirement(
        service="AWS Lambda",
        moment=Moment.CREATION,
        who="lambda.amazonaws.com",
        actions=("sts:AssumeRole",),
        on=_ROLE,
        source=_EXECUTION_ROLE,
        configurations=_CONFIGURATIONS,
    ),
    _of_lambda(Moment.CREATION, READ, "stream", STREAM, check=Check.ROLE_ALONE),
    # The stream is encrypted with the table's key; without it Lambda says that it cannot access the stream.
    _of_lambda(
        Moment.CREATION,
        ("kms:Decrypt",),
        "key",
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
        context=dict(THROUGH_DYNAMODB),
    ),
    _of_lambda(
        Moment.CREATION, ("s3:PutObject",), "file in the failure bucket", DESTINATION_PAGE, check=Check.ROLE_ALONE
    ),
    # Lambda was seen to refuse a role that is limited to the prefix under which it writes, so any object has to do.
    _of_lambda(
        Moment.CREATION,
        ("s3:PutObject",),
        "object in the failure bucket",
        "a public project's troubleshooting notes: below aws/lambda/* only, refused; on all objects, accepted",
        check=Check.ROLE_ALONE,
        basis=Basis.THIRD_PARTY,
    ),
    _of_lambda(Moment.CREATION, ("s3:ListBucket",), "failure bucket", DESTINATION_PAGE, check=Check.ROLE_ALONE),
    _of_lambda(Moment.RUN_TIME, READ, "stream", STREAM),
    _of_lambda(Moment.RUN_TIME, ("s3:PutObject",), "file in the failure bucket", DESTINATION_PAGE),
    _of_lambda(
        Moment.RUN_TIME,
        ("kms:GenerateDataKey",),
        "key",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-msk-on-failure.html",
        context=dict(THROUGH_S3),
    ),
)
FUNCTION = (
    _of_lambda(
        Moment.RUN_TIME, ("logs:CreateLogStream", "logs:PutLogEvents"), "audit log", _EXECUTION_ROLE, context=IN_CODE
    ),
    _of_lambda(
        Moment.RUN_TIME,
        ("kms:GenerateMac",),
        "digest key",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html",
        context=dict(IN_CODE),
    ),
    # A replay reads what Lambda wrote.
    _of_lambda(
        Moment.RUN_TIME,
        ("s3:GetObject",),
        "file in the failure bucket",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
        context=dict(IN_CODE),
    ),
    _of_lambda(
        Moment.RUN_TIME,
        ("kms:Decrypt",),
        "key",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
        context=dict(THROUGH_S3),
    ),
)
