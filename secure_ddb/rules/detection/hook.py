"""Hooks of CloudFormation that look at tables before they are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.iam.wildcards import matches
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_TYPES = (kinds.GLOBAL_TABLE, kinds.TABLE)
_ACTIONS = ("CREATE", "UPDATE")
# A deployment of a stack; CLOUD_CONTROL alone would be another API.
_OF_STACKS = {"CHANGE_SET", "RESOURCE", "STACK"}


@Rule(
    id="SecureDdb-DET15",
    title="The Hook on tables checks every table that is created or changed",
    problem="The Hook on tables is off, or does not check every table that is created or changed",
    severity=Severity.MEDIUM,
    requirements=("DET-4",),
    controls=(*nist("CM-3"),),
    rationale=(
        "A Hook checks the tables of every template in the account and Region. A Hook that is off, or that covers "
        "only one of the two table types, lets tables through unnoticed."
    ),
    remedy=(
        "Set HookStatus ENABLED, RESOURCE among TargetOperations, and both types of tables with CREATE and UPDATE in "
        "TargetFilters, as TableHook does."
    ),
    source="https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-target-filtering.html",
)
def hook(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each Guard Hook on tables, where there are tables in stacks that it does not leave out."""
    for resource in assembly.of_type(kinds.GUARD_HOOK):
        tables = [table for table in assembly.tables if _is_near(table, resource) and not _is_left_out(table, resource)]
        if tables and _is_on_tables(resource):
            path, answer, detail = _looks_at_tables(resource)
            yield judged(resource, f"Properties.{path}", answer, detail, tables=tables)


def _is_near(table: Table, hook: Resource) -> bool:
    return (table.resource.account, table.resource.region) == (hook.account, hook.region)


def _is_left_out(table: Table, hook: Resource) -> bool:
    """Return whether a Hook excludes a table's stack, which is deliberate."""
    excluded = at(hook.properties, "StackFilters", "StackNames", "Exclude")
    return table.resource.template.stack_name in as_list(excluded)


def _is_on_tables(hook: Resource) -> bool:
    """Return whether a Hook may look at tables of any type; others are about something else."""
    pairs = _targets(hook)
    return pairs is None or any(matches(name, each) for name, _ in pairs for each in _TYPES)


def _looks_at_tables(hook: Resource) -> tuple[str, Truth, str]:
    """Return the property that decides, whether a Hook looks at all tables, and what was seen."""
    status, operations = hook.properties.get("HookStatus"), hook.properties.get("TargetOperations")
    pairs = _targets(hook)
    if not is_unknown(status) and status != "ENABLED":
        return "HookStatus", False, "the Hook is off"
    if not is_unknown(operations) and not _OF_STACKS & set(map(str, as_list(operations))):
        return "TargetOperations", False, "the Hook looks at no deployments of stacks"
    missing = [
        f"{action} of {each}"
        for each in _TYPES
        for action in _ACTIONS
        if pairs is not None and not any(matches(name, each) and action == verb for name, verb in pairs)
    ]
    if missing:
        return "TargetFilters", False, f"the Hook does not look at {', '.join(missing)}"
    if any(map(is_unknown, (status, operations, hook.properties.get("TargetFilters")))):
        return "TargetFilters", None, "what the Hook looks at is known only at deployment"
    mode = hook.properties.get("FailureMode")
    does = "stops deployments" if mode == "FAIL" else "warns"
    return "TargetFilters", True, f"the Hook {does} when tables are created and changed"


def _targets(hook: Resource) -> list[tuple[str, str]] | None:
    """Return the types of resources that a Hook looks at, each with an action; None for all of them, or if unknown."""
    filters: Any = hook.properties.get("TargetFilters")
    if filters is None or is_unknown(filters):
        return None
    if at(filters, "Targets") is not None:
        return [(str(at(each, "TargetName")), str(at(each, "Action"))) for each in as_list(at(filters, "Targets"))]
    names = as_list(at(filters, "TargetNames")) or ["*"]
    actions = as_list(at(filters, "Actions")) or _ACTIONS
    return [(str(name), str(action)) for name in names for action in actions]
