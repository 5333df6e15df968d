"""AWS Backup's plans and vaults for tables.

https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.iam.wildcards import matches
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import Tables
    from secure_ddb.three_valued import Truth


class Backup:
    """AWS Backup's plans and vaults for tables."""

    def __init__(self, templates: Templates, tables: Tables) -> None:
        """Store the templates with their tables."""
        self._templates = templates
        self._tables = tables

    @cached_property
    def selections(self) -> dict[Table, list[tuple[Resource, Truth]]]:
        """Table to the selections that select it, or may do so."""
        found: dict[Table, list[tuple[Resource, Truth]]] = {}
        for table in self._tables:
            answers = ((each, selects(each, table)) for each in self._templates.of_type(kinds.BACKUP_SELECTION))
            found[table] = [(selection, answer) for selection, answer in answers if answer is not False]
        return found

    def plan_of(self, selection: Resource) -> Resource | None:
        """Return the plan that a selection belongs to."""
        return self._templates.find(selection.properties.get("BackupPlanId"), selection, kinds.BACKUP_PLAN)

    @cached_property
    def plans(self) -> TablesByResource:
        """Each plan that selects tables."""
        return tables_by_resource(
            (self.plan_of(selection), [table])
            for table, selections in self.selections.items()
            for selection, _ in selections
        )

    @cached_property
    def rules_of_vaults(self) -> dict[Resource, list[tuple[Resource, dict[str, Any]]]]:
        """Vault to the rules, and their copy actions, that keep recovery points in it, each with its plan.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CopyAction.html
        """
        found: defaultdict[Resource, list[tuple[Resource, dict[str, Any]]]] = defaultdict(list)
        for plan in self.plans:
            for rule in plan_rules(plan):
                copies = [each for each in as_list(rule.get("CopyActions")) if isinstance(each, dict)]
                destinations = ((each.get("DestinationBackupVaultArn"), each) for each in copies)
                for named, kept in ((rule.get("TargetBackupVault"), rule), *destinations):
                    vault = self._templates.find(named, plan, kinds.BACKUP_VAULT)
                    if vault:
                        # Each has a lifecycle of its own.
                        found[vault].append((plan, kept))
        return found

    @cached_property
    def vaults(self) -> TablesByResource:
        """Each vault that keeps recovery points of tables."""
        return tables_by_resource(
            (vault, self.plans[plan]) for vault, rules in self.rules_of_vaults.items() for plan, _ in rules
        )

    @cached_property
    def roles(self) -> TablesByResource:
        """Each role with which AWS Backup copies tables."""
        return tables_by_resource(
            (self._templates.find(_selected(selection).get("IamRoleArn"), selection, kinds.ROLE), [table])
            for table, selections in self.selections.items()
            for selection, _ in selections
        )


def plan_rules(plan: Resource) -> list[dict[str, Any]]:
    """Return the rules of a plan."""
    rules = at(plan.properties, "BackupPlan", "BackupPlanRule")
    return [rule for rule in as_list(rules) if isinstance(rule, dict)]


def selects(selection: Resource, table: Table) -> Truth:
    """Return whether a selection selects a table: by ARN or tag, and by all of its conditions.

    A plan backs up resources in its own Region.
    """
    replica = table.in_region(selection.region)
    if replica is None:
        return False
    selected = _selected(selection)
    arns, tags = as_list(selected.get("Resources")), as_list(selected.get("ListOfTags"))
    own = table.arn_of(replica)
    by_arn = any_of(_names(arn, own) for arn in arns)
    by_tag = any_of(has_tag(table, "StringEquals", tag) for tag in tags)
    conditions = selected.get("Conditions") or {}
    # With conditions alone, everything is selected that has them.
    chosen = any_of([by_arn, by_tag]) if arns or tags else bool(conditions)
    excluded = any_of(_names(arn, own) for arn in as_list(selected.get("NotResources")))
    holding = (
        has_tag(table, operator, each)
        for operator, pairs in (conditions.items() if isinstance(conditions, dict) else ())
        for each in as_list(pairs)
        if isinstance(each, dict)
    )
    return all_of(chosen, negate(excluded), *holding)


def _selected(selection: Resource) -> dict[str, Any]:
    selected = selection.properties.get("BackupSelection")
    return selected if isinstance(selected, dict) else {}


def _names(arn: object, own: str) -> Truth:
    return None if is_unknown(arn) else matches(str(arn), own)


def has_tag(table: Table, operator: str, condition: object) -> Truth:
    """Return whether a table has a tag as a condition of AWS Backup asks for it."""
    if not isinstance(condition, dict):
        return None if is_unknown(condition) else False
    expected = condition.get("ConditionValue")
    value = table.tags.get(str(condition.get("ConditionKey")).removeprefix("aws:ResourceTag/"))
    if is_unknown(value) or is_unknown(expected) or (value is None and table.has_unknown_tags):
        return None
    if value is None:
        return "Not" in operator
    found = matches(str(expected), str(value)) if operator.endswith("Like") else value == expected
    return found != ("Not" in operator)
