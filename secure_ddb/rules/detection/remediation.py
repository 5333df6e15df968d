"""Whether the remediation is notified when a guarantee is turned off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.evaluation import asked_by
from secure_ddb.landscape.event_patterns import matches_event
from secure_ddb.landscape.reporting import hears, pattern_of
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.reported_events import ReportableEvent, call, judge_reported, own_event
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

# What restores something, and the call that switches it off.
_OF_TABLE = {
    "dynamodb:UpdateContinuousBackups": "UpdateContinuousBackups",
    "dynamodb:UpdateTable": "UpdateTable",
}
_OF_KEY = {
    "kms:CancelKeyDeletion": "ScheduleKeyDeletion",
    "kms:EnableKey": "DisableKey",
    "kms:EnableKeyRotation": "DisableKeyRotation",
}
# Of the events that this library's function sends; what others send is not known.
_REPORTS = ("Guarantee Restored", "Guarantee Not Restored")


@Rule(
    id="SecureDdb-DET16",
    title="The remediation function is invoked by every call that disables a guarantee, and reports what it does",
    problem="The remediation function is not invoked by every call that disables a guarantee, or reports to no topic",
    severity=Severity.MEDIUM,
    requirements=("IR-2",),
    controls=(*nist("IR-4", "CM-3"),),
    rationale=(
        "A function that is never invoked looks like one with nothing to do. Without a report, no one investigates "
        "the change that it reverted."
    ),
    remedy=(
        "Add the table to a Remediation, or let an enabled EventBridge rule on the default bus match UpdateTable, "
        "UpdateContinuousBackups, DisableKey, ScheduleKeyDeletion and DisableKeyRotation, with the function as its "
        "target."
    ),
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    skip_ephemeral=True,
)
def remediation(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the EventBridge rules that invoke each function that can restore a table."""
    for function, role in assembly.responses.remediators:
        for table in assembly.tables:
            calls = list(_calls(assembly, role, table))
            if not calls:
                continue
            rules = assembly.responses.event_rules[function]
            invoked = {each.name: any_of(_invokes(rule, each) for rule in rules) for each in calls}
            answer = all_of(*invoked.values())
            names = ", ".join(name for name, each in invoked.items() if each is answer)
            name = function.logical_id
            detail = choose(answer, f"{names} invokes {name}", f"{names} does not invoke {name}", f"may invoke {name}")
            yield judged(table.resource, "Properties", answer, detail, key=function.logical_id, tables=[table])
            reports = [own_event(table, table.replicas[0], kind) for kind in _REPORTS]
            yield from judge_reported(assembly, table, table.replicas[0], reports)


def _calls(assembly: Assembly, role: Resource, table: Table) -> Iterator[ReportableEvent]:
    """Yield the calls that disable guarantees which a role may restore."""
    replica = table.replicas[0]
    of_table = {"tableName": table.name}
    for name in _restored(assembly, role, _OF_TABLE, table.arn):
        yield call(table, replica, "dynamodb", name, requestParameters=of_table)
    named = table.key_of(replica)
    key = assembly.find_key(named, table.resource) if named else None
    if key is not None:
        for name in _restored(assembly, role, _OF_KEY, key.arn):
            yield call(table, replica, "kms", name, requestParameters={"keyId": key.ref})


def _restored(assembly: Assembly, role: Resource, calls: dict[str, str], arn: str) -> list[str]:
    may = assembly.identities.role_may(role, asked_by(role, tuple(calls), arn))
    return [name for action, name in calls.items() if may[action]]


def _invokes(rule: Resource, reportable: ReportableEvent) -> Truth:
    return all_of(hears(rule), matches_event(pattern_of(rule), reportable.event))
