"""What a role of a configuration is granted, read from its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests.template import as_list, text

if TYPE_CHECKING:
    from tests.template import Template


class Granted(NamedTuple):
    """A statement; the table's ARN is `<table>` in it, in any Region `<tables>`, and the key's is `<key>`."""

    effect: str
    actions: set[str]
    resources: tuple[str, ...]
    condition: dict[str, Any]
    but: set[str] = set()  # noqa: RUF012 - of `NotAction`, and never changed


def granted(template: Template, role: str, service: str = "dynamodb") -> list[Granted]:
    """Return the statements about a service that are in the policy of a role."""
    statements = template.properties("AWS::IAM::ManagedPolicy", f"{role}Policy")["PolicyDocument"]["Statement"]
    found = [_read(template, statement) for statement in statements]
    return [one for one in found if {action.split(":")[0] for action in one.actions | one.but} == {service}]


def _read(template: Template, statement: dict[str, Any]) -> Granted:
    (table,) = template.of_type("AWS::DynamoDB::GlobalTable")
    names = {
        f"<{table}.Arn>": "<table>",
        f"arn:<AWS::Partition>:dynamodb:*:111122223333:table/<{table}>": "<tables>",
        f"<{template.named('AWS::KMS::Key', 'OrdersKey')}.Arn>": "<key>",
    }
    resources = []
    for resource in map(text, as_list(statement["Resource"])):
        arn = next(arn for arn in names if resource.startswith(arn))
        resources.append(resource.replace(arn, names[arn]))
    return Granted(
        statement["Effect"],
        set(as_list(statement.get("Action", []))),
        tuple(resources),
        statement.get("Condition", {}),
        set(as_list(statement.get("NotAction", []))),
    )
