"""Counts what a table costs alone, and with shared resources: resources, alarms, keys and calls into CDK.

Run with `python -m benchmarks.sharing`. Counts do not depend on the machine.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from benchmarks.jsii_calls import counted_calls
from secure_ddb import EncryptionSettings, Ownership, SecureTable, SharedResources

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def count() -> tuple[Counts, Counts, Counts, Counts]:
    """Return what the tenth table costs alone, with shared resources, and with their key, and what these cost."""
    app = App()
    environment = Environment(account="111122223333", region="eu-central-1")
    names = ("Platform", "Alone", "Sharing", "OneKey")
    platform, alone, sharing, one_key = (Stack(app, name, env=environment) for name in names)
    with counted_calls() as platform_calls:
        shared = SharedResources(platform, "Shared", ownership=_OWNERSHIP)
    for number in range(TABLES):
        with counted_calls() as alone_calls:
            SecureTable(alone, f"Table{number}", partition_key=_KEY, ownership=_OWNERSHIP)
    for number in range(TABLES):
        with counted_calls() as sharing_calls:
            SecureTable(sharing, f"Table{number}", partition_key=_KEY, ownership=_OWNERSHIP, shared_resources=shared)
    encryption = EncryptionSettings(key=shared.encryption_key)
    for number in range(TABLES):
        with counted_calls() as one_key_calls:
            SecureTable(
                one_key,
                f"Table{number}",
                partition_key=_KEY,
                ownership=_OWNERSHIP,
                shared_resources=shared,
                encryption=encryption,
            )
    assembly = app.synth()
    of_last = f"Table{TABLES - 1}"
    return (
        Counts(_types(assembly.get_stack_by_name("Alone").template, of_last), alone_calls.total),
        Counts(_types(assembly.get_stack_by_name("Sharing").template, of_last), sharing_calls.total),
        Counts(_types(assembly.get_stack_by_name("OneKey").template, of_last), one_key_calls.total),
        Counts(_types(assembly.get_stack_by_name("Platform").template, "Shared"), platform_calls.total),
    )


def _types(template: dict[str, dict[str, dict[str, str]]], beginning: str) -> Counter[str]:
    resources = template["Resources"].items()
    return Counter(resource["Type"] for name, resource in resources if name.startswith(beginning))


def main() -> None:
    """Print what tables cost."""
    counts = count()
    alone, *rest, _ = counts
    print(f"{'':24}{'alone':>10}{'sharing':>10}{'and key':>10}{'shared':>10}   goal")
    goals = f"at most {MOST_RESOURCES_ALONE} and {MOST_RESOURCES_SHARED}"
    print(f"{'resources':24}{_columns(each.resources for each in counts)}   {goals}")
    for title, kind in (("KMS keys", "AWS::KMS::Key"), ("alarms", "AWS::CloudWatch::Alarm")):
        print(f"{title:24}{_columns(each.types[kind] for each in counts)}")
    print(f"{'calls into CDK':24}{_columns(each.calls for each in counts)}   {MOST_CALLS_SHARED} sharing")
    in_stack = (_RESOURCES_OF_STACK // each.resources for each in (alone, *rest))
    print(f"{'tables in a stack':24}{_columns(in_stack)}{'':10}   at least {LEAST_TABLES_IN_STACK} sharing")


def _columns(numbers: Iterable[int]) -> str:
    return "".join(f"{number:>10}" for number in numbers)


if __name__ == "__main__":
    os.environ["CDK_VALIDATION"] = "false"
    main()
