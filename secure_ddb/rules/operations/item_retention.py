"""For how long tables keep items, as far as they state it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, at, is_unknown
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown
from secure_ddb.table_evidence import ITEM_RETENTION
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_PATH = "Properties.TimeToLiveSpecification"
# As secure_ddb.item_retention writes it. A table whose items have no end states that in other words.
_STATED = re.compile(r"at most \d+ days, by (?P<attribute>.+)")


@Rule(
    id="SecureDdb-OPS14",
    title="Items of a table with a stated retention expire",
    problem="Items of a table with a stated retention do not expire",
    severity=Severity.MEDIUM,
    requirements=("OPS-8",),
    controls=(*nist("SI-12"), *pci("3.2.1")),
    rationale=(
        "DynamoDB deletes an item at the time in one attribute, if time to live is enabled for it. No template shows "
        "whether the application writes that attribute to each item."
    ),
    remedy=(
        "Set time_to_live_attribute of the SecureTable to the attribute of its item_retention, and do not override "
        "either."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html",
)
def items_expire(assembly: Assembly) -> Iterator[Judgement]:
    """Look at time to live of each table that states a retention, and repeat the claim about its items."""
    for table in assembly.tables:
        stated = _STATED.fullmatch(table.stated_value("settings", ITEM_RETENTION))
        if stated is None:
            continue
        specification = table.resource.properties.get("TimeToLiveSpecification")
        answer = _is_on(specification, stated["attribute"])
        detail = f"TimeToLiveSpecification is {'missing' if specification is None else shown(specification)}"
        yield judged(table.resource, _PATH, answer, detail, key="TimeToLive", tables=[table])
        if answer is not False:
            yield judged(table.resource, _PATH, None, _claimed(table), key="Items", tables=[table])


def _is_on(specification: object, attribute: str) -> Truth:
    enabled, name = at(specification, "Enabled"), at(specification, "AttributeName")
    is_enabled = None if is_unknown(enabled) else as_bool(enabled)
    return None if is_unknown(specification) else all_of(is_enabled, None if is_unknown(name) else name == attribute)


def _claimed(table: Table) -> str:
    return f"claimed, not verified: {table.stated_value('claims', ITEM_RETENTION) or 'nothing'}"
