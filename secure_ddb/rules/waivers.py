"""Waivers are checked themselves: none may have run out, and none may stand there without need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, Verdict, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Acknowledged, Assembly

_SOURCE = "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Validations.html"
_SUPERFLUOUS = "SecureDdb-WAIVER2"
_WAIVERS = "Metadata.SecureTable.waivers"


@Rule(
    id="SecureDdb-WAIVER1",
    title="Waivers are complete and have not expired",
    problem="A waiver has expired or is incomplete",
    severity=Severity.HIGH,
    requirements=(),
    controls=nist("CA-5", "RA-7"),
    rationale="A waiver is a risk accepted until a date. After that date, no one has accepted it.",
    remedy="Fix the finding, or renew the waiver.",
    source=_SOURCE,
)
def waiver_expired(assembly: Assembly) -> Iterator[Judgement]:
    """Check each waiver of a table, and each acknowledgment with an end."""
    for table in assembly.tables:
        for waiver in table.waivers:
            end = waiver.waiver.expires
            complete = waiver.waiver.is_complete and end is not None
            until = f"until {end.isoformat()}" if complete and end else "without an approver and an expiry date"
            detail = f"{waiver.guarantee} is waived {until}"
            yield judged(table.resource, _WAIVERS, waiver.holds_on(assembly.today), detail, key=waiver.row)
    for each in assembly.acknowledged:
        end = each.waiver.expires
        if end is not None:
            verdict = Verdict.MET if end >= assembly.today else Verdict.NOT_MET
            detail = f"{each.id} is acknowledged until {end.isoformat()}"
            yield Judgement(None, verdict, "", detail, each.id, construct=each.construct)


def superfluous(assembly: Assembly, used: set[object], served: set[str]) -> Iterator[tuple[str, Judgement]]:
    """Yield a finding for each waiver that waives nothing."""
    for table in assembly.tables:
        for name in table.unknown_waivers:
            detail = f"{name} is waived, but is not a guarantee that a SecureTable can waive"
            yield _SUPERFLUOUS, judged(table.resource, _WAIVERS, False, detail, key=name)
        for waiver in table.waivers:
            # What a table may do without anyway is waived for the record only.
            if waiver.rule != "" and waiver.row in served and (table.resource, waiver.guarantee) not in used:
                detail = f"{waiver.guarantee} is waived, but nothing of it is missing"
                yield _SUPERFLUOUS, judged(table.resource, _WAIVERS, False, detail, key=waiver.row)
    for each in assembly.acknowledged:
        # What other packs found is only known when all of them have run.
        if each.of_our_rules and each not in used:
            yield _SUPERFLUOUS, matching_nothing(each)


def matching_nothing(acknowledged: Acknowledged) -> Judgement:
    """Return the finding that an acknowledged finding does not exist."""
    detail = f"{acknowledged.id} is acknowledged, but there is no such finding"
    return Judgement(None, Verdict.NOT_MET, "", detail, acknowledged.id, construct=acknowledged.construct)


@Rule(
    id=_SUPERFLUOUS,
    title="Every waiver applies to a finding",
    problem="A waiver applies to no finding",
    severity=Severity.LOW,
    requirements=(),
    controls=nist("CA-5"),
    rationale="A waiver without a finding is misspelled, or would hide the finding if it comes back.",
    remedy="Remove the waiver, or correct the rule or construct that it names.",
    source=_SOURCE,
)
def waiver_superfluous(_: Assembly) -> Iterator[Judgement]:
    """Yield nothing: only when all rules have spoken is it known which waivers were needed."""
    return iter(())
