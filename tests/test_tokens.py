"""Values that are known only at deployment are recognized, and not judged by what they look like before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aws_cdk import App, Aws, Fn, Stack, Token

from secure_ddb import SecureTable
from secure_ddb.tokens import is_token
from tests.orders import OWNERSHIP, PK
from tests.template import Template

TOKENS = {
    "pseudo parameter": Aws.REGION,
    "inside of a text": f"orders-{Aws.STACK_NAME}-prod",
    "reference": Token.as_string({"Ref": "Name"}),
    "function": Fn.import_value("Name"),
    "number": Token.as_number({"Ref": "Days"}),
}
PLAIN = ["", "orders", "$", "${AWS::Region}", "Token[", "{Token[TOKEN.1]}", 0, 35, -1, -1.5e288, 1e300, True, None, []]


@pytest.mark.parametrize("value", TOKENS.values(), ids=TOKENS)
def test_token_is_recognized(value: object) -> None:
    assert Token.is_unresolved(value)
    assert is_token(value)


@pytest.mark.parametrize("value", PLAIN)
def test_plain_value_is_no_token(value: object) -> None:
    assert not is_token(value)


def test_region_is_a_token_only_in_a_stack_without_one(stack: Stack) -> None:
    assert not is_token(stack.region)
    assert is_token(Stack(App(), "Agnostic").region)


def test_names_and_tags_that_are_known_only_at_deployment_reach_the_template(stack: Stack) -> None:
    name = Fn.ref("TableName")
    owner = f"{Fn.ref('Team')};{'x' * 256}"
    SecureTable(stack, "Orders", partition_key=PK, table_name=name, ownership=replace(OWNERSHIP, owner=owner))
    app = stack.node.root
    assert isinstance(app, App)
    template = Template(app.synth().get_stack_by_name("Test").template)
    assert template.table()["TableName"] == {"Ref": "TableName"}
    tags = {tag["Key"]: tag["Value"] for tag in template.replica()["Tags"]}
    assert tags["Owner"] == {"Fn::Join": ["", [{"Ref": "Team"}, f";{'x' * 256}"]]}
