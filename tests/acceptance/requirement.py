"""A permission that an AWS service needs of our policies, with the source that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Context = dict[str, str | list[str] | None]


class Moment(StrEnum):
    """When the service needs the permission."""

    CREATION = "when it is made"
    RUN_TIME = "when it runs"


class Check(StrEnum):
    """Which policies the service evaluates."""

    ALL_POLICIES = "all policies together"
    # The service evaluates the role's own policies before it accepts the role: a resource policy can deny, not allow.
    ROLE_ALONE = "the role's own policies"


class Basis(StrEnum):
    """What the requirement rests on."""

    AWS_PAGE = "AWS page"
    MANAGED_POLICY = "AWS managed policy"
    THIRD_PARTY = "third party's record"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A permission that a service needs.

    Attributes:
        service: The service that needs it.
        moment: When.
        who: The principal: a role of the template by its construct id, a service, or a name in `deployments.STRANGERS`.
        actions: The actions, all of which have to be allowed.
        on: The resource, by a name that `deployments.py` knows.
        context: Condition keys of the request.
        check: Which policies the service evaluates.
        basis: What kind of source says so.
        source: Address of the page or record, or name of the managed policy.
        configurations: The configurations whose policies have to allow it.
    """

    service: str
    moment: Moment
    who: str
    actions: tuple[str, ...]
    on: str
    context: Mapping[str, str | list[str] | None] = field(default_factory=dict)
    check: Check = Check.ALL_POLICIES
    basis: Basis = Basis.AWS_PAGE
    source: str
    configurations: tuple[str, ...] = ("minimal",)

    def __str__(self) -> str:
        """Return the requirement in one line."""
        return f"{self.service}, {self.moment}: {self.who}: {', '.join(self.actions)} on {self.on}"
