"""Facts about resource types: properties that cannot be changed, and the data that is lost with a resource.

The schemas are large, so `facts.json` has only the lists that matter here. `python -m tests.planning.schema_facts`
writes them anew from the schemas that cfn-lint ships; `holds` is ours.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Facts(NamedTuple):
    """The facts about a resource type.

    Attributes:
        create_only: Properties that can only be set when a resource is created. Another value replaces it.
        conditional_create_only: Properties that can be changed under some conditions. Otherwise it is replaced.
        holds: The data that is lost with a resource, as in "with its items"; empty if another one is as good.
    """

    create_only: tuple[str, ...] = ()
    conditional_create_only: tuple[str, ...] = ()
    holds: str = ""

    @property
    def stateful(self) -> bool:
        """Whether something is lost with a resource."""
        return bool(self.holds)


def facts_of(kind: str) -> Facts | None:
    """Return the facts about a resource type, if any are known."""
    return _all_facts().get(kind)


@cache
def _all_facts() -> dict[str, Facts]:
    text = files("secure_ddb.planning").joinpath("facts.json").read_text(encoding="utf-8")
    return {
        kind: Facts(tuple(each["create_only"]), tuple(each["conditional_create_only"]), each["holds"])
        for kind, each in json.loads(text).items()
    }
