"""`TableDashboard`: traffic, throttles, latency, errors, cost, audit, backups and keys of tables (MON-2)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk.aws_cloudwatch import CfnDashboard
from constructs import Construct

from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.errors import NotCreatedError, reject
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.widgets import ShownTable, dashboard_body
from secure_ddb.sharing.resources import SharedResources
from secure_ddb.table import SecureTable
from secure_ddb.tags.tag_conflicts import tag_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.tags.ownership import Ownership

# Six operations of each make 180 lines in one graph: 500 metrics, and unreadable.
_MOST_TABLES = 30
_TABLES = f"1 to {_MOST_TABLES} SecureTables"
_LONGEST_NAME = 255


class TableDashboard(Construct):
    """A CloudWatch dashboard of one table or several of an account and Region. docs/monitoring.md shows one.

    Attributes:
        dashboard: The dashboard.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Sequence[SecureTable],
        ownership: Ownership,
        shared_resources: SharedResources | None = None,
    ) -> None:
        """Make the dashboard.

        Args:
            scope: Where to make it: in the account and Region of the tables.
            id: Construct id; changing it replaces the dashboard.
            tables: The tables that it shows, at most 30.
            ownership: Its owner and cost center: USD 3 a month, after the three that are free in an account.
            shared_resources: Those of the tables, whose alarms it shows, too.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        is_one = isinstance(tables, SecureTable)
        if is_one or not all(isinstance(table, SecureTable) for table in tables):
            reject("tables", tables, _TABLES)
        if not 1 <= len(tables) <= _MOST_TABLES:
            reject("tables", f"{len(tables)} tables", _TABLES)
        if shared_resources is not None and not isinstance(shared_resources, SharedResources):
            reject("shared_resources", shared_resources, "SharedResources or None")
        super().__init__(scope, id)
        alarms = _alarm_arns(tables, shared_resources)
        body = dashboard_body([_shown(table) for table in tables], alarms, context.environment.region)
        self.dashboard = CfnDashboard(
            self,
            "Dashboard",
            # Names are unique in an account, not in a Region.
            dashboard_name=f"{context.regional_name(_LONGEST_NAME - 20)}-{context.environment.region}",
            dashboard_body=Stack.of(self).to_json_string(body),
        )
        tag_table(context)


def _alarm_arns(tables: Sequence[SecureTable], shared: SharedResources | None) -> list[str]:
    """Return the alarms, composite ones first: a dashboard shows no more than a hundred."""
    health = [shared.health_alarm.attr_arn] if shared is not None and shared.health_alarm else []
    for table in tables:
        with suppress(NotCreatedError):
            health.append(table.health_alarm.attr_arn)
    alarms = [*(shared.alarms if shared is not None else ()), *(alarm for table in tables for alarm in table.alarms)]
    return [*health, *(alarm.attr_arn for alarm in alarms)]


def _shown(table: SecureTable) -> ShownTable:
    """Return the table's available metrics; parts may be waived or belong to another app."""
    function = log_group = vault = ""
    with suppress(NotCreatedError):
        function = table.audit_function.function_name
        log_group = table.audit_log_group.log_group_name
    with suppress(NotCreatedError):
        vault = table.backup_vault.backup_vault_name
    return ShownTable(
        name=table.table_name,
        indexes=table.index_names,
        key_arn=table.encryption_key.key_arn,
        function_name=function,
        log_group_name=log_group,
        vault_name=vault,
    )
