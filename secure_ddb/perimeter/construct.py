"""A table's perimeter: what its own policy denies, or what is only counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.perimeter.policy import perimeter_statements, require_room, table_policy
from secure_ddb.perimeter.settings import PerimeterMode, PerimeterSettings, perimeter_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudtrail import CfnTrail

    from secure_ddb.context import TableContext
    from secure_ddb.encryption import TableKey
    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.waiver import Waiver


@dataclass(frozen=True, kw_only=True)
class Perimeter:
    """What guards a table, and through which endpoints it is reached."""

    context: TableContext
    settings: PerimeterSettings | None
    endpoint_ids: Sequence[str]

    @property
    def is_observed(self) -> bool:
        """Whether requests from outside are counted instead of denied."""
        return self.settings is not None and self.settings.mode is PerimeterMode.OBSERVE

    def policy(self) -> dict[str, Any]:
        """Return the table's policy.

        Raises:
            InvalidArgumentError: It is larger than DynamoDB accepts.
        """
        if self.settings is None or self.is_observed:
            return table_policy()
        document = table_policy(perimeter_statements(self.settings, self.context.environment, self.endpoint_ids))
        require_room(document)
        return document

    def observe(self, trail: CfnTrail | None, key: TableKey) -> str:
        """Count what ENFORCE would deny, if that was chosen; return the name of the metric, or nothing."""
        if self.settings is None or not self.is_observed or trail is None:
            return ""
        # CDK's modules for it take a moment to load, for which only those wait who observe.
        from secure_ddb.perimeter.observation import observe  # noqa: PLC0415

        return observe(self.context, self.settings, self.endpoint_ids, trail, key)


def perimeter_of(
    context: TableContext, chosen: PerimeterSettings | Waiver | None, endpoints: Sequence[TableEndpoints]
) -> Perimeter:
    """Return the perimeter of a table, which without settings is TLS alone."""
    return Perimeter(
        context=context,
        settings=perimeter_for(chosen, context.classification),
        endpoint_ids=[endpoint_id for each in endpoints for endpoint_id in each.data_plane_endpoint_ids],
    )
