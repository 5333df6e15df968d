"""A table's perimeter: requests that the policies of table and stream deny, or that are only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.audit.reads import TableTrail
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

if TYPE_CHECKING:
    from aws_cdk.aws_iam import IRole

    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.context import TableContext
    from secure_ddb.network.interface import Endpoints
    from secure_ddb.waiver import Waiver


class Perimeter:
    """The guard of a table; without settings TLS alone. It consists of policies of the table, and makes nothing itself.

    Attributes:
        observed: The filter of requests that are counted instead of denied; empty where nothing is only counted.
    """

    def __init__(
        self, context: TableContext, given: PerimeterSettings | Waiver | None, endpoints: Endpoints, audit: AuditTrail
    ) -> None:
        """Check the settings, and the lengths of the policies or of the filter."""
        self._environment = context.environment
        self._endpoint_ids, self._stream_endpoint_ids = endpoints.data_plane_ids, endpoints.stream_ids
        self._enforced: PerimeterSettings | None = None
        self.observed = ""
        is_demanded = context.classification.floor.must_enforce_perimeter
        settings = resolve(context, "perimeter", given, PerimeterSettings, Guarantee.PERIMETER, is_demanded=is_demanded)
        if settings is None:
            return
        settings.check_reach(has_endpoints=bool(endpoints.given), records_reads=isinstance(audit.reads, TableTrail))
        if settings.mode is PerimeterMode.OBSERVE:
            self.observed = outside_filter(settings, self._environment, self._endpoint_ids)
            return
        # The service roles are not made yet.
        self._enforced = settings
        require_room(self._table_policy(settings, LONGEST_ARN))
        require_room(self._stream_policy(settings, LONGEST_ARN))

    def table_policy(self, backup_role: IRole | None) -> dict[str, Any]:
        """Return the table's own policy, which lets AWS Backup's role back it up from AWS's network."""
        if self._enforced is None:
            return table_policy()
        return self._table_policy(self._enforced, *([] if backup_role is None else [backup_role.role_arn]))

    def stream_policy(self, audit_role_arn: str | None) -> dict[str, Any]:
        """Return the stream's policy, which lets the audit function's role read it from AWS's network."""
        if self._enforced is None:
            return stream_policy()
        return self._stream_policy(self._enforced, *([audit_role_arn] if audit_role_arn else []))

    def _table_policy(self, settings: PerimeterSettings, *backup_roles: str) -> dict[str, Any]:
        return table_policy(table_statements(settings, self._environment, self._endpoint_ids, backup_roles))

    def _stream_policy(self, settings: PerimeterSettings, *consumers: str) -> dict[str, Any]:
        return stream_policy(stream_statements(settings, self._environment, consumers, self._stream_endpoint_ids))
