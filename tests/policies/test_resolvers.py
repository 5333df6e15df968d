"""The reader of the rules and that of a deployment find the same in a value, or one of them says that it is unknown."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from secure_ddb.cloudformation import template as rules
from secure_ddb.cloudformation.values import ABSENT, is_unknown, resolve
from tests.policies.engine import ACCOUNT
from tests.policies.resolve import REGION, Deployed, UnresolvableError
from tests.template import Template

BODY: dict[str, Any] = {
    "Parameters": {"Parameter": {"Type": "String"}},
    "Mappings": {"Names": {REGION: {"short": "fra"}}},
    "Conditions": {
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]},
        "There": {"Fn::Not": [{"Condition": "Here"}]},
        "Perhaps": {"Fn::Equals": [{"Ref": "Parameter"}, "x"]},
    },
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"TableName": "orders-a", "Replicas": []}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alarms"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"Path": "/app/", "RoleName": {"Fn::Sub": "app-${AWS::Region}"}},
        },
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "orders-b"}},
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/a"}},
        "Key": {"Type": "AWS::KMS::Key"},
    },
}
# What whoever deploys answers to the parameter.
ANSWERS = ["x", "a:b-c/d", "", "*"]

_TEXTS = ["a", "b", "a:b", "x-y", "arn:aws:s3:::", "${aws:username}", "${!x}", "/", ""]
_REFERENCES = [
    *("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix", "AWS::NoValue"),
    *("AWS::StackId", "Table", "Topic", "Role", "Bucket", "Group", "Key", "Parameter", "Nothing"),
]
_ATTRIBUTES = ["Table.Arn", "Role.Arn", "Bucket.Arn", "Group.Arn", "Key.Arn", "Topic.TopicName", "Table.TableId"]
_IN_SUB = [
    *("${Table}", "${Table.Arn}/index/*", "${!Table}", "${!aws:PrincipalTag/x}", "${Own}", "${AWS::Region}-${Own}"),
    *("${Parameter}", "${Bucket.Arn}/${Own}", "no variable", "${Nothing}", "${Key}", "${ Table }"),
]


def _calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    separators = st.sampled_from([":", "-", "/", ",", ""])
    lists = st.lists(inner, min_size=1, max_size=3)
    splittable = st.one_of(inner, st.sampled_from([{"Ref": "Parameter"}, {"Fn::Sub": "b-${Parameter}"}, "a:b-c/d"]))
    split = st.tuples(separators, splittable).map(lambda pair: {"Fn::Split": [*pair]})
    return st.one_of(
        st.tuples(separators, st.one_of(lists, split)).map(lambda pair: {"Fn::Join": [*pair]}),
        st.tuples(st.sampled_from(_IN_SUB), inner).map(lambda pair: {"Fn::Sub": [pair[0], {"Own": pair[1]}]}),
        st.sampled_from([text for text in _IN_SUB if "Own" not in text]).map(lambda text: {"Fn::Sub": text}),
        st.tuples(st.sampled_from(["Here", "There", "Perhaps"]), inner, inner).map(lambda three: {"Fn::If": [*three]}),
        st.tuples(st.sampled_from([0, 1, "1", 5, -1]), st.one_of(lists, split)).map(
            lambda pair: {"Fn::Select": [*pair]}
        ),
        st.just({"Fn::FindInMap": ["Names", {"Ref": "AWS::Region"}, "short"]}),
        st.just({"Fn::ImportValue": "elsewhere"}),
        st.dictionaries(st.sampled_from(["a", "Reference"]), inner, min_size=1, max_size=2),
        lists,
    )


VALUES = st.recursive(
    st.one_of(
        st.sampled_from([*_TEXTS, 1, True]),
        st.sampled_from(_REFERENCES).map(lambda name: {"Ref": name}),
        st.sampled_from(_ATTRIBUTES).map(lambda name: {"Fn::GetAtt": name}),
        st.sampled_from(_ATTRIBUTES).map(lambda name: {"Fn::GetAtt": name.split(".")}),
    ),
    _calls,
    max_leaves=6,
)
_UNKNOWN = object()


def by_rules(value: Any, answer: str) -> Any:
    """Return what the rules read, with what placeholders become."""
    template = rules.Template(name="Test", stack_name="Test", account=ACCOUNT, region=REGION, body=BODY)
    found = resolve(value, template)
    becomes = {"${?Test.Parameter}": answer, "${Test.Key}": Deployed(Template(BODY)).ref("AWS::KMS::Key")}
    filled = _filled(found, becomes)
    return _UNKNOWN if found is ABSENT or is_unknown(filled) or "${Test." in str(filled) else filled


def _filled(value: Any, becomes: dict[str, str]) -> Any:
    if isinstance(value, str):
        for placeholder, text in becomes.items():
            value = value.replace(placeholder, text)
        return value
    if isinstance(value, dict):
        return {key: _filled(inner, becomes) for key, inner in value.items()}
    return [_filled(inner, becomes) for inner in value] if isinstance(value, list) else value


def deployed(value: Any, answer: str) -> Any:
    try:
        return Deployed(Template(BODY), {"Parameter": answer}).resolve(value, "here")
    except UnresolvableError:
        return _UNKNOWN


def test_readers_of_values_never_contradict_each_other() -> None:
    found: list[tuple[Any, Any]] = []

    @settings(
        max_examples=1000,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(VALUES, st.sampled_from(ANSWERS))
    def compare(value: Any, answer: str) -> None:
        one, other = by_rules(value, answer), deployed(value, answer)
        found.append((one, other))
        assert _UNKNOWN in (one, other) or one == other

    compare()
    # Readers that know nothing never contradict each other.
    assert sum(_UNKNOWN not in pair for pair in found) >= 0.3 * len(found)
