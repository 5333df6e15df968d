"""Roles of other accounts are named by table and key together, bound to their organization, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Environment
from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_kms import Key

from secure_ddb import (
    DataClassification,
    EncryptionSettings,
    InvalidArgumentError,
    OtherAccounts,
    PerimeterSettings,
    SecureTable,
)
from secure_ddb.access.actions import PARTIQL, READ_DATA, WRITE_DATA
from secure_ddb.cloudformation.template import Template as RulesTemplate
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.orders import SK, orders
from tests.refusals import a_stack
from tests.template import Template, as_list, text

if TYPE_CHECKING:
    from collections.abc import Iterable

ORGANIZATION = "o-abcde12345"
READER, WRITER = (f"arn:aws:iam::444455556666:role/{name}" for name in ("reports", "team/orders"))
BOTH = OtherAccounts(organization_id=ORGANIZATION, readers=[READER, WRITER], writers=[WRITER])
BY_STATUS = [GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)]
TABLE_ARN = "arn:<AWS::Partition>:dynamodb:eu-central-1:111122223333:table/orders"


def synthesized(table: SecureTable) -> Template:
    app: Any = table.node.root
    return Template(app.synth().get_stack_by_name("Test").template)


def template(other_accounts: OtherAccounts = BOTH, **arguments: Any) -> Template:
    given = {"table_name": "orders", "global_secondary_indexes": BY_STATUS, **arguments}
    return synthesized(orders(a_stack(), other_accounts=other_accounts, **given))


def table_statements(made: Template) -> dict[str, Any]:
    statements = made.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"]
    return {each["Sid"]: each for each in statements if each["Effect"] == "Allow"}


def key_statements(made: Template, prefix: str = "OrdersKey") -> dict[str, Any]:
    statements = made.properties("AWS::KMS::Key", prefix)["KeyPolicy"]["Statement"]
    return {each["Sid"]: each for each in statements if "OtherAccounts" in each.get("Sid", "")}


def test_table_lets_them_read_with_its_indexes_and_write_without() -> None:
    statements = table_statements(template())
    assert statements.keys() == {"AllowReadersOfOtherAccounts", "AllowWritersOfOtherAccounts"}
    read, write = statements["AllowReadersOfOtherAccounts"], statements["AllowWritersOfOtherAccounts"]
    assert read["Principal"] == {"AWS": [READER, WRITER]}
    assert write["Principal"] == {"AWS": WRITER}
    assert set(read["Action"]) == set(READ_DATA)
    assert set(write["Action"]) == set(WRITE_DATA)
    assert not {*read["Action"], *write["Action"]} & set(PARTIQL)
    assert [text(each) for each in as_list(read["Resource"])] == [TABLE_ARN, f"{TABLE_ARN}/index/by-status"]
    assert [text(each) for each in as_list(write["Resource"])] == [TABLE_ARN]
    for statement in (read, write):
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


def test_key_lets_them_use_it_through_dynamodb_for_this_table_only() -> None:
    statements = key_statements(template())
    assert {sid: set(as_list(each["Action"])) for sid, each in statements.items()} == {
        "UseByReadersOfOtherAccounts": {"kms:Decrypt"},
        "UseByWritersOfOtherAccounts": {
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        },
        "DescribeToOtherAccounts": {"kms:DescribeKey"},
    }
    bound = {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com", "aws:PrincipalOrgID": ORGANIZATION}
    context = {
        "kms:EncryptionContext:aws:dynamodb:subscriberId": "111122223333",
        "kms:EncryptionContext:aws:dynamodb:tableName": "orders",
    }
    for sid, statement in statements.items():
        expected = bound if sid == "DescribeToOtherAccounts" else bound | context
        assert statement["Condition"] == {"StringEquals": expected}, sid


@pytest.mark.parametrize(("kind", "other"), [("readers", "Writers"), ("writers", "Readers")])
def test_one_kind_of_access_says_nothing_of_the_other(kind: str, other: str) -> None:
    made = template(OtherAccounts(organization_id=ORGANIZATION, **{kind: [READER]}))
    sids = {*table_statements(made), *key_statements(made)}
    assert not [sid for sid in sids if other in sid]
    assert len(sids) == 3


def test_name_that_is_made_stands_in_both_policies() -> None:
    made = template(table_name=None)
    name = made.only("AWS::DynamoDB::GlobalTable")["Properties"]["TableName"]
    assert text(table_statements(made)["AllowWritersOfOtherAccounts"]["Resource"]).endswith(f":table/{name}")
    condition = key_statements(made)["UseByReadersOfOtherAccounts"]["Condition"]["StringEquals"]
    assert condition["kms:EncryptionContext:aws:dynamodb:tableName"] == name


def test_existing_key_is_given_the_statements_too() -> None:
    stack = a_stack()
    made = synthesized(orders(stack, other_accounts=BOTH, encryption=EncryptionSettings(key=Key(stack, "CompanyKey"))))
    assert len(key_statements(made, "CompanyKey")) == 3


def test_imported_key_s_policy_is_not_verifiable() -> None:
    stack = a_stack()
    key = Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd")
    made = synthesized(orders(stack, other_accounts=BOTH, encryption=EncryptionSettings(key=key)))
    unseen = made.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert "that the existing key's policy allows UseByReadersOfOtherAccountsTest" in unseen


def test_evidence_names_them() -> None:
    settings = template().only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert settings["other_accounts"] == (
        f"of organization {ORGANIZATION}; read by {READER}, {WRITER}; written by {WRITER}"
    )


def findings(made: Template, rules: Iterable[str]) -> dict[str, set[Verdict]]:
    stack = RulesTemplate(name="Test", body=made.body, account="111122223333", region="eu-central-1")
    judged = judge(Assembly([stack]))
    return {name: {each.verdict for rule, each in judged if rule.id == f"SecureDdb-{name}"} for name in rules}


RULES = ("ENC6", "ENC7", "ENC8", "ENC9", "ENC10", "ENC13", "IAM8", "IAM11", "IAM12")


def test_rules_find_nothing() -> None:
    assert findings(template(), RULES) == findings(template_without(), RULES)


def template_without() -> Template:
    return synthesized(orders(a_stack(), table_name="orders", global_secondary_indexes=BY_STATUS))


@pytest.mark.parametrize("key", ["kms:ViaService", "aws:PrincipalOrgID"])
def test_rule_finds_a_key_that_is_not_bound(key: str) -> None:
    made = template()
    statement = key_statements(made)["UseByReadersOfOtherAccounts"]
    del statement["Condition"]["StringEquals"][key]
    assert Verdict.NOT_MET in findings(made, ["ENC8"])["ENC8"]


def test_rule_finds_a_key_for_a_whole_account_of_the_organization() -> None:
    made = template()
    key_statements(made)["UseByReadersOfOtherAccounts"]["Principal"] = {"AWS": "arn:aws:iam::444455556666:root"}
    assert Verdict.NOT_MET in findings(made, ["ENC8"])["ENC8"]


def test_perimeter_of_the_organization_has_room_for_them() -> None:
    made = template(perimeter=PerimeterSettings(organization_id=ORGANIZATION, corporate_cidrs=["203.0.113.0/24"]))
    sids = [each["Sid"] for each in made.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"]]
    assert sids[1:3] == ["DenyItemsFromOutsideTheNetwork", "DenyBackupsFromOutsideTheNetwork"]
    assert len(table_statements(made)) == 2


@pytest.mark.parametrize("organization_id", [None, "o-zzzzz99999"])
def test_perimeter_that_would_deny_them_is_refused(organization_id: str | None) -> None:
    perimeter = PerimeterSettings(organization_id=organization_id, corporate_cidrs=["203.0.113.0/24"])
    with pytest.raises(InvalidArgumentError, match=r"^perimeter\.organization_id is .*allowed: o-abcde12345, that of"):
        orders(a_stack(), other_accounts=BOTH, perimeter=perimeter)


def test_restricted_data_stay_in_their_account() -> None:
    with pytest.raises(InvalidArgumentError, match="allowed: None for RESTRICTED: its items stay in the table's acc"):
        orders(a_stack(), classification=DataClassification.RESTRICTED, other_accounts=BOTH)


def test_role_of_the_table_s_account_is_granted_otherwise() -> None:
    own = OtherAccounts(organization_id=ORGANIZATION, writers=["arn:aws:iam::111122223333:role/orders"])
    with pytest.raises(InvalidArgumentError, match=r"^other_accounts\.writers\[0\] is .*use grant_read_data"):
        orders(a_stack(), other_accounts=own)
    # Which account it is, only the deployment knows here.
    assert orders(a_stack(Environment(region="eu-central-1")), other_accounts=own)


def test_policies_have_no_room_for_any_number_of_roles() -> None:
    many = [f"arn:aws:iam::444455556666:role/{'r' * 60}-{number}" for number in range(200)]
    crowd = OtherAccounts(organization_id=ORGANIZATION, readers=many)
    with pytest.raises(InvalidArgumentError, match=r"^other_accounts is .*at most 20480 bytes: fewer roles"):
        orders(a_stack(), other_accounts=crowd)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no role": ({}, "other_accounts is 'without a role'"),
    "organization": ({"organization_id": "example.com", "readers": [READER]}, "other_accounts.organization_id is "),
    "text": ({"readers": READER}, "other_accounts.readers is .*a list of roles' ARNs"),
    "account": ({"readers": ["444455556666"]}, r"other_accounts.readers\[0\] is '444455556666'; allowed: the ARN of"),
    "root": ({"readers": ["arn:aws:iam::444455556666:root"]}, r"other_accounts.readers\[0\] is "),
    "user": ({"writers": ["arn:aws:iam::444455556666:user/some"]}, r"other_accounts.writers\[0\] is "),
    "pattern": ({"readers": ["arn:aws:iam::444455556666:role/*"]}, r"other_accounts.readers\[0\] is "),
    "everybody": ({"readers": ["*"]}, r"other_accounts.readers\[0\] is '\*'"),
    "session": (
        {"readers": ["arn:aws:sts::444455556666:assumed-role/reports/some"]},
        r"other_accounts.readers\[0\] is ",
    ),
    "twice": ({"readers": [READER, READER]}, r"other_accounts.readers\[1\] is .*a role that stands once"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_only_single_roles_of_an_organization_are_let_in(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"^{message}"):
        OtherAccounts(**{"organization_id": ORGANIZATION, **arguments})


def test_other_values_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"other_accounts is .*allowed: OtherAccounts"):
        orders(a_stack(), other_accounts=[READER])
