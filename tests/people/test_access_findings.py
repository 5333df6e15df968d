"""Findings of IAM Access Analyzer reach the alarm topic (IAM-7)."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import botocore.session  # type: ignore[import-untyped]
import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_sns import Topic
from cdk_nag import ServerlessChecks

from secure_ddb import AccessAnalyzer, AccessFindings, InvalidArgumentError, SharedResources
from secure_ddb.people.access_findings import (
    EXTERNAL_ACCESS_MESSAGE,
    UNUSED_ACCESS_MESSAGE,
    WATCHED_TYPES,
    external_access_pattern,
)
from tests.orders import OWNERSHIP
from tests.template import Template

HERE = Environment(account="111122223333", region="eu-central-1")
TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"


@cache
def template(*analyzers: AccessAnalyzer) -> Template:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    AccessFindings(stack, "Access", topic=Topic.from_topic_arn(stack, "Topic", TOPIC), analyzers=analyzers)
    return Template(app.synth().get_stack_by_name("Test").template)


def test_external_and_unused_access_reach_the_topic() -> None:
    rules = [each["Properties"] for each in template().of_type("AWS::Events::Rule").values()]
    assert sorted(each["EventPattern"]["detail-type"][0] for each in rules) == [
        "Access Analyzer Finding",
        "Unused Access Finding for IAM entities",
    ]
    for each in rules:
        assert each["EventPattern"]["source"] == ["aws.access-analyzer"]
        assert each["EventPattern"]["detail"]["status"] == ["ACTIVE"]
        (target,) = each["Targets"]
        assert target["Arn"] == TOPIC


def test_types_are_those_that_access_analyzer_knows() -> None:
    known = botocore.session.get_session().get_service_model("accessanalyzer").shape_for("ResourceType").enum
    assert set(WATCHED_TYPES) <= set(known)
    assert external_access_pattern()["detail"]["resourceType"] == list(WATCHED_TYPES)


@pytest.mark.parametrize("message", [EXTERNAL_ACCESS_MESSAGE, UNUSED_ACCESS_MESSAGE])
def test_messages_name_only_what_they_take_from_the_event(message: tuple[str, dict[str, str]]) -> None:
    text, paths = message
    assert set(re.findall(r"<(\w+)>", text)) == set(paths)
    assert '"' not in text


def test_messages_are_texts_in_quotes() -> None:
    for rule in template().of_type("AWS::Events::Rule").values():
        (target,) = rule["Properties"]["Targets"]
        assert isinstance(json.loads(target["InputTransformer"]["InputTemplate"]), str)


def test_analyzers_are_made_only_if_asked_for() -> None:
    assert not template().of_type("AWS::AccessAnalyzer::Analyzer")
    both = template(AccessAnalyzer.EXTERNAL_ACCESS, AccessAnalyzer.UNUSED_ACCESS)
    types = {
        name[:-8]: each["Properties"]["Type"] for name, each in both.of_type("AWS::AccessAnalyzer::Analyzer").items()
    }
    assert types == {
        "AccessExternalAccessAnalyzer": "ACCOUNT",
        "AccessUnusedAccessAnalyzer": "ACCOUNT_UNUSED_ACCESS",
    }


def test_types_of_analyzers_are_those_of_aws() -> None:
    known = botocore.session.get_session().get_service_model("accessanalyzer").shape_for("Type").enum
    assert {each.value for each in AccessAnalyzer} <= set(known)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"topic": TOPIC}, r"^topic is .*; allowed: an aws_sns\.ITopic$"),
        ({"analyzers": "ACCOUNT"}, r"^analyzers is 'ACCOUNT'; allowed: a list of AccessAnalyzer$"),
        ({"analyzers": ["ACCOUNT"]}, r"^analyzers\[0\] is 'ACCOUNT'; allowed: AccessAnalyzer$"),
        ({"analyzers": [AccessAnalyzer.EXTERNAL_ACCESS] * 2}, r"^analyzers\[1\] is .*; allowed: each analyzer once$"),
    ],
)
def test_what_cannot_be_accepted_is_refused(arguments: dict[str, Any], message: str) -> None:
    stack = Stack(App(), "Test", env=HERE)
    topic = Topic.from_topic_arn(stack, "Topic", TOPIC)
    with pytest.raises(InvalidArgumentError, match=message):
        AccessFindings(stack, "Access", **{"topic": topic, **arguments})


def test_topic_of_shared_resources_takes_them_and_cdk_nag_finds_nothing() -> None:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP)
    AccessFindings(stack, "Access", topic=shared.alarm_topic, analyzers=[AccessAnalyzer.EXTERNAL_ACCESS])
    Validations.of(app).add_plugins(ServerlessChecks(app))
    # It would raise.
    found = Template(app.synth().get_stack_by_name("Test").template)
    policies = found.of_type("AWS::SNS::TopicPolicy")
    assert len(policies) == 1
    (policy,) = policies.values()
    publishers = [each["Principal"] for each in policy["Properties"]["PolicyDocument"]["Statement"][1:]]
    assert {"Service": "events.amazonaws.com"} in publishers
