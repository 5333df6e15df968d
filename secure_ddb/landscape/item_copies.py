"""Where copies of items go: exports on a schedule, and items that expired; and the buckets that they are kept in."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.access.actions import EXPORT
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.iam.evaluation import asked_by
from secure_ddb.landscape.audit import destination_of
from secure_ddb.landscape.tables import TablesByResource, merged, tables_by_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.audit import Audit
    from secure_ddb.landscape.functions import Functions
    from secure_ddb.landscape.identities import Identities
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import Tables

# EventBridge Scheduler calls an API itself, with a role of the schedule.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
_SCHEDULED_EXPORT = "aws-sdk:dynamodb:exporttabletopointintime"
# Who deletes an item that expired; a filter of an event source mapping that names it is for these items.
_TIME_TO_LIVE = "dynamodb.amazonaws.com"
_PUT = "s3:PutObject"


class ItemCopies:
    """Exports on a schedule, and archives of expired items."""

    def __init__(
        self, templates: Templates, tables: Tables, functions: Functions, identities: Identities, audit: Audit
    ) -> None:
        """Store the templates and their known metadata."""
        self._templates = templates
        self._tables = tables
        self._functions = functions
        self._identities = identities
        self._audit = audit

    @cached_property
    def exporters(self) -> TablesByResource:
        """Each role that runs on a schedule and may export tables, with these tables."""
        return tables_by_resource(
            (role, [table for table in self._tables if self._may_export(role, table)]) for role in self._scheduled_roles
        )

    def _may_export(self, role: Resource, table: Table) -> bool:
        request = asked_by(role, (EXPORT,), table.resource.arn)
        return self._identities.role_may_all(role, request) is True

    @cached_property
    def _scheduled_roles(self) -> list[Resource]:
        roles: dict[Resource, None] = {}
        for arn, near in self._scheduled_targets():
            function = self._functions.named(arn, near)
            named, near_role = (function.properties.get("Role"), function) if function else (None, near)
            if not function and str(arn).lower().endswith(_SCHEDULED_EXPORT):
                named = at(near.properties, "Target", "RoleArn")
            role = self._templates.find(named, near_role, kinds.ROLE)
            if role:
                roles[role] = None
        return list(roles)

    def _scheduled_targets(self) -> Iterator[tuple[object, Resource]]:
        for rule in self._templates.of_type(kinds.EVENT_RULE):
            if rule.properties.get("ScheduleExpression") and rule.properties.get("State") != "DISABLED":
                yield from ((at(target, "Arn"), rule) for target in as_list(rule.properties.get("Targets")))
        for schedule in self._templates.of_type(kinds.SCHEDULE):
            if schedule.properties.get("State") != "DISABLED":
                yield at(schedule.properties, "Target", "Arn"), schedule

    @cached_property
    def export_buckets(self) -> TablesByResource:
        """Each bucket of the templates that exports on a schedule go to."""
        return tables_by_resource(
            (bucket, tables) for role, tables in self.exporters.items() if tables for bucket in self.written_by(role)
        )

    @cached_property
    def expiry_mappings(self) -> list[tuple[Table, Resource]]:
        """Each event source mapping that hands over items that expired, and no others, with its table."""
        return [
            (table, reader)
            for table, readers in self._audit.stream_consumers.items()
            for reader in readers
            if reader.type == kinds.EVENT_SOURCE and _TIME_TO_LIVE in _filters_of(reader)
        ]

    @cached_property
    def expiry_buckets(self) -> TablesByResource:
        """Each bucket of the templates that keeps items which expired, or records of them that failed."""
        found: list[tuple[Resource | None, list[Table]]] = []
        for table, mapping in self.expiry_mappings:
            found.append((self._templates.find(destination_of(mapping), mapping, kinds.BUCKET), [table]))
            function = self._functions.of(mapping)
            named = function.properties.get("Role") if function else None
            role = self._templates.find(named, function, kinds.ROLE) if function else None
            found += [(bucket, [table]) for bucket in (self.written_by(role) if role else ())]
        return tables_by_resource(found)

    @cached_property
    def buckets(self) -> TablesByResource:
        """Each bucket of the templates that holds copies of items."""
        return merged(self.export_buckets, self.expiry_buckets)

    def written_by(self, role: Resource) -> list[Resource]:
        """Return the buckets that a role's policies let it write to, at least below some prefix."""
        resources = [
            text
            for policy in self._identities.policies_of_role.get(role, ())
            for statement in policy.statements
            if statement.allows
            for text in statement.resources
        ]
        return [
            bucket
            for bucket in self._templates.of_type(kinds.BUCKET)
            if any(text.startswith(f"{bucket.arn}/") and self._may_put(role, text) for text in resources)
        ]

    def _may_put(self, role: Resource, objects: str) -> bool:
        return self._identities.role_may_all(role, asked_by(role, (_PUT,), objects)) is True


def _filters_of(mapping: Resource) -> str:
    return json.dumps(mapping.properties.get("FilterCriteria"), default=str)
