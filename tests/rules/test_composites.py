"""Which composite alarms report for an alarm that reports to nobody itself."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import changed, judgements, template
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, REGION, Body

MET, NOT_MET, NOT_VERIFIABLE = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_VERIFIABLE
ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"
X = "Errors/Properties"
SILENT: list[tuple[str, Any]] = [(f"{X}/AlarmActions", None), (f"{X}/AlarmName", "x")]


def composite(rule: Any, name: str = "together", **properties: Any) -> Body:
    reporting = {"AlarmName": name, "AlarmRule": rule, "AlarmActions": [{"Ref": "Topic"}], **properties}
    return {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": reporting}


def silent(rule: Any, name: str) -> Body:
    """Return a composite alarm that others may name, and that reports to nobody."""
    return composite(rule, name, AlarmActions=[])


def verdict(*changes: tuple[str, Any], **about: str) -> Verdict:
    """Return what is said of an alarm that is called x and reports to nobody itself."""
    found = judgements(changed(*SILENT, *changes), "SecureDdb-MON7", **about)
    (each,) = (each for each in found if each.resource and each.resource.logical_id == "Errors")
    return each.verdict


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(x)", MET),
        ("ALARM(y) OR ALARM('x')", MET),
        (f"ALARM({ARN}:x)", MET),
        ({"Fn::Sub": "ALARM(${Errors.Arn})"}, MET),
        ({"Fn::Join": ["", ["ALARM(", {"Ref": "Errors"}, ")"]]}, MET),
        ("ALARM(y) OR ALARM(xx)", NOT_MET),
        (f"ALARM({ARN}:y)", NOT_MET),
        (f"ALARM(arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:x)", NOT_MET),
        ("ALARM(y) AND ALARM(z)", NOT_MET),
        ("", NOT_MET),
        ("ALARM(x) AND NOT ALARM(deploying)", NOT_VERIFIABLE),
        ("NOT ALARM(x)", NOT_VERIFIABLE),
        ("AT_LEAST(1, ALARM, (x, y))", NOT_VERIFIABLE),
        (PARAMETER, NOT_VERIFIABLE),
        ({"Fn::Join": ["", ["ALARM(x) AND ", PARAMETER]]}, NOT_VERIFIABLE),
        ({"Fn::Join": ["", ["ALARM(", PARAMETER, ")"]]}, NOT_VERIFIABLE),
        ({"Fn::Join": ["", ["ALARM(x) OR ALARM(", PARAMETER, ")"]]}, MET),
        ("ALARM(the x of old)", NOT_VERIFIABLE),
        (["ALARM(x)"], NOT_VERIFIABLE),
    ],
    ids=str,
)
def test_a_composite_alarm_of_plain_alternatives_reports_for_each(rule: Any, expected: Verdict) -> None:
    assert verdict(("Together", composite(rule))) is expected


@pytest.mark.parametrize(
    "properties",
    [{"ActionsSuppressor": "deploying"}, {"ActionsEnabled": PARAMETER}, {"AlarmActions": [PARAMETER]}],
    ids=str,
)
def test_whether_it_acts_may_be_unknown(properties: Any) -> None:
    assert verdict(("Together", composite("ALARM(x)", **properties))) is NOT_VERIFIABLE
    assert verdict(("Together", composite("ALARM(y)", **properties))) is NOT_MET


def test_it_may_not_be_there() -> None:
    assert verdict(("Together", {**composite("ALARM(x)"), "Condition": "Sometimes"})) is NOT_VERIFIABLE


def test_one_that_reports_for_sure_is_enough() -> None:
    assert verdict(("One", composite(PARAMETER, "one")), ("Two", composite("ALARM(x)", "two"))) is MET


def test_one_that_tells_nobody_is_not_why_it_cannot_be_told() -> None:
    content = changed(("Inner", silent(PARAMETER, "inner")), (f"{X}/AlarmActions", [PARAMETER]))
    (detail,) = (each.detail for each in judgements(content, "SecureDdb-MON7") if each.verdict is NOT_VERIFIABLE)
    assert detail == "it reports to a topic that is not in the app, so its policy and key cannot be checked"


def test_what_cannot_be_told_names_the_composite_alarm() -> None:
    found = judgements(changed(*SILENT, ("Together", composite(PARAMETER))), "SecureDdb-MON7")
    (detail,) = (each.detail for each in found if each.verdict is NOT_VERIFIABLE)
    assert detail == "the templates do not show whether Together reports for it"


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("ALARM(x)", "ALARM(inner)", NOT_VERIFIABLE),
        ("ALARM(x)", {"Fn::Sub": "ALARM(${Inner.Arn})"}, NOT_VERIFIABLE),
        ("ALARM(outer)", "ALARM(inner) OR ALARM(x)", NOT_VERIFIABLE),
        ("TRUE", "ALARM(inner) OR ALARM(x)", NOT_VERIFIABLE),
        ("ALARM(y)", "ALARM(inner)", NOT_MET),
    ],
    ids=str,
)
def test_composite_alarms_of_composite_alarms_are_not_followed(inner: Any, outer: Any, expected: Verdict) -> None:
    assert verdict(("Inner", silent(inner, "inner")), ("Outer", composite(outer, "outer"))) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("a-${Parameter}-x", MET),
        ("a-${Parameter}-y", NOT_VERIFIABLE),
        ("a-${Other}-x", NOT_VERIFIABLE),
        (f"{ARN}:a-${{Parameter}}-x", MET),
        (f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:a-${{Parameter}}-x", NOT_VERIFIABLE),
    ],
)
def test_names_with_the_same_unknown_part_are_compared(rule: str, expected: Verdict) -> None:
    content = changed(
        *SILENT,
        (f"{X}/AlarmName", {"Fn::Sub": "a-${Parameter}-x"}),
        ("Together", composite({"Fn::Sub": f"ALARM({rule})"})),
    )
    content["Parameters"]["Other"] = {"Type": "String"}
    found = judgements(content, "SecureDdb-MON7")
    assert [each.verdict for each in found if each.resource and each.resource.logical_id == "Errors"] == [expected]


def test_a_name_with_a_space_needs_quotes() -> None:
    named = (f"{X}/AlarmName", "late orders")
    assert verdict(named, ("Together", composite('ALARM("late orders")'))) is MET
    assert verdict(named, ("Together", composite("ALARM(late orders)"))) is NOT_VERIFIABLE


def test_a_name_may_look_like_the_end_of_an_arn() -> None:
    named = (f"{X}/AlarmName", "team:alarm:x")
    for word in ("team:alarm:x", f"{ARN}:team:alarm:x"):
        assert verdict(named, ("Together", composite(f"ALARM({word})"))) is MET
    assert verdict(("Together", composite("ALARM(team:alarm:x)"))) is NOT_MET
    assert verdict(named, ("Together", composite("ALARM(x)"))) is NOT_MET


def test_an_arn_may_be_in_the_account_of_the_deployment() -> None:
    rule = ("Together", composite(f"ALARM({ARN}:x)"))
    assert verdict(rule, account="", region="") is NOT_VERIFIABLE


def test_only_composite_alarms_of_the_same_account_and_region_report() -> None:
    here = template(changed(*SILENT))
    for region, expected in ((REGION, 1), ("us-east-1", 0)):
        other = template({"Resources": {"Together": composite("ALARM(x)")}}, name="Other", region=region)
        reporting = Assembly([here, other]).alarms.reporting
        (found,) = (each for alarm, each in reporting.items() if alarm.resource.logical_id == "Errors")
        assert len(found) == 1 + expected


def test_of_copies_with_one_name_each_is_looked_at() -> None:
    copies = [template(changed(*SILENT, ("Together", composite("ALARM(x)"))), name=name) for name in ("A", "B")]
    reporting = Assembly(copies).alarms.reporting
    found = [each for alarm, each in reporting.items() if alarm.resource.logical_id == "Errors"]
    assert [[answer for _, answer in each] for each in found] == [[True] * 3] * 2


def test_a_topic_counts_only_if_a_composite_alarm_may_report_to_it() -> None:
    other = ("Other", {"Type": "AWS::SNS::Topic"})
    for rule, expected in (("ALARM(x)", True), (PARAMETER, True), ("ALARM(y)", False)):
        together = composite(rule, AlarmActions=[{"Ref": "Other"}])
        assembly = Assembly([template(changed(*SILENT, other, ("Together", together)))])
        for topics in (assembly.alarms.topics, assembly.alarms.publishers):
            assert any(topic.logical_id == "Other" for topic in topics) is expected
