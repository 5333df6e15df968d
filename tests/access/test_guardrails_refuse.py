"""What the guardrails refuse: roles that are none, patterns that mean everybody, and nobody at all (IAM-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import InvalidArgumentError, service_control_policy
from tests.access.test_guardrails import BREAK_GLASS, DEPLOY, EXEMPT, POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "the ARN of a role, known at synth"
EVERYBODY = "this one would exempt every role"
# Argument, value, what the error names, what it allows.
REFUSED: list[tuple[str, Any, str, str]] = [
    ("exempt_roles", DEPLOY, "exempt_roles", "a list of roles' ARNs"),
    ("exempt_roles", None, "exempt_roles", "a list of roles' ARNs"),
    ("exempt_roles", [DEPLOY, 5], "exempt_roles[1]", "str"),
    ("exempt_roles", [DEPLOY, DEPLOY], "exempt_roles[1]", "stands once"),
    *(
        ("exempt_roles", [arn], "exempt_roles[0]", ROLE)
        for arn in (
            "",
            "*",
            "deploy",
            "arn:aws:iam::111122223333:user/someone",
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:assumed-role/deploy/session",
            "arn:aws:iam::1111:role/deploy",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/${aws:username}",
            "arn:aws:iam::${Token[AWS.AccountId.4]}:role/deploy",
            f"{BREAK_GLASS}\n",
        )
    ),
    *(
        ("exempt_roles", [f"arn:aws:iam::*:role/{name}"], "exempt_roles[0]", EVERYBODY)
        for name in ("*", "?*", "*/*", "**")
    ),
    ("tables", "orders", "tables", "a list of tables' names"),
    ("tables", [], "tables", "at least one table's name"),
    ("tables", [None], "tables[0]", "str"),
    ("tables", ["orders", "orders"], "tables[1]", "stands once"),
    *(
        ("tables", [name], "tables[0]", "a table's name, known at synth")
        for name in (
            "",
            "a/b",
            "a b",
            "t" * 256,
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
            "${Token[T.1]}",
        )
    ),
]


@pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize(("argument", "value", "named", "allowed"), REFUSED)
def test_bad_input_is_refused(
    make: Callable[..., dict[str, Any]], argument: str, value: Any, named: str, allowed: str
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        make(**{"exempt_roles": EXEMPT, argument: value})
    assert raised.value.argument == named
    assert allowed in raised.value.allowed


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:role/deploy",
        "arn:aws-us-gov:iam::*:role/path/to/deploy-?",
        "arn:*:iam::*:role/*-deploy",
        "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*",
    ],
)
def test_roles_can_be_named_with_patterns(arn: str) -> None:
    assert service_control_policy(exempt_roles=[arn])


def test_nobody_locks_everybody_out() -> None:
    with pytest.raises(InvalidArgumentError, match=r"exempt_roles is \[\]; allowed: at least the deployment role;"):
        service_control_policy(exempt_roles=[])
