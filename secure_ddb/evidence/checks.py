"""The checks that ran and did not run: that a pack has no findings means something only if it ran."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.model import PackFacts
from secure_ddb.evidence.standing import Standing, count, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.evidence.model import Evidence

# Packs of cdk-nag and CDK's own rules, by the names that they have in CDK's report.
_KNOWN = (
    "AwsSolutions",
    "HIPAA.Security",
    "NIST.800.53.R4",
    "NIST.800.53.R5",
    "PCI.DSS.321",
    "Serverless",
    "CloudFormation Validate",
)


class State(Enum):
    """The state of a check."""

    RAN = "ran"
    WITHOUT_FINDINGS = "ran without findings"
    BROKE_DOWN = "broke down"
    DID_NOT_RUN = "did not run"
    # CDK's report leaves out packs that found nothing, and an app need not say which it has.
    NOT_RECORDED = "did not run, or found nothing"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A pack, its state, and the number of its results of each standing."""

    pack: PackFacts
    state: State
    counts: dict[Standing, int]

    @property
    def applied(self) -> int:
        """The number of its rules that had something to check."""
        return self.pack.rules - len(self.pack.not_applicable)


def checks_of(evidence: Evidence) -> tuple[Check, ...]:
    """Return the packs that ran, those that should have, and known ones of which CDK's report has no trace."""
    return tuple(_checks(evidence))


def _checks(evidence: Evidence) -> Iterator[Check]:
    results = grouped(evidence.results, lambda result: result.pack)
    for pack in evidence.packs:
        found = results.get(pack.name, [])
        yield Check(pack=pack, state=_state(pack, found=bool(found)), counts=count(map(standing_of, found)))
    recorded = {pack.name for pack in evidence.packs}
    for name in _KNOWN:
        if name not in recorded:
            yield Check(pack=PackFacts(name=name), state=State.NOT_RECORDED, counts={})


def _state(pack: PackFacts, *, found: bool) -> State:
    if not pack.ran:
        return State.DID_NOT_RUN
    if not pack.succeeded:
        return State.BROKE_DOWN
    return State.RAN if found else State.WITHOUT_FINDINGS
