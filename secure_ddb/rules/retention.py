"""Whether a resource stays when it leaves its stack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import ABSENT, is_unknown, resolve
from secure_ddb.rules.rule import Judgement, judged, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

RETAIN = {"Retain", "RetainExceptOnCreate"}


def retained(resource: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Judge whether a resource outlives its stack, and its own replacement."""
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        # The language extensions allow functions here.
        value = resolve(resource.body.get(attribute), resource.template)
        answer = None if is_unknown(value) else isinstance(value, str) and value in RETAIN
        missing = value is None or value is ABSENT
        detail = f"{attribute} is missing, which means Delete" if missing else f"{attribute} is {shown(value)}"
        yield judged(resource, attribute, answer, detail, key=attribute, tables=tables)


def policies_retained(assembly: Assembly, bucket: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Judge whether the policies of a bucket outlive their stack as well, so that their denials stay in force."""
    for policy in assembly.policies.on(bucket):
        yield from retained(policy.resource, tables)
