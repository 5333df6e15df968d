"""Settings of an archive in a security account (AUD-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import ARCHIVE
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.context import TableContext

_ARN = re.compile(r"arn:aws:logs:([a-z0-9-]+):(\d{12}):destination:[^:*]{1,512}")


@dataclass(frozen=True, kw_only=True, repr=False)
class ArchiveDestination(BriefRepr):
    """The archive of the audit log is in a security account, which has an `AuditDestination`.

    Attributes:
        arn: ARN of the destination of CloudWatch Logs there: `AuditDestination.destination_arn`.

    Raises:
        InvalidArgumentError: It is no such ARN, or known only at deployment.
    """

    arn: str

    def __post_init__(self) -> None:
        """Reject anything but a destination."""
        require_type("audit.archive.arn", self.arn, str)
        if is_token(self.arn) or not _ARN.fullmatch(self.arn):
            given = "known only at deployment" if is_token(self.arn) else self.arn
            reject("audit.archive.arn", given, "arn:aws:logs:REGION:ACCOUNT:destination:NAME")

    def check(self, context: TableContext) -> None:
        """Compare with the stack, and record where the log goes.

        Raises:
            InvalidArgumentError: The destination is in another Region, where CloudWatch Logs cannot send, or in the
                table's own account.

        Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions-Firehose.html
        """
        environment = context.environment
        region, account = self._place
        if region != environment.region:
            reject("audit.archive.arn", self.arn, f"a destination in {environment.region}, as the log group")
        if account == environment.account:
            reject(
                "audit.archive.arn",
                self.arn,
                "a destination in another account than the table's; ArchiveSettings() makes an archive in the same",
            )
        context.evidence.settings[ARCHIVE] = f"in account {account}, by {self.arn}"
        context.evidence.not_verifiable.append(f"that {self.arn} takes the lines, and how they are kept there")

    @property
    def _place(self) -> tuple[str, str]:
        found = _ARN.fullmatch(self.arn)
        assert found is not None  # noqa: S101 - __post_init__ has seen to it
        return found[1], found[2]
