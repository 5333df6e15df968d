"""What is written is SARIF, has what code scanning demands beyond the schema, and keeps its fingerprints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from secure_ddb.evidence.model import Evidence, Location, PackFacts, Result, Status
from secure_ddb.evidence.sarif import sarif
from secure_ddb.rules.pack import RULES
from tests.evidence.facts import TRIAL, evidence_with

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
SECURE_DDB, AWS_SOLUTIONS = PackFacts(name="SecureDdb", version="1.2.3"), PackFacts(name="AwsSolutions")
NOT_MET = Result(
    pack="SecureDdb",
    rule="SecureDdb-ENC2",
    status=Status.NOT_MET,
    title="The table's key rotates",
    severity="medium",
    detail="EnableKeyRotation is missing",
    template="Orders.template.json",
    stack="Orders",
    logical_id="Key",
    resource_type="AWS::KMS::Key",
    property_path="Properties.EnableKeyRotation",
    construct="Orders/Table/Key/Resource",
    requirements=("ENC-1",),
    controls=("CS-9",),
    remedy="Set EnableKeyRotation.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    location=Location(file="infra/orders app.py", line=12),
)
WAIVED = replace(
    NOT_MET,
    status=Status.WAIVED,
    key="Period",
    waived_by=replace(TRIAL, construct="Orders/Table"),
)
NOT_VERIFIABLE = replace(NOT_MET, status=Status.NOT_VERIFIABLE, detail="the key is imported")
MET = replace(NOT_MET, status=Status.MET, key="other")
OF_CDK_NAG = Result(
    pack="AwsSolutions",
    rule="AwsSolutions-S1",
    status=Status.NOT_MET,
    title="The bucket has server access logs disabled.",
    severity="error",
    construct="Orders/Bucket/Resource",
    stack="Orders",
)
WITHOUT_PLACE = Result(
    pack="SecureDdb",
    rule="SecureDdb-WAIVER2",
    status=Status.NOT_MET,
    title="Every waiver waives a finding",
    severity="low",
)
ALL = (NOT_MET, WAIVED, NOT_VERIFIABLE, MET, OF_CDK_NAG, WITHOUT_PLACE)


def evidence(*results: Result, **about: Any) -> Evidence:
    return evidence_with(results=results, **{"version": "1.2.3", "packs": (SECURE_DDB, AWS_SOLUTIONS), **about})


def runs_of(*results: Result, **about: Any) -> list[dict[str, Any]]:
    log = json.loads(sarif(evidence(*results, **about)))
    Draft202012Validator(SCHEMA).validate(log)
    for run in log["runs"]:
        check_code_scanning(run)
    runs: list[dict[str, Any]] = log["runs"]
    return runs


def results_of(*results: Result, **about: Any) -> list[dict[str, Any]]:
    return [result for run in runs_of(*results, **about) for result in run["results"]]


def check_code_scanning(run: dict[str, Any]) -> None:
    """Check what GitHub documents as required or limited, which the schema leaves open."""
    assert run["tool"]["driver"]["name"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["id"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"note", "warning", "error"}
        assert len(rule["properties"]["tags"]) <= 20
        assert 0 < float(rule["properties"].get("security-severity", "1")) <= 10
    assert len({rule["id"] for rule in rules}) == len(rules)
    fingerprints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].endswith(".")
        assert (result["kind"] == "fail") == (result["level"] != "none")
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"]
        assert physical["region"].keys() == {"startLine", "startColumn", "endLine", "endColumn"}
        base = physical["artifactLocation"].get("uriBaseId")
        assert base in run["originalUriBaseIds"] or physical["artifactLocation"]["uri"].startswith("file:///")


def test_every_kind_of_result_is_valid() -> None:
    assert [run["tool"]["driver"]["name"] for run in runs_of(*ALL)] == ["SecureDdb", "AwsSolutions"]


def test_what_is_not_met_fails_at_its_source_line() -> None:
    (result,) = results_of(NOT_MET)
    assert (result["ruleId"], result["kind"], result["level"]) == ("SecureDdb-ENC2", "fail", "warning")
    assert result["message"]["text"] == (
        "Orders/Table/Key/Resource: EnableKeyRotation is missing (Properties.EnableKeyRotation)."
    )
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "infra/orders%20app.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["startLine"] == place["region"]["endLine"] == 12
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Orders/Table/Key/Resource"


@pytest.mark.parametrize("silent", [WAIVED, MET])
def test_what_is_waived_or_met_makes_no_alert(silent: Result) -> None:
    assert results_of(silent) == []
    assert len(results_of(NOT_MET, silent)) == 1


def test_what_is_not_verifiable_is_to_be_reviewed_and_has_no_security_severity() -> None:
    (run, _) = runs_of(NOT_VERIFIABLE)
    (result,) = run["results"]
    assert (result["ruleId"], result["kind"], result["level"]) == (
        "SecureDdb-ENC2/not-verifiable",
        "review",
        "none",
    )
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert "security-severity" not in rule["properties"]
    assert rule["defaultConfiguration"] == {"level": "note"}
    assert rule["fullDescription"]["text"] == next(rule.rationale for rule in RULES if rule.id == NOT_MET.rule)


def test_what_is_met_is_left_out() -> None:
    assert results_of(MET) == []


def test_rules_say_what_the_pack_says() -> None:
    (run, other) = runs_of(OF_CDK_NAG)
    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(described) == [rule.id for rule in RULES]
    for rule in RULES:
        said = described[rule.id]
        assert said["shortDescription"]["text"] == rule.title
        assert said["fullDescription"]["text"] == rule.rationale
        assert said["help"]["text"] == f"{rule.remedy} {rule.source}"
        assert said["helpUri"] == rule.source
        tags = ["security", *rule.requirements, *rule.controls]
        assert said["properties"]["tags"] == tags[:20]
    (nag,) = other["tool"]["driver"]["rules"]
    assert (nag["id"], nag["shortDescription"]["text"]) == (OF_CDK_NAG.rule, OF_CDK_NAG.title)


@pytest.mark.parametrize(
    ("severity", "level", "called"),
    [
        ("critical", "error", "critical"),
        ("high", "error", "high"),
        ("error", "error", "high"),
        ("medium", "warning", "medium"),
        ("warning", "warning", "medium"),
        ("low", "note", "low"),
        ("info", "note", "low"),
        ("of another pack", "error", "high"),
    ],
)
def test_severities_are_those_of_code_scanning(severity: str, level: str, called: str) -> None:
    (_, run) = runs_of(replace(OF_CDK_NAG, severity=severity))
    assert run["results"][0]["level"] == level
    (rule,) = run["tool"]["driver"]["rules"]
    score = float(rule["properties"]["security-severity"])
    # As GitHub documents its four classes.
    classes = {"low": (0.1, 3.9), "medium": (4.0, 6.9), "high": (7.0, 8.9), "critical": (9.1, 10.0)}
    lowest, highest = classes[called]
    assert lowest <= score <= highest


def test_a_rule_is_as_severe_as_its_worst_result() -> None:
    results = [replace(OF_CDK_NAG, severity=severity) for severity in ("warning", "error", "info")]
    (_, run) = runs_of(*results)
    assert run["tool"]["driver"]["rules"][0]["defaultConfiguration"] == {"level": "error"}


def test_without_source_line_a_result_is_in_its_template_and_without_template_somewhere() -> None:
    results = (replace(NOT_MET, location=None), OF_CDK_NAG, WITHOUT_PLACE)
    places = [result["locations"][0]["physicalLocation"] for result in results_of(*results)]
    assert {place["region"]["startLine"] for place in places} == {1}
    assert [place["artifactLocation"]["uri"] for place in places] == [
        "Orders.template.json",
        "manifest.json",
        "Orders.template.json",
    ]


def test_a_file_outside_of_the_root_is_named_as_it_is() -> None:
    (result,) = results_of(replace(NOT_MET, location=Location(file="/elsewhere/a b.yaml", line=3)))
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(artifact["uri"]) == "file:///elsewhere/a b.yaml"
    assert "uriBaseId" not in artifact


def fingerprint(result: Result) -> str:
    (written,) = results_of(result)
    found: str = written["partialFingerprints"]["primaryLocationLineHash"]
    return found


def test_fingerprints_stay_when_lines_and_words_change() -> None:
    same = fingerprint(NOT_MET)
    assert fingerprint(replace(NOT_MET, location=Location(file="infra/orders app.py", line=99))) == same
    assert fingerprint(replace(NOT_MET, title="Other", detail="other", logical_id="Key2", remedy="")) == same


@pytest.mark.parametrize(
    "change",
    [
        {"pack": "Other"},
        {"rule": "SecureDdb-ENC3"},
        {"key": "eu-west-1"},
        {"construct": "Orders/Other/Key/Resource"},
        {"construct": "", "logical_id": "Key2"},
        {"construct": "", "template": "Other.template.json"},
    ],
)
def test_fingerprints_differ_for_other_findings(change: dict[str, str]) -> None:
    assert fingerprint(replace(NOT_MET, **change)) != fingerprint(NOT_MET)  # type: ignore[arg-type]
    alone = replace(NOT_MET, construct="")
    if change.get("construct") == "":
        assert fingerprint(replace(NOT_MET, **change)) != fingerprint(alone)  # type: ignore[arg-type]


def test_equal_results_are_kept_apart() -> None:
    assert len(results_of(NOT_MET, NOT_MET, NOT_MET)) == 3


def test_the_same_evidence_is_written_in_the_same_way() -> None:
    assert sarif(evidence(*ALL)) == sarif(evidence(*ALL))
    assert sarif(evidence()).endswith("}\n")


def test_a_pack_that_broke_down_says_so_and_so_do_problems() -> None:
    packs = (SECURE_DDB, replace(AWS_SOLUTIONS, succeeded=False))
    first, second = runs_of(packs=packs, problems=("no validation report",))
    assert first["invocations"] == [
        {
            "executionSuccessful": True,
            "toolExecutionNotifications": [{"level": "warning", "message": {"text": "no validation report"}}],
        }
    ]
    assert second["invocations"] == [{"executionSuccessful": False}]


def test_results_of_a_pack_that_nobody_named_are_not_lost() -> None:
    assert [run["tool"]["driver"]["name"] for run in runs_of(OF_CDK_NAG, packs=(SECURE_DDB,))] == [
        "SecureDdb",
        "AwsSolutions",
    ]


def test_long_texts_and_many_tags_are_cut_as_code_scanning_demands() -> None:
    result = replace(OF_CDK_NAG, title="x" * 2000, controls=tuple(f"C-{number}" for number in range(40)))
    (_, run) = runs_of(result)
    assert len(run["tool"]["driver"]["rules"][0]["properties"]["tags"]) == 20
