"""Weaker policies: each lets more pass than the policy did, or lets nobody of ours do what has to be done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.rule_mutants.kinds import Change, Kind
from benchmarks.rule_mutants.places import GONE, at, with_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.rule_mutants.places import Body, Path

OURS, THEIRS = "111122223333", "444455556666"
_EVERYBODY: Body = {"AWS": "*"}
_SOMEBODY_ELSE: Body = {"AWS": f"arn:aws:iam::{THEIRS}:root"}
# They take patterns; the others compare letter by letter.
_WITH_PATTERNS = {"ArnEquals": "ArnLike", "ArnLike": "ArnLike"}


def is_policy(value: Any) -> bool:
    """Tell whether a value is a policy document."""
    return isinstance(value, dict) and isinstance(value.get("Statement"), list)


def weaker_policies(document: Body) -> Iterator[Change]:
    """Yield each place in a policy with what to write there, and what kind of change that is."""
    for position, statement in enumerate(document["Statement"]):
        yield Change(("Statement", position), Kind.STATEMENT_REMOVED, GONE)
        for change in _wider(statement) if statement["Effect"] == "Allow" else _narrower(statement):
            yield change.inside("Statement", position)


def _wider(statement: Body) -> Iterator[Change]:
    """Yield an Allow that lets more people do more things under fewer conditions."""
    services = sorted({action.split(":")[0] for action in _listed(statement["Action"])})
    yield Change(("Action",), Kind.EVERY_ACTION_OF_SERVICE, [f"{service}:*" for service in services])
    yield Change(("Action",), Kind.EVERY_ACTION, "*")
    if "Resource" in statement:
        yield Change(("Resource",), Kind.EVERY_RESOURCE, "*")
    if "Principal" in statement:
        if statement["Principal"] not in ("*", _EVERYBODY):
            yield Change(("Principal",), Kind.EVERYBODY, _EVERYBODY)
        yield Change(("Principal",), Kind.SOMEBODY_ELSE, _SOMEBODY_ELSE)
    if len(_conditions(statement)) > 1:
        yield Change(("Condition",), Kind.CONDITIONS_REMOVED, GONE)
    for operator, key, value in _conditions(statement):
        others = with_value(statement["Condition"], _pruned(statement, operator, key), GONE)
        yield Change(("Condition",), Kind.CONDITION_REMOVED, others or GONE, about=f"{operator}.{key}")
        if operator == "Null":
            continue
        quantifier = f"{operator.split(':')[0]}:" if ":" in operator else ""
        base = operator.removeprefix(quantifier).removesuffix("IfExists")
        any_value = f"{quantifier}{_WITH_PATTERNS.get(base, 'StringLike')}"
        # Whether an asterisk alone is an ARN, AWS does not say.
        everything = "arn:*:*:*:*:*" if base in _WITH_PATTERNS else "*"
        added = _added(others, any_value, key, everything)
        yield Change(("Condition",), Kind.ANY_VALUE, added, about=f"{operator}.{key}")
        if not quantifier and not operator.endswith("IfExists"):
            yield Change(
                ("Condition",),
                Kind.IF_EXISTS,
                _added(others, f"{operator}IfExists", key, value),
                about=f"{operator}.{key}",
            )
        theirs = json.loads(json.dumps(value).replace(OURS, THEIRS))
        yield Change(("Condition", operator, key), Kind.ANOTHER_ACCOUNT, theirs)


def _narrower(statement: Body) -> Iterator[Change]:
    """Yield a Deny that stops fewer requests."""
    yield Change(("Effect",), Kind.ALLOWED, "Allow")
    if "Principal" in statement:
        yield Change(("Principal",), Kind.DENIED_TO_SOMEBODY_ELSE, _SOMEBODY_ELSE)
    for element in ("Action", "Resource"):
        values = statement.get(element)
        for position in range(len(values) if isinstance(values, list) and len(values) > 1 else 0):
            yield Change((element, position), Kind.NOT_DENIED, GONE)
    if "NotAction" in statement:
        more = [*_listed(statement["NotAction"]), "dynamodb:GetItem"]
        yield Change(("NotAction",), Kind.ONE_MORE_EXEMPTED, more)
    if "*" in _listed(statement["Resource"]):
        service = _listed(statement.get("Action", statement.get("NotAction")))[0].split(":")[0]
        yield Change(("Resource",), Kind.NOT_DENIED, f"arn:aws:{service}:eu-central-1:{THEIRS}:theirs")
    condition = statement.get("Condition", {})
    yield Change(
        ("Condition",),
        Kind.ONLY_UNDER_A_CONDITION,
        _added(condition, "StringEquals", "aws:PrincipalTag/team", "theirs"),
    )
    for operator, key, value in _conditions(statement):
        base = operator.removesuffix("IfExists")
        if "Not" in base:
            more = [*(value if isinstance(value, list) else [value]), _exempted(key)]
            yield Change(("Condition", operator, key), Kind.ONE_MORE_EXEMPTED, more)
        elif value in ("true", "false"):
            yield Change(("Condition", operator, key), Kind.OPPOSITE, "false" if value == "true" else "true")
        if operator != base:
            others = with_value(condition, _pruned(statement, operator, key), GONE)
            yield Change(
                ("Condition",), Kind.ONLY_IF_PRESENT, _added(others, base, key, value), about=f"{operator}.{key}"
            )


def _exempted(key: str) -> str:
    """Return what nobody should be exempted by: everything, as far as the key's values can say so."""
    match key.lower():
        case "aws:principalarn" | "aws:sourcearn":
            return f"arn:aws:iam::{OURS}:role/other"
        case "aws:sourceip":
            return "0.0.0.0/0"
        case "aws:sourcevpce" | "aws:sourcevpc":
            return "vpce-00000000000000000"
    return THEIRS


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _conditions(statement: Body) -> list[tuple[str, str, Any]]:
    block = statement.get("Condition", {})
    return [(operator, key, value) for operator, keys in block.items() for key, value in keys.items()]


def _pruned(statement: Body, operator: str, key: str) -> Path:
    """Return the path of a condition's line, or of its operator if it is the only line of it."""
    return (operator, key) if len(statement["Condition"][operator]) > 1 else (operator,)


def _added(condition: Body, operator: str, key: str, value: Any) -> Body:
    before = at(condition, (operator,))
    return {**condition, operator: {**({} if before is GONE else before), key: value}}
