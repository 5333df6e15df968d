"""What the rules say about a table that is declared elsewhere, with `TableControls` around it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2, PointInTimeRecoverySpecification, StreamViewType

from secure_ddb import ArchiveSettings, AuditSettings, BackupSettings, SharedResources, TableTrail
from secure_ddb.judging.judge import judge
from secure_ddb.judging.plugin import violations_of
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.orders import INSIDE, OWNERSHIP, SK, WAIVER
from tests.policies.controlled import enforced, with_endpoints
from tests.refusals import HERE
from tests.rules.handwritten import judgements, template
from tests.synthesized import synthesized
from tests.table_controls.declared import controls, table_of_app, table_of_terraform

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.rules.rule import Judgement

BY_STATUS = [GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)]
BEFORE, AFTER = date(2099, 12, 31), date(2100, 1, 1)
GOOD: dict[str, Callable[[Stack], dict[str, Any]]] = {
    "own resources": lambda _: {},
    "a perimeter": lambda _: {"perimeter": INSIDE},
    "shared resources": lambda stack: {"shared_resources": SharedResources(stack, "Shared", ownership=OWNERSHIP)},
    "a trail and an archive": lambda _: {
        "audit": AuditSettings(reads=TableTrail(), archive=ArchiveSettings(retention=Duration.days(365)))
    },
    "daily backups": lambda _: {"backup": BackupSettings(daily_retention=Duration.days(35))},
}


def said_of(fill: Callable[[Stack], None]) -> list[Judgement]:
    return judgements(synthesized(fill).body, stack_name="Test")


def not_met(said: list[Judgement]) -> dict[str, str]:
    return {each.resource.logical_id: each.detail for each in said if each.verdict is Verdict.NOT_MET and each.resource}


@pytest.mark.parametrize("name", GOOD)
def test_a_well_declared_table_with_controls_has_no_finding(name: str) -> None:
    def fill(stack: Stack) -> None:
        controls(stack, table_of_app(stack), **GOOD[name](stack))

    said = said_of(fill)
    assert not_met(said) == {}
    # The resources around it were looked at, too.
    looked_at = {each.resource.type for each in said if each.resource}
    assert {"AWS::DynamoDB::GlobalTable", "AWS::KMS::Key", "AWS::IAM::Role"} <= looked_at


@pytest.mark.parametrize("fill", [with_endpoints, enforced])
def test_neither_has_one_behind_endpoints(fill: Callable[[Stack], None]) -> None:
    vpc = {name: detail for name, detail in not_met(said_of(fill)).items() if not name.startswith("Vpc")}
    assert vpc == {}


def bad(stack: Stack) -> None:
    """A table whose declaration lacks what no controls can make."""
    table = table_of_app(
        stack,
        dynamo_stream=StreamViewType.KEYS_ONLY,
        deletion_protection=False,
        point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=False),
    )
    controls(stack, table)


def test_what_only_the_declaration_can_have_is_a_finding() -> None:
    found = {rule.id for rule, each in judged(bad) if each.verdict is Verdict.NOT_MET}
    assert found == {"SecureDdb-AUD1", "SecureDdb-AUD7", "SecureDdb-BAK1", "SecureDdb-BAK3"}


def waived(stack: Stack) -> None:
    controls(stack, table_of_app(stack, dynamo_stream=None), audit=WAIVER, backup=WAIVER, alarms=WAIVER)


def test_waivers_of_the_controls_waive_findings_of_the_table() -> None:
    said = said_of(waived)
    assert not_met(said) == {}
    assert sum(each.verdict is Verdict.WAIVED for each in said) >= 3


def waived_with_a_stream(stack: Stack) -> None:
    table = table_of_app(stack)
    table.stream_resource_policy = controls(stack, table, audit=WAIVER).stream_policy


def test_the_owner_can_give_the_policy_to_a_stream_that_is_not_recorded() -> None:
    assert not_met(said_of(waived_with_a_stream)) == {}


def waived_elsewhere(stack: Stack) -> None:
    controls(stack, table_of_terraform(stack), backup=WAIVER)


def judged(fill: Callable[[Stack], None], today: date = BEFORE) -> list[Any]:
    return judge(Assembly([template(synthesized(fill).body)], today=today))


@pytest.mark.parametrize(("day", "verdict"), [(BEFORE, Verdict.MET), (AFTER, Verdict.NOT_MET)])
def test_waivers_end_also_where_the_table_is_in_no_template(day: date, verdict: Verdict) -> None:
    (found,) = (each for rule, each in judged(waived_elsewhere, day) if rule.id == "SecureDdb-WAIVER1")
    assert (found.verdict, found.resource.construct_path, found.key) == (verdict, "Test/OrdersControls", "BAK-2")
    assert found.detail == "AWS Backup (BAK-2) is waived until 2099-12-31"


def test_a_report_of_cdk_names_the_controls_of_a_table_in_no_template() -> None:
    (violation,) = (each for each in violations_of(judged(waived_elsewhere, AFTER)) if "WAIVER1" in each.rule_name)
    (resource,) = violation.violating_resources
    assert (resource.construct_path, resource.resource_logical_id) == ("Test/OrdersControls", None)


@pytest.mark.parametrize("name", GOOD)
def test_of_a_table_in_no_template_only_the_controls_are_judged(name: str) -> None:
    def fill(stack: Stack) -> None:
        controls(stack, table_of_terraform(stack), **GOOD[name](stack))

    said = said_of(fill)
    assert not_met(said) == {}
    of_table = [each for each in said if each.resource and each.resource.construct_path]
    by_path = {each.path.split(".")[-1]: each.verdict for each in of_table}
    for path in ("PointInTimeRecoveryEnabled", "DeletionProtectionEnabled", "StreamViewType", "PolicyDocument", "Tags"):
        assert by_path[path] is Verdict.NOT_VERIFIABLE
    around = [each for each in said if each.tables and each not in of_table]
    assert sum(each.verdict is Verdict.MET for each in around) > 20


def without_alarms(body: dict[str, Any]) -> dict[str, Any]:
    kept = {name: each for name, each in body["Resources"].items() if each["Type"] != "AWS::CloudWatch::Alarm"}
    return {**body, "Resources": kept}


def test_what_is_missing_around_it_is_found() -> None:
    said = judgements(without_alarms(synthesized(of_terraform).body), stack_name="Test")
    found = {each.detail for each in said if each.verdict is Verdict.NOT_MET}
    assert "SystemErrors has no alarm with an active action" in found


def of_terraform(stack: Stack) -> None:
    controls(stack, table_of_terraform(stack))


def test_a_table_that_the_app_declares_counts_as_declared() -> None:
    app = App()
    owner, importer = (Stack(app, name, env=HERE) for name in ("Owner", "Importer"))
    table_of_app(owner)
    controls(importer, table_of_terraform(importer))
    assembly = app.synth()
    bodies = [assembly.get_stack_by_name(name).template for name in ("Owner", "Importer")]
    (found,) = Assembly([template(body, name=name) for body, name in zip(bodies, "OI", strict=True)]).tables
    assert found.resource.construct_path == ""


@pytest.mark.parametrize("metadata", [None, [], {"TableControls/": {}}, {"TableControls/A": []}, {"Other/A": {}}])
def test_metadata_of_another_kind_states_no_table(metadata: object) -> None:
    body = {"Metadata": metadata, "Resources": {}}
    assert len(Assembly([template(body)]).tables) == 0


@pytest.mark.parametrize(
    "stated", [{}, {"table": 1, "stream": [], "key": {}, "indexes": "i", "waivers": [], "settings": 1}]
)
def test_statements_of_another_kind_are_known_only_at_deployment(stated: dict[str, Any]) -> None:
    body = {"Metadata": {"TableControls/A": stated}, "Resources": {}}
    judge(Assembly([template(body)]))
