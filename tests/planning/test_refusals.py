"""Changes that DynamoDB or AWS KMS refuses in one update."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.planning.model import Cause
from tests.planning.planning import Body, finding, labels, planned, resource, table

HERE, WEST, NORTH, IRELAND = "eu-central-1", "eu-west-3", "eu-north-1", "eu-west-1"
STREAM = {"StreamViewType": "NEW_IMAGE"}


def index(name: Any, key: str = "a") -> Body:
    return {"IndexName": name, "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}]}


def indexed(kind: str, *indexes: Body) -> Body:
    return {"Table": resource(kind, GlobalSecondaryIndexes=list(indexes), Replicas=[{"Region": HERE}])}


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"])
@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ([], [index("a")], False),
        ([index("a")], [], False),
        ([], [index("a"), index("b")], True),
        ([index("a")], [index("b")], True),
        ([index("a")], [index("a", key="b")], True),
        ([index("a"), index("b")], [index("b"), index("a")], False),
    ],
)
def test_one_index_in_an_update(kind: str, before: list[Body], after: list[Body], *, refused: bool) -> None:
    found = labels(indexed(kind, *before), indexed(kind, *after))
    assert found == ([("refused", "Table")] if refused else [])


def test_index_changes_are_named() -> None:
    kind = "AWS::DynamoDB::GlobalTable"
    found = finding(indexed(kind, index("old"), index("x")), indexed(kind, index("new"), index("x", key="b")))
    assert found.cause is Cause.INDEXES
    said = "In this update old is deleted, new is created, x gets other keys or another projection."
    assert found.why == said


def test_an_index_whose_name_is_not_known() -> None:
    kind = "AWS::DynamoDB::Table"
    old, new = indexed(kind, index("a")), indexed(kind, index({"Ref": "Name"}))
    assert labels(old, new, Parameters={"Name": {"Type": "String"}}) == [("may be refused", "Table")]


def in_regions(*regions: str, **properties: Any) -> Body:
    return {"Table": table(Replicas=[{"Region": each} for each in regions], **properties)}


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ([HERE], [HERE, WEST], 0),
        ([HERE, WEST], [HERE], 0),
        ([HERE], [HERE, WEST, NORTH], 1),
        ([HERE, WEST], [HERE, NORTH], 1),
        ([HERE, WEST], [WEST], 1),
        ([HERE, WEST], [NORTH], 2),
    ],
)
def test_one_replica_in_an_update(before: list[str], after: list[str], refused: int) -> None:
    found = planned(in_regions(*before), in_regions(*after)).findings
    assert [(each.label, each.cause) for each in found] == [("refused", Cause.REPLICAS)] * refused


def test_strong_consistency_takes_its_replicas_together() -> None:
    old, new = (in_regions(*each, MultiRegionConsistency="STRONG") for each in ([HERE], [HERE, WEST, NORTH]))
    assert labels(old, new) == []
    assert labels(old, in_regions(HERE, WEST, NORTH, IRELAND, "eu-south-1", MultiRegionConsistency="STRONG")) == [
        ("refused", "Table")
    ]


@pytest.mark.parametrize(("regions", "refused"), [([HERE], True), ([HERE, WEST], False)])
def test_a_replica_comes_without_its_policy(regions: list[str], *, refused: bool) -> None:
    replicas = [{"Region": each, "ResourcePolicy": {"PolicyDocument": {}}} for each in (HERE, WEST)]
    new = {"Table": table(Replicas=replicas)}
    found = planned(in_regions(*regions), new).findings
    assert [each.cause for each in found] == ([Cause.REPLICA_POLICY] if refused else [])


def test_a_new_table_may_be_refused_with_the_policies_of_its_replicas() -> None:
    replicas = [{"Region": each, "ResourcePolicy": {"PolicyDocument": {}}} for each in (HERE, WEST)]
    assert labels({}, {"Table": table(Replicas=replicas)}) == [("may be refused", "Table")]
    assert labels({}, {"Table": table(Replicas=replicas[:1])}) == []


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        ([HERE], [HERE], ""),
        ([HERE, WEST], [HERE, WEST], "refused"),
        ([HERE, WEST], [HERE], "refused"),
        ([HERE], [HERE, WEST], "may be refused"),
    ],
)
def test_a_stream_changes_only_with_one_replica(before: list[str], after: list[str], label: str) -> None:
    found = labels(in_regions(*before), in_regions(*after, StreamSpecification=STREAM))
    assert found == ([(label, "Table")] if label else [])


def test_a_stream_of_strong_consistency_may_change() -> None:
    old = in_regions(HERE, WEST, MultiRegionConsistency="STRONG")
    new = in_regions(HERE, WEST, MultiRegionConsistency="STRONG", StreamSpecification=STREAM)
    assert labels(old, new) == []


@pytest.mark.parametrize(
    ("properties", "label"),
    [
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "refused"),
        ({"KeySpec": "SYMMETRIC_DEFAULT"}, ""),
        ({"MultiRegion": {"Ref": "Everywhere"}}, "may be refused"),
        ({"EnableKeyRotation": True}, ""),
    ],
)
def test_some_properties_of_a_key_never_change(properties: Body, label: str) -> None:
    kind = "AWS::KMS::Key"
    old, new = {"Key": resource(kind)}, {"Key": resource(kind, **properties)}
    found = labels(old, new, Parameters={"Everywhere": {"Type": "String"}})
    assert found == ([(label, "Key")] if label else [])


def test_the_worst_is_first() -> None:
    old = {"A": table(kept=True), "B": resource("AWS::KMS::Key"), "C": table(), "D": table(TableName="x", kept=True)}
    new = {"B": resource("AWS::KMS::Key", Origin="EXTERNAL"), "D": table(TableName="y", kept=True)}
    assert [label for label, _ in labels(old, new)] == ["lost", "refused", "replaced", "left behind"]
