"""Backup jobs, and the role that runs them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.iam.evaluation import allowed, asked_by, assumed_by, denied
from secure_ddb.iam.request_probes import NETWORK, context_of, request_of
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.landscape.identities import managed_by_aws
from secure_ddb.landscape.key_permissions import lets_role_use
from secure_ddb.rules.audit.function import role_elsewhere
from secure_ddb.rules.backup.table import days_between
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.monitoring.expected import Expected, has_alarm
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, may
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.evaluation import Request
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.backup_jobs import End, Jobs
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.three_valued import Truth

# Actions of AWS Backup on a table.
COPY = ("dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob")
# On the backups of the table, and on recovery points, to which AWS Backup copies the table's tags.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
_END = ("dynamodb:DeleteBackup", "dynamodb:DescribeBackup")
_TAG = ("backup:TagResource",)
_KEY = ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey")
_DESCRIBE_KEY = ("kms:DescribeKey",)
_AWS_BACKUP = "AWSBackupServiceRolePolicyForBackup"


@Rule(
    id="SecureDdb-BAK10",
    title="AWS Backup's role can back up the table and use its key",
    problem="AWS Backup's role cannot back up the table or use its key",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "CP-10")),
    rationale=(
        "Without the key, a job succeeds but contains no data. Without backup:TagResource, jobs of tagged tables fail."
    ),
    remedy=(
        "Let backup.amazonaws.com assume the role. Allow it dynamodb:CreateBackup, DescribeTable, ListTagsOfResource "
        "and StartAwsBackupJob on the table, DescribeBackup and DeleteBackup on its backups, backup:TagResource on "
        "recovery points, kms:Decrypt, GenerateDataKey and CreateGrant on the table's key through DynamoDB, and "
        f"kms:DescribeKey on the key without a condition; or attach AWS's {_AWS_BACKUP}."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html",
)
def backup_role(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the trust of each role, and at its permissions on each table and its key."""
    for table, selections in assembly.backup.selections.items():
        for selection, _ in selections:
            arn = at(selection.properties, "BackupSelection", "IamRoleArn")
            if not assembly.find(arn, selection, kinds.ROLE):
                path = "Properties.BackupSelection.IamRoleArn"
                yield role_elsewhere(selection, path, arn, [table], missing="it names no role")
    for role, tables in assembly.backup.roles.items():
        trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
        answer = allowed(trust.statements, assumed_by("backup", role))
        yield judged(role, trust.path, answer, f"AWS Backup {may(answer)} assume it", key="Trust", tables=tables)
        for table in tables:
            answer = _may_copy(assembly, role, table)
            detail = f"it {may(answer)} back up {table.resource.logical_id} with its key"
            yield judged(role, "Properties", answer, detail, key=table.resource.logical_id, tables=[table])


def _may_copy(assembly: Assembly, role: Resource, table: Table) -> Truth:
    # Each Region has a role of its own, and the others' keys are no use to it.
    replica = table.in_region(role.region) or table.replicas[0]
    key = assembly.find_key(table.key_of(replica), table.resource)
    # AWS's own policy allows to describe the key without a condition on the service that asks.
    uses = (("dynamodb", _KEY), ("", _DESCRIBE_KEY))
    granted = _AWS_BACKUP in managed_by_aws(role)
    point = f"arn:aws:backup:{role.region}:{table.resource.account}:recovery-point:{ANY_NAME}"
    arn = table.arn_of(replica)
    allowed_on = ((COPY, arn), (_END, f"{arn}/backup/{ANY_NAME}"), (_TAG, point))
    context = {"aws:resourceaccount": (role.account,)}
    requests = (asked_by(role, *each, context=context) for each in allowed_on)
    own = (assembly.identities.role_may_all(role, each, granted=granted) for each in requests)
    used = (lets_role_use(assembly, key, role, *use, granted=granted) for use in uses) if key else ()
    return all_of(*own, *used, negate(_table_refuses(assembly, role, table, replica)))


def _table_refuses(assembly: Assembly, role: Resource, table: Table, replica: Replica) -> Truth:
    """Return whether the table's own policy denies backups.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
    """
    statements = assembly.policies.at(table.resource, replica.policy_path).statements
    return denied(statements, _request_to_table(role, statements, table.arn_of(replica)))


def _request_to_table(role: Resource, statements: Sequence[Statement], table_arn: str) -> Request:
    """Return AWS Backup's request for a copy. It has no MFA, and which network it comes from is not documented."""
    known = context_of(role.account, statements)
    context = {key: values for key, values in known.items() if key not in (*NETWORK, "aws:viaawsservice")}
    context["aws:multifactorauthpresent"] = ()
    return request_of(role.arn, role.account, context, COPY, table_arn)


_ENABLED = {"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
# Services of AWS send their events to this one only.
_DEFAULT_BUS = "default"


@Rule(
    id="SecureDdb-BAK12",
    title="Failed backup jobs are reported",
    problem="Failed backup jobs are not reported",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "SI-4(5)")),
    rationale=(
        "If a plan's jobs fail there are no recovery points, which would otherwise be noticed only when one is needed."
    ),
    remedy=(
        "Create an EventBridge rule on the default bus, with a target, for the source aws.backup, the detail type "
        "Backup Job State Change, the table's ARN and the states ABORTED, EXPIRED and FAILED. Or create alarms on "
        "NumberOfBackupJobsAborted, NumberOfBackupJobsExpired and NumberOfBackupJobsFailed of the vault."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html",
    skip_ephemeral=True,
)
def failed_jobs(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules or alarms on each way in which a table's backup job ends without a recovery point."""
    for table, ends in assembly.backup_jobs.bad_ends.items():
        answers: defaultdict[str, list[Truth]] = defaultdict(list)
        for end in ends:
            reported = _is_reported(assembly, end)
            answers[end.state].append(reported if end.jobs.is_certain else reported or None)
        answer = all_of(*(each for found in answers.values() for each in found))
        silent = ", ".join(state for state, found in answers.items() if False in found)
        unreported = f"backup jobs that end in the state {silent} are not reported"
        detail = choose(answer, "failed backup jobs are reported", unreported, "failed backup jobs may be reported")
        yield judged(table.resource, "Properties", answer, detail, tables=[table])


def _is_reported(assembly: Assembly, end: End) -> Truth:
    by_event = [all_of(matches, _is_on(rule), _reaches(assembly, rule)) for rule, matches in end.rules]
    expected = Expected(metric=f"NumberOfBackupJobs{end.state.capitalize()}", rings_at=1)
    by_alarm = expected.found(assembly.alarms.watching_vault(end.jobs.plan, expected.metric, end.jobs.vault_name))
    return any_of([*by_event, by_alarm, _notifies(end.jobs)])


def _notifies(jobs: Jobs) -> Truth:
    """Judge as unknown a vault that sends notifications by itself, or that is not known."""
    unknown = not jobs.vault_name or is_unknown(jobs.vault_name)
    return None if unknown or (jobs.vault and jobs.vault.properties.get("Notifications")) else False


def _is_on(rule: Resource) -> Truth:
    state, bus = rule.properties.get("State", "ENABLED"), rule.properties.get("EventBusName", _DEFAULT_BUS)
    enabled: Truth = None if is_unknown(state) else state in _ENABLED
    by_default: Truth = None if is_unknown(bus) else str(bus).rpartition("/")[2] == _DEFAULT_BUS
    return all_of(enabled, by_default)


def _reaches(assembly: Assembly, rule: Resource) -> Truth:
    """Return whether a rule has a target in the app; whether others exist cannot be seen."""
    targets = as_list(rule.properties.get("Targets"))
    if any(_is_in_app(assembly, at(target, "Arn"), rule) for target in targets):
        return True
    return None if targets else False


def _is_in_app(assembly: Assembly, arn: object, rule: Resource) -> bool:
    if assembly.find(arn, rule, *kinds.KINDS):
        return True
    # Of other types, the ARN is known only as what a resource of the stack returns.
    return str(arn).startswith("${") and not is_unknown(arn)


_DAY = 24 * 60 * 60
# CloudWatch accepts no alarm that looks further back.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_MOST_DAYS = 7
_EXPECTED = Expected(
    metric="NumberOfBackupJobsCompleted",
    rings_at=0,
    falls=True,
    within=_MOST_DAYS * _DAY,
    statistics=frozenset({"Maximum", "Sum"}),
)


@Rule(
    id="SecureDdb-BAK13",
    title="A missing backup raises an alarm",
    problem="A missing backup raises no alarm",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "SI-4(5)")),
    rationale=(
        "A job that never starts, because AWS Backup is off for DynamoDB or the selection is gone, sends no event."
    ),
    remedy=(
        "Give the table its own vault, and create an alarm on NumberOfBackupJobsCompleted of the vault: Sum, less "
        "than 1, missing data treated as breaching, over at least the time between two backups and at most seven "
        "days; for weekly backups use a WallClockWindow."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html",
    skip_ephemeral=True,
)
def missing_backup(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on the completed jobs of a vault of each table that is in a backup plan."""
    for table, each in assembly.backup_jobs.of_tables.items():
        found = [_alarmed(assembly, jobs) for jobs in each]
        answer = any_of(answer for answer, _ in found)
        detail = next(detail for this, detail in found if this is answer)
        yield judged(table.resource, "Properties", answer, detail, tables=[table])


def _alarmed(assembly: Assembly, jobs: Jobs) -> tuple[Truth, str]:
    if jobs.vault is None:
        return None, "the vault is not in the app, so its backups cannot be checked"
    if len(assembly.backup.vaults[jobs.vault]) > 1:
        return None, f"{_EXPECTED.metric} also counts the backups of other tables in the same vault"
    days = _days_between_jobs(assembly, jobs)
    if days is None or days > _MOST_DAYS:
        return None, f"no alarm looks back more than {_MOST_DAYS} days, and the plan may back up less often"
    # One that looks back for less goes off between two backups.
    watching = [
        (alarm, metric)
        for alarm, metric in assembly.alarms.watching_vault(jobs.vault, _EXPECTED.metric, jobs.vault_name)
        if alarm.is_unknown or alarm.seconds >= days * _DAY
    ]
    answer = _EXPECTED.found(watching)
    if answer is False and not jobs.is_certain:
        return None, "whether a backup plan selects it is known only at deployment"
    return answer, f"{_EXPECTED.metric} of its vault {has_alarm(answer)}"


def _days_between_jobs(assembly: Assembly, jobs: Jobs) -> float | None:
    """Return the days between two jobs that copy into the vault, or None if unknown."""
    found = [
        days
        for rule in plan_rules(jobs.plan)
        if assembly.find(rule.get("TargetBackupVault"), jobs.plan, kinds.BACKUP_VAULT) is jobs.vault
        and (days := days_between(rule)) is not None
    ]
    return min(found, default=None)
