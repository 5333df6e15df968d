"""Many refused requests raise an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.alarms import DYNAMODB, USER_ERRORS
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_EXPECTED = Expected(metric=USER_ERRORS, rings_at=100)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm in the account and Region of each table: DynamoDB counts them for all tables together."""
    answers: dict[tuple[str, str], Truth] = {}
    for table in assembly.tables:
        resource = table.resource
        place = (resource.account, resource.region)
        if place not in answers:
            answers[place] = _EXPECTED.found(assembly.alarms.watching(resource, DYNAMODB, USER_ERRORS))
        answer = answers[place]
        yield judged(resource, "Properties", answer, f"{USER_ERRORS} {in_words(answer)}", tables=[table])


RULE = Rule(
    id="SecureDdb-MON3",
    title="Many refused requests raise an alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", "NIST.800-53.r5 SI-4", "NIST.800-53.r5 CA-7"),
    explanation="Many invalid requests are a faulty program, or somebody who tries things out.",
    remedy="Make an alarm on UserErrors, which has no dimensions, in each account and Region with tables.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    check=check,
)
