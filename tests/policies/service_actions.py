"""The actions of AWS services, as the policy engine's package of AWS's service authorization reference has them.

Each action says what it does and on which kinds of resources. The package is newer than parliament's list.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.policies.engine import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable

_DATA = FOLDER / "node_modules" / "@cloud-copilot" / "iam-data" / "data" / "actions"
READING = {"List", "Read"}


class Action(NamedTuple):
    """An action of a service.

    Attributes:
        name: With its service, such as `kms:Decrypt`.
        levels: What it does: `List`, `Read`, `Write`, `Tagging` or `Permissions management`, or several of these.
        resources: The kinds of resources that it works on; none if it works on the account.
    """

    name: str
    levels: frozenset[str]
    resources: frozenset[str]

    @property
    def only_reads(self) -> bool:
        """Whether it changes nothing."""
        return self.levels <= READING


@cache
def actions_of(service: str) -> tuple[Action, ...]:
    """Return every action of a service; none if AWS has no such service."""
    file = _DATA / f"{service}.json"
    found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return tuple(
        Action(
            f"{service}:{each['name']}",
            frozenset(each["accessLevel"].split(", ")),
            frozenset(resource["name"] for resource in each["resourceTypes"]),
        )
        for each in found.values()
    )


def exists(pattern: str) -> bool:
    """Tell whether a name or a pattern stands for any action."""
    return any(covers([pattern], action.name) for action in actions_of(pattern.partition(":")[0]))


def covers(patterns: Iterable[str], name: str) -> bool:
    """Tell whether one of the patterns stands for an action; IAM does not look at case."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
