"""`Containment`: the runbooks of an incident with some tables (IR-1, IR-3, IR-4)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from aws_cdk import Stack
from constructs import Construct

from secure_ddb.access.granted_table import arn_by_name
from secure_ddb.classification import DataClassification
from secure_ddb.containment.documents import DIMENSION, METRIC, quarantine_document, release_document
from secure_ddb.containment.key_runbooks import make_key_runbooks
from secure_ddb.containment.permissions import automation_statements, streams_of
from secure_ddb.containment.policies import Exempt, quarantine_of_stream, quarantine_of_table
from secure_ddb.containment.principal_runbooks import check_principals, make_principal_runbooks
from secure_ddb.containment.runbooks import Runbooks, make_alarm, make_automation_role
from secure_ddb.context import table_context
from secure_ddb.errors import NotCreatedError, reject, require_interface
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.table import SecureTable
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import STREAM_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudwatch import CfnAlarm
    from aws_cdk.aws_iam import IRole, IUser, Role

    from secure_ddb.tags.ownership import Ownership


class Containment(Construct):
    """Runbooks that deny a table, its key or a leaked role to everyone but responders, and later give it back.

    docs/containment.md says what each does, and what it does not.

    Attributes:
        quarantine_document: Name of the document that takes a table out of use.
        release_document: Name of the document that gives it back.
        documents: Names of all documents: these, those for keys, and those for roles and users where there are any.
        start_policy: Lets roles start all of them. Attached to none, because responders' roles often are not of this
            app.
        alarms: An alarm for each table, key, role and user, which is on while it is contained.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Sequence[SecureTable],
        responders: Sequence[IRole],
        ownership: Ownership,
        stream_readers: Sequence[IRole] = (),
        roles: Sequence[IRole] = (),
        users: Sequence[IUser] = (),
    ) -> None:
        """Create the runbooks, their roles, the bucket for saved state, and the alarms.

        Args:
            scope: Where to make them: in the account and Region of the tables.
            id: Construct id.
            tables: The tables that they can be started for.
            responders: Roles that keep all that they may do with a table in quarantine.
            ownership: Their owner and cost center.
            stream_readers: Roles that keep reading the streams, in addition to the tables' audit functions.
            roles: Roles that can be denied everything, such as those of applications: any that may leak.
            users: Users that can be, likewise.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        # The bucket has policies, but no items of the tables.
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        _check(tables, responders, stream_readers)
        needed = [*(responder.role_arn for responder in responders), *_audit_roles(tables)]
        check_principals(roles, users, needed)
        super().__init__(scope, id)
        state_construct(self)
        ids = ["AutomationRole", "KeyAutomationRole", *(["PrincipalAutomationRole"] if roles or users else [])]
        automation = [make_automation_role(context, each) for each in ids]
        runbooks = Runbooks(context, automation)
        exempt = Exempt(
            responders=[responder.role_arn for responder in responders],
            automation=automation[0].role_arn,
            stream_readers=[*_audit_roles(tables), *(reader.role_arn for reader in stream_readers)],
        )
        self.quarantine_document, self.release_document = _make_quarantine(runbooks, automation[0], tables, exempt)
        alarms = [_make_alarm(self, number, table) for number, table in enumerate(tables, start=1)]
        alarms += make_key_runbooks(runbooks, automation[1], tables=tables, responders=exempt.responders)
        if roles or users:
            alarms += make_principal_runbooks(
                runbooks,
                automation[2],
                roles=roles,
                users=users,
                exempt=[*needed, *(role.role_arn for role in automation)],
                topic_arn=tables[0].alarm_topic.topic_arn,
            )
        self.alarms = tuple(alarms)
        self.documents = tuple(runbooks.documents)
        self.start_policy = runbooks.make_start_policy(automation)
        tag_table(context)


def _check(tables: Sequence[SecureTable], responders: Sequence[IRole], stream_readers: Sequence[IRole]) -> None:
    if isinstance(tables, SecureTable) or not tables or not all(isinstance(table, SecureTable) for table in tables):
        reject("tables", tables, "one or more SecureTables")
    if not responders:
        reject("responders", responders, "one or more roles: otherwise a quarantine would deny everyone")
    for argument, roles in (("responders", responders), ("stream_readers", stream_readers)):
        for position, role in enumerate(roles):
            require_interface(f"{argument}[{position}]", role, "role_arn", "an aws_iam.IRole")
    for position, table in enumerate(tables):
        try:
            table.alarm_topic  # noqa: B018 - raises where there is none
        except NotCreatedError:
            reject(f"tables[{position}]", table, "a table with alarms, whose topic reports the quarantine")


def _audit_roles(tables: Sequence[SecureTable]) -> list[str]:
    roles: dict[str, None] = {}
    for table in tables:
        # A waiver may have left out the audit.
        with suppress(NotCreatedError):
            roles[table.audit_role_arn] = None
    return list(roles)


def _make_quarantine(runbooks: Runbooks, role: Role, tables: Sequence[SecureTable], exempt: Exempt) -> tuple[str, str]:
    """Make quarantine and release of tables; return the names of their documents."""
    environment = runbooks.context.environment
    arns, names = [arn_by_name(table) for table in tables], [table.table_name for table in tables]
    statements = automation_statements(
        environment,
        names=names,
        tables=arns,
        table_keys=[table.encryption_key.key_arn for table in tables],
        bucket_arn=runbooks.bucket_arn,
        key_arn=runbooks.key_arn,
    )
    wildcards = {streams_of(arn): STREAM_NAMES for arn in arns}
    runbooks.let(role, "AutomationPolicy", "Lets runbooks change the policies of tables", statements, wildcards)
    stack = Stack.of(runbooks.context.scope)
    quarantine = quarantine_document(
        names,
        role.role_arn,
        runbooks.bucket,
        table_policy=stack.to_json_string(quarantine_of_table(exempt, environment)),
        stream_policy=stack.to_json_string(quarantine_of_stream(exempt)),
    )
    return (
        runbooks.make_document("Quarantine", quarantine),
        runbooks.make_document("Release", release_document(names, role.role_arn, runbooks.bucket)),
    )


def _make_alarm(scope: Construct, number: int, table: SecureTable) -> CfnAlarm:
    return make_alarm(
        scope,
        f"Quarantined{number}",
        metric=METRIC,
        dimensions={DIMENSION: table.table_name},
        topic_arn=table.alarm_topic.topic_arn,
        description="The table is in quarantine: only responders can access its items.",
    )
