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


def test_the_steps_add_one_replica_after_another_each_before_its_policy() -> None:
    (found,) = planned(in_regions(HERE, NORTH), in_regions(HERE, WEST, IRELAND)).findings
    said = [step.split(" (")[0].split(".")[0] for step in found.steps]
    assert said == [
        "Remove the replica in eu-north-1, and nothing else",
        "Add the replica in eu-west-3 without ResourcePolicy",
        "Wait until it is ACTIVE, which takes hours for a large table",
        "Add the ResourcePolicy of the replica in eu-west-3",
        "Add the replica in eu-west-1 without ResourcePolicy",
        "Wait until it is ACTIVE, which takes hours for a large table",
        "Add the ResourcePolicy of the replica in eu-west-1",
    ]


EVENTUAL, STRONG = "EVENTUAL", "STRONG"
Regions = tuple[str, ...]


def consistent(consistency: str, regions: Regions, witness: str = "") -> Body:
    """Return a table in some Regions; by default its replicas are consistent in the end."""
    witnesses = {"GlobalTableWitnesses": [{"Region": witness}]} if witness else {}
    named = {"MultiRegionConsistency": consistency} if consistency else {}
    return in_regions(*regions, **named, **witnesses)


REPLICAS, CONSISTENCY = Cause.REPLICAS, Cause.CONSISTENCY
THREE = (HERE, WEST, IRELAND)


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-global-table-design.html
@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        # Replicas and witness come together, and only while the table is empty.
        (("", (HERE,)), (STRONG, THREE), ("may be refused", REPLICAS)),
        (("", (HERE,)), (STRONG, THREE[:2], NORTH), ("may be refused", REPLICAS)),
        (("", (HERE,)), (STRONG, THREE[:2]), ("refused", REPLICAS)),
        (("", (HERE,)), (STRONG, (*THREE, NORTH)), ("refused", REPLICAS)),
        # They go together.
        ((STRONG, THREE), ("", (HERE,)), None),
        ((STRONG, THREE[:2], NORTH), (STRONG, (HERE,)), None),
        ((STRONG, THREE), (STRONG, THREE[:2]), ("refused", REPLICAS)),
        ((STRONG, THREE), (STRONG, THREE[:2], NORTH), ("refused", REPLICAS)),
        ((STRONG, THREE[:2], NORTH), (STRONG, THREE), ("refused", REPLICAS)),
        ((STRONG, THREE[:2], NORTH), (STRONG, THREE[:2]), ("refused", REPLICAS)),
        ((STRONG, THREE[:2], NORTH), (STRONG, THREE[:2], IRELAND), ("refused", REPLICAS)),
        ((STRONG, THREE), (STRONG, THREE), None),
        # The consistency is chosen with the first replica.
        (("", THREE), (STRONG, THREE), ("refused", CONSISTENCY)),
        (("", THREE[:2]), (STRONG, THREE), ("refused", CONSISTENCY)),
        ((STRONG, THREE), ("", THREE), ("refused", CONSISTENCY)),
        ((STRONG, THREE[:2], NORTH), (EVENTUAL, THREE[:2]), ("refused", CONSISTENCY)),
        (("", THREE), (EVENTUAL, THREE), None),
    ],
)
def test_regions_of_a_strongly_consistent_table_come_and_go_together(
    before: tuple[str, Regions, str], after: tuple[str, Regions, str], found: tuple[str, Cause] | None
) -> None:
    findings = planned(consistent(*before), consistent(*after)).findings
    assert [(each.label, each.cause) for each in findings] == ([found] if found else [])


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicaspecification.html
@pytest.mark.parametrize(
    ("protection", "refused"),
    [({"DeletionProtectionEnabled": True}, True), ({"DeletionProtectionEnabled": False}, False)],
)
def test_a_replica_that_is_protected_against_deletion_is_not_removed(protection: Body, *, refused: bool) -> None:
    old = {"Table": table(Replicas=[{"Region": HERE}, {"Region": WEST, **protection}])}
    findings = planned(old, in_regions(HERE)).findings
    assert [each.label for each in findings] == ["may be refused"] * refused
    assert all("--region eu-west-3 --no-deletion-protection-enabled" in each.steps[0] for each in findings)


@pytest.mark.parametrize(("regions", "refused"), [([HERE], True), ([HERE, WEST], False)])
def test_a_replica_comes_without_its_policy(regions: list[str], *, refused: bool) -> None:
    replicas = [{"Region": each, "ResourcePolicy": {"PolicyDocument": {}}} for each in (HERE, WEST)]
    new = {"Table": table(Replicas=replicas)}
    found = planned(in_regions(*regions), new).findings
    assert [each.cause for each in found] == ([Cause.REPLICA_POLICY] if refused else [])


def test_policies_of_a_strongly_consistent_table_follow_its_replicas_together() -> None:
    replicas = [{"Region": each, "ResourcePolicy": {"PolicyDocument": {}}} for each in THREE]
    new = {"Table": table(Replicas=replicas, MultiRegionConsistency=STRONG)}
    steps = {each.steps for each in planned(in_regions(HERE), new).findings if each.cause is Cause.REPLICA_POLICY}
    ((first, _),) = steps
    assert first.startswith("Add all replicas together, without ResourcePolicy")


@pytest.mark.parametrize("name", ["ResourcePolicy", "ReplicaStreamSpecification"])
def test_the_policy_of_the_stream_is_one_too(name: str) -> None:
    policy: Body = {"ResourcePolicy": {"PolicyDocument": {}}}
    added = {"Region": WEST, **(policy if name in policy else {name: policy})}
    new = {"Table": table(Replicas=[{"Region": HERE}, added])}
    assert [each.cause for each in planned(in_regions(HERE), new).findings] == [Cause.REPLICA_POLICY]


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
