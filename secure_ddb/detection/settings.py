"""Settings of detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.claim import require_claim
from secure_ddb.detection.networks import WatchedNetwork, require_networks
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import MANAGEMENT_EVENTS
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.table_evidence import TableEvidence

# From GuardDuty's "medium" on.
# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
_MEDIUM = 4.0
_SEVERITIES = (1, 10)
# Each takes about 70 of the 2,048 characters of a pattern.
_MOST_ROLES = 10


@dataclass(frozen=True, kw_only=True)
class ManagementTrail:
    """The statement that a trail logs the management events of the account and Region. Nothing here can verify it.

    It goes into the template and into the summary, as claimed.

    Attributes:
        trail: Which trail, by name or ARN.
        stated_by: Source of the claim, such as a ticket of the security team.

    Raises:
        InvalidArgumentError: A text is empty or not known at synth.
    """

    trail: str
    stated_by: str

    def __post_init__(self) -> None:
        """Reject an empty claim."""
        require_claim(MANAGEMENT_EVENTS, self)


@dataclass(frozen=True, kw_only=True, repr=False)
class DetectionSettings(BriefRepr):
    """The detections of an account and Region. docs/detection.md lists the messages.

    Attributes:
        guard_duty_severity: The severity from which on findings of GuardDuty are reported, 1 to 10. From 4 on they are
            "medium", from 7 on "high", from 9 on "critical".
        expected_denials: Names of roles whose denied requests are not reported, such as a scanner's. At most 10.
        trail: The trail that logs the management events of the account and Region, as claimed. Without any, no
            call of an API is reported.
        runbook_url: The page with the company's runbooks; messages link to `#key-changed` and the like on it. Unless
            given, they name the section of docs/detection.md.
        networks: VPCs whose rejected traffic to DynamoDB raises an alarm.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range.
    """

    guard_duty_severity: float = _MEDIUM
    expected_denials: Sequence[str] = ()
    trail: ManagementTrail | None = None
    runbook_url: str = ""
    networks: Sequence[WatchedNetwork] = ()

    def __post_init__(self) -> None:
        """Check every value."""
        severity, (least, most) = self.guard_duty_severity, _SEVERITIES
        require_type("detection.guard_duty_severity", severity, (int, float), "a number")
        if isinstance(severity, bool) or not least <= severity <= most:
            reject("detection.guard_duty_severity", severity, f"{least} to {most}")
        roles = self.expected_denials
        if isinstance(roles, str) or not isinstance(roles, Sequence) or len(roles) > _MOST_ROLES:
            reject("detection.expected_denials", roles, f"a list of at most {_MOST_ROLES} names of roles")
        for position, role in enumerate(roles):
            _require_role_name(f"detection.expected_denials[{position}]", role)
        if self.trail is not None:
            require_type("detection.trail", self.trail, ManagementTrail, "ManagementTrail or None")
        require_networks(self.networks)
        require_type("detection.runbook_url", self.runbook_url, str)
        url = self.runbook_url
        if url and (not url.startswith("https://") or any(each in url for each in '<>"#\\ ')):
            reject("detection.runbook_url", url, "the URL of a page that begins with https://, without #")

    def record(self, evidence: TableEvidence) -> None:
        """Record the claim, and what differs from the default."""
        evidence.compare("detection.guard_duty_severity", self.guard_duty_severity, _MEDIUM)
        if self.expected_denials:
            evidence.settings["detection.expected_denials"] = ", ".join(self.expected_denials)
        if self.networks:
            evidence.settings["detection.networks"] = ", ".join(each.vpc.node.path for each in self.networks)
        if self.trail is not None:
            evidence.claims[MANAGEMENT_EVENTS] = (
                f"{self.trail.trail} logs the management events of the account and Region "
                f"(stated by {self.trail.stated_by})"
            )


def _require_role_name(argument: str, role: object) -> None:
    if not isinstance(role, str) or is_token(role) or not _is_role_name(role):
        reject(argument, role, "the name of a role, without path, known at synth")


def _is_role_name(text: str) -> bool:
    longest = 64
    return 0 < len(text) <= longest and all(each.isascii() and (each.isalnum() or each in "+=,.@-_") for each in text)
