"""A permission on some attributes does not let the others out by another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.access.statements import demands_named, grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_READ = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan")
_WRITE = ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_SELECT_KEY, _RETURN_KEY = "dynamodb:Select", "dynamodb:ReturnValues"
# They make sense only where attributes are named.
_OF_SOME_ATTRIBUTES = {"SPECIFIC_ATTRIBUTES", "UPDATED_OLD", "UPDATED_NEW"}
_SELECT = {"SPECIFIC_ATTRIBUTES", "COUNT"}
_RETURN = {"NONE", "UPDATED_OLD", "UPDATED_NEW"}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement with a condition on attributes."""
    for policy, statement in grants_on_tables(assembly):
        on_attributes = statement.conditions_on("dynamodb:Attributes")
        limiting = {value for each in statement.conditions_on(_SELECT_KEY, _RETURN_KEY) for value in each.values}
        if not on_attributes and not limiting & _OF_SOME_ATTRIBUTES:
            continue
        naming = [each for each in on_attributes if each.operator != "Null"]
        named = bool(naming) and all(map(demands_named, naming))
        detail = f"{statement.label} {'names attributes' if named else 'allows any attribute'}"
        yield judged(policy.resource, policy.path_of(statement), named, detail, key=statement.label)
        for actions, key, allowed in ((_READ, _SELECT_KEY, _SELECT), (_WRITE, _RETURN_KEY, _RETURN)):
            if statement.touches_actions(actions):
                bound = any(
                    set(condition.values) <= allowed
                    for condition in statement.conditions_on(key)
                    if not condition.is_negated
                )
                does = "limits" if bound else "does not limit"
                path = policy.path_of(statement)
                finding = f"{statement.label}.{key}"
                yield judged(policy.resource, path, bound, f"{statement.label} {does} {key}", key=finding)


RULE = Rule(
    id="SecureDdb-IAM5",
    title="Permissions on some attributes also limit what is selected and what is returned",
    severity=Severity.HIGH,
    requirements=("IAM-2",),
    controls=(
        "CS-5",
        "PR.AC-3",
        "NIST.800-53.r5 AC-3",
        "NIST.800-53.r5 AC-6",
        "PCI DSS v4.0.1/7.2.2",
        "PCI DSS v4.0.1/7.2.5",
    ),
    explanation=(
        "A request that names no attributes asks for all of them, and an update can ask for the whole item in return; "
        "dynamodb:Attributes holds neither back."
    ),
    remedy=(
        "Add StringEqualsIfExists dynamodb:Select SPECIFIC_ATTRIBUTES, and for writes dynamodb:ReturnValues NONE, "
        "UPDATED_OLD or UPDATED_NEW."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
    check=check,
)
