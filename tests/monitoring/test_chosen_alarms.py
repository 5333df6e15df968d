"""Each alarm can be waived, and each threshold be set in its unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration

from secure_ddb import AlarmSettings, DataClassification, InvalidArgumentError, ReplicaSettings, TableAlarm, Threshold
from secure_ddb.cloudformation.template import Template as Read
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from secure_ddb.table_alarm import FACTS, ThresholdUnit, alarm_of
from tests.monitoring.making import alone, sharing
from tests.orders import INSIDE, WAIVER

if TYPE_CHECKING:
    from tests.template import Template

# Of tables with a limit, of those that ask for it, of shared resources, and of tables in several Regions.
SHARED = {
    TableAlarm.DENIED_REQUESTS,
    TableAlarm.FAILED_INVOCATIONS,
    TableAlarm.FAILED_KEY_REQUESTS,
    TableAlarm.FAILED_NOTIFICATIONS,
    TableAlarm.KEY_REQUESTS,
    TableAlarm.WATCH_ERRORS,
    TableAlarm.WATCH_MISSING,
}
NOT_OF_EACH = {TableAlarm.CAPACITY_USE, TableAlarm.UNUSED, TableAlarm.REPLICATION_LATENCY} | SHARED
RESTRICTED: dict[str, Any] = {"classification": DataClassification.RESTRICTED, "perimeter": INSIDE}


def said(template: Template) -> list[tuple[str, Verdict]]:
    assembly = Assembly([Read(name="Test", body=template.body, account="111122223333", region="eu-central-1")])
    return [(rule.id, judgement.verdict) for rule, judgement in judge(assembly)]


def names(template: Template) -> set[str]:
    return {each.removeprefix("Orders").removeprefix("Shared").removeprefix("Carts") for each in template.alarms()}


def test_every_alarm_has_a_name_to_choose_it_by() -> None:
    everything = names(alone(**RESTRICTED)) | names(sharing({"alarms": AlarmSettings(unused_days=3)}))
    # Logical ids have no hyphens.
    known = {alarm for name in everything for alarm in TableAlarm if re.fullmatch(f"(Read|Write)?{alarm}.*", name)}
    assert {name for name in everything if not any(alarm in name for alarm in TableAlarm)} == set()
    assert known == set(TableAlarm) - {TableAlarm.CAPACITY_USE, TableAlarm.REPLICATION_LATENCY}


@pytest.mark.parametrize(
    ("construct_id", "alarm"),
    [
        ("Throttles-by-status", TableAlarm.THROTTLES),
        ("ReadThrottles-Indexes", TableAlarm.THROTTLES),
        ("AuditThrottles", TableAlarm.AUDIT_THROTTLES),
        ("Latency-GetItem", TableAlarm.LATENCY),
        ("UnusualScans", None),
    ],
)
def test_construct_id_is_of_an_alarm(construct_id: str, alarm: TableAlarm | None) -> None:
    assert alarm_of(construct_id) is alarm


@pytest.mark.parametrize("alarm", sorted(set(TableAlarm) - NOT_OF_EACH))
def test_waived_alarm_is_left_out_and_all_others_stay(alarm: TableAlarm) -> None:
    usual = names(alone(**RESTRICTED))
    template = alone(**RESTRICTED, alarms=AlarmSettings(waived={alarm: WAIVER}))
    assert names(template) == usual - {alarm}
    verdicts = said(template)
    waived = {rule for rule, verdict in verdicts if verdict is Verdict.WAIVED}
    assert waived == ({FACTS[alarm].rule} if FACTS[alarm].rule else set())
    assert not [rule for rule, verdict in verdicts if verdict is Verdict.NOT_MET]


def test_waiver_of_one_alarm_waives_no_other_rule() -> None:
    template = alone(alarms=AlarmSettings(waived={TableAlarm.USER_ERRORS: WAIVER}))
    for name in template.alarms():
        if name == "OrdersLatency":
            del template.resources[next(each for each in template.resources if each.startswith(name))]
    found = said(template)
    assert ("SecureDdb-MON3", Verdict.WAIVED) in found
    assert ("SecureDdb-MON4", Verdict.NOT_MET) in found


def test_waiver_that_is_not_needed_is_a_finding() -> None:
    template = alone(alarms=AlarmSettings(waived={TableAlarm.USER_ERRORS: WAIVER}))
    waived = alone().of_type("AWS::CloudWatch::Alarm")
    template.resources |= {name: each for name, each in waived.items() if name.startswith("OrdersUserErrors")}
    assert ("SecureDdb-WAIVER2", Verdict.NOT_MET) in said(template)


def test_shared_alarm_is_waived_for_the_tables() -> None:
    template = sharing({"alarms": AlarmSettings(waived={TableAlarm.THROTTLES: WAIVER})})
    assert not [name for name in template.alarms() if "Throttles" in name and "Audit" not in name]
    verdicts = {verdict for rule, verdict in said(template) if rule == "SecureDdb-MON1"}
    assert verdicts == {Verdict.WAIVED}
    metadata = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert metadata["waivers"] == {"Alarm Throttles (MON-1)": WAIVER.stated.as_metadata()}


@pytest.mark.parametrize("alarm", [alarm for alarm in TableAlarm if FACTS[alarm].unit is not None])
def test_threshold_is_set_in_its_unit(alarm: TableAlarm) -> None:
    threshold, value = {
        ThresholdUnit.COUNT: (Threshold.count(7), 7),
        ThresholdUnit.PERCENT: (Threshold.percent(42.5), 42.5),
        ThresholdUnit.SECONDS: (Threshold.time(Duration.minutes(30)), 1800),
        ThresholdUnit.MILLISECONDS: (Threshold.time(Duration.seconds(5)), 5000),
    }[FACTS[alarm].unit or ThresholdUnit.COUNT]
    settings = AlarmSettings(thresholds={alarm: threshold})
    replicas = [ReplicaSettings("eu-west-1")] if alarm is TableAlarm.REPLICATION_LATENCY else []
    template = (
        sharing({"alarms": settings}) if alarm in SHARED else alone(**RESTRICTED, alarms=settings, replicas=replicas)
    )
    for name, properties in template.alarms().items():
        if name.removeprefix("Orders").removeprefix("Shared") == alarm:
            assert properties["Threshold"] == value
    table = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert table["settings"][f"alarms.thresholds.{alarm}"].split()[0] in ("7", "42.5", "5000", "1800000")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AlarmSettings(thresholds={TableAlarm.THROTTLES: Threshold.percent(5)}), "Threshold.count(number)"),
        (lambda: AlarmSettings(thresholds={TableAlarm.CAPACITY_USE: Threshold.count(5)}), "Threshold.percent(number)"),
        (lambda: AlarmSettings(thresholds={TableAlarm.AUDIT_ARCHIVE_DELAY: Threshold.count(5)}), "Threshold.time(Dur"),
        (lambda: AlarmSettings(thresholds={TableAlarm.LATENCY: Threshold.count(5)}), "it is set by alarms.latency"),
        (lambda: AlarmSettings(thresholds={"Throttles": Threshold.count(5)}), "a mapping of TableAlarm to Threshold"),  # type: ignore[dict-item]
        (lambda: AlarmSettings(thresholds={TableAlarm.THROTTLES: 5}), "allowed: Threshold"),  # type: ignore[dict-item]
        (lambda: AlarmSettings(waived=[TableAlarm.THROTTLES]), "a mapping of TableAlarm to Waiver"),  # type: ignore[arg-type]
        (lambda: AlarmSettings(waived={TableAlarm.THROTTLES: "why"}), "allowed: Waiver"),  # type: ignore[dict-item]
        (lambda: AlarmSettings(unused_days=8), "1 to 7"),
        (lambda: AlarmSettings(unused_days=True), "1 to 7"),
        (lambda: AlarmSettings(unusual_reads=0), "above 0 and at most 10"),
        (lambda: AlarmSettings(bulk_latency=Duration.millis(0)), "1 ms or more"),
        (lambda: AlarmSettings(health="yes"), "bool"),  # type: ignore[arg-type]
        (lambda: Threshold.count(0), "1 or more"),
        (lambda: Threshold.percent(101), "up to 100"),
        (lambda: Threshold.time(Duration.millis(10)), "1 second or more"),
    ],
)
def test_other_choices_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=re.escape(message)):
        make()
