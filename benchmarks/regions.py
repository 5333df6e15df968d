"""Counts what a replica costs beside its table: calls into CDK, and resources in its Region.

Run with `python -m benchmarks.regions`. Counts do not depend on the machine.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from benchmarks.jsii_calls import counted_calls
from secure_ddb import Ownership, ReplicaSettings, SecureTable

# The goal that the project has set itself: of the calls of a table with one Region.
MOST_CALLS = 0.6
REGIONS = ("eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "us-east-1")

_OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")
_KEY = Attribute(name="pk", type=AttributeType.STRING)


@dataclass(frozen=True)
class Count:
    """What a table in some Regions costs.

    Attributes:
        calls: Calls into CDK.
        resources: Resources in each further Region.
    """

    calls: int
    resources: list[int]


def count(replicas: int) -> Count:
    """Return what the second table of a stack costs: the first one also makes the stacks of the Regions."""
    app = App()
    stack = Stack(app, "Tables", env=Environment(account="111122223333", region="eu-central-1"))
    settings = [ReplicaSettings(region) for region in REGIONS[:replicas]]
    for name in ("First", "Second"):
        with counted_calls() as calls:
            SecureTable(stack, name, partition_key=_KEY, ownership=_OWNERSHIP, replicas=settings)
    there = (app.synth().get_stack_by_name(f"Tables-{each.region}").template for each in settings)
    return Count(calls.total, [len(each["Resources"]) // 2 for each in there])


def main() -> None:
    """Print what replicas cost."""
    counts = [count(replicas) for replicas in range(len(REGIONS) + 1)]
    alone = counts[0].calls
    print("replicas    calls    each replica, of a table's calls    resources in each Region")
    for replicas, each in enumerate(counts):
        share = f"{(each.calls - alone) / replicas / alone:.2f}" if replicas else ""
        print(f"{replicas:8}{each.calls:9}{share:>36}    {', '.join(map(str, each.resources))}")
    print(f"goal: at most {MOST_CALLS} of a table's calls")


if __name__ == "__main__":
    os.environ.setdefault("CDK_VALIDATION", "false")
    main()
