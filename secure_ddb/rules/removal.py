"""Whether a resource stays when it leaves its stack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.rules.resources import Resource
    from secure_ddb.rules.tables import Table

RETAIN = {"Retain", "RetainExceptOnCreate"}


def retained(resource: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Say whether a resource outlives its stack, and its own replacement."""
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        value = resource.body.get(attribute)
        # The language extensions allow a reference here, which only the deployment knows.
        answer = None if isinstance(value, dict) else str(value) in RETAIN
        detail = f"{attribute} is {value}" if value else f"{attribute} is missing, which means Delete"
        yield judged(resource, attribute, answer, detail, key=attribute, tables=tables)
