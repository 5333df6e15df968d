"""Which rules of AWS Config look at which table."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth


class ConfigRules:
    """The rules of AWS Config in the templates, each read once however many tables there are."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates

    def on(self, table: Table, region: str) -> list[tuple[Resource, Truth]]:
        """Return the rules that look at a table in a Region, or may do so; of several that check the same, one."""
        of_place = self._of_places.get((table.resource.account, region), {})
        return [*((rule, True) for rule in self._of_tables.get(table.resource, ())), *of_place.values()]

    @cached_property
    def _of_tables(self) -> dict[Resource, list[Resource]]:
        """Table to the rules that name it."""
        found: defaultdict[Resource, list[Resource]] = defaultdict(list)
        for rule in self._templates.of_type(kinds.CONFIG_RULE):
            table = self._table_of(rule)
            if table is not None:
                found[table].append(rule)
        return found

    @cached_property
    def _of_places(self) -> dict[tuple[str, str], dict[str, tuple[Resource, Truth]]]:
        """Account and Region to the rules that name no table of the templates and may look at each, by what they check.

        Of equivalent rules, one that certainly checks each table is enough.
        """
        found: defaultdict[tuple[str, str], dict[str, tuple[Resource, Truth]]] = defaultdict(dict)
        for rule in self._templates.of_type(kinds.CONFIG_RULE):
            answer = _looks_at_each(rule) if self._table_of(rule) is None else False
            there = found[rule.account, rule.region]
            check = identifier(rule) or rule.ref
            if answer or (answer is None and check not in there):
                there[check] = (rule, answer)
        return found

    def _table_of(self, rule: Resource) -> Resource | None:
        return self._templates.find(_named(rule), rule, kinds.GLOBAL_TABLE, kinds.TABLE)


def identifier(rule: Resource) -> str:
    """Return what a rule checks: the identifier of AWS's rule, or a function's; empty for a rule with its own text."""
    return str(at(rule.properties, "Source", "SourceIdentifier") or "")


def _named(rule: Resource) -> object:
    """Return the resource that a rule names: in its scope, or as its parameter where it runs on a schedule."""
    one = at(rule.properties, "Scope", "ComplianceResourceId")
    return one or at(rule.properties, "InputParameters", "resourceId")


def _looks_at_each(rule: Resource) -> Truth:
    """Return whether a rule that names no table of the templates looks at each table."""
    one = _named(rule)
    if one is not None:
        return None if is_unknown(one) else False
    tags = at(rule.properties, "Scope", "TagKey") or at(rule.properties, "InputParameters", "resourceTags")
    types = at(rule.properties, "Scope", "ComplianceResourceTypes")
    if tags is not None or is_unknown(types):
        return None
    return types is None or kinds.TABLE in as_list(types)
