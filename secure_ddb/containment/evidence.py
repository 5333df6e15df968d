"""`IncidentEvidence`: a locked bucket for copies by `secure-ddb preserve`, and its writers' permissions (IR-5)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument
from aws_cdk.aws_s3 import CfnBucketPolicy
from constructs import Construct

from secure_ddb.access.granted_table import arn_by_name
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.audit.locked_bucket import as_imported, make_locked_bucket
from secure_ddb.classification import DataClassification
from secure_ddb.containment.evidence_permissions import (
    bucket_policy,
    exports_of,
    logs_key_statement,
    preserve_statements,
)
from secure_ddb.containment.permissions import streams_of
from secure_ddb.context import table_context
from secure_ddb.durations import in_days
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.errors import NotCreatedError, reject, require_interface, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.part import Part
from secure_ddb.table import SecureTable
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import EVIDENCE, EVIDENCE_BUCKET, EXPORTS, bucket_findings
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import IRole

    from secure_ddb.encryption.table_key import KeyPolicy
    from secure_ddb.tags.ownership import Ownership

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
_RETENTION_DAYS = range(1, 36_501)


class IncidentEvidence(Construct):
    """A bucket that keeps evidence of an incident unaltered: docs/evidence-first.md.

    Attributes:
        bucket: The bucket.
        preserve_policy: Lets roles run `secure-ddb preserve`. Attached to none, as `Containment.start_policy`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Sequence[SecureTable],
        responders: Sequence[IRole],
        ownership: Ownership,
        classification: DataClassification = DataClassification.RESTRICTED,
        retention: Duration | None = None,
    ) -> None:
        """Make the bucket, its key, and the policy for those who write to it.

        Args:
            scope: Where to make them: in the account and Region of the tables.
            id: Construct id.
            tables: The tables whose evidence it keeps.
            responders: Roles that write to it; besides them, only CloudWatch Logs does.
            ownership: Its owner and cost center.
            classification: Of the bucket, which holds items: the highest, unless the tables have a lower one.
            retention: How long an object can be neither altered nor deleted, in whole days; a year, unless given.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, classification, Lifecycle.retained())
        if isinstance(tables, SecureTable) or not tables or not all(isinstance(each, SecureTable) for each in tables):
            reject("tables", tables, "one or more SecureTables")
        if not responders:
            reject("responders", responders, "one or more roles: otherwise no role could write")
        for position, role in enumerate(responders):
            require_interface(f"responders[{position}]", role, "role_arn", "an aws_iam.IRole")
        days = 365
        if retention is not None:
            require_type("retention", retention, Duration)
            days = in_days(retention, "retention")
        if days not in _RETENTION_DAYS:
            reject("retention", f"{days} days", "1 to 36500 days")
        super().__init__(scope, id)
        state_construct(self)
        key = Encryption(context, DEFAULT_ENCRYPTION).provide_key([_BucketUse()])
        bucket = make_locked_bucket(context, "Bucket", key, days)
        acknowledge(bucket, bucket_findings(EVIDENCE_BUCKET))
        environment = context.environment
        arn = f"arn:{environment.partition}:s3:::{bucket.ref}"
        policy = CfnBucketPolicy(
            self,
            "BucketPolicy",
            bucket=bucket.ref,
            policy_document=bucket_policy(environment, arn, [role.role_arn for role in responders]),
        )
        policy.apply_removal_policy(context.lifecycle.removal_policy)
        self.bucket = as_imported(bucket, arn, key)
        arns = [arn_by_name(table) for table in tables]
        statements = preserve_statements(
            environment,
            tables=arns,
            table_keys=list(dict.fromkeys(table.encryption_key.key_arn for table in tables)),
            log_groups=_log_groups(tables),
            bucket_arn=arn,
            key_arn=key.arn,
        )
        self.preserve_policy = ManagedPolicy(
            self,
            "PreservePolicy",
            path=SERVICE_ROLE_PATH,
            description="Lets responders preserve the evidence of an incident",
            document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        )
        wildcards = {pattern(each): EXPORTS for each in arns for pattern in (streams_of, exports_of)}
        acknowledge_wildcards(self.preserve_policy, {**wildcards, "*": EXPORTS, f"{arn}/*": EVIDENCE})
        tag_table(context)


class _BucketUse(Part):
    """The statements that the bucket's key needs."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the account's principals use the key through S3, and CloudWatch Logs write with it."""
        use = policy.use_through("s3", "KeepEvidenceInS3", ["kms:Decrypt", "kms:GenerateDataKey"])
        return [use, logs_key_statement(policy.environment)]


def _log_groups(tables: Sequence[SecureTable]) -> list[str]:
    """Return the ARNs of the tables' audit logs; a shared one belongs to no table."""
    arns: dict[str, None] = {}
    for table in tables:
        with suppress(NotCreatedError):
            arns[table.audit_log_group.log_group_arn] = None
    return list(arns)
