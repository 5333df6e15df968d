"""Whether policies allow a request: true, false, or unknown until deployment.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.condition_operators import OPERATORS
from secure_ddb.iam.policy_variables import MULTIVALUED, with_values
from secure_ddb.iam.wildcards import equals, for_every_name, like, matches_some, resource_like
from secure_ddb.three_valued import Truth, all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Condition, Principal, Statement

    # Condition key, in lower case, to its values; none for a key that the request does not have.
    Context = Mapping[str, Sequence[str]]

_ALLOWS, _DENIES = attrgetter("allows"), attrgetter("denies")


class Request(NamedTuple):
    """A request by a service or a role.

    Attributes:
        actions: Such as `kms:Decrypt`.
        resources: ARNs and names of the resource; empty where the policy belongs to it.
        service: Such as `logs.amazonaws.com`; empty for a role.
        role: The ARN of the role, or `*` for any of the account.
        account: The account of the caller.
        context: Its condition keys.
    """

    actions: tuple[str, ...]
    resources: Sequence[str] = ()
    service: str = ""
    role: str = ""
    account: str = ""
    context: Context = MappingProxyType({})


# AWS Lambda adds the function's ARN to the requests of its code, and not to those of its poller.
# https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
OUTSIDE_OF_CODE: Context = MappingProxyType({"lambda:sourcefunctionarn": ()})


def in_code_of(function_arn: str) -> Context:
    """Return the additional facts of a request from a function's code."""
    return {"lambda:sourcefunctionarn": (function_arn,)}


def allowed(statements: Iterable[Statement], request: Request) -> Truth:
    """Return whether a policy allows all that is asked for and denies nothing of it."""
    return all_of(*answers(statements, request).values())


def answers(statements: Iterable[Statement], request: Request) -> dict[str, Truth]:
    """Return for each action whether a policy allows it and does not deny it."""
    found = list(statements)
    granted = _covering(filter(_ALLOWS, found), request)
    refused = _covering(filter(_DENIES, found), request)

    return {
        action: all_of(granted.get(action, False), negate(refused.get(action, False))) for action in request.actions
    }


def denied(statements: Iterable[Statement], request: Request) -> Truth:
    """Return whether a policy denies any of the actions."""
    return any_of(refusals(statements, request).values())


def refusals(statements: Iterable[Statement], request: Request) -> dict[str, Truth]:
    """Return for each action whether a policy denies it."""
    refused = _covering(filter(_DENIES, statements), request)
    return {action: refused.get(action, False) for action in request.actions}


def _covering(statements: Iterable[Statement], request: Request) -> dict[str, Truth]:
    """Return the actions that any of the statements applies to, or may apply to."""
    found: dict[str, Truth] = {}
    for statement in statements:
        about = statement.about(request.actions)
        # The principal and the conditions are the same for all of them.
        applies = _applies(statement, request) if about else False
        if applies is not False:
            for action, answer in about.items():
                found[action] = found.get(action) or (applies if answer else None)
    return found


def matches_action(statement: Statement, actions: tuple[str, ...]) -> Truth:
    """Return whether a statement is about any of some actions."""
    return any_of(statement.about(actions).values())


def matches_resource(statement: Statement, name: str) -> Truth:
    """Return whether a statement is about something that has this name, and about all that `ANY_NAME` stands for."""
    if not statement.excludes_resources:
        return any_of(resource_like(pattern, for_every_name(name)) for pattern in statement.resources)
    # What leaves out some of the names does not cover all of them.
    left_out = any(matches_some(pattern, name) for pattern in statement.resources)
    return False if left_out else negate(any_of(resource_like(pattern, name) for pattern in statement.resources))


def evaluate(condition: Condition, context: Mapping[str, Sequence[str]], *, knows_variables: bool = True) -> Truth:
    """Return whether a condition holds for a request.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    """
    present = context.get(condition.key)
    if present is None or condition.operator not in OPERATORS:
        return None
    if condition.operator == "Null":
        return any_of(equals(value, "false" if present else "true") for value in condition.values)
    if not present:
        return not condition.must_be_present
    if condition.key in MULTIVALUED and not condition.quantifier:
        # AWS requires a quantifier, and does not document its absence.
        return None
    values = with_values(condition.values, context) if knows_variables else condition.values
    each = [_is_as_demanded(condition, values, text) for text in present]
    # Without a quantifier, several values are those that the key may have: a caller is in all of the networks.
    must_be_all = condition.quantifier == "ForAllValues" or (not condition.quantifier and condition.is_negated)
    return all_of(*each) if must_be_all else any_of(each)


def _is_as_demanded(condition: Condition, values: Sequence[str], text: str) -> Truth:
    compared = [_compared(condition, value, text) for value in values]
    return all_of(*compared) if condition.is_negated else any_of(compared)


def _compared(condition: Condition, value: str, text: str) -> Truth:
    compare, is_valid = OPERATORS[condition.operator]
    if compare is None:
        return None
    answer = compare(value, text)
    if not is_valid(value, text):
        # What cannot be compared is not equal. Whether IAM takes it for different is not documented.
        return None if answer or condition.is_negated else answer
    return negate(answer) if condition.is_negated else answer


def _applies(statement: Statement, request: Request) -> Truth:
    about = _is_about_any(statement, request) if request.resources else True
    who = _is_by(statement, request) if about is not False else False
    if who is False:
        return False
    variables = statement.knows_variables
    found = [evaluate(each, request.context, knows_variables=variables) for each in statement.conditions]
    return all_of(about, who, *found)


def _is_about_any(statement: Statement, request: Request) -> Truth:
    """Return whether a statement is about something, by any of its names."""
    if statement.resources == ("*",):
        return not statement.excludes_resources
    # In front of the name of a resource there must be no variables, so none gets a value here.
    patterns = with_values(statement.resources, {})
    names = request.resources
    if not statement.excludes_resources and not statement.denies:
        # Allowing some of the actions is not enough, but denying some of them can be.
        names = [for_every_name(name) for name in names]
    found = any_of([resource_like(pattern, name) for pattern in patterns for name in names])
    return negate(found) if statement.excludes_resources else found


def _is_by(statement: Statement, request: Request) -> Truth:
    if statement.excludes_principals:
        return negate(_is_left_out(statement, request))
    # A policy of an identity names no principal.
    if not statement.principals:
        return True
    return any_of([_is(principal, request) for principal in statement.principals])


def _is_left_out(statement: Statement, request: Request) -> Truth:
    """Return whether a `NotPrincipal` leaves out the caller: a role only if its account is left out, too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    named = any_of(_is(each, request) for each in statement.principals if not each.is_account)
    account = any_of(_is(each, request) for each in statement.principals if each.is_account)
    if request.service or any(each.value == "*" for each in statement.principals):
        return named
    return named if named is account and (named is False or request.role != "*") else None


def _is(principal: Principal, request: Request) -> Truth:
    if principal.value == "*" and principal.kind == "AWS":
        return True
    if principal.kind != "AWS":
        is_service = principal.kind == "Service" and bool(request.service)
        return is_service and equals(principal.value, request.service)
    if is_unknown(principal.value):
        return _may_be(principal, request)
    # Only `*` includes services.
    if request.service:
        return False
    if principal.is_account or request.role == "*":
        return like(principal.account, request.account)
    return equals(principal.value, request.role)


def _may_be(principal: Principal, request: Request) -> Truth:
    """Return whether a partly known principal may match the requester."""
    if request.role == "*" and principal.account != principal.value:
        return like(principal.account, request.account)
    own = (request.role, request.account, f"{request.role.partition(':role/')[0]}:root")
    return any_of(equals(principal.value, name) for name in ("*", *(() if request.service else own)))


def asked_by(role: Resource, actions: tuple[str, ...], *resources: str, context: Context = OUTSIDE_OF_CODE) -> Request:
    """Return the request of a role, with further condition keys."""
    known = {"aws:principalaccount": (role.account,), "aws:principalarn": (role.arn,), "aws:securetransport": ("true",)}
    return Request(
        actions=actions, resources=resources, role=role.arn, account=role.account, context={**known, **context}
    )


def assumed_by(service: str, role: Resource) -> Request:
    """Return the request of a service to assume a role."""
    return Request(
        actions=("sts:AssumeRole",), service=f"{service}.amazonaws.com", context={"aws:sourceaccount": (role.account,)}
    )
