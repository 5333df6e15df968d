"""The rules as a plugin of CDK, in real apps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Acknowledgment, App, CfnResource, Environment, NestedStack, Stack, Stage, Validations
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_dynamodb import Table, TableV2
from aws_cdk.aws_kms import Key

from secure_ddb import AlarmSettings, AuditSettings, BackupSettings, EncryptionSettings, SecureTable
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.judging.judge import judge
from secure_ddb.judging.plugin import SecureDdbChecks
from secure_ddb.judging.plugin_metadata import read_seen
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.rule import Verdict
from tests.orders import OWNERSHIP, PK, WAIVER

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
ELSEWHERE = Environment(account="444455556666", region="us-east-1")
TABLES_IN_OTHERS_VAULTS = {"HereUser/Nested/Orders/Table/Resource", "ThereUser/Orders/Table/Resource"}
PROTECTION, ALARMS = "SecureDdb-BAK3", "SecureDdb-MON4"


@dataclass(frozen=True)
class Report:
    """What CDK says that the plugin found."""

    conclusion: str
    plugin: dict[str, Any]

    def of(self, rule: str, kind: str = "violations") -> set[str]:
        """Return the constructs with a finding of a rule."""
        return {construct for name, construct, _ in self.findings(kind) if name == rule}

    def findings(self, kind: str = "violations") -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield rule, construct and violation of each finding."""
        for violation in self.plugin.get(kind, ()):
            for construct in violation["violatingConstructs"]:
                yield violation["ruleName"], construct["constructPath"], violation

    def open(self) -> set[tuple[str, str]]:
        """Return rule and construct of what fails the synth."""
        return {(rule, construct) for rule, construct, violation in self.findings() if violation["severity"] != "info"}


def app_in(folder: Path) -> App:
    app = App(outdir=str(folder), context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    Validations.of(app).add_plugins(SecureDdbChecks())
    return app


def synthesized(app: App) -> Report:
    directory = Path(app.synth().directory)
    report = json.loads((directory / "validation-report.json").read_text(encoding="utf-8"))
    (plugin,) = (each for each in report["pluginReports"] if each["pluginName"] == "SecureDdb")
    return Report(plugin["conclusion"], plugin)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what is found of three bare tables in a stage, some of it acknowledged."""
    app = app_in(tmp_path_factory.mktemp("bare"))
    stack = Stack(Stage(app, "Prod", env=ENVIRONMENT), "Data")
    first, _ = Table(stack, "First", partition_key=PK), TableV2(stack, "Second", partition_key=PK)
    third = Table(NestedStack(stack, "Nested"), "Third", partition_key=PK)
    WAIVER.acknowledge(first, f"SecureDdb::{PROTECTION}", f"SecureDdb::{ALARMS}[GetItem]", "SecureDdb::SecureDdb-ENC99")
    WAIVER.acknowledge(third, f"SecureDdb::{PROTECTION}")
    Validations.of(app).acknowledge(Acknowledgment(id=PROTECTION, reason="on the app, and without its pack"))
    return synthesized(app)


def test_finding_fails_the_synth_and_names_its_construct(bare: Report) -> None:
    assert bare.conclusion == "failure"
    assert bare.of("SecureDdb-BAK1") == {
        "Prod/Data/First/Resource",
        "Prod/Data/Second/Resource",
        "Prod/Data/Nested/Third/Resource",
    }


def test_finding_says_what_was_seen_where_and_what_to_do(bare: Report) -> None:
    (violation,) = (found for rule, path, found in bare.findings() if rule == PROTECTION and "Second" in path)
    assert violation["description"] == ("Deletion protection is off: DeletionProtectionEnabled is missing")
    assert violation["suggestedFix"].startswith("Set DeletionProtectionEnabled to true")
    assert violation["severity"] == "error"
    assert violation["ruleMetadata"]["verdict"] == "not met"
    assert violation["ruleMetadata"]["severity"] == "high"
    assert violation["ruleMetadata"]["requirements"] == "BAK-1"
    (construct,) = violation["violatingConstructs"]
    assert construct["cloudFormationResource"]["propertyPaths"] == ["Properties.Replicas.0.DeletionProtectionEnabled"]


def test_acknowledged_finding_is_kept_with_its_reason_and_its_siblings_stay_open(bare: Report) -> None:
    assert bare.of(PROTECTION, "suppressedViolations") == {
        "Prod/Data/First/Resource",
        "Prod/Data/Nested/Third/Resource",
    }
    assert bare.of(PROTECTION) == {"Prod/Data/Second/Resource"}
    reasons = {violation["reason"] for _, _, violation in bare.findings("suppressedViolations")}
    assert reasons == {str(WAIVER)}


def test_one_of_several_findings_can_be_acknowledged_by_its_key(bare: Report) -> None:
    assert bare.of(f"{ALARMS}[GetItem]", "suppressedViolations") == {"Prod/Data/First/Resource"}
    assert "Prod/Data/First/Resource" in bare.of(ALARMS)


def test_acknowledgments_without_a_finding_are_findings(bare: Report) -> None:
    assert bare.of("SecureDdb-WAIVER2") == {"Prod/Data/First", ""}
    details = {found["description"] for rule, _, found in bare.findings() if rule == "SecureDdb-WAIVER2"}
    assert any("SecureDdb::SecureDdb-ENC99 is acknowledged" in detail for detail in details)
    assert any(f"Construct-Annotations::{PROTECTION}" in detail or PROTECTION in detail for detail in details)


def test_counts_of_all_verdicts_are_in_the_report(bare: Report) -> None:
    assert {verdict.value: int(bare.plugin["metadata"][verdict.value]) > 0 for verdict in Verdict} == {
        "met": True,
        "not met": True,
        # Who reads the tables.
        "not verifiable": True,
        # Termination protection of the stack.
        "manual": True,
        "waived": True,
    }


def test_what_only_the_plugin_sees_is_in_the_report(bare: Report) -> None:
    seen = read_seen(bare.plugin["metadata"])

    assert [(each.construct, each.reason) for each in seen.around] == [("", "on the app, and without its pack")]
    assert seen.stacks == 1
    assert seen.judged == sum(int(bare.plugin["metadata"][verdict.value]) for verdict in Verdict)
    # As tests/conftest.py has it.
    assert not seen.cdk_validation


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """Return what is found where findings are acknowledged on the app and on a stage, and the assembly."""
    app = app_in(tmp_path_factory.mktemp("around"))
    stage = Stage(app, "Prod", env=ENVIRONMENT)
    stack = Stack(stage, "Data")
    TableV2(stack, "Second", partition_key=PK)
    Table(NestedStack(stack, "Nested"), "Third", partition_key=PK)
    ended = "a trial (approved by SEC-1, expires 2020-01-01)"
    Validations.of(app).acknowledge(
        Acknowledgment(id=f"SecureDdb::{PROTECTION}", reason=str(WAIVER)),
        Acknowledgment(id="SecureDdb::SecureDdb-ENC99", reason="needless"),
    )
    Validations.of(stage).acknowledge(
        Acknowledgment(id="SecureDdb::SecureDdb-BAK1", reason=str(WAIVER)),
        Acknowledgment(id="SecureDdb::SecureDdb-ENC1", reason=ended),
    )
    return synthesized(app), Path(app.outdir)


def test_acknowledgments_on_the_app_and_on_a_stage_hold_for_all_that_they_contain(
    around: tuple[Report, Path],
) -> None:
    report, _ = around
    tables = {"Prod/Data/Second/Resource", "Prod/Data/Nested/Third/Resource"}
    for rule in (PROTECTION, "SecureDdb-BAK1"):
        assert report.of(rule, "suppressedViolations") == tables
        assert report.of(rule) == set()
    superfluous = {found["description"] for rule, _, found in report.findings() if rule == "SecureDdb-WAIVER2"}
    assert len(superfluous) == 1
    assert "SecureDdb::SecureDdb-ENC99" in superfluous.pop()


def test_acknowledgment_on_a_stage_that_has_run_out_lets_nothing_pass(around: tuple[Report, Path]) -> None:
    report, _ = around
    assert report.of("SecureDdb-ENC1") == {"Prod/Data/Second/Resource", "Prod/Data/Nested/Third/Resource"}
    assert report.of("SecureDdb-ENC1", "suppressedViolations") == set()
    assert report.of("SecureDdb-WAIVER1") == {"Prod"}


def test_evidence_of_the_directory_says_what_the_plugin_said(around: tuple[Report, Path]) -> None:
    report, directory = around
    results = collect(directory).results

    assert {(each.rule, each.construct) for each in results if each.status is Status.NOT_MET} == report.open()
    waived = {(each.rule, each.construct) for each in results if each.status is Status.WAIVED}
    assert waived == {(rule, construct) for rule, construct, _ in report.findings("suppressedViolations")}
    places = {(each.rule, each.waived_by.construct) for each in results if each.waived_by}
    assert places == {(PROTECTION, ""), ("SecureDdb-BAK1", "Prod")}


def test_what_was_acknowledged_on_a_stage_is_in_the_report_where_all_is_met(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stage = Stage(app, "Prod", env=ENVIRONMENT)
    CfnResource(Stack(stage, "Data"), "Nothing", type="AWS::CloudFormation::WaitConditionHandle")
    Validations.of(stage).acknowledge(Acknowledgment(id="Pack::R1", reason=str(WAIVER)))
    report = synthesized(app)

    assert (report.conclusion, report.open()) == ("success", set())
    assert [(each.construct, each.id) for each in read_seen(report.plugin["metadata"]).around] == [("Prod", "Pack::R1")]


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what is found of tables whose key, vault and topic are in other stacks, in two environments."""
    app = app_in(tmp_path_factory.mktemp("spread"))
    for name, environment in (("Here", ENVIRONMENT), ("There", ELSEWHERE)):
        shared = Stack(app, f"{name}Shared", env=environment)
        owner = SecureTable(shared, "Owner", partition_key=PK, ownership=OWNERSHIP)
        key = Key(shared, "Key")
        vault = BackupVault(shared, "Vault", encryption_key=key)
        user = Stack(app, f"{name}User", env=environment)
        SecureTable(
            NestedStack(user, "Nested") if name == "Here" else user,
            "Orders",
            partition_key=PK,
            ownership=OWNERSHIP,
            encryption=EncryptionSettings(key=key),
            backup=BackupSettings(vault=vault),
            alarms=AlarmSettings(topic=owner.alarm_topic),
            audit=WAIVER if name == "There" else AuditSettings(),
        )
    return synthesized(app)


def test_references_between_stacks_and_nested_stacks_are_followed(spread: Report) -> None:
    found = spread.open()
    # CDK's own key and vault are what they are; everything of ours is found, wherever it is.
    assert {construct for _, construct in found} == {
        *(f"{name}Shared/{resource}/Resource" for name in ("Here", "There") for resource in ("Key", "Vault")),
        *TABLES_IN_OTHERS_VAULTS,
    }
    # Only a vault of the table's own has an alarm.
    assert {rule for rule, construct in found if construct in TABLES_IN_OTHERS_VAULTS} == {"SecureDdb-BAK13"}
    assert {rule for rule, construct in found if construct == "HereShared/Key/Resource"} == {
        f"SecureDdb-{rule}" for rule in ("ENC2", "ENC7", "ENC8", "ENC9", "OPS1")
    }
    assert {rule for rule, construct in found if construct == "HereShared/Vault/Resource"} == {
        f"SecureDdb-{rule}" for rule in ("BAK8", "BAK9", "OPS1")
    }


def test_both_environments_are_judged_alike(spread: Report) -> None:
    found = {"Here": set(), "There": set()}  # type: dict[str, set[tuple[str, str]]]
    for rule, construct in spread.open() - {("SecureDdb-BAK13", each) for each in TABLES_IN_OTHERS_VAULTS}:
        name = construct.partition("Shared")[0]
        found[name].add((rule, construct.removeprefix(name)))
    assert found["Here"] == found["There"]


def test_what_a_table_does_without_is_information(spread: Report) -> None:
    waived = {
        (rule, path, found["ruleMetadata"]["reason"])
        for rule, path, found in spread.findings()
        if found["ruleMetadata"]["verdict"] == "waived"
    }
    assert waived == {("SecureDdb-AUD2", "ThereUser/Orders/Table/Resource", str(WAIVER))}


def test_past_its_date_an_acknowledgment_no_longer_holds(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = Stack(app, "Data", env=ENVIRONMENT)
    SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP)
    table = TableV2(stack, "Bare", partition_key=PK)
    expired = "a trial (approved by SEC-1, expires 2030-06-30)"
    Validations.of(table).acknowledge(Acknowledgment(id=f"SecureDdb::{PROTECTION}", reason=expired))
    directory = Path(app.synth().directory)
    assembly = read_templates([directory / "Data.template.json"])
    assembly.today = date(2030, 7, 1)
    judged = judge(assembly)
    found = {rule.id for rule, each in judged if each.verdict is Verdict.NOT_MET}
    assert {PROTECTION, "SecureDdb-WAIVER1"} <= found
    names = {each.resource.logical_id for _, each in judged if each.resource and each.verdict is Verdict.NOT_MET}
    assert all(name.startswith("Bare") for name in names)


def test_waiver_of_another_pack_s_finding_is_seen_beside_none_of_ours(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    stack = Stack(app, "Data", env=ENVIRONMENT)
    WAIVER.acknowledge(TableV2(stack, "Bare", partition_key=PK), "AwsSolutions::AwsSolutions-DDB3")
    plain = Acknowledgment(id="AwsSolutions::AwsSolutions-S1", reason="it has no end")
    Validations.of(stack).acknowledge(plain)
    assembly = read_templates([Path(app.synth().directory) / "Data.template.json"])
    assembly.today = WAIVER.expires + timedelta(days=1)

    found = [(rule.id, each.construct, each.verdict) for rule, each in judge(assembly) if "WAIVER" in rule.id]

    assert found == [("SecureDdb-WAIVER1", "Data/Bare", Verdict.NOT_MET)]
