"""The restore tests of AWS Backup, and the tables that they restore.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.iam.wildcards import matches
from secure_ddb.landscape.backup import has_tag
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import Tables
    from secure_ddb.three_valued import Truth

_TABLES = "DynamoDB"


class RestoreTests:
    """The restore tests of AWS Backup."""

    def __init__(self, templates: Templates, tables: Tables) -> None:
        """Store the templates with their tables."""
        self._templates = templates
        self._tables = tables

    @cached_property
    def selections(self) -> dict[Table, list[tuple[Resource, Truth]]]:
        """Table to the selections of restore tests that select it, or may do so."""
        selections = self._templates.of_type(kinds.RESTORE_TEST_SELECTION)
        return {
            table: [(each, answer) for each in selections if (answer := _selects(each, table)) is not False]
            for table in (self._tables if selections else ())
        }

    def plan_of(self, selection: Resource) -> Resource | None:
        """Return the restore testing plan that a selection belongs to."""
        named = selection.properties.get("RestoreTestingPlanName")
        return self._templates.find(named, selection, kinds.RESTORE_TEST_PLAN)

    @cached_property
    def plans(self) -> TablesByResource:
        """Each restore testing plan that selects tables."""
        return tables_by_resource(
            (self.plan_of(selection), [table])
            for table, selections in self.selections.items()
            for selection, _ in selections
        )


def overrides(selection: Resource) -> dict[str, Any]:
    """Return a selection's values for restored tables, by lower-case names: AWS ignores case."""
    given = selection.properties.get("RestoreMetadataOverrides")
    return {str(name).lower(): value for name, value in given.items()} if isinstance(given, dict) else {}


def _selects(selection: Resource, table: Table) -> Truth:
    if (selection.account, selection.region) != (table.resource.account, table.resource.region):
        return False
    properties = selection.properties
    kind = properties.get("ProtectedResourceType")
    of_tables: Truth = None if is_unknown(kind) else kind == _TABLES
    conditions = properties.get("ProtectedResourceConditions") or {}
    arns = properties.get("ProtectedResourceArns", "*")
    by_arn = any_of(None if is_unknown(arn) else matches(str(arn), table.arn) for arn in as_list(arns))
    holding = (
        has_tag(table, operator, {"ConditionKey": each.get("Key"), "ConditionValue": each.get("Value")})
        for operator, pairs in (conditions.items() if isinstance(conditions, dict) else ())
        for each in as_list(pairs)
        if isinstance(each, dict)
    )
    return all_of(of_tables, by_arn, *holding)
