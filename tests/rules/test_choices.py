"""What a rule says of every branch of `Fn::If` and every allowed value is certain; all else stays open."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.judging.choices import Choices
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import KEY, KEY_STATEMENTS, LOG_GROUP, READER_STATEMENTS, TABLE
from tests.rules.handwritten import body, changed, judgements, template, verdicts
from tests.rules.handwritten.conditions import CONDITIONS
from tests.rules.handwritten.making import Body, allow

NOTHING = {"Ref": "AWS::NoValue"}
PROTECTED = f"{TABLE}/DeletionProtectionEnabled"


def either(first: Any, second: Any = NOTHING, condition: str = "Sometimes") -> Body:
    return {"Fn::If": [condition, first, second]}


def with_conditions(*changes: tuple[str, Any]) -> Body:
    return {**changed(*changes), "Conditions": CONDITIONS}


def with_parameters(parameters: Body, *changes: tuple[str, Any]) -> Body:
    content = with_conditions(*changes)
    return {**content, "Parameters": {**content["Parameters"], **parameters}}


def one_of(*values: Any, type: str = "String") -> Body:
    return {"Type": type, "AllowedValues": list(values)}


@pytest.mark.parametrize(
    ("rule", "path", "bad"),
    [
        ("BAK3", PROTECTED, either(False)),
        ("BAK1", f"{TABLE}/PointInTimeRecoverySpecification", either({"PointInTimeRecoveryEnabled": False})),
        ("ENC1", f"{TABLE}/SSESpecification", either({"SSEEnabled": True}, {"SSEEnabled": False})),
        ("ENC1", f"{TABLE}/SSESpecification", either({"SSEEnabled": True, "KMSMasterKeyId": "alias/aws/dynamodb"})),
        ("ENC3", f"{TABLE}/ResourcePolicy", either({"PolicyDocument": {"Statement": []}})),
        ("ENC4", f"{KEY}/PendingWindowInDays", either(7, 8)),
        ("AUD1", f"{TABLE}/StreamSpecification", either({"StreamViewType": "KEYS_ONLY"})),
        ("AUD6", f"{LOG_GROUP}/RetentionInDays", either(1, either(3, 5, "Other"))),
        ("ENC7", f"{KEY_STATEMENTS}/0/Action", either("kms:*", ["kms:Put*", "kms:Decrypt"])),
        ("IAM2", f"{READER_STATEMENTS}/0/Action", either("dynamodb:*", "dynamodb:Get*")),
        ("BAK4", "Table/DeletionPolicy", either("Delete", "Snapshot")),
        ("MON1", "Throttled/Properties/Threshold", either(10**6, 10**7)),
    ],
)
def test_different_branches_that_are_equally_bad_are_not_met(rule: str, path: str, bad: Body) -> None:
    assert Verdict.NOT_MET in verdicts(with_conditions((path, bad)), f"SecureDdb-{rule}")


@pytest.mark.parametrize(
    ("rule", "path", "good"),
    [
        ("BAK3", PROTECTED, either(True, "true")),
        ("ENC4", f"{KEY}/PendingWindowInDays", either(30)),
        ("AUD6", f"{LOG_GROUP}/RetentionInDays", either(400, 731)),
        ("BAK2", f"{TABLE}/PointInTimeRecoverySpecification/RecoveryPeriodInDays", either(35)),
    ],
)
def test_different_branches_that_are_equally_good_are_met(rule: str, path: str, good: Body) -> None:
    assert verdicts(with_conditions((path, good)), f"SecureDdb-{rule}") == {Verdict.MET}


@pytest.mark.parametrize("value", [either(True), either(True, False), either(True, either(True, False, "Other"))])
def test_one_good_branch_and_one_bad_one_are_not_verifiable(value: Body) -> None:
    assert verdicts(with_conditions((PROTECTED, value)), "SecureDdb-BAK3") == {Verdict.NOT_VERIFIABLE}


def test_finding_shows_all_branches() -> None:
    (judgement,) = judgements(with_conditions((f"{KEY}/PendingWindowInDays", either(7, 8))), "SecureDdb-ENC4")
    assert judgement.path == "Properties.PendingWindowInDays"
    assert judgement.detail == "PendingWindowInDays is 7 or PendingWindowInDays is 8"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["false"], Verdict.NOT_MET),
        (["false", False], Verdict.NOT_MET),
        (["true", "false"], Verdict.NOT_VERIFIABLE),
        (["true"], Verdict.MET),
        ([True], Verdict.MET),
        ([], Verdict.NOT_VERIFIABLE),
    ],
)
def test_allowed_values_of_a_parameter_are_all_its_values(values: list[Any], expected: Verdict) -> None:
    content = with_parameters({"Protected": one_of(*values)}, (PROTECTED, {"Ref": "Protected"}))
    assert verdicts(content, "SecureDdb-BAK3") == {expected}


def test_default_of_a_parameter_is_not_its_only_value() -> None:
    content = with_parameters({"Protected": {"Type": "String", "Default": "true"}}, (PROTECTED, {"Ref": "Protected"}))
    assert verdicts(content, "SecureDdb-BAK3") == {Verdict.NOT_VERIFIABLE}


def test_allowed_names_of_a_value_are_not_the_value() -> None:
    kept = one_of("false", type="AWS::SSM::Parameter::Value<String>")
    content = with_parameters({"Protected": kept}, (PROTECTED, {"Ref": "Protected"}))
    assert verdicts(content, "SecureDdb-BAK3") == {Verdict.NOT_VERIFIABLE}


@pytest.mark.parametrize(
    "days",
    [{"Ref": "Days"}, {"Fn::Sub": "${Days}"}, {"Fn::Join": ["", [{"Ref": "Days"}]]}, {"Fn::Sub": ["${Days}", {}]}],
)
@pytest.mark.parametrize(("values", "verdict"), [([7, 14], Verdict.NOT_MET), ([400, 3653], Verdict.MET)])
def test_allowed_values_are_followed_into_functions(days: Body, values: list[int], verdict: Verdict) -> None:
    content = with_parameters({"Days": one_of(*values, type="Number")}, (f"{LOG_GROUP}/RetentionInDays", days))
    assert verdicts(content, "SecureDdb-AUD6") == {verdict}


@pytest.mark.parametrize(("days", "verdict"), [((7, 14), Verdict.NOT_MET), ((7, 400), Verdict.NOT_VERIFIABLE)])
def test_allowed_values_are_followed_into_mappings_and_conditions(days: tuple[int, int], verdict: Verdict) -> None:
    stage = {"Stage": one_of("dev", "prod")}
    path = f"{LOG_GROUP}/RetentionInDays"
    content = with_parameters(stage, (path, {"Fn::FindInMap": ["Kept", {"Ref": "Stage"}, "Days"]}))
    content["Mappings"] = {"Kept": {"dev": {"Days": days[0]}, "prod": {"Days": days[1]}}}
    assert verdicts(content, "SecureDdb-AUD6") == {verdict}
    content = with_parameters(stage, (path, either(days[1], days[0], "IsProd")))
    content["Conditions"] = {**CONDITIONS, "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    assert verdicts(content, "SecureDdb-AUD6") == {verdict}


def test_one_choice_decides_in_all_places_at_once() -> None:
    logged = {**body()["Resources"]["LogGroup"]["Properties"], "RetentionInDays": either(400, 731)}
    content = with_conditions(
        ("LogGroup/Properties", logged),
        ("Selection/Condition", "Sometimes"),
        ("Again", {**body()["Resources"]["Selection"], "Condition": "Never"}),
        (f"{KEY}/PendingWindowInDays", either(30)),
    )
    # One of two selections that exclude each other is always there.
    assert verdicts(content, "SecureDdb-BAK5") == {Verdict.MET}


def test_branch_around_the_stream_says_nothing_about_policies() -> None:
    stream = either({"StreamViewType": "NEW_AND_OLD_IMAGES"}, {"StreamViewType": "NEW_IMAGE"}, "Other")
    plain = changed((f"{TABLE}/StreamSpecification/ResourcePolicy", None))
    open_ = with_conditions((f"{TABLE}/StreamSpecification", either(stream)))
    for rule in ("SecureDdb-IAM1", "SecureDdb-IAM8", "SecureDdb-IAM11", "SecureDdb-IAM12"):
        assert [each[1:4] for each in judgements(open_, rule)] == [each[1:4] for each in judgements(plain, rule)]
    assert verdicts(open_, "SecureDdb-AUD1") == {Verdict.NOT_VERIFIABLE}


def test_policy_in_one_branch_is_judged() -> None:
    public = {"PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}}
    stream = f"{TABLE}/StreamSpecification/ResourcePolicy"
    for rule in ("SecureDdb-IAM8", "SecureDdb-IAM11"):
        assert Verdict.NOT_VERIFIABLE in verdicts(with_conditions((stream, either(public))), rule)
        assert Verdict.NOT_MET in verdicts(with_conditions((stream, either(public, public, "Other"))), rule)


def test_branches_that_allow_different_tables_too_widely_are_not_met() -> None:
    wide = either(allow("dynamodb:GetItem", "*"), allow("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/*"))
    content = with_conditions((f"{READER_STATEMENTS}/0", wide))
    assert Verdict.NOT_MET in verdicts(content, "SecureDdb-IAM3")


def test_conditions_that_differ_are_not_taken_for_one() -> None:
    value = either(either(True, False, "Other"), either(False, True, "Other"))
    assert verdicts(with_conditions((PROTECTED, value)), "SecureDdb-BAK3") == {Verdict.NOT_VERIFIABLE}
    # Never is the opposite of Sometimes.
    value = either(either(True, False, "Never"), False)
    assert verdicts(with_conditions((PROTECTED, value)), "SecureDdb-BAK3") == {Verdict.NOT_MET}


def test_parameter_of_a_nested_stack_has_the_allowed_values_of_what_is_passed() -> None:
    def said(passed: Body, around: Body) -> set[Verdict]:
        child = with_parameters({"Protected": one_of("true")}, (PROTECTED, {"Ref": "Protected"}))
        nested = template(child, name="Orders/Nested")
        stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": passed}}
        parent = template({"Parameters": around, "Resources": {"Nested": stack}}, nested={"Nested": nested})
        return {each.verdict for rule, each in judge(Assembly([parent])) if rule.id == "SecureDdb-BAK3"}

    assert said({}, {}) == {Verdict.MET}
    assert said({"Protected": "false"}, {}) == {Verdict.NOT_MET}
    assert said({"Protected": {"Ref": "Given"}}, {"Given": one_of("false", "no")}) == {Verdict.NOT_MET}
    assert said({"Protected": {"Ref": "Given"}}, {"Given": {"Type": "String"}}) == {Verdict.NOT_VERIFIABLE}


def test_number_of_outcomes_is_bounded() -> None:
    conditions = {f"C{number}": {"Fn::Equals": [{"Ref": "Parameter"}, str(number)]} for number in range(200)}
    content: Body = {**changed(), "Conditions": conditions}
    days: Any = 7
    for name in conditions:
        days = {"Fn::If": [name, 7, days]}
    content["Resources"]["LogGroup"]["Properties"]["RetentionInDays"] = days
    content["Resources"]["Key"]["Properties"]["PendingWindowInDays"] = {"Fn::If": ["C0", 7, 8]}
    assert sum(map(len, Choices(Assembly([template(content)])).outcomes)) <= 32
    # Choices that stand alone are tried one by one.
    assert verdicts(content, "SecureDdb-ENC4") == {Verdict.NOT_MET}


def test_templates_without_choices_are_judged_once() -> None:
    assert list(Choices(Assembly([template(body())])).outcomes) == []
    unused = with_parameters({"Stage": one_of("dev", "prod")}, ("Plan/Condition", "Sometimes"))
    assert list(Choices(Assembly([template(unused)])).outcomes) == []


@pytest.mark.parametrize(
    ("rule", "path", "value"),
    [
        # A value that is open counts as there, and as an allowed one.
        ("OPS1", f"{TABLE}/Tags/0/Value", either("payments@example.com", "")),
        ("MON3", "UserErrors/Properties/EvaluationPeriods", either(1, 1000)),
        # An open name counts as another one.
        ("MON2", "SystemErrors/Properties/MetricName", either("SystemErrors", "UserErrors")),
        ("AUD16", "Trail/Properties/IsLogging", either(True, False)),
    ],
)
def test_one_good_branch_and_one_bad_one_are_neither_met_nor_not(rule: str, path: str, value: Body) -> None:
    found = verdicts(with_conditions((path, value)), f"SecureDdb-{rule}")
    assert Verdict.NOT_VERIFIABLE in found
    assert Verdict.NOT_MET not in found


def test_good_branches_that_a_rule_takes_for_others_are_met() -> None:
    value = either("Sum", "SampleCount")
    content = with_conditions(("SystemErrors/Properties/Statistic", value))
    assert verdicts(content, "SecureDdb-MON2") == {Verdict.MET}


@pytest.mark.parametrize(
    "first", [allow("dynamodb:GetItem", "*"), allow("dynamodb:GetItem", {"Fn::GetAtt": "Table.Arn"})]
)
def test_bad_statement_stays_bad_where_another_one_may_be_missing(first: Body) -> None:
    fine = allow("dynamodb:PutItem", {"Fn::GetAtt": "Table.Arn"})
    content = with_conditions((READER_STATEMENTS, [either(first), fine, allow("dynamodb:Query", "*"), fine]))
    said = judgements(content, "SecureDdb-IAM3")
    (bad,) = (each for each in said if each.path.endswith("Statement.2"))
    assert bad.verdict is Verdict.NOT_MET


def test_statement_that_is_about_no_table_in_any_branch_has_no_finding() -> None:
    content = with_conditions((f"{READER_STATEMENTS}/0", either(allow("s3:GetObject", "*"), allow("sqs:*", "*"))))
    place = "Properties.PolicyDocument.Statement.0"
    assert [each for each in judgements(content, "SecureDdb-IAM3") if each.path == place] == []
    action = with_parameters({"Action": one_of("s3:GetObject", "s3:PutObject")})
    action["Resources"]["ReaderPolicy"]["Properties"]["PolicyDocument"]["Statement"][0] = {
        **allow("*", "*"),
        "Action": {"Ref": "Action"},
    }
    assert [each for each in judgements(action, "SecureDdb-IAM3") if each.path == place] == []


def two_roles(first: list[Body], second: list[Body]) -> Body:
    """Return a template in which a condition chooses the role of AWS Backup."""
    roles = either({"Fn::GetAtt": "A.Arn"}, {"Fn::GetAtt": "B.Arn"})
    content = with_conditions(("Selection/Properties/BackupSelection/IamRoleArn", roles))
    role = content["Resources"].pop("BackupRole")
    for name, policies in (("A", first), ("B", second)):
        content["Resources"][name] = {**role, "Properties": {**role["Properties"], "ManagedPolicyArns": policies}}
    return content


def said_of_roles(content: Body) -> dict[str, set[Verdict]]:
    found: dict[str, set[Verdict]] = {"A": set(), "B": set()}
    for each in judgements(content, "SecureDdb-BAK10"):
        if each.resource and each.resource.logical_id in found and each.path == "Properties":
            found[each.resource.logical_id].add(each.verdict)
    return found


def test_resources_of_which_a_choice_takes_one_are_not_met_if_none_is() -> None:
    assert said_of_roles(two_roles([], [])) == {"A": {Verdict.NOT_MET}, "B": {Verdict.NOT_MET}}


def test_resource_that_only_one_branch_takes_is_not_verifiable_if_the_other_is_good() -> None:
    managed = body()["Resources"]["BackupRole"]["Properties"]["ManagedPolicyArns"]
    assert said_of_roles(two_roles(managed, [])) == {"A": {Verdict.MET}, "B": {Verdict.NOT_VERIFIABLE}}
    assert said_of_roles(two_roles(managed, managed)) == {"A": {Verdict.MET}, "B": {Verdict.MET}}


def test_a_choice_after_another_one_leaves_what_was_found() -> None:
    content = two_roles([], [])
    # More combinations than are tried together, so that choices are tried one by one.
    values = [str(number) for number in range(1, 11)]
    content["Parameters"] |= {name: one_of(*values, type="Number") for name in ("Days", "Weeks")}
    content["Resources"]["LogGroup"]["Properties"]["RetentionInDays"] = {"Ref": "Days"}
    content["Resources"]["Key"]["Properties"]["PendingWindowInDays"] = {"Ref": "Weeks"}
    assert said_of_roles(content) == {"A": {Verdict.NOT_MET}, "B": {Verdict.NOT_MET}}
