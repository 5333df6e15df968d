"""Grants give what is needed of the table and its key, and no more (IAM-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.actions import PARTIQL, READ_DATA, WRITE_DATA
from tests.template import as_list, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

GRANTED = {
    "ReaderPolicy": set(READ_DATA),
    "WriterPolicy": set(WRITE_DATA),
    "BothPolicy": {*READ_DATA, *WRITE_DATA},
}


@pytest.fixture
def everything(template: Callable[[str], Template]) -> Template:
    return template("everything")


def granted(template: Template, policy: str) -> tuple[dict[str, Any], dict[str, Any]]:
    table, key = template.properties("AWS::IAM::ManagedPolicy", policy)["PolicyDocument"]["Statement"]
    return table, key


@pytest.mark.parametrize("policy", GRANTED)
def test_grant_names_these_actions_on_this_table_and_its_indexes(everything: Template, policy: str) -> None:
    (table,) = everything.of_type("AWS::DynamoDB::GlobalTable")
    statement, _ = granted(everything, policy)
    assert set(statement["Action"]) == GRANTED[policy]
    assert [text(arn) for arn in statement["Resource"]] == [f"<{table}.Arn>", f"<{table}.Arn>/index/*"]


@pytest.mark.parametrize("policy", GRANTED)
def test_grant_of_the_key_works_through_dynamodb_only(everything: Template, policy: str) -> None:
    key = everything.named("AWS::KMS::Key", "OrdersKey")
    _, statement = granted(everything, policy)
    assert text(statement["Resource"]) == f"<{key}.Arn>"
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}}


def test_readers_cannot_encrypt(everything: Template) -> None:
    _, statement = granted(everything, "ReaderPolicy")
    assert set(as_list(statement["Action"])) == {"kms:Decrypt", "kms:DescribeKey"}


def test_no_grant_lets_partiql_or_management_pass() -> None:
    assert not {*READ_DATA, *WRITE_DATA} & {*PARTIQL, "dynamodb:DescribeTable", "dynamodb:UpdateTable"}
