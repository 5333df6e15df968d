"""BAK10 misses each permission that AWS Backup needs, and knows AWS's own policy."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import KEY_STATEMENTS, P
from tests.rules.handwritten import body, changed, judgements, verdicts
from tests.rules.handwritten.making import KEY_ARN, ROOT, allow, grants

BACKUPS = {"Fn::Sub": "${Table.Arn}/backup/*"}
POINTS = {"Fn::Sub": "arn:aws:backup:${AWS::Region}:${AWS::AccountId}:recovery-point:*"}
THROUGH = {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}
FOR_RESOURCES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
STATEMENTS = (
    allow(
        [
            "dynamodb:CreateBackup",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:StartAwsBackupJob",
        ],
        {"Fn::GetAtt": "Table.Arn"},
    ),
    allow(["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"], BACKUPS),
    allow("backup:TagResource", POINTS),
    allow("kms:DescribeKey", KEY_ARN),
    allow(["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN, **THROUGH),
    allow("kms:CreateGrant", KEY_ARN, **FOR_RESOURCES),
)
EACH_ACTION = [
    (position, action)
    for position, statement in enumerate(STATEMENTS)
    for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
]


def without(position: int, action: str) -> list[dict[str, Any]]:
    """Return the statements without one action."""
    return [
        {**each, "Action": [one for one in each["Action"] if one != action]}
        if number == position and isinstance(each["Action"], list)
        else each
        for number, each in enumerate(STATEMENTS)
        if number != position or isinstance(each["Action"], list)
    ]


def found(*statements: dict[str, Any]) -> set[Verdict]:
    """Return the verdicts on a role with these permissions and none of AWS's; the key's policy leaves all to IAM."""
    own = [(f"BackupRole/{P}/ManagedPolicyArns", None), (f"BackupRole/{P}/Policies", [grants(*statements)])]
    by_iam = (KEY_STATEMENTS, [{**allow("kms:*", "*"), "Principal": ROOT}])
    return verdicts(changed(*own, by_iam), "SecureDdb-BAK10")


def test_a_role_with_all_permissions_can_back_up_the_table() -> None:
    assert found(*STATEMENTS) == {Verdict.MET}


@pytest.mark.parametrize(("position", "action"), EACH_ACTION)
def test_each_permission_is_needed(position: int, action: str) -> None:
    assert Verdict.NOT_MET in found(*without(position, action))


def test_the_key_is_described_without_a_service_in_between() -> None:
    limited = [*STATEMENTS[:3], allow("kms:DescribeKey", KEY_ARN, **THROUGH), *STATEMENTS[4:]]
    assert Verdict.NOT_MET in found(*limited)


def test_tags_are_copied_to_recovery_points_of_any_id() -> None:
    some = {"Fn::Sub": "arn:aws:backup:${AWS::Region}:${AWS::AccountId}:recovery-point:orders-*"}
    assert Verdict.NOT_MET in found(*STATEMENTS[:2], allow("backup:TagResource", some), *STATEMENTS[3:])


def test_backups_of_another_table_are_not_those_of_this_one() -> None:
    another = "arn:aws:dynamodb:eu-central-1:111122223333:table/payments/backup/*"
    actions = ["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"]
    assert Verdict.NOT_MET in found(STATEMENTS[0], allow(actions, another), *STATEMENTS[2:])


def test_the_keys_policy_also_has_to_allow_awss_own_policy() -> None:
    assert verdicts(changed(), "SecureDdb-BAK10") == {Verdict.MET}
    closed = changed((KEY_STATEMENTS, allow("kms:DescribeKey", "*") | {"Principal": {"AWS": "*"}}))
    assert Verdict.NOT_MET in verdicts(closed, "SecureDdb-BAK10")


def test_the_finding_names_the_table() -> None:
    details = [each.detail for each in judgements(body(), "SecureDdb-BAK10")]
    assert any("Table" in detail for detail in details)


DENIED = ["dynamodb:StartAwsBackupJob", "dynamodb:DeleteBackup", "backup:TagResource", "kms:Decrypt", "kms:DescribeKey"]
BOUNDARY = (f"BackupRole/{P}/PermissionsBoundary", {"Ref": "Boundary"})
TABLE_POLICY = "Table/Properties/ResourcePolicy/PolicyDocument/Statement"


def refusing(action: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


def test_the_backup_role_has_a_policy_of_aws() -> None:
    assert "AWSBackupServiceRolePolicyForBackup" in str(body()["Resources"]["BackupRole"][P]["ManagedPolicyArns"])


@pytest.mark.parametrize("action", DENIED)
def test_denial_of_the_role_stands_against_awss_own_policy(action: str) -> None:
    content = changed((f"BackupRole/{P}/Policies", [grants(refusing(action))]))
    assert Verdict.NOT_MET in verdicts(content, "SecureDdb-BAK10")


def test_denial_that_only_the_deployment_knows_is_not_verifiable() -> None:
    content = changed((f"BackupRole/{P}/Policies", [grants(refusing({"Ref": "Parameter"}))]))
    assert Verdict.NOT_VERIFIABLE in verdicts(content, "SecureDdb-BAK10")


@pytest.mark.parametrize(("actions", "verdict"), [("s3:*", Verdict.NOT_MET), ("*", Verdict.MET)])
def test_boundary_of_the_role_has_to_allow_what_awss_own_policy_does(actions: str, verdict: Verdict) -> None:
    boundary = {"Type": "AWS::IAM::ManagedPolicy", P: grants(allow(actions, "*"))}
    assert verdict in verdicts(changed(("Boundary", boundary), BOUNDARY), "SecureDdb-BAK10")


def test_boundary_that_cannot_be_seen_is_not_verifiable() -> None:
    elsewhere = (f"BackupRole/{P}/PermissionsBoundary", "arn:aws:iam::111122223333:policy/boundary")
    assert Verdict.NOT_VERIFIABLE in verdicts(changed(elsewhere), "SecureDdb-BAK10")


@pytest.mark.parametrize("action", ["dynamodb:CreateBackup", "dynamodb:StartAwsBackupJob"])
@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({}, Verdict.NOT_MET),
        ({"Bool": {"aws:SecureTransport": "false"}}, Verdict.MET),
        ({"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}, Verdict.NOT_VERIFIABLE),
    ],
)
def test_denial_of_the_table_s_policy_counts(action: str, condition: dict[str, Any], verdict: Verdict) -> None:
    more = {"Principal": "*", **({"Condition": condition} if condition else {})}
    assert verdict in verdicts(changed((TABLE_POLICY, [refusing(action, **more)])), "SecureDdb-BAK10")


def test_denial_of_the_role_stands_against_a_key_policy_that_names_it() -> None:
    named = {**allow("kms:*", "*"), "Principal": {"AWS": {"Fn::GetAtt": "BackupRole.Arn"}}}
    denial = (f"BackupRole/{P}/Policies", [grants(refusing("kms:Decrypt"))])
    assert verdicts(changed((KEY_STATEMENTS, [named])), "SecureDdb-BAK10") == {Verdict.MET}
    assert Verdict.NOT_MET in verdicts(changed((KEY_STATEMENTS, [named]), denial), "SecureDdb-BAK10")
