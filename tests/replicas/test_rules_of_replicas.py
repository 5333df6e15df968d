"""Rules judge a table in each of its Regions, also one that no construct of this library has made."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Environment, Stack

from secure_ddb import ReplicaSettings
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


@cache
def written(*, waived: bool = False) -> str:
    """Return the templates of a table with a replica: name of the stack to template, as JSON."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account=ACCOUNT, region=HERE))
    orders(stack, replicas=[ReplicaSettings(WEST, without_policies=WAIVER if waived else None)])
    return json.dumps({each.stack_name: each.template for each in app.synth().stacks})


def judged(change: Callable[[dict[str, Any]], None] = lambda _: None, *, waived: bool = False) -> set[tuple[str, str]]:
    """Return the findings that are open, or waived: rule and key."""
    bodies = json.loads(written(waived=waived))
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
