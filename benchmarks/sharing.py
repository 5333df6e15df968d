"""Counts what a table costs alone, and with shared resources: resources, alarms, keys and calls into CDK.

Run with `python -m benchmarks.sharing`. Counts do not depend on the machine.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from benchmarks.jsii_calls import counted_calls
from secure_ddb import Ownership, SecureTable, SharedResources

TABLES = 10
# The goals that the project has set itself.
MOST_RESOURCES_ALONE = 33
MOST_RESOURCES_SHARED = 12
LEAST_TABLES_IN_STACK = 40
MOST_CALLS_SHARED = 25
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_RESOURCES_OF_STACK = 500

_OWNERSHIP = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")
_KEY = Attribute(name="pk", type=AttributeType.STRING)


@dataclass(frozen=True)
class Counts:
    """What something costs.

    Attributes:
        types: Resource type to how many there are.
        calls: Calls into CDK.
    """

    types: Counter[str]
    calls: int

    @property
    def resources(self) -> int:
        """How many resources it is."""
        return self.types.total()


def count() -> tuple[Counts, Counts, Counts]:
    """Return what the tenth table costs alone and with shared resources, and what the shared resources cost."""
    app = App()
    environment = Environment(account="111122223333", region="eu-central-1")
    platform, alone, sharing = (Stack(app, name, env=environment) for name in ("Platform", "Alone", "Sharing"))
    with counted_calls() as platform_calls:
        shared = SharedResources(platform, "Shared", ownership=_OWNERSHIP)
    for number in range(TABLES):
        with counted_calls() as alone_calls:
            SecureTable(alone, f"Table{number}", partition_key=_KEY, ownership=_OWNERSHIP)
    for number in range(TABLES):
        with counted_calls() as sharing_calls:
            SecureTable(sharing, f"Table{number}", partition_key=_KEY, ownership=_OWNERSHIP, shared_resources=shared)
    assembly = app.synth()
    of_last = f"Table{TABLES - 1}"
    return (
        Counts(_types(assembly.get_stack_by_name("Alone").template, of_last), alone_calls.total),
        Counts(_types(assembly.get_stack_by_name("Sharing").template, of_last), sharing_calls.total),
        Counts(_types(assembly.get_stack_by_name("Platform").template, "Shared"), platform_calls.total),
    )


def _types(template: dict[str, dict[str, dict[str, str]]], beginning: str) -> Counter[str]:
    resources = template["Resources"].items()
    return Counter(resource["Type"] for name, resource in resources if name.startswith(beginning))


def main() -> None:
    """Print what tables cost."""
    alone, sharing, shared = count()
    print(f"{'':24}{'alone':>10}{'sharing':>10}{'shared':>10}   goal")
    goals = f"at most {MOST_RESOURCES_ALONE} and {MOST_RESOURCES_SHARED}"
    print(f"{'resources':24}{alone.resources:>10}{sharing.resources:>10}{shared.resources:>10}   {goals}")
    for title, kind in (("KMS keys", "AWS::KMS::Key"), ("alarms", "AWS::CloudWatch::Alarm")):
        print(f"{title:24}{alone.types[kind]:>10}{sharing.types[kind]:>10}{shared.types[kind]:>10}")
    print(f"{'calls into CDK':24}{alone.calls:>10}{sharing.calls:>10}{shared.calls:>10}   {MOST_CALLS_SHARED} sharing")
    in_stack = [_RESOURCES_OF_STACK // counts.resources for counts in (alone, sharing)]
    least = f"at least {LEAST_TABLES_IN_STACK} sharing"
    print(f"{'tables in a stack':24}{in_stack[0]:>10}{in_stack[1]:>10}{'':10}   {least}")


if __name__ == "__main__":
    os.environ["CDK_VALIDATION"] = "false"
    main()
