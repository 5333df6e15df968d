"""Which alarms watch a table, its audit trail and its backups, and where they report to."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.landscape.alarm import Alarm, Metric
from secure_ddb.landscape.backup_jobs import BACKUP, TABLES, VAULT_NAME
from secure_ddb.landscape.composite_alarms import reporting
from secure_ddb.landscape.tables import tables_by_resource

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.archive import Archive
    from secure_ddb.landscape.audit import Audit
    from secure_ddb.landscape.backup_jobs import BackupJobs
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.landscape.tables import Tables, TablesByResource
    from secure_ddb.three_valued import Truth

DYNAMODB = "AWS/DynamoDB"
FIREHOSE = "AWS/Firehose"
LAMBDA = "AWS/Lambda"
LOGS = "AWS/Logs"
USER_ERRORS = "UserErrors"
# In place of a dimension's value.
_EVERY = "*"


def _is_at(there: Place, place: tuple[str, str]) -> bool:
    return (there.account, there.region) == place


class Place(Protocol):
    """An account and a Region."""

    @property
    def account(self) -> str:
        """The account."""

    @property
    def region(self) -> str:
        """The Region."""


class _Place(NamedTuple):
    account: str
    region: str


def place_of(table: Table, replica: Replica | None = None) -> Place:
    """Return where a table is: in the Region of its stack, or in a further one."""
    if replica is None or replica is table.replicas[0]:
        return table.resource
    return _Place(table.resource.account, replica.region)


class Alarms:
    """Which alarms watch a table, its audit trail and its backups, and where they report to."""

    def __init__(
        self, templates: Templates, tables: Tables, audit: Audit, archive: Archive, backup_jobs: BackupJobs
    ) -> None:
        """Store the templates and the resources that alarms watch."""
        self._templates = templates
        self._tables = tables
        self._audit = audit
        self._archive = archive
        self._backup_jobs = backup_jobs

    @cached_property
    def _watched(self) -> dict[tuple[str, ...], list[tuple[Alarm, Metric]]]:
        found: defaultdict[tuple[str, ...], list[tuple[Alarm, Metric]]] = defaultdict(list)
        for alarm in map(Alarm, self._templates.of_type(kinds.ALARM)):
            for metric in alarm.metrics:
                where = (alarm.resource.account, alarm.resource.region, metric.namespace, metric.name)
                named = [*metric.dimensions.items(), *((dimension, _EVERY) for dimension in metric.every)]
                for dimension in named or [("", "")]:
                    found[*where, *dimension].append((alarm, metric))
        return found

    def watching(
        self, near: Place, namespace: str, metric: str, dimension: tuple[str, str] = ("", "")
    ) -> list[tuple[Alarm, Metric]]:
        """Return the alarms on a metric of something, in the account and Region of a resource."""
        where = (near.account, near.region, namespace, metric)
        return [*self._watched.get((*where, *dimension), []), *self._watched.get((*where, dimension[0], _EVERY), [])]

    def watching_table(
        self, table: Table, metric: str, replica: Replica | None = None, **dimensions: str
    ) -> list[tuple[Alarm, Metric]]:
        """Return the alarms on a metric of a table in a Region, as far as they have some more dimensions.

        Args:
            table: The table.
            metric: The metric.
            replica: Where; in the Region of the table's stack, unless given.
            dimensions: Name to value.
        """
        near = place_of(table, replica)
        watching = self.watching(near, DYNAMODB, metric, ("TableName", table.name))
        return [each for each in watching if dimensions.items() <= each[1].dimensions.items()]

    def watching_vault(self, near: Resource, metric: str, vault_name: str) -> list[tuple[Alarm, Metric]]:
        """Return the alarms on a metric of a backup vault, as far as they count jobs of tables."""
        watching = self.watching(near, BACKUP, metric, (VAULT_NAME, vault_name))
        return [each for each in watching if each[1].dimensions.get("ResourceType", TABLES) == TABLES]

    @cached_property
    def all(self) -> dict[Alarm, list[Table]]:
        """Each alarm on a table, its audit trail or its backups; one on user errors is for all tables of its Region."""
        found: defaultdict[Alarm, dict[Table, None]] = defaultdict(dict)
        for (*_, namespace, metric, dimension, value), watched in self._watched.items():
            for alarm, _ in watched:
                tables = self._watched_by(alarm, namespace, dimension, value)
                if tables or (metric == USER_ERRORS and self._tables):
                    found[alarm].update(dict.fromkeys(tables))
        return {alarm: list(tables) for alarm, tables in found.items()}

    def _watched_by(self, alarm: Alarm, namespace: str, dimension: str, value: str) -> list[Table]:
        near = alarm.resource
        if namespace == DYNAMODB and dimension == "TableName":
            return self._named(value, near)
        if namespace == LAMBDA and dimension == "FunctionName":
            function = self._templates.find(value, near, kinds.FUNCTION)
            return self._audit.functions.get(function, []) if function else []
        if namespace == FIREHOSE and dimension == "DeliveryStreamName":
            stream = self._templates.find(value, near, kinds.DELIVERY_STREAM)
            return self._archive.delivery_streams.get(stream, []) if stream else []
        if namespace == LOGS and dimension == "LogGroupName":
            group = self._templates.find(value, near, kinds.LOG_GROUP)
            return self._audit.log_groups.get(group, []) if group in self._archive.subscriptions else []
        if namespace == BACKUP and dimension == VAULT_NAME:
            return self._backup_jobs.tables_by_vault_name.get((near.account, near.region, value), [])
        return self._by_mapping.get(value, []) if dimension == "EventSourceMappingUUID" else []

    def _named(self, name: str, near: Resource) -> list[Table]:
        """Return the table of a name, or every table of the account and Region."""
        if name == _EVERY:
            place = (near.account, near.region)
            return [table for table, replica in self._tables.replicas if _is_at(place_of(table, replica), place)]
        table = self._tables.find(name, near)
        return [table] if table else []

    @cached_property
    def _by_mapping(self) -> dict[str, list[Table]]:
        return {mapping.ref: [table] for table, mapping in self._audit.mappings}

    @cached_property
    def reporting(self) -> dict[Alarm, list[tuple[Alarm, Truth]]]:
        """Each of those alarms to itself and the composite alarms that may report for it, with whether they do."""
        found: dict[Alarm, list[tuple[Alarm, Truth]]] = {alarm: [(alarm, True)] for alarm in self.all}
        composites = self._templates.of_type(kinds.COMPOSITE_ALARM)
        for alarm in found if composites else ():
            near = alarm.resource
            there = [each for each in composites if (each.account, each.region) == (near.account, near.region)]
            found[alarm] += reporting(there, near)
        return found

    @cached_property
    def topics(self) -> TablesByResource:
        """Each topic in the templates that those alarms report to."""
        return tables_by_resource(
            (self._templates.find(arn, alarm.resource, kinds.TOPIC), tables)
            for watching, tables in self.all.items()
            for alarm, _ in self.reporting[watching]
            for arn in alarm.actions
        )

    @cached_property
    def publishers(self) -> dict[Resource, list[tuple[str, Resource]]]:
        """Topic to the services that publish to it, each with a resource that makes them do so."""
        found: defaultdict[Resource, list[tuple[str, Resource]]] = defaultdict(list)
        for alarm in dict.fromkeys(alarm for each in self.reporting.values() for alarm, _ in each):
            topics = (self._templates.find(arn, alarm.resource, kinds.TOPIC) for arn in alarm.actions)
            for topic in filter(None, topics):
                found[topic].append(("cloudwatch", alarm.resource))
        for rule in self._templates.of_type(kinds.EVENT_RULE):
            for target in as_list(rule.properties.get("Targets")):
                published = self._templates.find(at(target, "Arn"), rule, kinds.TOPIC)
                if published in self.topics:
                    found[published].append(("events", rule))
        return found
