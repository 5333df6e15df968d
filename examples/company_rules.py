"""A company's own rule, in a module of its own: every table says in a tag for how long its items have to be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules import Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules import Assembly, Judgement

KEPT_DAYS = "KeptDays"


@Rule(
    id="ACME1",
    title="The table says for how many days its items have to be kept",
    problem="The table does not say for how many days its items have to be kept",
    severity=Severity.MEDIUM,
    rationale="The records office deletes what has no period after a year.",
    remedy=f'Tags.of(table).add("{KEPT_DAYS}", "3650")',
    controls=("ACME-RECORDS-7",),
    source="https://wiki.example.com/records",
)
def kept_days(assembly: Assembly) -> Iterator[Judgement]:
    """Check the tag of each table, including tables of other constructs."""
    for table in assembly.tables:
        days = table.tags.get(KEPT_DAYS)
        # A tag that only the deployment knows may be right: neither true nor false.
        answer = None if days is None and table.has_unknown_tags else str(days).isdigit()
        yield judged(table.resource, "Properties.Tags", answer, f"tag {KEPT_DAYS}: {days}", tables=[table])
