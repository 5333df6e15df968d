"""A table's perimeter: what its own policy denies, or what is only counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.perimeter.observation import observe, outside_filter
from secure_ddb.perimeter.policy import perimeter_statements, require_room, table_policy
from secure_ddb.perimeter.settings import PerimeterMode, PerimeterSettings, perimeter_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudtrail import CfnTrail

    from secure_ddb.classification import DataClassification
    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.encryption import TableKey
    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.waiver import Waiver


@dataclass(frozen=True, kw_only=True)
class Perimeter:
    """What guards a table.

    Attributes:
        policy: The table's own policy.
        observed: The filter of requests that are counted instead of denied; empty where nothing is only counted.
    """

    policy: dict[str, Any]
    observed: str = ""

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
        InvalidArgumentError: The policy, or the filter, is larger than AWS accepts.
    """
    settings = perimeter_for(chosen, classification)
    if settings is None:
        return Perimeter(policy=table_policy())
    endpoint_ids = [endpoint_id for each in endpoints for endpoint_id in each.data_plane_endpoint_ids]
    if settings.mode is PerimeterMode.OBSERVE:
        return Perimeter(policy=table_policy(), observed=outside_filter(settings, environment, endpoint_ids))
    policy = table_policy(perimeter_statements(settings, environment, endpoint_ids))
    require_room(policy)
    return Perimeter(policy=policy)
