"""The table of docs/access.md, who can do what from where; each cell is decided like any other request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.policies.engine import Decision
from tests.policies.requests.endpoints import CONTROL, DATA
from tests.policies.requests.federated import COMPANY
from tests.policies.requests.grants import ALICE, SPECIFIC, STATUS
from tests.policies.requests.key_use import ACCOUNT, NARROW_TABLE, THROUGH_DYNAMODB
from tests.policies.requests.key_use import TABLE as TABLE_NAME
from tests.policies.requests.perimeter import ENDPOINT, MEMBER, OFFICE
from tests.policies.requests.row import MFA, NO_MFA, PLAIN, Context, Row, attributes, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

YES, NO, NEVER, WITH_MFA, OWN, LISTED, NOT_ASKED = "yes", "no", "never", "with MFA", "own", "listed", ""
THROUGH_PROVIDER = "through the provider"
ALLOWED, NOT_ALLOWED, DENIED = Decision.ALLOWED, Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED
# What a cell says of requests: what each brings along, and what is decided.
MEANINGS: dict[str, tuple[tuple[Context, Decision], ...]] = {
    YES: (({}, ALLOWED),),
    NO: ((MFA, NOT_ALLOWED), ({}, NOT_ALLOWED)),
    NEVER: ((MFA, DENIED), ({}, DENIED)),
    THROUGH_PROVIDER: ((COMPANY, ALLOWED), (MFA, DENIED), ({}, DENIED)),
    WITH_MFA: ((MFA, ALLOWED), (NO_MFA, DENIED), ({}, DENIED)),
    OWN: (({**ALICE, **keys("alice")}, ALLOWED), ({**ALICE, **keys("bob")}, NOT_ALLOWED)),
    LISTED: (
        ({**STATUS, **SPECIFIC}, ALLOWED),
        ({**attributes("status", "total"), **SPECIFIC}, NOT_ALLOWED),
    ),
    NOT_ASKED: (),
}
OF_TABLE: Context = {**THROUGH_DYNAMODB, TABLE_NAME: NARROW_TABLE, ACCOUNT: "111122223333"}
# Heading to action, resource and context.
COLUMNS: dict[str, tuple[str, str, Context]] = {
    "Read items": ("dynamodb:GetItem", "table", {}),
    "Write items": ("dynamodb:PutItem", "table", {}),
    "Scan": ("dynamodb:Scan", "table", {}),
    "Export": ("dynamodb:ExportTableToPointInTime", "table", {}),
    "Read the stream": ("dynamodb:GetRecords", "stream", {}),
    "Manage the table": ("dynamodb:UpdateTable", "table", {}),
    "Use the key": ("kms:Decrypt", "key", OF_TABLE),
    "Manage the key": ("kms:PutKeyPolicy", "key", {}),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the table: who, from where, and a cell for each column."""

    title: str
    network: str = "anywhere"
    cells: tuple[str, str, str, str, str, str, str, str]
    who: str
    configuration: str = "narrow_grants"
    through: str = ""
    context: Context | None = None

    def rows(self) -> Iterator[Row]:
        """Yield the requests behind the cells."""
        for (column, (action, on, context)), cell in zip(COLUMNS.items(), self.cells, strict=True):
            for more, expected in MEANINGS[cell]:
                yield Row(
                    who=self.who,
                    action=action,
                    on=on,
                    context={**context, **more, **(self.context or {})},
                    through=self.through,
                    expected=expected,
                    attack="" if expected is ALLOWED else f"{column.lower()}: {cell}",
                )


LINES = (
    Line(title="Role with `grant_read_data`", who="AllReader", cells=(YES, NO, YES, NO, NO, NO, YES, NO)),
    Line(title="... limited by `leading_keys`", who="TenantReader", cells=(OWN, NO, NO, NO, NO, NO, YES, NO)),
    Line(title="... limited by `attributes`", who="StatusReader", cells=(LISTED, NO, NO, NO, NO, NO, YES, NO)),
    Line(title="Role with `grant_write_data`", who="AllWriter", cells=(NO, YES, NO, NO, NO, NO, YES, NO)),
    Line(
        title="Role with `grant_control_plane`",
        who="Operator",
        cells=(NEVER, NEVER, NEVER, NEVER, NEVER, WITH_MFA, NO, NO),
    ),
    Line(
        title="... with `mfa` of an identity provider (claimed)",
        who="SamlOperator",
        configuration="federated_operators",
        cells=(NEVER, NEVER, NEVER, NEVER, NEVER, THROUGH_PROVIDER, NO, NO),
    ),
    Line(
        title="Role with `grant_stream_read`, table with a perimeter",
        who="Indexer",
        configuration="consumers",
        cells=(NEVER, NEVER, NEVER, NEVER, YES, NO, NOT_ASKED, NO),
    ),
    Line(
        title="Reader among `other_accounts`",
        who="reports",
        configuration="cross_account",
        context=MEMBER,
        cells=(YES, NO, YES, NO, NO, NO, NOT_ASKED, NO),
    ),
    Line(
        title="Writer among `other_accounts`",
        who="orders of another account",
        configuration="cross_account",
        context=MEMBER,
        cells=(NO, YES, NO, NO, NO, NO, NOT_ASKED, NO),
    ),
    Line(
        title="... when its account has left the organization",
        who="orders of another account",
        configuration="cross_account",
        cells=(NO, NO, NO, NO, NO, NO, NOT_ASKED, NO),
    ),
    Line(
        title="Role with `grant_audit`",
        who="Auditor",
        configuration="audited",
        cells=(NO, NO, NO, NO, NO, NO, NO, NO),
    ),
    Line(title="Role without a grant", who="nobody", cells=(NO, NO, NO, NO, NO, NO, NO, NO)),
    Line(
        title="Role of the audit function",
        who="OrdersAuditRole",
        cells=(NO, NO, NO, NO, YES, NO, YES, NO),
    ),
    Line(title="Administrator", who="administrator", cells=(YES, YES, YES, YES, YES, YES, YES, YES)),
    Line(
        title="Administrator",
        network="application subnets",
        who="administrator",
        configuration="everything",
        through=DATA,
        cells=(YES, YES, YES, NO, NOT_ASKED, NO, NOT_ASKED, NOT_ASKED),
    ),
    Line(
        title="Administrator",
        network="operations subnets",
        who="administrator",
        configuration="everything",
        through=CONTROL,
        cells=(NO, NO, NO, NO, NOT_ASKED, YES, NOT_ASKED, NOT_ASKED),
    ),
    Line(
        title="Administrator, table with a perimeter",
        network="its endpoint",
        who="administrator",
        configuration="enforced",
        context=ENDPOINT,
        cells=(YES, YES, YES, YES, NEVER, YES, NOT_ASKED, NOT_ASKED),
    ),
    Line(
        title="Administrator, table with a perimeter",
        network="company network",
        who="administrator",
        configuration="enforced",
        context=OFFICE,
        cells=(YES, YES, YES, YES, YES, YES, NOT_ASKED, NOT_ASKED),
    ),
    Line(
        title="Administrator, table with a perimeter",
        network="elsewhere",
        who="administrator",
        configuration="enforced",
        cells=(NEVER, NEVER, NEVER, NEVER, NEVER, YES, NOT_ASKED, NOT_ASKED),
    ),
    Line(
        title="Administrator under the service control policy",
        who="administrator under the service control policy",
        cells=(YES, YES, YES, NEVER, YES, NEVER, YES, NEVER),
    ),
    Line(
        title="Exempt deployment role under that policy",
        who="deployment under the service control policy",
        cells=(YES, YES, YES, YES, YES, YES, YES, YES),
    ),
    Line(title="Administrator of another account", who="foreign administrator", cells=(NO, NO, NO, NO, NO, NO, NO, NO)),
    Line(
        title="Any principal without TLS",
        who="administrator",
        context=PLAIN,
        cells=(NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NOT_ASKED, NOT_ASKED),
    ),
)
