"""A table's perimeter: what the policies of table and stream deny, or what is only counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.perimeter.observation import observe, outside_filter
from secure_ddb.perimeter.policy import (
    LONGEST_ARN,
    require_room,
    stream_policy,
    stream_statements,
    table_policy,
    table_statements,
)
from secure_ddb.perimeter.settings import PerimeterMode, PerimeterSettings, perimeter_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudtrail import CfnTrail
    from aws_cdk.aws_iam import IRole

    from secure_ddb.classification import DataClassification
    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.encryption import TableKey
    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.waiver import Waiver


@dataclass(frozen=True, kw_only=True)
class Perimeter:
    """What guards a table.

    Attributes:
        environment: Where the table is.
        enforced: What its policies deny; nothing where they only deny requests without TLS.
        endpoint_ids: The endpoints that it is reached through.
        observed: The filter of requests that are counted instead of denied; empty where nothing is only counted.
    """

    environment: StackEnvironment
    enforced: PerimeterSettings | None = None
    endpoint_ids: Sequence[str] = ()
    observed: str = ""

    def table_policy(self, backup_role: IRole | None) -> dict[str, Any]:
        """Return the table's own policy, which lets AWS Backup's role back it up from AWS's network."""
        if self.enforced is None:
            return table_policy()
        return table_policy(
            table_statements(self.enforced, self.environment, self.endpoint_ids, backup_roles=_arns(backup_role))
        )

    def stream_policy(self, audit_role: IRole | None) -> dict[str, Any]:
        """Return the stream's policy, which lets the audit function's role read it from AWS's network."""
        if self.enforced is None:
            return stream_policy()
        return stream_policy(stream_statements(self.enforced, self.environment, consumers=_arns(audit_role)))

    def observe(self, context: TableContext, trail: CfnTrail | None, key: TableKey) -> str:
        """Count what ENFORCE would deny, if that was chosen; return the name of the metric, or nothing."""
        return observe(context, self.observed, trail, key) if self.observed and trail is not None else ""


def perimeter_of(
    chosen: PerimeterSettings | Waiver | None,
    classification: DataClassification,
    environment: StackEnvironment,
    endpoints: Sequence[TableEndpoints],
) -> Perimeter:
    """Return the perimeter of a table, which without settings is TLS alone. Makes nothing yet.

    Raises:
        InvalidArgumentError: A policy, or the filter, is larger than AWS accepts.
    """
    settings = perimeter_for(chosen, classification)
    if settings is None:
        return Perimeter(environment=environment)
    endpoint_ids = [endpoint_id for each in endpoints for endpoint_id in each.data_plane_endpoint_ids]
    if settings.mode is PerimeterMode.OBSERVE:
        return Perimeter(environment=environment, observed=outside_filter(settings, environment, endpoint_ids))
    # The service roles are not made yet.
    require_room(table_policy(table_statements(settings, environment, endpoint_ids, backup_roles=[LONGEST_ARN])))
    require_room(stream_policy(stream_statements(settings, environment, consumers=[LONGEST_ARN])))
    return Perimeter(environment=environment, enforced=settings, endpoint_ids=endpoint_ids)


def _arns(role: IRole | None) -> list[str]:
    return [] if role is None else [role.role_arn]
