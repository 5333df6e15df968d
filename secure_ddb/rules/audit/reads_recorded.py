"""Somebody records who reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.classification import DataClassification
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.table_evidence import READS
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.trails import Recording
    from secure_ddb.three_valued import Truth

# From here on a security team asks who read the data.
_READS_MATTER = {DataClassification.CONFIDENTIAL.floor, DataClassification.RESTRICTED.floor}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a trail or event data store that records every request for items, in each Region of each table."""
    for table, replica, recordings in assembly.trails.recordings:
        claim = table.said("claims", READS)
        if recordings:
            answer, detail = _best(assembly, table, recordings)
        elif table.said("settings", READS):
            answer, detail = False, "it was given a trail of its own, and no trail in the app selects its data events"
        elif table.floor in _READS_MATTER or claim:
            answer, detail = None, "no trail in the app selects its data events; one elsewhere cannot be seen"
        else:
            continue
        if claim and not answer:
            # What is missing here may be there.
            answer, detail = None, f"{detail}; claimed, not verified: {claim}"
        yield judged(table.resource, replica.path, answer, detail, key=replica.region, tables=[table])


def _best(assembly: Assembly, table: Table, recordings: Sequence[Recording]) -> tuple[Truth, str]:
    found = [_answer(assembly, table, each) for each in recordings]
    return max(found, key=lambda each: (each[0] is True, each[0] is None))


def _answer(assembly: Assembly, table: Table, recording: Recording) -> tuple[Truth, str]:
    """Tell whether a trail records everything, and what it does not."""
    name = recording.recorder.logical_id
    if recording.is_on is False:
        return False, f"{name} selects its data events, and does not log"
    missed = [request for request, answer in recording.requests.items() if answer is False]
    if missed:
        return False, f"{name} does not record {', '.join(missed)}"
    strangers = [who for who in recording.left_out if not _is_audit_function(assembly, table, who)]
    if any(not is_unknown(who) for who in strangers):
        return False, f"{name} does not record what {', '.join(strangers)} does"
    answer = all_of(recording.is_on, *recording.requests.values(), None if strangers else True)
    return answer, f"{name} {'records' if answer else 'may record'} its data events"


def _is_audit_function(assembly: Assembly, table: Table, who: str) -> bool:
    """Tell whether a principal is the function that reads the stream, four times a second, and no item."""
    roles = [role.name for role, tables in assembly.audit.roles.items() if table in tables]
    return any(who.partition(":assumed-role/")[2].partition("/")[0] == role for role in roles)


RULE = Rule(
    id="SecureDdb-AUD16",
    title="CloudTrail records who reads and who writes items",
    severity=Severity.MEDIUM,
    requirements=("AUD-2",),
    controls=("CS-4", "NIST.800-53.r5 AU-2", "NIST.800-53.r5 AU-3", "NIST.800-53.r5 AU-12"),
    explanation=(
        "The log of changes says neither who changed an item nor who read it. CloudTrail does, if a trail or event "
        "data store selects all of the table's data events. A SELECT in PartiQL is not read-only to CloudTrail. A "
        "trail of the organization is in no template of the app."
    ),
    remedy=(
        "Select resources.type AWS::DynamoDB::Table with the table's resources.ARN, and without readOnly or eventName, "
        "in a trail whose IsLogging is true. Or let a SecureTable state which OrganizationTrail does."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html",
    check=check,
)
