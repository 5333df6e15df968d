"""An opt-out is a value with a reason and an end. Nothing else in this library acknowledges a finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Stack, Stage, Validations

from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.waivers.stated_waiver import StatedWaiver
from secure_ddb.waivers.waiver_policy import require_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import IConstruct


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A guarantee given up, or a finding accepted, for a reason and until a date.

    Attributes:
        reason: Why; shown in the summary and in the validation report.
        approved_by: The approval, such as a ticket of the security team.
        expires: The last day on which it holds; from the next day on, making it fails the synth.

    Raises:
        InvalidArgumentError: A text is empty, or the date is not a date or has passed.
    """

    reason: str
    approved_by: str
    expires: date

    def __post_init__(self) -> None:
        """Reject a waiver that explains nothing or has run out."""
        for argument in ("reason", "approved_by"):
            value = getattr(self, argument)
            require_type(f"waiver.{argument}", value, str)
            if not value.strip():
                reject(f"waiver.{argument}", value, "a text that a security reviewer can act on")
        if type(self.expires) is not date:
            reject("waiver.expires", self.expires, "a datetime.date")
        today = datetime.now(UTC).date()
        if self.expires < today:
            reject(
                "waiver.expires",
                self.expires.isoformat(),
                f"today ({today.isoformat()}) or later: renew or remove it",
            )

    def __str__(self) -> str:
        """Return everything in one line."""
        return str(self.stated)

    @property
    def stated(self) -> StatedWaiver:
        """The waiver as a template and a report keep it."""
        return StatedWaiver(self.reason, self.approved_by, self.expires)

    def acknowledge(self, scope: IConstruct, *rules: str) -> None:
        """Accept findings on this construct and its children.

        Args:
            scope: The resource that the finding names; a stack is refused.
            rules: Findings in the form `Pack::Rule`, such as `AwsSolutions::AwsSolutions-DDB3`.

        Raises:
            InvalidArgumentError: A rule lacks its pack, so that the report would lose it, or a `WaiverPolicy` around
                the construct does not allow the waiver.
        """
        require_interface("scope", scope, "node", "the construct that the finding names")
        self.require_policy(scope)
        acknowledge(scope, dict.fromkeys(rules, str(self)))

    def require_policy(self, scope: IConstruct) -> None:
        """Compare with the policies of the scopes around a construct.

        Raises:
            InvalidArgumentError: A `WaiverPolicy` does not allow it.
        """
        require_policy(scope, self.approved_by, self.expires)


def acknowledge(scope: IConstruct, reasons: Mapping[str, str]) -> None:
    """Mark findings on a construct and its children as answered: `Pack::Rule` to reason.

    With the pack's name in front, the finding stays in the validation report with its reason; with the bare
    rule id it would vanish from there without a trace.

    Raises:
        InvalidArgumentError: A rule lacks its pack, or the scope is a stack.
    """
    require_interface("scope", scope, "node", "the construct that the finding names")
    if isinstance(scope, Stack | Stage):
        reject("scope", scope.node.path, "the construct that the finding names: on a stack it would cover everything")
    for rule in reasons:
        if not isinstance(rule, str) or not all(rule.split("[", maxsplit=1)[0].partition("::")):
            reject("rule", rule, "Pack::Rule, such as AwsSolutions::AwsSolutions-DDB3")
    Validations.of(scope).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items()))
