"""Which tables the resources that are charged for serve."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cost.catalogue import is_covered
from secure_ddb.cost.scheduled_functions import scheduled_functions
from secure_ddb.landscape.incident_buckets import incident_buckets
from secure_ddb.landscape.tables import TablesByResource, merged, tables_by_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_TABLE_DIMENSION = "TableName"
_MAPPING_DIMENSION = "EventSourceMappingUUID"
_OF_DYNAMODB = (".dynamodb", ".dynamodb-streams")
# Analyzers of other types are charged by the role or the resource.
# https://aws.amazon.com/iam/access-analyzer/pricing/
_FREE_ANALYZERS = {"ACCOUNT", "ORGANIZATION"}


def tables_served(assembly: Assembly) -> TablesByResource:
    """Return each resource that has a fixed cost, and serves tables, with those tables."""
    alarms = tables_by_resource(
        (reporting.resource, tables)
        for alarm, tables in _alarms(assembly)
        for reporting, _ in assembly.alarms.reporting[alarm]
    )
    endpoints = tables_by_resource(
        (endpoint, _near(endpoint, assembly))
        for endpoint in assembly.of_type(kinds.ENDPOINT)
        if str(endpoint.properties.get("ServiceName")).endswith(_OF_DYNAMODB)
    )
    tables = tables_by_resource((table.resource, [table]) for table in assembly.tables)
    dashboards = assembly.dashboards.tables
    return merged(tables, assembly.all_keys, alarms, dashboards, assembly.audit.change_streams, endpoints)


def _alarms(assembly: Assembly) -> Iterator[tuple[Alarm, list[Table]]]:
    for alarm, tables in assembly.alarms.all.items():
        # One without tables is on a metric that DynamoDB counts for the account and Region.
        yield alarm, tables or _near(alarm.resource, assembly)


def _near(resource: Resource, assembly: Assembly) -> list[Table]:
    """Return the tables that are in a resource's account and Region."""
    return [
        table
        for table in assembly.tables
        if table.resource.account == resource.account and resource.region in {each.region for each in table.replicas}
    ]


def bound_to_table(assembly: Assembly) -> set[Resource]:
    """Return the resources that cannot be shared: tables, their keys, and alarms on metrics of one table."""
    bound = {table.resource for table in assembly.tables} | set(assembly.tables.keys)
    for alarm in assembly.alarms.all:
        dimensions = {name for metric in alarm.metrics for name in metric.dimensions}
        if dimensions & {_TABLE_DIMENSION, _MAPPING_DIMENSION}:
            bound.add(alarm.resource)
    return bound


def not_estimated(assembly: Assembly) -> dict[str, int]:
    """Return the resources that are in no figure: type to number."""
    counted = _counted_by_use(assembly)
    found: Counter[str] = Counter()
    for kind, resources in assembly.by_type.items():
        if kind in counted:
            found[kind] += sum(resource not in counted[kind] for resource in resources)
        elif not is_covered(kind):
            found[kind] += len(resources)
    return {kind: found[kind] for kind in sorted(found) if found[kind]}


def _counted_by_use(assembly: Assembly) -> dict[str, set[Resource]]:
    """Return the types whose cost depends on use, each with the resources whose use is estimated."""
    audit, archive, trails = assembly.audit, assembly.archive, assembly.trails
    readers = {reader for readers in audit.stream_consumers.values() for reader in readers}
    return {
        kinds.ANALYZER: {
            each for each in assembly.of_type(kinds.ANALYZER) if each.properties.get("Type") in _FREE_ANALYZERS
        },
        kinds.BACKUP_PLAN: set(assembly.backup.plans),
        # A failure bucket is empty unless something fails, and those of incidents until there is one.
        kinds.BUCKET: {
            *archive.buckets,
            *audit.failure_destinations,
            *assembly.item_copies.export_buckets,
            *incident_buckets(assembly),
        },
        kinds.DELIVERY_STREAM: set(archive.delivery_streams),
        kinds.EVENT_DATA_STORE: set(trails.all),
        kinds.FUNCTION: {*audit.functions, *scheduled_functions(assembly)},
        kinds.LOG_GROUP: {*audit.log_groups, *archive.error_logs},
        kinds.PIPE: {reader for reader in readers if reader.type == kinds.PIPE},
        kinds.RESTORE_TEST_PLAN: set(assembly.restore_tests.plans),
        kinds.TRAIL: set(trails.all),
    }
