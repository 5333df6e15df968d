"""A table's perimeter: requests that the policies of table and stream deny, or that are only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk.aws_iam import ManagedPolicy, Policy, PolicyDocument, PolicyStatement

from secure_ddb.audit.reads import TableTrail
from secure_ddb.errors import reject
from secure_ddb.part import resolve
from secure_ddb.perimeter.observation import outside_filter
from secure_ddb.perimeter.policy import (
    LONGEST_ARN,
    require_room,
    stream_policy,
    stream_statements,
    table_policy,
    table_statements,
)
from secure_ddb.perimeter.settings import PerimeterMode, PerimeterSettings
from secure_ddb.table_evidence import Guarantee
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_iam import IGrantable, IRole

    from secure_ddb.access.other_accounts import CrossAccountAccess
    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.context import TableContext
    from secure_ddb.network.interface import Endpoints
    from secure_ddb.waivers.waiver import Waiver

# Of the stream's statements, after the one that denies requests without TLS.
_FROM_OUTSIDE = 1


class Perimeter:
    """The guard of a table; without settings TLS alone. It consists of policies of the table, and makes nothing itself.

    Attributes:
        observed: The filter of requests that are counted instead of denied; empty where nothing is only counted.
    """

    def __init__(
        self,
        context: TableContext,
        given: PerimeterSettings | Waiver | None,
        endpoints: Endpoints,
        audit: AuditTrail,
        others: CrossAccountAccess,
    ) -> None:
        """Check the settings, and the lengths of the policies or of the filter."""
        self._scope = context.scope
        self._environment = context.environment
        self._endpoint_ids, self._stream_endpoint_ids = endpoints.data_plane_ids, endpoints.stream_ids
        self._enforced: PerimeterSettings | None = None
        # The stream's policy, if it denies, and the roles that it exempts in addition to those of the settings.
        self._stream_denial: PolicyStatement | None = None
        self._consumers: list[str] = []
        self._backup_roles: list[str] = []
        self._export_roles: list[str] = []
        self.observed = ""
        self._others = others
        require_room(table_policy(others.table_statements(is_made=False)), "other_accounts", "roles of other accounts")
        is_demanded = context.classification.floor.must_enforce_perimeter
        settings = resolve(context, "perimeter", given, PerimeterSettings, Guarantee.PERIMETER, is_demanded=is_demanded)
        if settings is None:
            return
        settings.check_reach(has_endpoints=bool(endpoints.given), records_reads=isinstance(audit.reads, TableTrail))
        if settings.mode is PerimeterMode.OBSERVE:
            self.observed = outside_filter(settings, self._environment, self._endpoint_ids)
            return
        if others.organization_id not in (None, settings.organization_id):
            allowed = f"{others.organization_id}, that of other_accounts: the perimeter would deny them"
            reject("perimeter.organization_id", settings.organization_id, allowed)
        # The service roles are not made yet, nor is the table.
        self._enforced = settings
        statements = table_statements(settings, self._environment, self._endpoint_ids, [LONGEST_ARN])
        require_room(table_policy([*statements, *others.table_statements(is_made=False)]))
        require_room(self._stream_policy(settings, LONGEST_ARN))

    @property
    def denies(self) -> bool:
        """Whether requests from outside are denied, and not only counted."""
        return self._enforced is not None

    def table_policy(self, backup_role: IRole | str | None) -> dict[str, Any]:
        """Return the table's own policy, which lets AWS Backup's role, or one of an ARN, back it up from everywhere."""
        if self._enforced is not None and backup_role is not None:
            self._backup_roles = [backup_role if isinstance(backup_role, str) else backup_role.role_arn]
        return self._table_policy(self._export_roles)

    def _table_policy(self, export_roles: list[str]) -> dict[str, Any]:
        statements = self._others.table_statements()
        if self._enforced is not None:
            denied = table_statements(
                self._enforced, self._environment, self._endpoint_ids, self._backup_roles, export_roles
            )
            statements = [*denied, *statements]
        return table_policy(statements)

    def admit_to_exports(self, role: IRole) -> dict[str, Any] | None:
        """Let one more role export the table from everywhere; return the table's policy, if that changes it.

        Raises:
            InvalidArgumentError: Another stack makes the role; or the policy gets larger than DynamoDB accepts.
        """
        if self._enforced is None:
            return None
        self._require_same_stack("scope", role)
        policy = self._table_policy([*self._export_roles, role.role_arn])
        require_room(policy)
        self._export_roles.append(role.role_arn)
        return policy

    def stream_policy(self, audit_role_arn: str | None) -> PolicyDocument:
        """Return the stream's policy, which lets the audit function's role read it from AWS's network."""
        if self._enforced is None:
            return PolicyDocument.from_json(stream_policy())
        return PolicyDocument(statements=self.stream_statements(audit_role_arn))

    def stream_statements(self, audit_role_arn: str | None) -> list[PolicyStatement]:
        """Return the statements of the stream's policy, to which roles can be admitted later."""
        self._consumers += [audit_role_arn] if audit_role_arn else []
        policy = stream_policy() if self._enforced is None else self._stream_policy(self._enforced, *self._consumers)
        statements = [PolicyStatement.from_json(each) for each in policy["Statement"]]
        if self._enforced is not None:
            self._stream_denial = statements[_FROM_OUTSIDE]
        return statements

    def admit_to_stream(self, grantee: IGrantable) -> None:
        """Let one more role read the stream from everywhere, where a perimeter is enforced.

        Raises:
            InvalidArgumentError: It is a policy, whose roles the stream's policy cannot name; or a role that another
                stack makes; or the policy gets larger than DynamoDB accepts.
        """
        if self._enforced is None or self._stream_denial is None:
            return
        principal = grantee.grant_principal
        if isinstance(grantee, ManagedPolicy | Policy):
            reject("grantee", grantee, "a role: the table enforces a perimeter, so the stream's policy has to name it")
        role = cast("IRole", principal)
        arn = role.role_arn
        if arn in (*self._consumers, *(each.role_arn for each in self._enforced.exempt_roles)):
            return
        self._require_same_stack("grantee", role, "stream's")
        policy = self._stream_policy(self._enforced, *self._consumers, arn)
        require_room(policy)
        self._consumers.append(arn)
        # A later value for the same name replaces the earlier one.
        self._stream_denial.add_condition("ArnNotLike", policy["Statement"][_FROM_OUTSIDE]["Condition"]["ArnNotLike"])

    def _require_same_stack(self, argument: str, role: IRole, whose: str = "table's") -> None:
        if is_token(role.role_arn) and Stack.of(role) != Stack.of(self._scope):
            allowed = (
                "a role of the table's stack, or one imported by its ARN: the table enforces a perimeter, so the "
                f"{whose} policy has to name it, and the two stacks would wait for each other"
            )
            reject(argument, role, allowed)

    def _stream_policy(self, settings: PerimeterSettings, *consumers: str) -> dict[str, Any]:
        return stream_policy(stream_statements(settings, self._environment, consumers, self._stream_endpoint_ids))
