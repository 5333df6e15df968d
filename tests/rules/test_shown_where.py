"""A judgement points to what shows it."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Acknowledged, Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import KEY, TOPIC_STATEMENTS, P
from tests.rules.handwritten import body, changed, judgements, template
from tests.rules.handwritten.making import PARAMETER

CLOUDWATCH = "cloudwatch.amazonaws.com"
REFUSED = (f"{TOPIC_STATEMENTS}/1/Effect", "Deny")


def shown(rule: str, *changes: tuple[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (each.resource.logical_id, each.path, each.key, each.detail)
        for each in judgements(changed(*changes), f"SecureDdb-{rule}")
        if each.resource
    ]


def test_that_a_key_is_usable_is_not_shown_by_properties_that_are_not_there() -> None:
    assert {"Enabled", "KeySpec", "KeyUsage"}.isdisjoint(body()["Resources"]["Key"][P])
    enabled, usage, _ = shown("ENC6")
    assert enabled == ("Key", "Properties", "Enabled", "Enabled is not set and defaults to true")
    assert usage == ("Key", "Properties", "KeyUsage", "KeyUsage is not set and defaults to ENCRYPT_DECRYPT")


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        ({"Enabled": "true"}, "Enabled", "true"),
        ({"Enabled": False}, "Enabled", "false"),
        ({"KeyUsage": "ENCRYPT_DECRYPT"}, "KeyUsage", "ENCRYPT_DECRYPT"),
        ({"KeySpec": "RSA_4096"}, "KeySpec", "RSA_4096"),
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "KeyUsage", "GENERATE_VERIFY_MAC"),
        ({"KeySpec": "RSA_4096", "KeyUsage": PARAMETER}, "KeySpec", "RSA_4096"),
        ({"KeySpec": PARAMETER}, "KeySpec", "known only at deployment"),
    ],
    ids=str,
)
def test_whether_a_key_is_usable_is_shown_by_the_property_that_says_so(
    settings: dict[str, Any], name: str, value: str
) -> None:
    found = shown("ENC6", *((f"{KEY}/{each}", setting) for each, setting in settings.items()))
    key = "Enabled" if name == "Enabled" else "KeyUsage"
    assert ("Key", f"Properties.{name}", key, f"{name} is {value}") in found


def test_that_alarms_may_publish_is_shown_by_the_policy_of_the_topic() -> None:
    detail = f"{CLOUDWATCH} can publish to it"
    assert shown("MON8") == [("TopicPolicy", "Properties.PolicyDocument", "Topic.cloudwatch", detail)]
    without = ("TopicPolicy/Type", "AWS::CloudFormation::WaitConditionHandle")
    assert shown("MON8", without) == [("Topic", "Properties", "cloudwatch", detail)]


def test_one_policy_of_two_topics_shows_it_for_each() -> None:
    content = changed(
        ("Other", body()["Resources"]["Topic"]),
        ("TopicPolicy/Properties/Topics", [{"Ref": "Topic"}, {"Ref": "Other"}]),
        ("Errors/Properties/AlarmActions", [{"Ref": "Other"}]),
    )
    found = [(each.key, each.verdict) for each in judgements(content, "SecureDdb-MON8")]
    assert sorted(found) == [("Other.cloudwatch", Verdict.MET), ("Topic.cloudwatch", Verdict.MET)]


@pytest.mark.parametrize("construct", ["Orders/Topic/Resource", "Orders/Topic"])
@pytest.mark.parametrize("key", ["", "[cloudwatch]"])
def test_that_alarms_may_not_publish_is_waived_on_the_topic(construct: str, key: str) -> None:
    paths = {("", "Topic"): "Orders/Topic/Resource", ("", "TopicPolicy"): "Orders/PolicyOfTopics/Resource"}
    acknowledged = Acknowledged(construct=construct, id=f"SecureDdb::SecureDdb-MON8{key}", reason="in a test")
    assembly = Assembly([template(changed(REFUSED))], acknowledged=[acknowledged], paths=paths)
    found = [judgement for rule, judgement in judge(assembly) if rule.id in {"SecureDdb-MON8", "SecureDdb-WAIVER2"}]
    assert [each.verdict for each in found] == [Verdict.WAIVED]


def test_only_what_depends_on_an_unknown_action_cannot_be_told() -> None:
    statement = {**body()["Resources"]["Key"][P]["KeyPolicy"]["Statement"][0], "Sid": "More"}
    more = {**statement, "Action": ["kms:PutKeyPolicy", PARAMETER]}
    both = {**statement, "Sid": "Both", "Action": ["kms:PutKeyPolicy", "kms:Decrypt", PARAMETER]}
    role = {"AWS": "arn:aws:iam::111122223333:role/admin"}
    content = changed()
    content["Resources"]["Key"][P]["KeyPolicy"]["Statement"] += [
        {**more, "Principal": role},
        {**both, "Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}},
    ]
    found = {each.key: (each.verdict, each.detail) for each in judgements(content, "SecureDdb-ENC7")}
    assert found == {
        "Statement0": (Verdict.MET, "Statement0 allows administration of the key but not its use"),
        "More": (Verdict.NOT_VERIFIABLE, "More may allow administration and use of the key"),
        "Both": (Verdict.NOT_MET, "Both allows administration and use of the key"),
    }


def test_who_uses_a_key_through_services_only_or_is_denied_it_may_administer_it() -> None:
    admin = {"AWS": "arn:aws:iam::111122223333:role/admin"}
    statements = body()["Resources"]["Key"][P]["KeyPolicy"]["Statement"]
    content = changed(*((f"{KEY}/KeyPolicy/Statement/{place}/Principal", admin) for place in (0, 1)))
    denial = {**statements[0], "Effect": "Deny", "Action": ["kms:PutKeyPolicy", "kms:Decrypt"], "Principal": admin}
    content["Resources"]["Key"][P]["KeyPolicy"]["Statement"].append(denial)
    found = [(each.key, each.verdict) for each in judgements(content, "SecureDdb-ENC7")]
    assert found == [("Statement0", Verdict.MET)]
