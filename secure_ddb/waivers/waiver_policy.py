"""What a company demands of waivers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.errors import reject, require_type
from secure_ddb.scoped_values import ScopedValues

if TYPE_CHECKING:
    from datetime import date

    from constructs import Construct, IConstruct


@dataclass(frozen=True, kw_only=True, repr=False)
class WaiverPolicy(BriefRepr):
    """What every waiver in an app or a stage has to keep to. A policy of a scope around it holds as well.

    Attributes:
        longest_days: For how many days from today on a waiver may hold.
        approved_by: Regular expression that the whole text of `Waiver.approved_by` has to match, such as `SEC-[0-9]+`.

    Raises:
        InvalidArgumentError: The days are no positive whole number, or the expression cannot be read.
    """

    longest_days: int = 366
    approved_by: str = ".+"

    def __post_init__(self) -> None:
        """Check every value."""
        if isinstance(self.longest_days, bool) or not isinstance(self.longest_days, int) or self.longest_days < 1:
            reject("longest_days", self.longest_days, "1 or more whole days")
        require_type("approved_by", self.approved_by, str)
        problem = ""
        try:
            re.compile(self.approved_by)
        except re.error as error:
            problem = str(error)
        if problem:
            reject("approved_by", self.approved_by, f"a regular expression ({problem})")

    def apply_to(self, scope: Construct) -> None:
        """Demand it of the waivers of an app, a stage or another scope.

        Raises:
            InvalidArgumentError: The scope has a policy already, or a waiver was used in it before.
        """
        _POLICIES.apply(scope, self)


_POLICIES: ScopedValues[WaiverPolicy] = ScopedValues()


def require_policy(scope: IConstruct, approved_by: str, expires: date) -> None:
    """Reject a waiver that a policy around a scope does not allow.

    Raises:
        InvalidArgumentError: It lasts too long, or has the wrong approver.
    """
    for policy in _POLICIES.of(scope):
        latest = datetime.now(UTC).date() + timedelta(days=policy.longest_days)
        if expires > latest:
            reject("waiver.expires", expires.isoformat(), f"{latest.isoformat()} or earlier, by the WaiverPolicy")
        if not re.fullmatch(policy.approved_by, approved_by):
            reject("waiver.approved_by", approved_by, f"what matches {policy.approved_by}, by the WaiverPolicy")
