"""Templates that CloudFormation would refuse are not for rules to fail over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.judging.judge import Judged, judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import body, judgements, template, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES: list[Any] = [None, "x", 7, True, [], [[]], [7], {}, {"a": "b"}, {"Ref": ["a"]}, {"Fn::Join": 1}]
# All of them take minutes, and have been tried.
EACH = 47
# Likewise.
SOME = 7


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield (*path, name)
        yield from places(inner, (*path, name))


def more() -> dict[str, Any]:
    """Return the template with what a SecureTable, conditions and metric math bring."""
    content = body()
    content["Conditions"] = {
        "Here": {"Fn::And": [{"Condition": "There"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "Parameter"}, "x"]}]}]},
        "There": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}, {"Condition": "Never"}]},
        "Never": {"Fn::Equals": ["a", "b"]},
    }
    metadata = {
        "settings": {"backup.vault": "an existing vault"},
        "claims": {"audit.reads": "a trail (stated by X)"},
        "waivers": {"AWS Backup (BAK-2)": {"reason": "because", "approved_by": "SEC-1", "expires": "2099-12-31"}},
        "not_verifiable": ["its key"],
        "ephemeral": "a test",
    }
    content["Resources"]["Table"] |= {"Metadata": {"SecureTable": metadata}, "Condition": "There"}
    content["Resources"]["Sum"] = {
        "Type": "AWS::CloudWatch::Alarm",
        "Condition": "Here",
        "Properties": {
            "Metrics": [
                {"Id": "all", "Expression": "one + two", "ReturnData": True},
                {"Id": "one", "MetricStat": stat("ReadThrottleEvents")},
                {"Id": "two", "MetricStat": stat("WriteThrottleEvents")},
            ],
            "Threshold": 1,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": {"Fn::If": ["Here", [{"Ref": "Topic"}], {"Ref": "AWS::NoValue"}]},
        },
    }
    return content


def stat(name: str) -> dict[str, Any]:
    dimensions = [{"Name": "TableName", "Value": {"Ref": "Table"}}]
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": name, "Dimensions": dimensions}
    return {"Metric": metric, "Stat": "Sum", "Period": 60}


def judged_with(path: tuple[Any, ...], value: Any) -> list[Judged]:
    content: Any = more()
    place = content
    *around, name = path
    for each in around:
        place = place[each]
    place[name] = value
    return judge(Assembly([template(content)]))


def test_a_value_of_any_other_kind_anywhere_is_judged() -> None:
    everything = [(place, value) for place in places(more()) for value in VALUES]
    for path, value in everything[::EACH]:
        # Only without resources, or without the table, is there nothing to say.
        assert judged_with(path, value) or path in {("Resources",), ("Resources", "Table")}


def new(path: tuple[Any, ...]) -> bool:
    """Tell whether something stands where only the tables of this library and people of ours write."""
    return path[0] == "Conditions" or path[:2] == ("Resources", "Sum") or bool({"Metadata", "Condition"} & {*path})


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_metadata_conditions_and_metric_math_of_any_other_kind_are_judged(value: Any) -> None:
    paths = [path for path in places(more()) if new(path)]
    assert len(paths) > 60
    for path in paths[VALUES.index(value) % SOME :: SOME]:
        assert any(each.judgement.resource for each in judged_with(path, value))


@pytest.mark.parametrize(
    "conditions",
    [
        {"Here": {"Condition": "Here"}},
        {"Here": {"Fn::Not": [{"Condition": "There"}]}, "There": {"Fn::Or": [{"Condition": "Here"}, {}]}},
        {"Here": {"Fn::Equals": [{"Fn::If": ["Here", "a", "b"]}, "a"]}},
        {"Here": {"Condition": "C0"}, **{f"C{number}": {"Condition": f"C{number + 1}"} for number in range(2000)}},
    ],
    ids=["itself", "each other", "in a function", "a long chain"],
)
def test_whether_a_condition_that_leads_nowhere_holds_is_unknown(conditions: Any) -> None:
    content = {**body(), "Conditions": conditions}
    content["Resources"]["Key"]["Properties"]["EnableKeyRotation"] = {"Fn::If": ["Here", True, False]}
    assert template(content).holds("Here") is None
    (rotation,) = (each for each in judgements(content, "SecureDdb-ENC2") if each.path.endswith("EnableKeyRotation"))
    assert rotation.verdict is Verdict.NOT_VERIFIABLE


def test_a_waiver_of_another_kind_waives_nothing() -> None:
    content = body()
    del content["Resources"]["Selection"]
    for waivers in (["AWS Backup (BAK-2)"], "AWS Backup (BAK-2)", {"": None}):
        content["Resources"]["Table"]["Metadata"] = {"SecureTable": {"waivers": waivers}}
        assert Verdict.NOT_MET in verdicts(content, "SecureDdb-BAK5")


@pytest.mark.parametrize("content", [{}, {"Resources": {}}, {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}])
def test_next_to_nothing_is_judged(content: Any) -> None:
    judge(Assembly([template(content)]))


def test_resources_that_refer_to_each_other_are_judged() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "Other"}}}
    other = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "Table"}}}
    assert judge(Assembly([template({"Resources": {"Table": table, "Other": other}})]))


def test_aliases_that_name_each_other_are_judged() -> None:
    content = body()
    for name, other in (("Loop", "Loop"), ("First", "Second"), ("Second", "First")):
        alias = {"FunctionName": {"Ref": other}, "Name": "live", "FunctionVersion": "1"}
        permission = {"FunctionName": {"Ref": name}, "Principal": "*", "Action": "lambda:InvokeFunction"}
        url = {"TargetFunctionArn": {"Ref": name}, "AuthType": "NONE"}
        content["Resources"][name] = {"Type": "AWS::Lambda::Alias", "Properties": alias}
        content["Resources"][f"{name}Permission"] = {"Type": "AWS::Lambda::Permission", "Properties": permission}
        content["Resources"][f"{name}Url"] = {"Type": "AWS::Lambda::Url", "Properties": url}
    # None of them is the function that records changes.
    assert verdicts(content, "SecureDdb-AUD27") == {Verdict.MET}
