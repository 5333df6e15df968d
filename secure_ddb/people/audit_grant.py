"""The grant for auditors: to read the audit trail, and no items (AUD-5).

What may be done stands in plain functions. Which actions work on which resource, AWS says here:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aws_cdk.aws_iam import ManagedPolicy, Policy

from secure_ddb.access.grantees import add_statements, require_role
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.errors import reject, require_made
from secure_ddb.waivers.accepted_findings import AUDITED_OBJECTS, PUBLIC_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import Grant, IGrantable, IRole

    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.audit.recorder import MadeRecorder
    from secure_ddb.audit.trail import ReadTrail
    from secure_ddb.context import StackEnvironment

    Statement = dict[str, Any]

# No StopQuery, which works on no log group, and no Unmask. GetQueryResults is checked against the log group.
READ_LOG = (
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetQueryResults",
    "logs:StartQuery",
)
# With the versions, because delete markers hide objects.
LIST_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions")
READ_OBJECTS = ("s3:GetObject", "s3:GetObjectVersion")


@dataclass(frozen=True, kw_only=True)
class AuditTrailArns:
    """The readable parts of an audit trail.

    Attributes:
        log_group: The audit log; ends with `:*`, as AWS::Logs::LogGroup returns it.
        failure_bucket: The bucket of changes that could not be logged.
        keys: The key that encrypts the buckets; while it is replaced, also the other key.
        archive_bucket: The archive of the log, or empty.
        trail_bucket: The log files of the table's own trail, or empty.
        digest_key: The key of the MACs; empty, if item keys are logged in clear.
    """

    log_group: str
    failure_bucket: str
    keys: Sequence[str]
    archive_bucket: str = ""
    trail_bucket: str = ""
    digest_key: str = ""


def grant_audit(grantee: IGrantable, recorder: MadeRecorder, *, trail_bucket_arn: str = "") -> Grant:
    """Let a role read an audit trail.

    Raises:
        InvalidArgumentError: As `SecureTable.grant_read_data`.
    """
    environment = recorder.environment
    require_role(grantee, environment)
    arns = AuditTrailArns(
        log_group=recorder.log_group.log_group_arn,
        failure_bucket=recorder.failure_bucket_arn,
        keys=recorder.key.arns,
        archive_bucket=recorder.archive.bucket_arn if recorder.archive else "",
        trail_bucket=trail_bucket_arn,
        digest_key=recorder.digest_key_arn,
    )
    grant = add_statements(grantee, environment, audit_grant_statements(arns, environment))
    # Of a function, for example, its role.
    holder = grantee if isinstance(grantee, ManagedPolicy | Policy) else cast("IRole", grantee.grant_principal)
    wildcards = dict.fromkeys((f"{bucket}/*" for bucket in _readable(arns)), AUDITED_OBJECTS)
    acknowledge_wildcards(holder, wildcards | ({"*": PUBLIC_KEYS} if trail_bucket_arn else {}))
    return grant


def grant_audit_of_table(grantee: IGrantable, audit: AuditTrail, trail: ReadTrail) -> Grant:
    """Let a role read the audit trail of one table.

    Raises:
        InvalidArgumentError: As `grant_audit`, or the audit function is shared.
        NotCreatedError: The table has no audit trail.
    """
    if audit.is_shared:
        reject(
            "grant_audit",
            "of a table with a shared audit function",
            "SharedResources.grant_audit in the app that makes them",
        )
    return grant_audit(grantee, require_made(audit.made, "audit trail"), trail_bucket_arn=trail.bucket_arn)


def audit_grant_statements(arns: AuditTrailArns, environment: StackEnvironment) -> list[Statement]:
    """Return the permissions of an auditor.

    Of the failure bucket only the list: its objects hold items. CloudWatch Logs decrypts with permissions of its own.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    readable = _readable(arns)
    statements = [
        _allow(READ_LOG, [arns.log_group]),
        _allow(LIST_BUCKET, [arns.failure_bucket, *readable]),
    ]
    if readable:
        statements += [
            _allow(READ_OBJECTS, [f"{bucket}/*" for bucket in readable]),
            _decrypt_objects(arns, environment),
        ]
    if arns.trail_bucket:
        # Which verify the trail's digest files, and are no secret.
        statements.append(_allow(["cloudtrail:ListPublicKeys"], ["*"]))
    if arns.digest_key:
        statements.append(_allow(["kms:VerifyMac"], [arns.digest_key]))
    return statements


def _readable(arns: AuditTrailArns) -> list[str]:
    return [bucket for bucket in (arns.archive_bucket, arns.trail_bucket) if bucket]


def _decrypt_objects(arns: AuditTrailArns, environment: StackEnvironment) -> Statement:
    """Let the key decrypt the objects of archive and trail, and with it nothing else: neither items nor failed changes.

    With a bucket key, Amazon S3 names the bucket in the encryption context, and else the object. The trail's bucket has
    no bucket key. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    context = [arns.archive_bucket] if arns.archive_bucket else []
    if arns.trail_bucket:
        context.append(f"{arns.trail_bucket}/*")
    condition = {
        "StringEquals": {"kms:ViaService": f"s3.{environment.region}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": context},
    }
    return {**_allow(["kms:Decrypt"], list(arns.keys)), "Condition": condition}


def _allow(actions: tuple[str, ...] | list[str], resources: list[str]) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}
