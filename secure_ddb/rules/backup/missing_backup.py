"""A backup that does not happen raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.backup_jobs import Jobs
    from secure_ddb.three_valued import Truth

_DAY = 24 * 60 * 60
# CloudWatch accepts no alarm that looks further back.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_EXPECTED = Expected(
    metric="NumberOfBackupJobsCompleted",
    rings_at=0,
    falls=True,
    within=7 * _DAY,
    statistics=frozenset({"Maximum", "Sum"}),
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on the completed jobs of a vault of each table that is in a backup plan."""
    for table, each in assembly.backup_jobs.of_tables.items():
        found = [_alarmed(assembly, jobs) for jobs in each]
        answer = any_of(answer for answer, _ in found)
        detail = next(detail for this, detail in found if this is answer)
        yield judged(table.resource, "Properties", answer, detail, tables=[table])


def _alarmed(assembly: Assembly, jobs: Jobs) -> tuple[Truth, str]:
    if jobs.vault is None:
        return None, "which backups a vault that is not in the app keeps, cannot be seen"
    if len(assembly.backup.vaults[jobs.vault]) > 1:
        return None, f"{_EXPECTED.metric} also counts the backups of other tables in the same vault"
    watching = assembly.alarms.watching_vault(jobs.vault, _EXPECTED.metric, jobs.vault_name)
    answer = _EXPECTED.found(watching)
    if answer is False and not jobs.is_certain:
        return None, "whether a backup plan selects it is known only at deployment"
    return answer, f"{_EXPECTED.metric} of its vault {in_words(answer)}"


RULE = Rule(
    id="SecureDdb-BAK13",
    title="A missing backup raises an alarm",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-4(5)"),
    explanation=(
        "A job that never starts neither fails nor sends an event: AWS Backup is switched off for DynamoDB, or a "
        "selection is gone."
    ),
    remedy=(
        "Give the table a vault of its own, and make an alarm on NumberOfBackupJobsCompleted of the vault: Sum, less "
        "than 1, over at most seven days, with missing data as a breach."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html",
    check=check,
    spares_ephemeral=True,
)
