"""Waivers of other packs' findings that waive nothing: what was acknowledged, and nothing was found of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.evidence.results import result_of
from secure_ddb.judging.judge import Judged
from secure_ddb.rules.waivers import matching_nothing, waiver_superfluous

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.evidence.model import Result
    from secure_ddb.evidence.places import Places
    from secure_ddb.evidence.validation import Validation
    from secure_ddb.landscape.assembly import Acknowledged

# What CDK puts in front of an id without a pack. It drops what such an id names and leaves no trace in its report.
_WITHOUT_PACK = "Annotation::"


def superfluous_of_others(
    acknowledged: Sequence[Acknowledged], validation: Validation, places: Places
) -> Iterator[Result]:
    """Yield a finding for each acknowledgment with an end that CDK applied to nothing.

    Where a pack broke down or none ran, nobody can tell.
    """
    if validation.problems:
        return
    applied = {
        (violation.get("acknowledgedAt"), violation.get("acknowledgedId"))
        for report in validation.reports
        for violation in report.get("suppressedViolations", ())
    }
    for each in acknowledged:
        told = not each.of_our_rules and not each.id.startswith(_WITHOUT_PACK)
        if told and (each.construct, each.id) not in applied:
            yield result_of(Judged(waiver_superfluous, matching_nothing(each)), places)
