"""Mutants of a policy: each takes one statement or condition away, or makes one weaker.

What a mutant changes and no request notices is not tested. Mutants that no request can notice are left out, above all
`IfExists` at a negated operator, which holds for a missing key anyway.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.template import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.policies.engine import Document

Statement = dict[str, Any]
Labelled = tuple[str, Statement]

_NARROWED = ("Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal")
_OPERATOR = re.compile(r"(?P<set>ForAllValues:|ForAnyValue:|)(?P<base>\w+?)(?P<if_exists>IfExists|)")
_OTHER_SET = {"ForAllValues:": "ForAnyValue:", "ForAnyValue:": "ForAllValues:"}


def mutants(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield each mutant of a policy, with a label that says where it differs and how."""
    statements = as_list(document["Statement"])
    for position, statement in enumerate(statements):
        name = f"Statement[{position}] {statement.get('Sid', '')}".rstrip()
        before, after = statements[:position], statements[position + 1 :]
        yield f"{name}: removed", {**document, "Statement": [*before, *after]}
        for label, mutant in _mutants_of(statement):
            yield f"{name}{label}", {**document, "Statement": [*before, mutant, *after]}


def _mutants_of(statement: Statement) -> Iterator[Labelled]:
    allow = statement["Effect"] == "Allow"
    if allow:
        yield from _widened(statement)
    for element in ("NotAction", "NotResource") if allow else _NARROWED:
        yield from _without_one(statement, element)
    for operator, keys in statement.get("Condition", {}).items():
        if len(keys) > 1:
            yield f".Condition.{operator}: removed", _with_keys(statement, operator, {})
        for key in keys:
            for label, mutant in _mutants_of_condition(statement, operator, key):
                yield f".Condition.{operator}.{key}: {label}", mutant


def _widened(statement: Statement) -> Iterator[Labelled]:
    """Yield an Allow for every action of its services, for all resources, for everybody."""
    actions = as_list(statement.get("Action", []))
    wide = sorted({"*" if action == "*" else f"{action.split(':')[0]}:*" for action in actions})
    if wide != sorted(actions):
        yield f".Action: {', '.join(wide)}", {**statement, "Action": wide}
    if statement.get("Resource", "*") not in ("*", ["*"]):
        yield ".Resource: *", {**statement, "Resource": "*"}
    if statement.get("Principal", "*") not in ("*", {"AWS": "*"}):
        yield ".Principal: *", {**statement, "Principal": "*"}


def _without_one(statement: Statement, element: str) -> Iterator[Labelled]:
    """Yield a statement without each of the values of an element in turn; the last one stays."""
    value = statement.get(element, [])
    by_kind = value if isinstance(value, dict) else {"": value}
    entries = [(kind, entry) for kind, entries in by_kind.items() for entry in as_list(entries)]
    for position, (kind, dropped) in enumerate(entries if len(entries) > 1 else ()):
        rest = entries[:position] + entries[position + 1 :]
        left = {kind: [entry for other, entry in rest if other == kind] for kind, _ in rest}
        path = f".{element}.{kind}" if kind else f".{element}"
        yield f"{path}: without {dropped}", {**statement, element: left if isinstance(value, dict) else left[""]}


def _mutants_of_condition(statement: Statement, operator: str, key: str) -> Iterator[Labelled]:
    condition = statement["Condition"]
    value = condition[operator][key]
    without = _with_keys(
        statement, operator, {name: entry for name, entry in condition[operator].items() if name != key}
    )
    yield "removed", without
    parts = _OPERATOR.fullmatch(operator)
    assert parts, operator
    base, each, if_exists = parts["base"], parts["set"], bool(parts["if_exists"])
    allow, negated = statement["Effect"] == "Allow", "Not" in base
    if negated or not allow:
        yield from _without_one_value(statement, operator, key)
    if each:
        other = _OTHER_SET[each] + operator.removeprefix(each)
        yield other, _with_key(without, other, key, value)
    if key in condition.get("Null", {}):  # is this entry, or says already what becomes of a missing key
        return
    if allow and not negated and not if_exists and each != "ForAllValues:":
        yield "any value", _with_key(without, "Null", key, "false")
    if not allow and negated and each != "ForAnyValue:":
        yield "exempts every value", _with_key(without, "Null", key, "true")
    if not each and not negated and allow != if_exists:
        other = base if if_exists else f"{base}IfExists"
        yield other, _with_key(without, other, key, value)


def _without_one_value(statement: Statement, operator: str, key: str) -> Iterator[Labelled]:
    keys = statement["Condition"][operator]
    values = as_list(keys[key])
    for dropped in values if len(values) > 1 else ():
        rest = [value for value in values if value != dropped]
        yield f"without {dropped}", _with_key(statement, operator, key, rest)


def _with_key(statement: Statement, operator: str, key: str, value: Any) -> Statement:
    return _with_keys(statement, operator, {**statement.get("Condition", {}).get(operator, {}), key: value})


def _with_keys(statement: Statement, operator: str, keys: dict[str, Any]) -> Statement:
    """Return a statement with other keys of a condition operator, or without it if there are none."""
    condition = {**statement.get("Condition", {}), operator: keys}
    condition = {operator: keys for operator, keys in condition.items() if keys}
    rest = {element: value for element, value in statement.items() if element != "Condition"}
    return {**rest, "Condition": condition} if condition else rest
