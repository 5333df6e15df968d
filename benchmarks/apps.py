"""Apps with a number of tables, made either way, and the proof that both ways make the same resources."""

from __future__ import annotations

import gc
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from benchmarks.handwritten import HandwrittenTable
from benchmarks.jsii_calls import counted_calls
from secure_ddb import Ownership, SecureTable

if TYPE_CHECKING:
    from collections.abc import Callable

    Variant = Callable[[Stack, str], object]

# CloudFormation takes 500 resources per stack: 16 tables at most.
TABLES_PER_STACK = 10

_ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
OWNERSHIP = Ownership(owner="payments@example.com", cost_center="4711", application="payments", environment="prod")
PARTITION_KEY = Attribute(name="pk", type=AttributeType.STRING)


class DifferentResourcesError(Exception):
    """The two variants do not make the same resources, so there is nothing to compare."""


def secure(stack: Stack, name: str) -> None:
    """Make a table with the library."""
    SecureTable(stack, name, partition_key=PARTITION_KEY, ownership=OWNERSHIP)


def handwritten(stack: Stack, name: str) -> None:
    """Make a table without it."""
    tags = {**OWNERSHIP.tags(), "DataClassification": "confidential"}
    HandwrittenTable(stack, name, partition_key=PARTITION_KEY, tags=tags)


@dataclass(frozen=True)
class Timing:
    """Seconds that an app took."""

    construct: float
    synth: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.construct + self.synth


@dataclass(frozen=True)
class Output:
    """What an app's assembly holds.

    Attributes:
        resources: Resource type to number.
        acknowledged: Acknowledged finding to number.
        template_bytes: Size of all templates, as they were written.
    """

    resources: Counter[str]
    acknowledged: Counter[str]
    template_bytes: int


def timed(variant: Variant, tables: int, per_stack: int = TABLES_PER_STACK) -> Timing:
    """Make an app and take the time, from the first line of the app to its last."""
    with TemporaryDirectory() as folder:
        # What earlier apps left behind is not this one's to clear away.
        gc.collect()
        start = time.perf_counter()
        app = _construct(variant, tables, per_stack, folder)
        constructed = time.perf_counter()
        app.synth()
        end = time.perf_counter()
    return Timing(construct=constructed - start, synth=end - constructed)


def calls(variant: Variant, tables: int, per_stack: int = TABLES_PER_STACK) -> int:
    """Make an app and return how many messages went to CDK's Node process."""
    with TemporaryDirectory() as folder, counted_calls() as count:
        _construct(variant, tables, per_stack, folder).synth()
    return count.total


def output(variant: Variant, tables: int, per_stack: int = TABLES_PER_STACK) -> Output:
    """Make an app and look at what it wrote."""
    with TemporaryDirectory() as folder:
        _construct(variant, tables, per_stack, folder).synth()
        resources: Counter[str] = Counter()
        acknowledged: Counter[str] = Counter()
        template_bytes = 0
        for template in Path(folder).glob("*.template.json"):
            template_bytes += template.stat().st_size
            content = json.loads(template.read_text(encoding="utf-8"))
            resources.update(resource["Type"] for resource in content["Resources"].values())
        for metadata in Path(folder).glob("*.metadata.json"):
            for entries in json.loads(metadata.read_text(encoding="utf-8")).values():
                for entry in entries:
                    if entry["type"] == "aws:cdk:acknowledged-rules":
                        acknowledged.update(entry["data"].keys())
    return Output(resources, acknowledged, template_bytes)


def require_same_resources() -> Counter[str]:
    """Return the resources of one table.

    Raises:
        DifferentResourcesError: A variant makes more of something, or acknowledges other findings.
    """
    ours, theirs = output(secure, 1), output(handwritten, 1)
    if not ours.resources:
        raise DifferentResourcesError("SecureTable makes no resources")
    pairs = ((ours.resources, theirs.resources), (ours.acknowledged, theirs.acknowledged))
    differences = [
        f"{name}: {mine[name]} by SecureTable, {other[name]} by hand"
        for mine, other in pairs
        for name in sorted(mine | other)
        if mine[name] != other[name]
    ]
    if differences:
        raise DifferentResourcesError("\n".join(["The variants differ:", *differences]))
    return ours.resources


def _construct(variant: Variant, tables: int, per_stack: int, folder: str) -> App:
    app = App(outdir=folder)
    for number in range(tables):
        if number % per_stack == 0:
            stack = Stack(app, f"Stack{number // per_stack}", env=_ENVIRONMENT)
        variant(stack, f"Table{number}")
    return app
