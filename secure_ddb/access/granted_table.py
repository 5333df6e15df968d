"""The effect of a grant beyond the role: on the policies and the evidence of the table, if this app makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast
from weakref import WeakKeyDictionary

from secure_ddb.errors import reject

if TYPE_CHECKING:
    from aws_cdk.aws_dynamodb import CfnGlobalTable
    from aws_cdk.aws_iam import IGrantable, IRole
    from constructs import Construct

    from secure_ddb.access.identity_provider_mfa import IdentityProviderMfa
    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.classification import DataClassification
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.perimeter.construct import Perimeter
    from secure_ddb.table_evidence import TableEvidence


class GrantedTable(Protocol):
    """The table's side of a grant. Each method raises `InvalidArgumentError` where the grant cannot be given."""

    def admit_to_stream(self, grantee: IGrantable) -> None:
        """Let a role pass the perimeter of the stream."""

    def accept_management(self) -> None:
        """Let the table be managed."""

    def accept_mfa(self, mfa: IdentityProviderMfa) -> None:
        """Record who states that people sign in with MFA."""

    def accept_export(self, place: str) -> None:
        """Record where exports may go."""


@dataclass(frozen=True, kw_only=True)
class TableMadeHere:
    """A table of this app.

    Attributes:
        table: The table.
        evidence: What it says about itself.
        perimeter: Its perimeter.
        is_recoverable: Whether it has point-in-time recovery.
        classification: How sensitive its items are.
        audit: Its audit trail; None, if other constructs cannot extend it.
    """

    table: MadeTable
    evidence: TableEvidence
    perimeter: Perimeter
    is_recoverable: bool
    classification: DataClassification
    audit: AuditTrail | None = None

    def admit_to_stream(self, grantee: IGrantable) -> None:
        """Name the role in the stream's policy, where that denies others."""
        self.perimeter.admit_to_stream(grantee)

    def accept_management(self) -> None:
        """Let roles of the account manage it."""

    def accept_mfa(self, mfa: IdentityProviderMfa) -> None:
        """Record who states that people sign in with MFA."""
        mfa.record(self.evidence)
        self.evidence.state_on(self.table.resource)

    def accept_export(self, place: str) -> None:
        """Record where exports may go. They read from point-in-time recovery, so an ephemeral table has none."""
        if not self.is_recoverable:
            reject("grant_export", "of an ephemeral table", "a table with point-in-time recovery, which exports read")
        known = self.evidence.settings.get("grant_export")
        self.evidence.settings["grant_export"] = f"{known}; {place}" if known else f"exports of all items to {place}"
        missing = f"who reads exports in {place}, and how they are encrypted"
        if missing not in self.evidence.not_verifiable:
            self.evidence.not_verifiable.append(missing)
        self.evidence.state_on(self.table.resource)

    def accept_scheduled_exports(self, role: IRole, place: str) -> None:
        """Let a function outside of the perimeter export the table, and record where to."""
        if not self.is_recoverable:
            reject("tables", "with an ephemeral table", "tables with point-in-time recovery, which exports read")
        policy = self.perimeter.admit_to_exports(role)
        if policy is not None:
            resource = cast("CfnGlobalTable", self.table.resource.node.default_child)
            resource.add_property_override("Replicas.0.ResourcePolicy.PolicyDocument", policy)
        self._record("exports", f"on a schedule to {place}")

    def accept_expired_items(self, place: str) -> None:
        """Record where items go that expire."""
        self._record("expired_items", f"kept in {place}")

    def accept_application_reads(self, place: str) -> None:
        """Record which log has the applications' reads, and that its completeness cannot be verified here."""
        self.evidence.not_verifiable.append(f"which reads applications log in {place}")
        self._record("application_reads", f"logged in {place}")

    def accept_change_stream(self, place: str) -> None:
        """Record which Kinesis stream has the changes, and that its readers cannot be verified here."""
        self.evidence.not_verifiable.append(f"who reads the Kinesis stream in {place}")
        self._record("change_stream", f"sends every change, old and new item included, to {place}")

    def _record(self, name: str, what: str) -> None:
        known = self.evidence.settings.get(name)
        self.evidence.settings[name] = f"{known}; {what}" if known else what
        self.evidence.state_on(self.table.resource)


_made: WeakKeyDictionary[Construct, TableMadeHere] = WeakKeyDictionary()


def remember(table: Construct, made: TableMadeHere) -> None:
    """Remember a table's side of grants, for other constructs that work on the table."""
    _made[table] = made


def arn_by_name(table: Construct) -> str:
    """Return the ARN of a `SecureTable`, made of its name: policies of other stacks then refer to none of its stack."""
    return made_here(table).table.literal_arn


def made_here(table: Construct) -> TableMadeHere:
    """Return the side of a `SecureTable` of this app."""
    return _made[table]
