"""Whether a table outlives its stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy

from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from secure_ddb.classification import DataClassification
    from secure_ddb.table_evidence import TableEvidence


@dataclass(frozen=True)
class Lifecycle:
    """The fate of a table and its resources when their stack is deleted.

    Made with `Lifecycle.retained()`, the default, or `Lifecycle.ephemeral()`.
    """

    reason: str = ""

    def __post_init__(self) -> None:
        """Reject a reason that is none."""
        require_type("reason", self.reason, str)
        if self.reason and not self.reason.strip():
            reject("reason", self.reason, "a sentence that says why this table may be lost")

    @classmethod
    def retained(cls) -> Lifecycle:
        """Keep the table, its key, backups and audit records when the stack is deleted."""
        return cls()

    @classmethod
    def ephemeral(cls, *, reason: str) -> Lifecycle:
        """Let everything go away with the stack, for integration tests and feature branches.

        No resource is retained, deletion protection and point-in-time recovery are off, and the key waits for the
        shortest time that AWS KMS allows (7 days). There are no scheduled backups either: a vault that holds recovery
        points cannot be deleted, and neither can the system backup that DynamoDB keeps of a deleted table with
        point-in-time recovery. Refused for tables classified above INTERNAL.

        Args:
            reason: Why the table may be lost; shown in the summary of the synth.

        Raises:
            InvalidArgumentError: The reason is empty.
        """
        lifecycle = cls(reason)
        if not lifecycle.is_ephemeral:
            reject("reason", reason, "a sentence that says why this table may be lost")
        return lifecycle

    def check(self, classification: DataClassification, evidence: TableEvidence) -> None:
        """Reject an ephemeral table whose classification does not allow it, and record the reason."""
        if self.is_ephemeral and not classification.floor.may_be_ephemeral:
            reject("lifecycle", f"ephemeral ({self.reason})", f"Lifecycle.retained() for {classification.name}")
        evidence.ephemeral = self.reason

    @property
    def is_ephemeral(self) -> bool:
        """Whether the table goes away with its stack."""
        return bool(self.reason)

    @property
    def removal_policy(self) -> RemovalPolicy:
        """The removal policy of a resource that leaves the stack.

        A creation that fails takes retained resources along, so that the next attempt does not find their names taken.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        """
        return RemovalPolicy.DESTROY if self.is_ephemeral else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE

    @property
    def protected_removal_policy(self) -> RemovalPolicy:
        """The removal policy of a resource with deletion protection, which CloudFormation could not delete."""
        return RemovalPolicy.DESTROY if self.is_ephemeral else RemovalPolicy.RETAIN

    @property
    def key_deletion_window_in_days(self) -> int:
        """How long a key that is scheduled for deletion can still be rescued."""
        return 7 if self.is_ephemeral else 30
