"""API calls that are reported, through CloudTrail."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.reported_events import ReportableEvent, call, judge_reported
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.landscape.tables import TablesByResource

_NEEDS_TRAIL = (
    "EventBridge receives API calls only if a trail logs management events. The rule may be part of an account "
    "baseline, which does not appear in the app's templates."
)
_REMEDY = (
    "Use SharedResources for the table, or create an EventBridge rule on the default bus with a topic as its target "
    "for {}. Let a trail log management events."
)


@Rule(
    id="SecureDdb-DET2",
    title="Changes and exports of the table are reported",
    problem="A rule on changes of the table is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-2",),
    controls=(*nist("SI-4(5)", "AU-6"),),
    rationale=f"It must not go unnoticed if recovery is turned off or items are exported. {_NEEDS_TRAIL}",
    remedy=_REMEDY.format("DeleteTable, UpdateTable, UpdateContinuousBackups, resource policies, exports and restores"),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html",
)
def table_changes(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on calls that change, export or restore each table, in each Region."""
    for table, replica in assembly.tables.replicas:
        yield from judge_reported(assembly, table, replica, _table_calls(table, replica))


def _table_calls(table: Table, replica: Replica) -> list[ReportableEvent]:
    by_name: dict[str, Any] = {"requestParameters": {"tableName": table.name}}
    by_arn: dict[str, Any] = {"requestParameters": {"resourceArn": replica.arn}}
    by_source = {"sourceTableName": table.name}
    return [
        *(
            call(table, replica, "dynamodb", name, **by_name)
            for name in ("DeleteTable", "UpdateTable", "UpdateContinuousBackups")
        ),
        *(call(table, replica, "dynamodb", name, **by_arn) for name in ("DeleteResourcePolicy", "PutResourcePolicy")),
        call(table, replica, "dynamodb", "ExportTableToPointInTime", requestParameters={"tableArn": replica.arn}),
        call(table, replica, "dynamodb", "RestoreTableToPointInTime", requestParameters=by_source),
    ]


@Rule(
    id="SecureDdb-DET3",
    title="Tampering with the table's key is reported",
    problem="A rule on changes of the table's key is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-3",),
    controls=("CIS AWS Foundations Benchmark v5.0.0/4.7", *nist("SI-4(5)", "AU-6")),
    rationale=(
        f"A table whose key is unusable is archived after seven days. A deleted key cannot be restored. {_NEEDS_TRAIL}"
    ),
    remedy=_REMEDY.format("DisableKey, ScheduleKeyDeletion, PutKeyPolicy and DisableKeyRotation"),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html",
)
def key_changes(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on calls that disable, delete or weaken the customer managed key of each table."""
    names = ("DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion")
    for table, replica in assembly.tables.replicas:
        named = table.key_of(replica)
        if not named:
            continue
        key = assembly.find_key(named, table.resource)
        known: dict[str, Any] = {"requestParameters": {"keyId": key.ref}} if key else {}
        yield from judge_reported(
            assembly, table, replica, [call(table, replica, "kms", name, **known) for name in names]
        )


@Rule(
    id="SecureDdb-DET6",
    title="Changes to the table's audit trail are reported",
    problem="A rule on changes of the audit trail is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-6",),
    controls=("PCI DSS v4.0.1/10.7.2", *nist("SI-4(5)", "AU-5")),
    rationale=(
        f"A disabled mapping loses changes after 24 hours without triggering an alarm of the function. {_NEEDS_TRAIL}"
    ),
    remedy=_REMEDY.format("updates and deletions of event source mappings, the function and its log group"),
    source="https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html",
)
def audit_changes(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on calls that disable or delete each table's mapping, function or log group."""
    mapped = {(table, mapping.region) for table, mapping in assembly.audit.mappings}
    functions, groups = _by_table(assembly.audit.functions), _by_table(assembly.audit.log_groups)
    for table, replica in assembly.tables.replicas:
        if (table, replica.region) in mapped:
            there = ([each for each in found[table] if each.region == replica.region] for found in (functions, groups))
            events = _audit_calls(table, replica, *there)
            yield from judge_reported(assembly, table, replica, events)


def _by_table(serving: TablesByResource) -> dict[Table, list[Resource]]:
    found: defaultdict[Table, list[Resource]] = defaultdict(list)
    for resource, tables in serving.items():
        for table in tables:
            found[table].append(resource)
    return found


def _audit_calls(
    table: Table, replica: Replica, functions: list[Resource], groups: list[Resource]
) -> Iterator[ReportableEvent]:
    stream: dict[str, Any] = {"responseElements": {"eventSourceArn": f"{replica.arn}/stream/2026-01-01T00:00:00.000"}}
    for name in ("DeleteEventSourceMapping20150331", "UpdateEventSourceMapping20150331"):
        yield call(table, replica, "lambda", name, **stream)
    for function in functions:
        known: dict[str, Any] = {"requestParameters": {"functionName": function.name}}
        yield call(table, replica, "lambda", "DeleteFunction20150331", **known)
    for group in groups:
        yield call(table, replica, "logs", "DeleteLogGroup", requestParameters={"logGroupName": group.name})


@Rule(
    id="SecureDdb-DET7",
    title="Denied requests to the table and its key are reported",
    problem="A rule on denied requests is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-7",),
    controls=(*nist("SI-4(5)", "AU-6"),),
    rationale=(
        "Denied requests reveal attempts at access. Most of them are reads: a rule receives them in the state "
        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, and those on items if a trail records data events."
    ),
    remedy=_REMEDY.format("calls of dynamodb and kms whose errorCode begins with AccessDenied, in that state"),
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html",
)
def denied_requests(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on denied requests on each table, its items and its key.

    The requests are those of another account: no rule expects them, and their callers have no ARN in the record.
    """
    denied: dict[str, Any] = {"errorCode": "AccessDenied", "userIdentity": {"type": "AWSAccount", "arn": None}}
    for table, replica in assembly.tables.replicas:
        known = {**denied, "requestParameters": {"tableName": table.name}}
        yield from judge_reported(
            assembly,
            table,
            replica,
            (
                call(table, replica, "dynamodb", "DescribeTable", reads=True, **known),
                call(table, replica, "kms", "Decrypt", reads=True, **denied),
                call(table, replica, "dynamodb", "GetItem", is_data=True, **known),
            ),
        )


@Rule(
    id="SecureDdb-DET8",
    title="Changes to trails are reported",
    problem="A rule on changes of trails is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-8",),
    controls=("PCI DSS v4.0.1/10.7.2", *nist("SI-4(5)", "AU-5")),
    rationale=f"Once a trail is stopped, nothing that depends on it is reported. {_NEEDS_TRAIL}",
    remedy=_REMEDY.format("StopLogging, DeleteTrail, UpdateTrail and PutEventSelectors"),
    source="https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html",
)
def trail_changes(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on calls that stop, change or delete trails, in each Region of each table."""
    names = ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail")
    for table, replica in assembly.tables.replicas:
        calls = [call(table, replica, "cloudtrail", name) for name in names]
        yield from judge_reported(assembly, table, replica, calls)
