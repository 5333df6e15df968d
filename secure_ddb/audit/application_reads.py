"""`ApplicationReads`: a log for an application's reads of a table (AUD-6)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from aws_cdk import Stack
from aws_cdk.aws_iam import ManagedPolicy, Policy, PolicyStatement
from aws_cdk.aws_kms import CfnKey
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from secure_ddb.access.granted_table import made_here
from secure_ddb.access.grantees import add_statements, require_role
from secure_ddb.audit.digest_key import digesting
from secure_ddb.audit.settings import LoggedKeys, require_log_retention
from secure_ddb.audit_trail.handler.audit_trail.settings import DIGEST_KEY
from secure_ddb.audit_trail.read_log.python.secure_ddb_reads.settings import VARIABLE
from secure_ddb.errors import reject, require_made, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.people.audit_grant import READ_LOG
from secure_ddb.table import SecureTable
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.tokens import is_token
from secure_ddb.waivers.accepted_findings import DIGESTS_OF_READS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from aws_cdk.aws_iam import Grant, IGrantable, IRole
    from aws_cdk.aws_lambda import Function

    from secure_ddb.context import StackEnvironment, TableContext


class ApplicationReads(Construct):
    """A log of an application's reads of a table, in the schema of the table's audit trail. docs/reads.md.

    Item keys have the digests that they have in the audit log, under a key that both share.

    Attributes:
        log_group: The log, encrypted with the table's key.
        settings: Settings of `secure_ddb_reads`, for the environment variable `SECURE_DDB_READ_LOG`.
        LAYER_FOLDER: The folder with `secure_ddb_reads`, for the code of a Lambda layer.
    """

    LAYER_FOLDER: ClassVar[str] = str(Path(__file__).parents[1] / "audit_trail" / "read_log")

    def __init__(
        self, scope: Construct, id: str, *, table: SecureTable, log_retention: RetentionDays | None = None
    ) -> None:
        """Make the log group, and the key of digests unless the trail logs keys in clear.

        On a table that is deployed already, items have other digests in the audit log from the deployment on.

        Args:
            scope: Where to make it, in the table's stack.
            id: Construct id.
            table: The table, with an audit function of its own.
            log_retention: How long lines are kept; as long as those of the audit log, unless given.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
            NotCreatedError: The table has no audit trail.
        """
        require_type("table", table, SecureTable, "a SecureTable of this app")
        made = made_here(table)
        audit = require_made(made.audit, "audit trail")
        if audit.is_shared:
            reject("table", table, "one with AuditSettings(own_function=True): others would share its digests")
        recorder = require_made(audit.made, "audit trail")
        if Stack.of(scope) != Stack.of(table):
            reject("scope", scope, "one in the table's stack, whose log groups the table's key encrypts")
        context = audit.context
        audit_settings = require_made(recorder.settings, "audit trail")
        retention = log_retention or audit_settings.log_retention
        require_log_retention(context, "log_retention", retention)

        super().__init__(scope, id)
        state_construct(self)

        self._context = replace(context, scope=self, outer_scope=scope)
        self._readers = [recorder.role_arn]
        self._key: CfnKey | None = None
        self._policy: ManagedPolicy | None = None
        if audit_settings.keys is LoggedKeys.DIGEST:
            self._key = _make_key(self._context, self._readers)
            recorder.deployed_function.add_environment(DIGEST_KEY, self._key.attr_arn)
        self.log_group = LogGroup(
            self,
            "Log",
            encryption_key=made.table.key.key,
            retention=retention,
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html
            deletion_protection_enabled=None if context.lifecycle.is_ephemeral else True,
            removal_policy=context.lifecycle.protected_removal_policy,
        )
        arguments = made.table.arguments
        keys = [arguments.partition_key, *([arguments.sort_key] if arguments.sort_key else [])]
        values: dict[str, Any] = {
            "table": table.table_name,
            "key_attributes": [key.name for key in keys],
            "log_group": self.log_group.log_group_name,
            "region": context.environment.region,
        }
        if self._key is not None:
            values["hmac_key"] = self._key.attr_arn
        self.settings = json.dumps(values)
        made.accept_application_reads(self.node.path)
        tag_table(self._context)

    def grant_log(self, grantee: IGrantable) -> None:
        """Let a role log reads: write lines, and compute digests of item keys. It cannot read the log.

        Args:
            grantee: A role of the table's stack or imported by its ARN, or a construct with one, like a function. Not a
                policy, because the policy of the digests' key names the role.

        Raises:
            InvalidArgumentError: As `SecureTable.grant_read_data`; or it is a policy, or a role of another stack.
        """
        environment = self._context.environment
        if isinstance(grantee, ManagedPolicy | Policy):
            reject("grantee", grantee, "a role, which the policy of the digests' key has to name")
        require_role(grantee, environment)
        role = cast("IRole", grantee.grant_principal)
        role_arn = role.role_arn
        if is_token(role_arn) and Stack.of(role) != Stack.of(self):
            reject("grantee", grantee, "a role of the table's stack, or one imported by its ARN: the stacks would wait")
        if role_arn in self._readers:
            return
        self._readers.append(role_arn)
        if self._policy is None:
            # Auditors object to inline policies, which grants on a role make.
            statements = [PolicyStatement.from_json(write_log(self.log_group.log_group_arn))]
            self._policy = ManagedPolicy(self, "Policy", statements=statements)
        self._policy.attach_to_role(role)
        if self._key is not None:
            self._key.key_policy = read_digest_key_policy(environment, self._readers)

    def grant_audit(self, grantee: IGrantable) -> Grant:
        """Let a role read the log; it sees no items, and item keys only where the trail logs them in clear.

        Args:
            grantee: As in `SecureTable.grant_read_data`.

        Raises:
            InvalidArgumentError: The grantee is none of these.
        """
        statement = {"Action": list(READ_LOG), "Resource": [self.log_group.log_group_arn]}
        return add_statements(grantee, self._context.environment, [statement])

    def log_from(self, function: Function, *, variable: str = VARIABLE) -> None:
        """Let a function log its reads: `grant_log`, and its environment variable. It also needs `secure_ddb_reads`.

        Args:
            function: The function.
            variable: Name of the environment variable, for functions that read several tables.

        Raises:
            InvalidArgumentError: As `grant_log`.
        """
        self.grant_log(function)
        function.add_environment(variable, self.settings)


def write_log(log_group_arn: str) -> dict[str, Any]:
    """Return the statements that let an application write lines about reads."""
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [log_group_arn],
    }


def read_digest_key_policy(environment: StackEnvironment, role_arns: list[str]) -> dict[str, Any]:
    """Return the policy of the key of digests: these roles, and no IAM policy of the account, use it."""
    return {"Version": "2012-10-17", "Statement": digesting(environment, list(role_arns))}


def _make_key(context: TableContext, role_arns: list[str]) -> CfnKey:
    """Make the key of digests. That of MACs stays the audit function's alone, so that no application signs lines."""
    key = CfnKey(
        context.scope,
        "DigestKey",
        description="Digests item keys in the audit log and the log of reads of one DynamoDB table",
        key_spec="HMAC_256",
        key_usage="GENERATE_VERIFY_MAC",
        pending_window_in_days=context.lifecycle.key_deletion_window_in_days,
        key_policy=read_digest_key_policy(context.environment, role_arns),
    )
    key.apply_removal_policy(context.lifecycle.removal_policy)
    acknowledge(key, {"SecureDdb::SecureDdb-AUD14[DigestItemKeys]": DIGESTS_OF_READS})
    return key
