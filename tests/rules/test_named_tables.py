"""A table of the templates is named, whatever its name; what belongs to it is no other table."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import ENDPOINT_STATEMENT, READER_STATEMENTS, TABLE
from tests.rules.handwritten import changed, verdicts

NAME = f"{TABLE}/TableName", {"Fn::Sub": "${Parameter}-orders"}
ARN = {"Fn::GetAtt": "Table.Arn"}
OTHER = {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Parameter}"}
PLACES = {"SecureDdb-IAM3": f"{READER_STATEMENTS}/0", "SecureDdb-NET1": ENDPOINT_STATEMENT}


def said(rule: str, *resources: Any, name: tuple[str, Any] = NAME) -> set[Verdict]:
    return verdicts(changed(name, (f"{PLACES[rule]}/Resource", list(resources))), rule)


@pytest.mark.parametrize("rule", PLACES)
@pytest.mark.parametrize("part", ["index", "stream", "backup", "export", "import"])
def test_table_with_a_parameter_in_its_name_is_named(rule: str, part: str) -> None:
    written = {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Parameter}-orders"}
    parts = [{"Fn::Sub": f"${{Table.Arn}}/{part}/*"}, {"Fn::Join": ["", [ARN, f"/{part}/2026"]]}]
    assert said(rule, ARN, written, *parts) == {Verdict.MET}
    assert said(rule, {"Fn::GetAtt": "Table.StreamArn"}) == {Verdict.MET}


@pytest.mark.parametrize("rule", PLACES)
def test_other_table_with_a_parameter_in_its_name_is_not_verifiable(rule: str) -> None:
    assert Verdict.NOT_VERIFIABLE in said(rule, ARN, OTHER)


@pytest.mark.parametrize("rule", PLACES)
@pytest.mark.parametrize(
    "name", ["table/*/backup/*", "table/*", "table/orders*", "table/orders/backup/*/export/*", "*"]
)
def test_wildcard_in_the_name_of_a_table_is_found(rule: str, name: str) -> None:
    arn = f"arn:aws:dynamodb:eu-central-1:111122223333:{name}"
    assert Verdict.NOT_MET in said(rule, arn, name=(f"{TABLE}/TableName", "orders"))
