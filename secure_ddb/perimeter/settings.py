"""The settings of the perimeter."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.network.policy import require_organization
from secure_ddb.table_evidence import Guarantee
from secure_ddb.tokens import is_token
from secure_ddb.waivers.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_iam import IRole

    from secure_ddb.context import TableContext


class PerimeterMode(Enum):
    """The treatment of requests from outside the perimeter."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


@dataclass(frozen=True, kw_only=True, repr=False)
class PerimeterSettings(BriefRepr):
    """The principals and networks that reach the table's items and its stream.

    Attributes:
        mode: ENFORCE denies requests from outside in the policies of table and stream. OBSERVE changes no decision; it
            counts requests that ENFORCE would deny, and raises an alarm. It needs `AuditSettings(reads=TableTrail())`.
        organization_id: Principals of this organization pass, instead of those of the table's account only.
        exempt_roles: Roles that pass from everywhere, such as a break-glass role, and those with which Lambda polls
            the stream for functions of yours (docs/stream-consumers.md). A role of another stack that also
            names this table has to be imported by its ARN, or both stacks would wait for each other.
        corporate_cidrs: Public addresses of company networks, from which requests pass as well.
        observe_approval: Above CONFIDENTIAL, OBSERVE needs this waiver.

    Raises:
        InvalidArgumentError: A value has the wrong type or form.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
    """

    mode: PerimeterMode = PerimeterMode.ENFORCE
    organization_id: str | None = None
    exempt_roles: Sequence[IRole] = ()
    corporate_cidrs: Sequence[str] = ()
    observe_approval: Waiver | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        require_type("perimeter.mode", self.mode, PerimeterMode, "PerimeterMode.OBSERVE or PerimeterMode.ENFORCE")
        if self.organization_id is not None:
            require_organization("perimeter.organization_id", self.organization_id)
        require_type("perimeter.exempt_roles", self.exempt_roles, (list, tuple), "a list of aws_iam.IRole")
        for position, role in enumerate(self.exempt_roles):
            name = f"perimeter.exempt_roles[{position}]"
            require_interface(name, role, "role_arn", "an aws_iam.IRole")
            if not is_token(role.role_arn) and set("*?") & set(role.role_arn):
                reject(name, role.role_arn, "one role: a pattern could exempt all of them")
        require_type("perimeter.corporate_cidrs", self.corporate_cidrs, (list, tuple), "a list of CIDR blocks")
        for position, block in enumerate(self.corporate_cidrs):
            _require_public_cidr(f"perimeter.corporate_cidrs[{position}]", block)
        if self.observe_approval is not None:
            require_type("perimeter.observe_approval", self.observe_approval, Waiver)
            if self.mode is not PerimeterMode.OBSERVE:
                reject("perimeter.observe_approval", "given", "only with PerimeterMode.OBSERVE")

    def check(self, context: TableContext) -> None:
        """Reject a mode below the classification's floor, and record the settings."""
        classification, evidence = context.classification, context.evidence
        if self.mode is PerimeterMode.OBSERVE and classification.floor.must_enforce_perimeter:
            if self.observe_approval is None:
                allowed = f"PerimeterMode.ENFORCE for {classification.name}, or perimeter.observe_approval=Waiver(...)"
                reject("perimeter.mode", "OBSERVE", allowed)
            evidence.waive(Guarantee.PERIMETER, self.observe_approval)
        if self != DEFAULT_PERIMETER or not classification.floor.must_enforce_perimeter:
            evidence.settings["perimeter"] = self._text()

    def check_reach(self, *, has_endpoints: bool, records_reads: bool) -> None:
        """Reject a perimeter through which no request reaches an item, and OBSERVE without data events to count."""
        if not (has_endpoints or self.exempt_roles or self.corporate_cidrs):
            allowed = (
                "endpoints, perimeter.exempt_roles or perimeter.corporate_cidrs: otherwise nothing can access items"
            )
            reject("perimeter", f"{self.mode.name} and nothing inside", allowed)
        if self.mode is PerimeterMode.OBSERVE and not records_reads:
            allowed = "audit=AuditSettings(reads=TableTrail()), whose data events are what OBSERVE counts"
            reject("perimeter.mode", "OBSERVE", allowed)

    def _text(self) -> str:
        parts = [self.mode.value]
        if self.organization_id:
            parts.append(f"organization {self.organization_id}")
        if self.exempt_roles:
            parts.append(f"exempt roles: {len(self.exempt_roles)}")
        if self.corporate_cidrs:
            parts.append(f"from {', '.join(self.corporate_cidrs)}")
        return "; ".join(parts)


DEFAULT_PERIMETER = PerimeterSettings()


def _require_public_cidr(argument: str, block: object) -> None:
    allowed = "a CIDR block of public addresses, such as 203.0.113.0/24"
    if not isinstance(block, str) or is_token(block):
        reject(argument, block, allowed)
    try:
        network = ipaddress.ip_network(block)
    except ValueError:
        network = None
    if network is None or "/" not in block:
        reject(argument, block, allowed)
    # DynamoDB sees a private address only through an endpoint, and then it is not aws:SourceIp.
    if network.prefixlen == 0 or any(
        network.overlaps(private) for private in _PRIVATE if private.version == network.version
    ):
        reject(argument, block, allowed)


# https://datatracker.ietf.org/doc/html/rfc1918, and the like for IPv6
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
