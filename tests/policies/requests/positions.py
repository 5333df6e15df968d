"""Where attackers may stand: the rows of docs/threat-model.md."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.policies.requests.endpoints import OUTSIDER
from tests.policies.requests.key_use import IN_CODE
from tests.policies.requests.row import MFA, Context


@dataclass(frozen=True)
class Position:
    """Where somebody stands.

    Attributes:
        title: In the page.
        who: As in `Row`.
        context: What all requests from there say.
        remark: What no request shows.
        unasked: Goal to the letter of a note, where something is open without any request.
    """

    title: str
    who: str
    context: Context = field(default_factory=dict, hash=False)
    remark: str = ""
    unasked: dict[str, str] = field(default_factory=dict, hash=False)


UNRECORDED = "Write unrecorded"
POSITIONS = (
    Position(
        "Reader: role with `grant_read_data`",
        "Reader",
        remark="Narrower grants are in the [table of access](access.md#who-can-do-what-from-where).",
    ),
    Position("Writer: role with `grant_write_data`", "Writer"),
    Position("Operator: role with `grant_control_plane`, with MFA", "Operator", MFA),
    Position("Operator with a second policy, which allows everything", "Operator with full access", MFA),
    Position(
        "Code in the audit function",
        "OrdersAuditRole",
        IN_CODE,
        remark="It receives every change with all values. Omitting a line takes no request.",
        unasked={UNRECORDED: "K"},
    ),
    Position("Role of AWS Backup", "OrdersBackupRole"),
    Position("Developer: role without a grant", "nobody"),
    Position("Administrator without guardrails", "administrator"),
    Position("Administrator under the service control policy", "administrator under the service control policy"),
    Position("Administrator under the permissions boundary", "administrator under the boundary"),
    Position("Administrator of another account, of another organization", "foreign administrator", OUTSIDER),
    Position("Deployment role, which the guardrails exempt", "deployment under the service control policy"),
    Position(
        "Reader of the audit log, who may verify MACs",
        "LogReader",
        remark="With a grant to write it learns the digest of a key by writing it ([why](decisions/service-roles.md)).",
    ),
)
