"""What a role of a configuration is granted, read from its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests.template import as_list, text

if TYPE_CHECKING:
    from tests.template import Template


class Granted(NamedTuple):
    """A statement; the table's ARN is `<table>` in it, the key's `<key>`."""

    effect: str
    actions: set[str]
    resources: tuple[str, ...]
    condition: dict[str, Any]


def granted(template: Template, role: str, service: str = "dynamodb") -> list[Granted]:
    """Return the statements about a service that are in the policy of a role."""
    statements = template.properties("AWS::IAM::ManagedPolicy", f"{role}Policy")["PolicyDocument"]["Statement"]
    found = [_read(template, statement) for statement in statements]
    return [statement for statement in found if {action.split(":")[0] for action in statement.actions} == {service}]


def _read(template: Template, statement: dict[str, Any]) -> Granted:
    (table,) = template.of_type("AWS::DynamoDB::GlobalTable")
    names = {f"<{table}.Arn>": "<table>", f"<{template.named('AWS::KMS::Key', 'OrdersKey')}.Arn>": "<key>"}
    resources = []
    for resource in as_list(statement["Resource"]):
        arn, slash, rest = text(resource).partition("/")
        resources.append(f"{names[arn]}{slash}{rest}")
    return Granted(
        statement["Effect"],
        set(as_list(statement["Action"])),
        tuple(resources),
        statement.get("Condition", {}),
    )
