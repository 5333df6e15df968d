"""BAK12 with EventBridge rules, and who else shares a vault."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import body, judgements, template, verdicts
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, REGION, TAGS

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

RULE = "SecureDdb-BAK12"
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
STATES = ["FAILED", "ABORTED", "EXPIRED"]
PATTERN: Body = {
    "source": ["aws.backup"],
    "detail-type": ["Backup Job State Change"],
    "detail": {"resourceArn": [{"Fn::GetAtt": "Table.Arn"}], "state": STATES},
}


def with_rule(pattern: Any = PATTERN, **more: Any) -> Body:
    """Return the template with an EventBridge rule in place of the alarms on failed jobs."""
    content = body()
    for name in [name for name in content["Resources"] if name.startswith("BackupJobs")]:
        del content["Resources"][name]
    properties = {"Targets": [{"Id": "topic", "Arn": {"Ref": "Topic"}}], "Tags": TAGS, **more}
    content["Resources"]["Rule"] = {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventPattern": deepcopy(pattern), **properties},
    }
    return content


def of(**detail: Any) -> Body:
    return {**PATTERN, "detail": {**PATTERN["detail"], **detail}}


def without(name: str) -> Body:
    return {**PATTERN, "detail": {key: value for key, value in PATTERN["detail"].items() if key != name}}


@pytest.mark.parametrize(
    "pattern",
    [
        PATTERN,
        {"source": ["aws.backup"]},
        without("state"),
        without("resourceArn"),
        of(resourceArn=[ARN, "arn:aws:s3:::another"]),
        of(resourceArn=[{"prefix": "arn:aws:dynamodb:"}]),
        of(state=[{"anything-but": ["COMPLETED", "RUNNING"]}]),
        of(backupVaultName=[{"Ref": "Vault"}], resourceType=["DynamoDB"]),
        {"account": [{"Ref": "AWS::AccountId"}], "region": [REGION], **PATTERN},
    ],
)
def test_a_rule_whose_pattern_takes_every_failed_job_reports_them(pattern: Body) -> None:
    assert verdicts(with_rule(pattern), RULE) == {Verdict.MET}


@pytest.mark.parametrize(
    "pattern",
    [
        *(of(state=[each for each in STATES if each != missing]) for missing in STATES),
        of(state=["COMPLETED"]),
        of(state=[{"prefix": "FAIL"}]),
        of(resourceArn=[f"{ARN}s"]),
        of(resourceArn=[{"anything-but": ARN}]),
        of(resourceType=["EFS"]),
        of(backupVaultName=["company"]),
        {**PATTERN, "detail-type": ["Copy Job State Change"]},
        {**PATTERN, "source": ["aws.dynamodb"]},
    ],
)
def test_a_rule_whose_pattern_leaves_out_failed_jobs_does_not(pattern: Body) -> None:
    assert verdicts(with_rule(pattern), RULE) == {Verdict.NOT_MET}


@pytest.mark.parametrize(
    "pattern",
    [
        PARAMETER,
        of(resourceArn=[PARAMETER]),
        of(resourceArn=PARAMETER),
        of(state=[PARAMETER]),
        of(resourceArn=[{"wildcard": "arn:aws:dynamodb:*:table/orders"}]),
        of(iamRoleArn=[{"prefix": "arn:"}]),
    ],
)
def test_whether_a_pattern_takes_failed_jobs_may_be_unknown(pattern: Body) -> None:
    assert verdicts(with_rule(pattern), RULE) == {Verdict.NOT_VERIFIABLE}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"State": "ENABLED"}, Verdict.MET),
        ({"State": "DISABLED"}, Verdict.NOT_MET),
        ({"State": PARAMETER}, Verdict.NOT_VERIFIABLE),
        ({"EventBusName": "default"}, Verdict.MET),
        ({"EventBusName": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"}, Verdict.MET),
        # Services of AWS send their events to the default bus only.
        ({"EventBusName": "company"}, Verdict.NOT_MET),
        ({"EventBusName": PARAMETER}, Verdict.NOT_VERIFIABLE),
        ({"Targets": []}, Verdict.NOT_MET),
        ({"Targets": [{"Id": "f", "Arn": {"Fn::GetAtt": "Function.Arn"}}]}, Verdict.MET),
        ({"Targets": [{"Id": "f", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:elsewhere"}]}, Verdict.NOT_VERIFIABLE),
        ({"Targets": [{"Id": "f", "Arn": PARAMETER}]}, Verdict.NOT_VERIFIABLE),
    ],
)
def test_a_rule_has_to_be_on_and_to_reach_a_target(more: Body, expected: Verdict) -> None:
    assert verdicts(with_rule(**more), RULE) == {expected}


def test_what_is_missing_is_named() -> None:
    (found,) = judgements(with_rule(of(state=["FAILED"])), RULE)
    assert found.detail == "backup jobs that end in the state ABORTED, EXPIRED are not reported"


def test_two_rules_together_take_all_states() -> None:
    content = with_rule(of(state=["FAILED"]))
    rest = deepcopy(content["Resources"]["Rule"])
    rest["Properties"]["EventPattern"]["detail"]["state"] = ["ABORTED", "EXPIRED"]
    content["Resources"]["Rest"] = rest
    assert verdicts(content, RULE) == {Verdict.MET}


@pytest.mark.parametrize(
    ("region", "expected"), [(REGION, Verdict.MET), ("eu-west-1", Verdict.NOT_MET)], ids=["here", "elsewhere"]
)
def test_a_rule_in_another_stack_has_to_be_in_the_region_of_the_jobs(region: str, expected: Verdict) -> None:
    content = with_rule(of(resourceArn=[ARN]), Targets=[{"Id": "q", "Arn": {"Fn::GetAtt": "Queue.Arn"}}])
    resources = {"Rule": content["Resources"].pop("Rule"), "Queue": {"Type": "AWS::SQS::Queue"}}
    others = template({"Resources": resources}, name="Rules", stack_name="Rules", region=region)
    judged = judge(Assembly([template(content), others]))
    assert {each.verdict for rule, each in judged if rule.id == RULE} == {expected}


def test_an_account_that_is_not_known_may_be_the_one_in_a_pattern() -> None:
    content = with_rule(of(resourceArn=[ARN]))
    assert {each.verdict for each in judgements(content, RULE, account="")} == {Verdict.NOT_VERIFIABLE}


def test_a_vault_that_notifies_by_itself_may_report_failed_jobs() -> None:
    content = with_rule(of(state=["FAILED"]))
    content["Resources"]["Vault"]["Properties"]["Notifications"] = {
        "BackupVaultEvents": ["BACKUP_JOB_COMPLETED"],
        "SNSTopicArn": {"Ref": "Topic"},
    }
    assert verdicts(content, RULE) == {Verdict.NOT_VERIFIABLE}


def test_the_rule_counts_among_what_serves_the_table() -> None:
    content = with_rule(Tags=TAGS[1:])
    tags = [each for each in judgements(content, "SecureDdb-OPS1") if each.verdict is Verdict.NOT_MET]
    assert [each.resource and each.resource.logical_id for each in tags] == ["Rule"]
    # One for another table does not.
    others = with_rule(of(resourceArn=[f"{ARN}s"]), Tags=TAGS[1:])
    assert Verdict.NOT_MET not in verdicts(others, "SecureDdb-OPS1")


@pytest.mark.parametrize("rule", [RULE, "SecureDdb-BAK13"])
def test_a_table_without_a_plan_has_no_jobs(rule: str) -> None:
    content = body()
    del content["Resources"]["Selection"]
    assert verdicts(content, rule) == set()


@pytest.mark.parametrize("rule", [RULE, "SecureDdb-BAK13"])
def test_a_plan_that_may_not_select_the_table_has_perhaps_no_jobs_to_report(rule: str) -> None:
    content = body()
    for name in [name for name in content["Resources"] if name.startswith(("BackupJobs", "NoBackup"))]:
        del content["Resources"][name]
    assert verdicts(content, rule) == {Verdict.NOT_MET}
    selection = content["Resources"]["Selection"]["Properties"]["BackupSelection"]
    selection["ListOfTags"][0]["ConditionValue"] = PARAMETER
    assert verdicts(content, rule) == {Verdict.NOT_VERIFIABLE}


def test_completed_jobs_of_a_shared_vault_say_nothing_of_one_table() -> None:
    content = body()
    other = deepcopy(content["Resources"]["Table"])
    other["Properties"]["TableName"] = "others"
    content["Resources"]["Other"] = other
    assert verdicts(content, "SecureDdb-BAK13") == {Verdict.NOT_VERIFIABLE}
    assert verdicts(content, RULE) == {Verdict.MET}
