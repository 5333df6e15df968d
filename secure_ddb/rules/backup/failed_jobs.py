"""A backup that fails is reported."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.rules.monitoring.expected import Expected
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.backup_jobs import End, Jobs
    from secure_ddb.three_valued import Truth

_ENABLED = {"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
# Services of AWS send their events to this one only.
_DEFAULT_BUS = "default"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules or alarms on each way in which a table's backup job ends without a recovery point."""
    for table, ends in assembly.backup_jobs.bad_ends.items():
        answers: defaultdict[str, list[Truth]] = defaultdict(list)
        for end in ends:
            reported = _is_reported(assembly, end)
            answers[end.state].append(reported if end.jobs.is_certain else reported or None)
        silent = [state for state, found in answers.items() if False in found]
        answer: Truth = False if silent else None if any(None in found for found in answers.values()) else True
        yield judged(table.resource, "Properties", answer, _detail(answer, silent), tables=[table])


def _is_reported(assembly: Assembly, end: End) -> Truth:
    by_event = [all_of(matches, _is_on(rule), _reaches(assembly, rule)) for rule, matches in end.rules]
    expected = Expected(metric=f"NumberOfBackupJobs{end.state.capitalize()}", rings_at=1)
    by_alarm = expected.found(assembly.alarms.watching_vault(end.jobs.plan, expected.metric, end.jobs.vault_name))
    return any_of([*by_event, by_alarm, _notifies(end.jobs)])


def _notifies(jobs: Jobs) -> Truth:
    """Say of a vault that sends notifications by itself, or that is not known, that it may report jobs."""
    unknown = not jobs.vault_name or is_unknown(jobs.vault_name)
    return None if unknown or (jobs.vault and jobs.vault.properties.get("Notifications")) else False


def _is_on(rule: Resource) -> Truth:
    state, bus = rule.properties.get("State", "ENABLED"), rule.properties.get("EventBusName", _DEFAULT_BUS)
    enabled: Truth = None if is_unknown(state) else state in _ENABLED
    by_default: Truth = None if is_unknown(bus) else str(bus).rpartition("/")[2] == _DEFAULT_BUS
    return all_of(enabled, by_default)


def _reaches(assembly: Assembly, rule: Resource) -> Truth:
    """Tell whether a rule has a target in the app; whether others exist cannot be seen."""
    targets = as_list(rule.properties.get("Targets"))
    if any(_is_in_app(assembly, at(target, "Arn"), rule) for target in targets):
        return True
    return None if targets else False


def _is_in_app(assembly: Assembly, arn: object, rule: Resource) -> bool:
    if assembly.find(arn, rule, *kinds.KINDS):
        return True
    # Of other types, the ARN is known only as what a resource of the stack returns.
    return str(arn).startswith("${") and not is_unknown(arn)


def _detail(answer: Truth, silent: list[str]) -> str:
    if answer is False:
        return f"backup jobs that end as {', '.join(silent)} are not reported"
    return "failed backup jobs are reported" if answer else "failed backup jobs may be reported"


RULE = Rule(
    id="SecureDdb-BAK12",
    title="Failed backup jobs are reported",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-4(5)"),
    explanation="A plan whose jobs fail leaves no recovery points, which is otherwise noticed when one is needed.",
    remedy=(
        "Make an EventBridge rule on the default bus, with a target, for the source aws.backup, the detail type Backup "
        "Job State Change, the table's ARN and the states ABORTED, EXPIRED and FAILED. Or make alarms on "
        "NumberOfBackupJobsAborted, NumberOfBackupJobsExpired and NumberOfBackupJobsFailed of the vault."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html",
    check=check,
    spares_ephemeral=True,
)
