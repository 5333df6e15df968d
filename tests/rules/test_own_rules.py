"""A company's own rules are asked, reported and waived like those of this library."""

from __future__ import annotations

import json
import types
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Acknowledgment, App, Environment, Stack, Tags, Validations
from aws_cdk.aws_dynamodb import TableV2
from cdk_nag import HIPAASecurityChecks, ServerlessChecks
from click.testing import CliRunner

from examples import company_rules
from examples.company_checks import company_app
from secure_ddb import InvalidArgumentError, SecureDdbChecks, Waiver, rules
from secure_ddb.cli.main import main
from secure_ddb.evidence.collect import collect, exit_status, open_results
from secure_ddb.judging import judge_template
from secure_ddb.judging.judge import RuleError
from secure_ddb.judging.own_rules import with_own_rules
from secure_ddb.rules import Rule, Severity, Verdict, judged
from secure_ddb.rules.pack import RULES
from secure_ddb.synthesis import checked_app, synthesize
from tests.orders import PK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secure_ddb.rules import Assembly, Judgement

BARE = {"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}}
ACME = "ACME1"
ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")


def rule(id_: str, check: Callable[[Assembly], Any], **about: Any) -> Rule:
    texts = {"title": "a", "problem": "b", "rationale": "c", "remedy": "d"}
    return Rule(id=id_, severity=Severity.LOW, **(texts | about))(check)


def silent(_: Assembly) -> Iterator[Judgement]:
    return iter(())


def report(app: App) -> dict[str, Any]:
    directory = Path(app.synth().directory)
    reports = json.loads((directory / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    return next(each for each in reports if each["pluginName"] == "SecureDdb")


def app_with_table(folder: Path, *, tag: bool = False, **options: Any) -> tuple[App, TableV2]:
    app = App(outdir=str(folder), context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    Validations.of(app).add_plugins(SecureDdbChecks(**options))
    table = TableV2(Stack(app, "Orders", env=ENVIRONMENT), "Table", partition_key=PK)
    if tag:
        Tags.of(table).add(company_rules.KEPT_DAYS, "30")
    return app, table


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("bare.json").write_text(json.dumps(BARE), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments), env={"COLUMNS": "200"})


def test_own_rules_come_after_ours() -> None:
    assert with_own_rules([company_rules]) == (*RULES, company_rules.kept_days)
    assert with_own_rules([company_rules.kept_days, company_rules]) == (*RULES, company_rules.kept_days)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([rule("SecureDdb-ENC1", silent)], "id of a rule is 'SecureDdb-ENC1'; allowed: letters, digits"),
        ([rule("secureddb-X1", silent)], "id of a rule"),
        ([rule("ACME", silent)], "id of a rule is 'ACME'"),
        ([rule("ACME[1", silent)], "id of a rule"),
        ([rule("ACME1", silent), rule("ACME1", silent)], "rules is 'ACME1'; allowed: rules with an id each"),
        ([silent], r"rules is function silent; allowed: functions with the decorator @Rule"),
        ([json], "rules is 'module json'; allowed: a module with functions that have the decorator"),
        (company_rules, "allowed: a list of rules"),
    ],
)
def test_what_is_no_own_rule_is_refused(rules: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        SecureDdbChecks(rules=rules)


def test_a_rule_without_a_function_is_refused() -> None:
    bare = Rule(id="ACME2", title="a", problem="b", severity=Severity.LOW, rationale="c", remedy="d")
    with pytest.raises(InvalidArgumentError, match="the decorator of a function"):
        with_own_rules([bare])


def test_own_rule_is_no_rule_of_ours() -> None:
    assert company_rules.kept_days not in RULES
    assert judge_template(BARE) == []


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda _: [dict[str, int]()["absent"]], "rule ACME7 broke down: KeyError: 'absent'"),
        (lambda _: None, "rule ACME7 broke down: TypeError"),
        (lambda _: ["bad"], "rule ACME7 yielded 'bad'; allowed: what judged"),
    ],
)
def test_a_rule_that_breaks_down_is_named(check: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        judge_template(BARE, rule("ACME7", check))


def test_plugin_reports_an_own_rule_and_says_that_it_ran(tmp_path: Path) -> None:
    app, _ = app_with_table(tmp_path, rules=[company_rules])
    found = report(app)
    (violation,) = [each for each in found["violations"] if each["ruleName"] == ACME]
    assert violation["severity"] == "error"
    assert violation["description"].startswith("The table does not say for how many days")
    assert json.loads(found["metadata"]["own rules"]) == [ACME]


def test_plugin_is_content_with_what_the_rule_asks_for(tmp_path: Path) -> None:
    app, _ = app_with_table(tmp_path, tag=True, rules=[company_rules])
    assert ACME not in {each["ruleName"] for each in report(app)["violations"]}


def test_own_rule_is_acknowledged_like_ours(tmp_path: Path) -> None:
    app, table = app_with_table(tmp_path, rules=[company_rules])
    reason = "A test table that is emptied daily."
    Validations.of(table).acknowledge(Acknowledgment(id=f"SecureDdb::{ACME}", reason=reason))
    found = report(app)
    assert ACME not in {each["ruleName"] for each in found["violations"]}
    assert [each["reason"] for each in found["suppressedViolations"] if each["ruleName"] == ACME] == [reason]
    evidence = collect(tmp_path, rules=with_own_rules([company_rules]))
    (result,) = [each for each in evidence.results if each.rule == ACME]
    assert (result.status.value, result.waived_by and result.waived_by.reason) == ("waived", reason)


def test_own_rule_that_serves_a_row_is_waived_with_it() -> None:
    backed_up = rule("ACME3", _bad, requirements=("BAK-2",))
    waiver = {"reason": "rebuilt nightly", "approved_by": "SEC-1", "expires": "2099-12-31"}
    template = {
        "Resources": {
            "Orders": {
                "Type": "AWS::DynamoDB::Table",
                "Metadata": {"SecureTable": {"waivers": {"AWS Backup (BAK-2)": waiver}}},
            }
        }
    }
    assert [each.verdict for each in judge_template(template, backed_up)] == [Verdict.WAIVED]


def _bad(assembly: Assembly) -> Iterator[Judgement]:
    for table in assembly.tables:
        yield judged(table.resource, "Properties", False, "bad", tables=[table])


def test_without_the_rule_the_evidence_is_incomplete(tmp_path: Path) -> None:
    app, _ = app_with_table(tmp_path, rules=[company_rules])
    app.synth()
    assert [each for each in collect(tmp_path).problems if ACME in each] == [
        "the synth also checked ACME1, which are not known here: name their module with --rules"
    ]
    assert not [each for each in collect(tmp_path, rules=with_own_rules([company_rules])).problems if ACME in each]


def test_own_control_and_catalogued_one_list_the_rule(tmp_path: Path) -> None:
    served = rule("ACME4", _bad, controls=("ACME-7", "NIST.800-53.r5 SC-28"), title="t")
    app, _ = app_with_table(tmp_path, rules=[served])
    app.synth()
    controls = {each.id: each for each in collect(tmp_path, rules=with_own_rules([served])).controls}
    assert (controls["ACME-7"].status.value, controls["ACME-7"].title) == ("not met", "t")
    assert "ACME4" in controls["NIST.800-53.r5 SC-28"].rules


@pytest.mark.parametrize(("fail_on", "fails"), [(Severity.LOW, True), (Severity.CRITICAL, False), (None, False)])
def test_only_what_is_bad_enough_fails_the_synth(tmp_path: Path, fail_on: Severity | None, *, fails: bool) -> None:
    app, _ = app_with_table(tmp_path, fail_on=fail_on)
    found = report(app)
    assert (found["conclusion"] == "failure") is fails
    # What does not fail it is in the report nevertheless.
    assert "SecureDdb-BAK3" in {each["ruleName"] for each in found["violations"]}
    # Not counted here is that CDK's own validation is off in tests.
    evidence = replace(collect(tmp_path), problems=())
    assert open_results(evidence)
    assert exit_status(evidence, fail_on) == int(fails)


def test_severity_to_fail_on_is_checked() -> None:
    with pytest.raises(InvalidArgumentError, match="fail_on is 'high'; allowed: a Severity, or None"):
        SecureDdbChecks(fail_on="high")  # type: ignore[arg-type]


def test_check_and_report_take_modules(working: Path) -> None:
    Path("acme_rules.py").write_text(Path(company_rules.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    assert f"medium {ACME}: The table does not say" in run("check", "--rules", "acme_rules", "bare.json").stdout
    assert ACME not in run("check", "bare.json").stdout
    sarif = json.loads(run("check", "--rules", "acme_rules", "--format", "sarif", "bare.json").stdout)
    (described,) = [each for each in sarif["runs"][0]["tool"]["driver"]["rules"] if each["id"] == ACME]
    assert described["fullDescription"]["text"] == company_rules.kept_days.rationale
    assert "The records office" in run("check", "--rules", "acme_rules", "--explain", "acme1").stdout
    app_with_table(working / "cdk.out", rules=[company_rules])[0].synth()
    assert ACME in run("report", "--rules", "acme_rules", "--details").stdout
    never = run("report", "--rules", "acme_rules", "--fail-on", "never")
    assert (never.exit_code, "Not OK" in never.stdout) == (int("Incomplete" in never.stdout), True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "--rules cannot be imported: ModuleNotFoundError"),
        ("1/0", "--rules cannot be imported: ZeroDivisionError"),
        ("", "allowed: a module with functions"),
    ],
)
def test_modules_that_give_no_rules_are_status_2(working: Path, text: str | None, message: str) -> None:
    name = f"given_{len(text or 'none')}"
    if text is not None:
        (working / f"{name}.py").write_text(text, encoding="utf-8")
    result = run("check", "--rules", name, "bare.json")
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_checked_app_takes_packs_rules_and_severity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path / "cdk.out"))
    assert synthesize(company_app()) == 1  # only because CDK's own validation is off in these tests
    evidence = json.loads((tmp_path / "cdk.out" / "evidence.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in evidence["packs"]][:2] == ["SecureDdb", "HIPAA.Security"]
    assert [each["status"] for each in evidence["results"] if each["rule"] == ACME] == ["met"]
    assert [each for each in evidence["problems"] if "CDK_VALIDATION" not in each] == []


@pytest.mark.parametrize("packs", [[], [ServerlessChecks], [HIPAASecurityChecks(), ServerlessChecks]])
def test_packs_are_instances_or_classes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packs: list[Any]) -> None:
    monkeypatch.chdir(tmp_path)
    checked_app(packs=packs)


@pytest.mark.parametrize("packs", [["HIPAA"], [App], HIPAASecurityChecks, [types]])
def test_what_is_no_pack_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packs: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidArgumentError, match="packs is "):
        checked_app(packs=packs)


def test_waiver_acknowledges_an_own_rule(tmp_path: Path) -> None:
    app, table = app_with_table(tmp_path, rules=[company_rules])
    resource = table.node.default_child
    assert resource
    Waiver(reason="emptied daily", approved_by="SEC-7", expires=date(2099, 1, 1)).acknowledge(
        resource, f"SecureDdb::{ACME}"
    )
    assert ACME in {each["ruleName"] for each in report(app)["suppressedViolations"]}


def test_names_for_authors_of_rules_stay() -> None:
    assert {"Assembly", "Judgement", "Replica", "Rule", "Severity", "Table", "Verdict"} <= set(rules.__all__)
    assert {"as_list", "at", "is_unknown", "judged", "judged_value", "manual"} <= set(rules.__all__)
    assert {field.name for field in fields(Rule)} == {
        *("id", "title", "problem", "severity", "rationale", "remedy", "requirements", "controls", "source"),
        *("skip_ephemeral", "check"),
    }
