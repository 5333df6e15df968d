"""Rules judge a table in each of its Regions, also one that no construct of this library has made."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, ReplicaTableProps, TableV2
from aws_cdk.aws_lambda import CfnEventSourceMapping, Code, Function, Runtime

from secure_ddb import AuditSettings, ReplicaSettings
from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.orders import WAIVER, orders

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT, HERE, WEST = "111122223333", "eu-central-1", "eu-west-1"
# A replica in Ireland, as somebody adds it to a template.
BARE = {"Region": WEST}
STREAM = f"arn:aws:dynamodb:{WEST}:{ACCOUNT}:table/orders/stream/2026-11-29T00:00:00.000"
DIGEST_KEY = f"arn:aws:kms:{HERE}:{ACCOUNT}:key/mrk-{'0123456789abcdef' * 2}"


@cache
def written(*, waived: bool = False) -> str:
    """Return the templates of a table with a replica: name of the stack to template, as JSON."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account=ACCOUNT, region=HERE))
    orders(stack, replicas=[ReplicaSettings(WEST, without_policies=WAIVER if waived else None)])
    return json.dumps({each.stack_name: each.template for each in app.synth().stacks})


@cache
def with_reader(*, common: bool = False) -> str:
    """Return the templates of a table whose replica's stream is read, too."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account=ACCOUNT, region=HERE))
    replica = ReplicaSettings(WEST, stream_arn=STREAM, digest_key_arn=DIGEST_KEY if common else None)
    audit = AuditSettings(digest_regions=[WEST]) if common else None
    orders(stack, table_name="orders", replicas=[replica], audit=audit)
    return json.dumps({each.stack_name: each.template for each in app.synth().stacks})


def judged(
    change: Callable[[dict[str, Any]], None] = lambda _: None, *, waived: bool = False, synthesized: str = ""
) -> set[tuple[str, str]]:
    """Return the findings that are open, or waived: rule and key."""
    bodies = json.loads(synthesized or written(waived=waived))
    change(bodies)
    regions = {"Test": HERE, "Test-eu-west-1": WEST}
    templates = [
        Template(name=name, stack_name=name, body=body, account=ACCOUNT, region=regions[name])
        for name, body in bodies.items()
    ]
    wanted = Verdict.WAIVED if waived else Verdict.NOT_MET
    return {
        (rule.id.removeprefix("SecureDdb-"), judgement.key)
        for rule, judgement in judge(Assembly(templates))
        if judgement.verdict is wanted
    }


def table(bodies: dict[str, Any]) -> dict[str, Any]:
    (found,) = (r for r in bodies["Test"]["Resources"].values() if r["Type"] == "AWS::DynamoDB::GlobalTable")
    properties: dict[str, Any] = found["Properties"]
    return properties


def test_a_table_in_two_regions_has_no_finding() -> None:
    assert judged() == set()


def test_without_the_stack_of_its_region_a_replica_has_findings() -> None:
    found = judged(lambda bodies: bodies.pop("Test-eu-west-1"))
    assert ("BAK5", WEST) in found
    assert {("MON1", f"{kind}ThrottleEvents-{WEST}") for kind in ("Read", "Write")} <= found
    assert {("MON2", WEST), ("MON3", WEST), ("MON4", f"Query-{WEST}")} <= found
    assert all(WEST in key for _, key in found)


def test_a_replica_that_was_added_by_hand_has_findings() -> None:
    def add(bodies: dict[str, Any]) -> None:
        properties = table(bodies)
        properties["Replicas"] = [each for each in properties["Replicas"] if each["Region"] != WEST] + [BARE]

    found = judged(add)
    stream = ("ENC3", f"stream in {WEST}")
    assert found == {(rule, WEST) for rule in ("BAK1", "BAK3", "ENC1", "ENC3", "MON11", "OPS1")} | {stream}


def test_the_role_of_aws_backup_is_asked_for_the_replica_of_its_region() -> None:
    def forget_key(bodies: dict[str, Any]) -> None:
        for each in bodies["Test-eu-west-1"]["Resources"].values():
            if each["Type"] == "AWS::IAM::ManagedPolicy":
                document = each["Properties"]["PolicyDocument"]
                document["Statement"] = [one for one in document["Statement"] if one["Sid"] != "UseTableKey"]

    assert {rule for rule, _ in judged(forget_key)} == {"BAK10"}


def test_a_replica_without_policies_is_waived() -> None:
    assert {rule for rule, _ in judged(waived=True)} == {"ENC3"}


def test_a_table_that_records_changes_in_two_regions_has_no_finding() -> None:
    assert judged(synthesized=with_reader()) == set()
    assert judged(synthesized=with_reader(common=True)) == set()


def edit(kind: str, name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return what gives the resources of a type in the other Region's stack another property; None removes it."""

    def change(bodies: dict[str, Any]) -> None:
        for each in bodies["Test-eu-west-1"]["Resources"].values():
            if each["Type"] == kind:
                each["Properties"].pop(name, None)
                each["Properties"] |= {} if value is None else {name: value}

    return change


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (edit("AWS::Lambda::EventSourceMapping", "Enabled", False), {"AUD2"}),
        (edit("AWS::Lambda::EventSourceMapping", "StartingPosition", "LATEST"), {"AUD2"}),
        (edit("AWS::Lambda::EventSourceMapping", "MaximumRetryAttempts", -1), {"AUD3"}),
        (edit("AWS::Lambda::EventSourceMapping", "DestinationConfig", None), {"AUD4"}),
        (edit("AWS::Logs::LogGroup", "KmsKeyId", None), {"AUD5"}),
        (edit("AWS::Logs::LogGroup", "RetentionInDays", 7), {"AUD6"}),
        (edit("AWS::Lambda::Function", "Environment", {"Variables": {"KEYS": "plain"}}), {"AUD13", "AUD15"}),
        (edit("AWS::CloudWatch::Alarm", "Threshold", 10**9), {"MON5", "MON6", "MON15"}),
    ],
)
def test_the_reader_of_another_region_is_judged_as_that_of_the_own_one(change: Any, rules: set[str]) -> None:
    found = {rule for rule, _ in judged(change, synthesized=with_reader())}
    assert rules <= found
    assert all(rule.startswith(("AUD", "MON", "DET", "BAK")) for rule in found)


def test_the_role_of_the_other_reader_is_judged() -> None:
    def forget_stream(bodies: dict[str, Any]) -> None:
        for each in bodies["Test-eu-west-1"]["Resources"].values():
            if each["Type"] == "AWS::IAM::ManagedPolicy":
                document = each["Properties"]["PolicyDocument"]
                document["Statement"] = [one for one in document["Statement"] if one["Sid"] != "ReadStream"]

    assert ("AUD9", "read the stream") in judged(forget_stream, synthesized=with_reader())


def test_a_common_digest_key_that_may_be_replicated_anywhere_has_a_finding() -> None:
    def open_key(bodies: dict[str, Any]) -> None:
        for each in bodies["Test"]["Resources"].values():
            if each["Type"] == "AWS::KMS::Key" and each["Properties"].get("MultiRegion"):
                for statement in each["Properties"]["KeyPolicy"]["Statement"]:
                    if statement["Action"] == "kms:ReplicateKey":
                        del statement["Condition"]

    assert {rule for rule, _ in judged(open_key, synthesized=with_reader(common=True))} == {"AUD14"}


def test_the_policy_of_the_common_digest_key_is_judged() -> None:
    def open_key(bodies: dict[str, Any]) -> None:
        for each in bodies["Test-eu-west-1"]["Resources"].values():
            if each["Type"] == "AWS::KMS::ReplicaKey":
                statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:GenerateMac", "Resource": "*"}
                each["Properties"]["KeyPolicy"]["Statement"].append(statement)

    assert "AUD14" in {rule for rule, _ in judged(open_key, synthesized=with_reader(common=True))}


def test_a_reader_that_no_construct_has_made_is_judged() -> None:
    """A plain TableV2 with a replica, and somebody's function on the stream of the replica."""
    app = App()
    here, west = (
        Stack(app, name, env=Environment(account=ACCOUNT, region=region))
        for name, region in (("Test", HERE), ("Test-eu-west-1", WEST))
    )
    TableV2(
        here,
        "Table",
        table_name="orders",
        partition_key=Attribute(name="pk", type=AttributeType.STRING),
        replicas=[ReplicaTableProps(region=WEST)],
    )
    function = Function(
        west, "Reader", runtime=Runtime.PYTHON_3_14, handler="index.handler", code=Code.from_inline("handler = print")
    )
    CfnEventSourceMapping(
        west, "Mapping", function_name=function.function_arn, event_source_arn=STREAM, starting_position="LATEST"
    )
    found = judged(synthesized=json.dumps({each.stack_name: each.template for each in app.synth().stacks}))
    assert ("AUD2", WEST) in found
    assert {"AUD3", "AUD4", "AUD5", "AUD9", "MON5", "MON6", "MON15"} <= {rule for rule, _ in found}
    assert {(rule, WEST) for rule in ("BAK1", "BAK3", "ENC1", "ENC3", "OPS1", "BAK5")} <= found
