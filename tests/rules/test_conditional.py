"""What rests on a resource that may not be deployed with the table is never met."""

from __future__ import annotations

import pytest

from secure_ddb.judging.conditional import cases, confirmed
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict, judged
from tests.rules.cases.making import AUDIT_STATEMENTS, EVERYBODY, TOPIC_STATEMENTS, P
from tests.rules.handwritten import RESOURCES, body, changed, judgements, template, verdicts
from tests.rules.handwritten.conditions import CHOSEN, CONDITIONS, only_if
from tests.rules.handwritten.making import KEY_ARN, Body, allow, grants, no_tls

# Logical id of what may be missing, to the rules that can then not tell.
RESTS_ON = {
    "Alias": {"ENC1", "ENC2", "ENC5", "ENC8"},
    "ArchivePolicy": {"AUD23", "AUD24", "ENC11"},
    "Archive": {"AUD22", "AUD23", "AUD25"},
    "ArchiveRole": {"AUD25"},
    "AuditRole": {"AUD9"},
    "BackupJobsFailed": {"BAK12", "MON7", "OPS1"},
    "BackupRole": {"BAK10"},
    "Bucket": {"AUD4", "AUD5", "AUD9", "AUD10", "AUD11"},
    "BucketPolicy": {"AUD8", "AUD12", "ENC11", "IAM8", "IAM12"},
    "Changes": {"ENC12"},
    "Delivery": {"AUD21", "AUD22", "MON14"},
    "ErrorLog": {"MON14"},
    "Errors": {"MON5", "MON7"},
    "Function": {"AUD2", "AUD6", "AUD9", "MON5"},
    "Key": {"ENC1", "ENC2", "ENC5", "ENC7", "ENC8", "AUD5", "AUD7", "BAK7", "MON9", "MON10"},
    "LogGroup": {"AUD5", "AUD6", "AUD7", "AUD8", "AUD21", "AUD30"},
    "Mapping": {"AUD2", "AUD3", "AUD4", "AUD9", "MON6"},
    "NoBackup": {"BAK13", "MON7", "OPS1"},
    "Plan": {"BAK5", "BAK6", "BAK12", "BAK13"},
    "Selection": {"BAK5", "BAK12", "BAK13"},
    "Subscription": {"AUD21"},
    "Throttled": {"MON1", "MON7", "OPS1"},
    "Topic": {"MON7", "MON8", "MON9"},
    "TopicPolicy": {"ENC11", "MON12"},
    "Trail": {"AUD16", "AUD17", "AUD18"},
    "TrailBucket": {"AUD19", "AUD20"},
    "TrailBucketPolicy": {"AUD19", "AUD20", "ENC11"},
    "UserErrors": {"MON3"},
    "Vault": {"BAK7", "BAK8", "BAK9", "BAK11", "BAK13"},
}


def said(content: Body) -> dict[Verdict, set[str]]:
    """Return what the rules say: verdict to the ends of the rules' ids."""
    found: dict[Verdict, set[str]] = {verdict: set() for verdict in Verdict}
    for rule, judgement in judge(Assembly([template(content)])):
        found[judgement.verdict].add(rule.id.removeprefix("SecureDdb-"))
    return found


def all_met(content: Body) -> bool:
    found = said(content)
    # Whose key material it is, no condition decides.
    return bool(found.pop(Verdict.MET)) and found.pop(Verdict.MANUAL) <= {"ENC14"} and not any(found.values())


@pytest.mark.parametrize("missing", RESTS_ON)
def test_what_may_be_missing_beside_the_table_makes_nothing_met(missing: str) -> None:
    found = said(only_if({missing: "Sometimes"}))
    assert RESTS_ON[missing] <= found[Verdict.NOT_VERIFIABLE]
    assert not found[Verdict.NOT_MET]


@pytest.mark.parametrize("missing", RESTS_ON)
def test_what_has_the_table_s_condition_is_there_with_it(missing: str) -> None:
    assert all_met(only_if({missing: "Sometimes", "Table": "Sometimes"}))
    assert RESTS_ON[missing] <= said(only_if({missing: "Other", "Table": "Sometimes"}))[Verdict.NOT_VERIFIABLE]


def test_a_table_that_may_be_missing_with_all_that_is_its_own_lacks_nothing() -> None:
    assert all_met(only_if({"Table": "Sometimes"}))
    assert all_met(only_if(dict.fromkeys(RESOURCES, "Sometimes")))


@pytest.mark.parametrize("missing", ["Key", "Mapping", "Plan", "TopicPolicy", "Trail", "UserErrors"])
def test_what_the_table_s_condition_excludes_is_never_there_with_it(missing: str) -> None:
    content = only_if({"Table": "Sometimes", missing: "Never"})
    assert RESTS_ON[missing] <= said(content)[Verdict.NOT_VERIFIABLE]
    content["Resources"]["Reader"]["Condition"] = "Other"
    assert RESTS_ON[missing] <= said(content)[Verdict.NOT_VERIFIABLE]


def test_a_condition_counts_by_what_it_says() -> None:
    tables = "Sometimes"
    assert all_met(only_if({"Plan": "Here"}))
    assert all_met(only_if({"Table": tables, "Plan": "Either"}))
    assert said(only_if({"Plan": "Nowhere"}))[Verdict.NOT_MET] >= {"BAK5"}
    for condition in ("Both", "Other", "NotDefined"):
        assert "BAK5" in said(only_if({"Table": tables, "Plan": condition}))[Verdict.NOT_VERIFIABLE]


def test_it_is_said_which_condition_and_what_is_the_case_without_it() -> None:
    content = only_if({"Selection": "Sometimes"})
    details = {each.detail for each in judgements(content, "SecureDdb-BAK5")}
    assert details == {"no backup plan of the app selects it, if condition Sometimes does not hold"}
    (vault,) = judgements(content, "SecureDdb-BAK9")
    assert vault.detail == "only if condition Sometimes holds: MinRetentionDays is 35"
    content = only_if({"Selection": "Sometimes", "Plan": "Other", "Trail": "Either", "Topic": "Both"})
    assert {each.detail for each in judgements(content, "SecureDdb-BAK5")} == {
        "no backup plan of the app selects it, if conditions Both, Either, Other and 1 more do not hold"
    }
    # Of a resource that has one, its own is named.
    details = {each.detail for each in judgements(content, "SecureDdb-AUD17")}
    assert details == {"only if condition Either holds: EnableLogFileValidation is true"}


@pytest.mark.parametrize(
    ("name", "kind", "owner", "policy", "named"),
    [
        ("Topic", "SNS::Topic", "sns:Publish", "SNS::TopicPolicy", "Topics"),
        ("Topic", "SNS::Topic", "sns:Publish", "SNS::TopicInlinePolicy", "TopicArn"),
        ("Bucket", "SQS::Queue", "sqs:*", "SQS::QueuePolicy", "Queues"),
        ("Bucket", "SQS::Queue", "sqs:*", "SQS::QueueInlinePolicy", "Queue"),
        ("Bucket", "S3::Bucket", "s3:*", "S3::BucketPolicy", "Bucket"),
    ],
)
def test_a_policy_that_may_be_missing_denies_nothing_and_allows_all_the_same(
    name: str, kind: str, owner: str, policy: str, named: str
) -> None:
    content = body()
    resources = content["Resources"]
    resources[name]["Type"] = f"AWS::{kind}"
    public = {"Effect": "Allow", "Principal": "*", "Action": owner, "Resource": "*"}
    properties: Body = {named: {"Ref": name}, **grants(no_tls(owner, "*"))}
    resources[f"{name}Policy"] = {"Type": f"AWS::{policy}", "Properties": properties}

    def found(rule: str) -> set[Verdict]:
        return {
            each.verdict
            for each in judgements(only_if({}, content), rule)
            if name in (each.key, each.resource and each.resource.logical_id.removesuffix("Policy"))
        }

    assert found("SecureDdb-ENC11") == found("SecureDdb-IAM8") == {Verdict.MET}
    resources[f"{name}Policy"]["Condition"] = "Sometimes"
    assert found("SecureDdb-ENC11") == found("SecureDdb-IAM8") == {Verdict.NOT_VERIFIABLE}
    properties["PolicyDocument"]["Statement"].append(public)
    assert found("SecureDdb-IAM8") == {Verdict.NOT_MET}


@pytest.mark.parametrize(("role", "rule"), [("AuditRole", "SecureDdb-AUD9"), ("BackupRole", "SecureDdb-BAK10")])
@pytest.mark.parametrize("kind", ["Policy", "ManagedPolicy", "RolePolicy"])
def test_a_role_s_policy_that_may_be_missing_grants_nothing(role: str, rule: str, kind: str) -> None:
    statements = [
        *body()["Resources"]["AuditRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"],
        allow(["dynamodb:CreateBackup", "dynamodb:DescribeTable"], {"Fn::GetAtt": "Table.Arn"}),
        allow(["dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"], {"Fn::GetAtt": "Table.Arn"}),
        allow(["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"], {"Fn::Sub": "${Table.Arn}/backup/*"}),
        allow("backup:TagResource", {"Fn::Sub": "arn:aws:backup:${AWS::Region}:${AWS::AccountId}:recovery-point:*"}),
        allow(["kms:CreateGrant", "kms:DescribeKey"], KEY_ARN),
    ]
    holder = {"RoleName": {"Ref": role}} if kind == "RolePolicy" else {"Roles": [{"Ref": role}]}
    content = changed((f"{role}/{P}/ManagedPolicyArns", []), (f"{role}/{P}/Policies", []))
    if role == "AuditRole":
        statements.append(allow(["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "LogGroup.Arn"}))
    policy: Body = {"Type": f"AWS::IAM::{kind}", "Properties": {**holder, **grants(*statements)}}
    content["Resources"]["Grants"] = policy
    assert verdicts(content, rule) == {Verdict.MET}
    content = only_if({"Grants": "Sometimes"}, content)
    # Nobody needs a grant to be trusted.
    assert verdicts(content, rule) == {Verdict.MET, Verdict.NOT_VERIFIABLE}
    assert verdicts(content, "SecureDdb-IAM10") == {Verdict.MET, Verdict.NOT_VERIFIABLE}
    policy["Properties"]["PolicyDocument"]["Statement"].append(allow("s3:*", "*"))
    assert Verdict.NOT_MET in verdicts(content, "SecureDdb-IAM10")


def test_what_is_bad_stays_so_whether_it_is_there_or_not() -> None:
    for change, missing, rule in (
        (("Mapping/Properties/StartingPosition", "LATEST"), "Mapping", "AUD2"),
        (("Vault/Properties/LockConfiguration", None), "Vault", "BAK9"),
        ((f"{TOPIC_STATEMENTS}/1", EVERYBODY), "TopicPolicy", "IAM8"),
        ((f"{AUDIT_STATEMENTS}/2/Action", "kms:*"), "AuditRole", "IAM10"),
    ):
        assert rule in said(only_if({missing: "Sometimes"}, changed(change)))[Verdict.NOT_MET]


def test_only_what_concerns_the_table_without_the_condition_cannot_be_told() -> None:
    content = body()
    table = content["Resources"]["Table"]
    content["Resources"]["Second"] = {**table, "Properties": {**table["Properties"], "TableName": "others"}}
    content = only_if({"Table": "Sometimes", "Mapping": "Sometimes", "Plan": "Sometimes"}, content)
    judged = {
        (rule.id, each.resource.logical_id): each.verdict
        for rule, each in judge(Assembly([template(content)]))
        if each.resource and rule.id in ("SecureDdb-AUD2", "SecureDdb-BAK5")
    }
    assert judged == {
        ("SecureDdb-AUD2", "Table"): Verdict.MET,
        ("SecureDdb-AUD2", "Second"): Verdict.NOT_MET,
        ("SecureDdb-BAK5", "Table"): Verdict.MET,
        ("SecureDdb-BAK5", "Second"): Verdict.NOT_VERIFIABLE,
    }


def test_what_serves_no_table_answers_for_itself_only() -> None:
    for logical_id in ("Endpoint", "Reader", "ReaderPolicy"):
        assert all_met(only_if({logical_id: "Sometimes"}))
    # Without its network ACL, the subnet has that of its VPC.
    assert said(only_if({"AppZone": "Sometimes"}))[Verdict.NOT_VERIFIABLE] == {"NET11"}


def nested(resources: Body, condition: str, beside: Body) -> Assembly:
    """Return a template with a nested stack that has a condition, and with what is beside that."""
    about = {name: value for name, value in only_if({}).items() if name != "Resources"}
    stack = {"Type": "AWS::CloudFormation::Stack", "Condition": condition}
    child = template({**about, "Resources": resources}, name="Orders/Nested")
    return Assembly([template({**about, "Resources": {**beside, "Nested": stack}}, nested={"Nested": child})])


def verdicts_of(assembly: Assembly, rule: str) -> set[Verdict]:
    return {each.verdict for found, each in judge(assembly) if found.id == rule}


@pytest.mark.parametrize("rule", ["SecureDdb-AUD16", "SecureDdb-BAK5"])
def test_a_nested_stack_may_be_missing_with_all_that_is_in_it(rule: str) -> None:
    resources = body()["Resources"]
    table = {"Table": resources.pop("Table")}
    assert verdicts_of(nested(resources, "Here", table), rule) == {Verdict.MET}
    assert verdicts_of(nested(resources, "Sometimes", table), rule) == {Verdict.NOT_VERIFIABLE}
    everything = {**resources, **table}
    assert verdicts_of(nested(everything, "Sometimes", {}), rule) == {Verdict.MET}
    # A condition inside of it is another one than that of the same name around it.
    for logical_id in ("Plan", "Trail"):
        everything[logical_id]["Condition"] = "Sometimes"
    assert verdicts_of(nested(everything, "Sometimes", {}), rule) == {Verdict.NOT_VERIFIABLE}


def test_a_nested_stack_s_condition_may_be_decided_by_what_is_passed() -> None:
    own = {"Fn::Equals": [{"Ref": "Unknown"}, "yes"]}
    also = {"Fn::And": [{"Condition": "Passed"}, {"Condition": "Own"}]}
    about: Body = {
        "Parameters": {name: {"Type": "String"} for name in ("Parameter", "Unknown")},
        "Conditions": {**CONDITIONS, "Passed": CHOSEN, "Own": own, "Also": also},
    }
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"Parameter": "yes"}}}
    beside = {"Type": "AWS::CloudFormation::WaitConditionHandle", "Condition": "Sometimes"}
    for of_table, of_plan in (("Passed", None), ("Own", "Also")):
        resources = body()["Resources"]
        resources["Table"]["Condition"] = of_table
        resources["Plan"]["Condition"] = of_plan
        child = template({**about, "Resources": resources}, name="Orders/Nested")
        around = template({**about, "Resources": {"Nested": stack, "Handle": beside}}, nested={"Nested": child})
        assert {each.verdict for _, each in judge(Assembly([around]))} == {Verdict.MET, Verdict.MANUAL}


def test_a_condition_of_another_stack_is_another_one() -> None:
    content = only_if({"Table": "Sometimes"})
    trail = content["Resources"].pop("Trail")
    trail = {**trail, "Properties": {**trail["Properties"], "S3BucketName": "logs"}, "Condition": "Sometimes"}
    elsewhere = template({"Conditions": CONDITIONS, "Resources": {"Trail": trail}}, name="Trails", stack_name="Trails")
    assembly = Assembly([template(content), elsewhere])
    assert verdicts_of(assembly, "SecureDdb-AUD16") == {Verdict.NOT_VERIFIABLE}


def test_a_judgement_is_compared_with_the_same_one() -> None:
    here, elsewhere = (template(only_if({"Plan": "Sometimes"}), name=name) for name in ("Orders", "Others"))
    (case,) = cases(Assembly([here, elsewhere]))
    table = here.resources["Table"]
    met = judged(table, "Properties.One", answer=True, detail="fine", key="key")
    bad = met._replace(verdict=Verdict.NOT_MET)
    for others in (
        [met, bad._replace(path="Properties.Another")],
        [met, bad._replace(key="another")],
        [met, bad._replace(resource=elsewhere.resources["Table"])],
        [met, bad._replace(resource=here.resources["Key"])],
    ):
        assert list(confirmed([met], others, case)) == [met]
        assert list(confirmed([met], others[::-1], case)) == [met]
    # One rule may say several things of the same place, of several tables: the worst counts.
    for others in ([met, bad], [bad, met]):
        assert [each.verdict for each in confirmed([met], others, case)] == [Verdict.NOT_VERIFIABLE]
