"""Who else runs the audit function, writes to its log, or gets it: what rules leave alone, and what they say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.audit import account_subscription
from tests.rules.cases.making import LOG_POLICY, ON_LOG, PERMISSION, P
from tests.rules.handwritten import body, changed, judgements, verdicts
from tests.rules.handwritten.making import ACCOUNT

if TYPE_CHECKING:
    from tests.rules.cases.making import Change
    from tests.rules.handwritten.making import Body

PUBLIC, ACTIONS, SERVICES, URL, SUBSCRIBERS = (
    f"SecureDdb-{name}" for name in ("IAM8", "IAM11", "AUD26", "AUD27", "AUD28")
)
RULES = (PUBLIC, ACTIONS, SERVICES, URL, SUBSCRIBERS)
FOR_EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "kinesis:*", "Resource": "*"}
OTHER_FUNCTION: Body = {
    "Type": "AWS::Lambda::Permission",
    P: {"FunctionName": "front", "Principal": "*", "Action": "lambda:*", "FunctionUrlAuthType": "NONE"},
}
NO_SOURCE = f"{PERMISSION}/SourceArn", None


def log_policy(**changed: Any) -> Change:
    """Return a policy that lets every service write a log for every account."""
    return LOG_POLICY, json.dumps({"Statement": [{**ON_LOG, **changed}]})


FINE: dict[str, list[Change]] = {
    "account": [NO_SOURCE, (f"{PERMISSION}/SourceAccount", {"Ref": "AWS::AccountId"})],
    "bucket and account": [
        (f"{PERMISSION}/SourceArn", {"Fn::GetAtt": "Bucket.Arn"}),
        (f"{PERMISSION}/SourceAccount", ACCOUNT),
    ],
    "resource of the stack whose ARN only CloudFormation knows": [
        ("EachNight", {"Type": "AWS::Events::Rule", P: {"ScheduleExpression": "rate(1 day)"}}),
        (f"{PERMISSION}/SourceArn", {"Fn::GetAtt": ["EachNight", "Arn"]}),
    ],
    "organization": [
        NO_SOURCE,
        (f"{PERMISSION}/Principal", "*"),
        (f"{PERMISSION}/PrincipalOrgID", "o-a1b2c3d4e5"),
    ],
    "organization's services of the account": [
        NO_SOURCE,
        (f"{PERMISSION}/PrincipalOrgID", "o-a1b2c3d4e5"),
        (f"{PERMISSION}/SourceAccount", ACCOUNT),
    ],
    "role of the account": [NO_SOURCE, (f"{PERMISSION}/Principal", {"Fn::GetAtt": "Reader.Arn"})],
    "the account itself": [NO_SOURCE, (f"{PERMISSION}/Principal", {"Ref": "AWS::AccountId"})],
    "another function": [("Front", OTHER_FUNCTION)],
    **{
        f"another function, {name}": [NO_SOURCE, (f"{PERMISSION}/FunctionName", {"Fn::Sub": name})]
        for name in (
            "444455556666:function:other",
            "front-${Parameter}",
            "audit${Parameter}x:live",
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:${{Parameter}}",
        )
    },
    "bound to the account, for whatever function": [(f"{PERMISSION}/FunctionName", {"Ref": "Parameter"})],
    "URL with AWS IAM of whatever function": [(f"Url/{P}/TargetFunctionArn", {"Ref": "Parameter"})],
    "URL of another function": [
        ("Front", {"Type": "AWS::Lambda::Url", P: {"AuthType": "NONE", "TargetFunctionArn": "front"}})
    ],
    "log of another service": [log_policy(Resource="arn:aws:logs:*:*:log-group:/aws/route53/*")],
    "logs whose names begin otherwise": [
        log_policy(Resource=[f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/aws/lambda/audited:*"])
    ],
    "all logs but those of functions": [
        log_policy(Resource=None, NotResource="arn:aws:logs:*:*:log-group:/aws/lambda/*")
    ],
    "log policy of another Region": [log_policy(Resource="arn:aws:logs:us-east-1:*:log-group:/aws/route53/*:*")],
    "log of the same name in another Region": [
        log_policy(Resource="arn:aws:logs:us-east-1:*:log-group:/aws/lambda/*:*")
    ],
    "log of the same name in another account": [
        log_policy(Resource="arn:aws:logs:eu-central-1:444455556666:log-group:/aws/lambda/audit:*")
    ],
    "what is denied": [log_policy(Effect="Deny", Principal="*")],
    "another Kinesis stream": [
        ("Clicks", {"Type": "AWS::Kinesis::Stream"}),
        (f"ChangesPolicy/{P}", {"ResourceArn": {"Fn::GetAtt": "Clicks.Arn"}, "ResourcePolicy": FOR_EVERYBODY}),
    ],
    "function that reads the log": [(f"Subscription/{P}/DestinationArn", {"Fn::GetAtt": "Function.Arn"})],
    "destination of the account": [
        (f"Subscription/{P}/DestinationArn", f"arn:aws:logs:eu-central-1:{ACCOUNT}:destination:all")
    ],
    "destination of the account, for all its logs": [
        account_subscription({"Fn::Sub": '{"DestinationArn": "${Delivery.Arn}", "FilterPattern": ""}'})
    ],
    "account's policy of another sort": [
        ("OfAccount", {"Type": "AWS::Logs::AccountPolicy", P: {"PolicyType": "DATA_PROTECTION_POLICY"}})
    ],
    "destination of the stack": [
        ("Destination", {"Type": "AWS::Logs::Destination", P: {}}),
        (f"Subscription/{P}/DestinationArn", {"Fn::GetAtt": "Destination.Arn"}),
    ],
}


def wrong(content: Body, **about: Any) -> list[tuple[str, str]]:
    found = [(each, said) for each in RULES for said in judgements(content, each, **about)]
    return [(each, said.detail) for each, said in found if said.verdict is not Verdict.MET]


@pytest.mark.parametrize("name", FINE)
def test_nobody_else_reaches_it(name: str) -> None:
    assert wrong(changed(*FINE[name])) == []


def test_a_bucket_of_any_account_is_a_finding_where_ours_is_known_only_at_deployment() -> None:
    content = changed((f"{PERMISSION}/SourceArn", "arn:aws:s3:::uploads"))
    assert wrong(content, account="", region="") == [(SERVICES, "ByItsOwnAlarm lets services act for any account")]


def test_nor_where_account_and_region_are_known_only_at_deployment() -> None:
    assert wrong(body(), account="", region="") == []
    assert wrong(changed(*FINE["the account itself"]), account="", region="") == []
    route53 = changed(log_policy(Resource="arn:aws:logs:*:*:log-group:/aws/route53/*"))
    assert wrong(route53, account="", region="") == []


def test_without_permissions_urls_and_subscriptions_there_is_nothing_to_judge() -> None:
    content = body()
    for name in ("ByItsOwnAlarm", "LogPolicy", "Url", "Subscription"):
        del content["Resources"][name]
    assert [judgements(content, rule) for rule in (SERVICES, URL, SUBSCRIBERS)] == [[], [], []]


def test_a_finding_is_named_after_the_permission() -> None:
    (said,) = (each for each in judgements(changed(NO_SOURCE), SERVICES) if each.verdict is not Verdict.MET)
    assert (said.key, said.path) == ("ByItsOwnAlarm", "Properties")
    assert said.detail == "ByItsOwnAlarm lets services act for any account"
    assert [table.name for table in said.tables] == ["orders"]


def test_a_resource_of_another_stack_may_be_of_another_account() -> None:
    content = changed((f"{PERMISSION}/SourceArn", "${Elsewhere.EachNight.Arn}"))
    assert verdicts(content, SERVICES) == {Verdict.MET, Verdict.NOT_VERIFIABLE}


def test_a_permission_for_everybody_may_be_for_another_function() -> None:
    for name in ({"Ref": "Parameter"}, {"Fn::GetAtt": ["Live", "AliasArn"]}):
        content = changed(
            ("Live", {"Type": "AWS::Lambda::Alias", P: {"FunctionName": {"Ref": "Parameter"}}}),
            ("Front", {**OTHER_FUNCTION, P: {**OTHER_FUNCTION[P], "FunctionName": name}}),
        )
        found = {rule: verdicts(content, rule) - {Verdict.MET} for rule in (PUBLIC, ACTIONS, SERVICES)}
        assert found == {rule: {Verdict.NOT_VERIFIABLE} for rule in found}


def test_only_a_statement_about_the_log_is_held_against_a_log_policy() -> None:
    other = {**ON_LOG, "Sid": "Other", "Resource": "arn:aws:logs:*:*:log-group:/aws/route53/*"}
    content = changed((LOG_POLICY, json.dumps({"Statement": [other, {**ON_LOG, "Sid": "Ours"}]})))
    assert [each.key for each in judgements(content, SERVICES) if each.verdict is Verdict.NOT_MET] == ["Ours"]


@pytest.mark.parametrize("resource", ["*", "*:log-stream:*", "arn:aws:logs:*:*:*:*:log-stream:*", "arn:aws:logs:*"])
def test_a_log_policy_is_about_the_log_if_it_is_about_its_streams(resource: str) -> None:
    assert [each for each, _ in wrong(changed(log_policy(Resource=resource)))] == [SERVICES]


def test_what_a_log_policy_leaves_out_may_be_something_else() -> None:
    _, document = log_policy(Resource=None, NotResource="${Parameter}")
    found = judgements(changed((LOG_POLICY, {"Fn::Sub": document})), SERVICES)
    assert Verdict.NOT_VERIFIABLE in {each.verdict for each in found}


def test_a_log_that_goes_to_another_account_says_so() -> None:
    content = changed((f"Subscription/{P}/DestinationArn", "arn:aws:logs:eu-central-1:444455556666:destination:all"))
    (said,) = judgements(content, SUBSCRIBERS)
    assert (said.verdict, said.detail) == (Verdict.NOT_VERIFIABLE, "it sends the log to another account")
