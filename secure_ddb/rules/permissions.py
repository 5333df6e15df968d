"""Whether policies let somebody do something: yes, no, or not to be told before the deployment.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_address, ip_network
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.rules.wildcards import matches, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from secure_ddb.rules.policies import Condition, Principal, Statement
    from secure_ddb.rules.resources import Resource

# True, False, or None for what cannot be told.
Answer = bool | None

_ALLOWS, _DENIES = attrgetter("allows"), attrgetter("denies")
_LEFT_OPEN = re.compile(r"[*?]|\$\{(?:\?|AWS\.)")
_OPEN = re.compile(r"\$\{(?:\?|AWS\.)[^}]*\}")


class Request(NamedTuple):
    """What somebody asks for.

    Attributes:
        actions: Such as `kms:Decrypt`.
        resources: Names of what it is about; empty where the policy belongs to that resource.
        service: The service that asks.
        role: Otherwise the ARN of the role that asks, or `*` if it does not matter which one of the account.
        account: The account that asks.
        context: Condition key, in lower case, to its values; none for a key that the request does not have.
    """

    actions: tuple[str, ...]
    resources: Sequence[str] = ()
    service: str = ""
    role: str = ""
    account: str = ""
    context: Mapping[str, Sequence[str]] = MappingProxyType({})


def allowed(statements: Iterable[Statement], request: Request) -> Answer:
    """Tell whether a policy allows all that is asked for and denies nothing of it."""
    return both(*answers(statements, request).values())


def answers(statements: Iterable[Statement], request: Request) -> dict[str, Answer]:
    """Return for each action whether a policy allows it and does not deny it."""
    found = list(statements)
    granted = _covering(filter(_ALLOWS, found), request)
    refused = _covering(filter(_DENIES, found), request)
    if not refused:
        return {action: granted.get(action, False) for action in request.actions}
    return {action: both(granted.get(action, False), not_(refused.get(action, False))) for action in request.actions}


def denied(statements: Iterable[Statement], request: Request) -> Answer:
    """Tell whether a policy denies anything of what is asked for, whatever else allows it."""
    return any_of(refusals(statements, request).values())


def refusals(statements: Iterable[Statement], request: Request) -> dict[str, Answer]:
    """Return for each action whether a policy denies it, whatever else allows it."""
    refused = _covering(filter(_DENIES, statements), request)
    return {action: refused.get(action, False) for action in request.actions}


def _covering(statements: Iterable[Statement], request: Request) -> dict[str, Answer]:
    """Return the actions that any of the statements applies to, or may apply to."""
    found: dict[str, Answer] = {}
    for statement in statements:
        about = statement.about(request.actions)
        # Who asks, and under which conditions, is the same for all of them.
        applies = _applies(statement, request) if about else False
        if applies is not False:
            for action, answer in about.items():
                found[action] = found.get(action) or (applies if answer else None)
    return found


def any_of(answers: Iterable[Answer]) -> Answer:
    """Return yes if any answer is yes, otherwise no if all are."""
    found = [*answers]
    if True in found:
        return True
    return None if None in found else False


def both(*answers: Answer) -> Answer:
    """Return no if any answer is no, otherwise yes if all are."""
    if False in answers:
        return False
    return None if None in answers else True


def not_(answer: Answer) -> Answer:
    """Return the opposite."""
    return None if answer is None else not answer


def touches(statement: Statement, actions: tuple[str, ...]) -> Answer:
    """Tell whether a statement is about any of some actions."""
    return any_of(statement.about(actions).values())


def covers(statement: Statement, name: str) -> Answer:
    """Tell whether a statement is about something that has this name."""
    if statement.covers_resource(name):
        return True
    if statement.excludes_resources:
        return not_(any_of([overlaps(pattern, name) or _like(pattern, name) for pattern in statement.resources]))
    return any_of([_like(pattern, name) for pattern in statement.resources])


def holds(condition: Condition, context: Mapping[str, Sequence[str]]) -> Answer:
    """Tell whether a condition holds for a request."""
    if condition.key not in context:
        return None
    present = context[condition.key]
    if condition.operator == "Null":
        return any_of(_equal(value, "false" if present else "true") for value in condition.values)
    if not present:
        return not condition.must_be_present
    compare = _OPERATORS.get(condition.operator.replace("Not", "", 1))
    if compare is None:
        return None
    found = any_of(compare(value, text) for value in condition.values for text in present)
    return not_(found) if condition.is_negated else found


def _applies(statement: Statement, request: Request) -> Answer:
    about = _is_about_any(statement, request.resources) if request.resources else True
    who = _is_by(statement, request) if about is not False else False
    if who is False:
        return False
    return both(about, who, *[holds(condition, request.context) for condition in statement.conditions])


def _is_about_any(statement: Statement, names: Sequence[str]) -> Answer:
    """Tell whether a statement is about something, by any of its names."""
    if statement.covers_resource(*names):
        return True
    pairs = [(pattern, name) for pattern in statement.resources for name in names]
    perhaps = any_of([_not_comparable(*pair) for pair in pairs])
    if statement.excludes_resources:
        left_out = any_of([any(matches(*pair) for pair in pairs), perhaps])
        return None if left_out is False and any(overlaps(*pair) for pair in pairs) else not_(left_out)
    # A permission for some of what is asked for is none, but a refusal of some of it may be one.
    return None if statement.denies and any(overlaps(*pair) for pair in pairs) else perhaps


def _is_by(statement: Statement, request: Request) -> Answer:
    if statement.excludes_principals:
        return not_(any_of(_is(principal, request) for principal in statement.principals))
    # A policy of an identity names no principal.
    if not statement.principals:
        return True
    return any_of([_is(principal, request) for principal in statement.principals])


def _is(principal: Principal, request: Request) -> Answer:
    if principal.value == "*":
        return True
    if principal.kind == "Service":
        return bool(request.service) and _equal(principal.value, request.service)
    if principal.kind != "AWS" or request.service:
        return False
    if principal.is_account or request.role == "*":
        return any_of([matches(principal.account, request.account), _equal(principal.account, request.account)])
    return _equal(principal.value, request.role)


def _equal(expected: str, text: str) -> Answer:
    return expected == text or _not_comparable(expected, text)


def _like(pattern: str, text: str) -> Answer:
    if matches(pattern, text):
        return True
    # Names that differ stay different, whatever the accounts before them turn out to be.
    ends = (pattern.rsplit(":", 1)[-1], text.rsplit(":", 1)[-1])
    alike = pattern.count(":") == text.count(":") and not _OPEN.search("".join(ends))
    return False if alike and not matches(*ends) else _not_comparable(pattern, text)


def _within(block: str, address: str) -> Answer:
    with suppress(ValueError):
        return ip_address(address) in ip_network(block, strict=False)
    # How a block begins does not say how large it is.
    return None if "${" in block or "${" in address else False


def _same_letters(expected: str, text: str) -> Answer:
    return _equal(expected.lower(), text.lower())


def _not_comparable(first: str, second: str) -> Answer:
    # What only the deployment knows may still turn out to be equal, unless both texts speak of the same account.
    if "${" not in first and "${" not in second:
        return False
    if _differ_at_once(first, second):
        return False
    differ = set(_OPEN.findall(first)) != set(_OPEN.findall(second))
    return None if differ or "${?" in first or "${?" in second else False


def _differ_at_once(first: str, second: str) -> bool:
    """Tell whether two texts differ before anything in them is left open."""
    known = [_LEFT_OPEN.split(text, maxsplit=1)[0] for text in (first, second)]
    shorter = min(map(len, known))
    return known[0][:shorter] != known[1][:shorter]


_OPERATORS = {
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": _same_letters,
    "IpAddress": _within,
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _same_letters,
    "StringLike": _like,
}


def assumed_by(service: str, role: Resource) -> Request:
    """Return the request of a service to assume a role."""
    return Request(
        actions=("sts:AssumeRole",),
        service=f"{service}.amazonaws.com",
        context={"aws:sourceaccount": (role.account,)},
    )
