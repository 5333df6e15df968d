"""The control catalogue is whole, and names only what exists."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

import secure_ddb.evidence.catalogue
from secure_ddb.evidence.catalogue.load import FILES, load_catalogues, read_catalogue
from secure_ddb.rules.pack import RULES
from secure_ddb.synthesis.app import PACKS
from secure_ddb.waivers.accepted_findings import FAILURE_BUCKET, FUNCTION_FINDINGS, TRAIL_FINDINGS, bucket_findings
from tests.evidence import controls_page, nag_rules

FOLDER = Path(secure_ddb.evidence.catalogue.__path__[0])
SCHEMA: dict[str, Any] = json.loads((FOLDER / "catalogue.schema.json").read_text(encoding="utf-8"))
CONTROLS = [control for catalogue in load_catalogues() for control in catalogue.controls]
NIST = "NIST.800-53.r5 "

# The requirements of this library, row by row, and what else has to be there.
WHOLE = {
    "requirements.toml": {
        *(f"ENC-{number}" for number in range(1, 8)),
        *(f"NET-{number}" for number in range(1, 9)),
        *(f"IAM-{number}" for number in range(1, 8)),
        *(f"AUD-{number}" for number in range(1, 8)),
        *("MON-1", "MON-2", "MON-3", "MON-4"),
        *(f"DET-{number}" for number in range(1, 11)),
        *("BAK-1", "BAK-2", "BAK-3"),
        *(f"OPS-{number}" for number in range(1, 9)),
        "ADO-1",
        *(f"IR-{number}" for number in range(1, 9)),
        *("REP-1", "EDGE-1", "EDGE-2", "DEV-1"),
    },
    "control_statements.toml": {f"CS-{number}" for number in range(1, 11)},
    "nist_csf.toml": {"PR.DS-1", "PR.DS-2", "PR.PT-4", "PR.PT-5", "PR.AC-3", "PR.AC-5"},
}


@pytest.mark.parametrize("file", FILES)
def test_data_file_follows_the_schema(file: str) -> None:
    data = tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)


GOOD = {"id": "X-1", "title": "Something", "source": "https://example.com"}


@pytest.mark.parametrize(
    "change",
    [
        {"cdk_nag": []},
        {"cdk_nag": ["DDB3"]},
        {"resource_types": []},
        {"resource_types": ["AWS::SQS"]},
        {"manual": ""},
        {"title": "Something."},
        {"source": "http://example.com"},
        {"id": ""},
        {"rules": ["SecureDdb-ENC1"]},
    ],
    ids=str,
)
def test_schema_refuses(change: dict[str, Any]) -> None:
    head = {"name": "Own", "version": "1", "source": "https://example.com"}
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid({**head, "controls": [GOOD]})
    assert not validator.is_valid({**head, "controls": [{**GOOD, **change}]})


def test_all_data_files_are_loaded() -> None:
    assert sorted(FILES) == sorted(file.name for file in FOLDER.glob("*.toml"))
    assert load_catalogues() is load_catalogues()
    assert [catalogue.name for catalogue in load_catalogues()] == [read_catalogue(file).name for file in FILES]


def test_rules_name_only_controls_that_are_there() -> None:
    rows = {control.id for control in read_catalogue("requirements.toml").controls}
    others = {control.id for control in CONTROLS} - rows
    unknown = {
        rule.id: [*(set(rule.requirements) - rows), *(set(rule.controls) - others)]
        for rule in RULES
        if set(rule.requirements) - rows or set(rule.controls) - others
    }
    assert unknown == {}, "add the control to a file of secure_ddb/evidence/catalogue, or take it out of the rule"


@pytest.mark.parametrize("file", WHOLE)
def test_nothing_is_missing(file: str) -> None:
    assert {control.id for control in read_catalogue(file).controls} == WHOLE[file]


def test_security_hub_s_controls_on_tables_are_there() -> None:
    known = {control.id for control in CONTROLS}
    assert {f"Security Hub DynamoDB.{number}" for number in range(1, 8)} <= known


def test_no_control_is_there_twice() -> None:
    assert [each for each, count in Counter(control.id for control in CONTROLS).items() if count > 1] == []


def test_every_control_is_shown_by_a_rule_of_ours_or_by_a_person() -> None:
    assert [each.id for each in CONTROLS if not (each.rules or each.manual)] == []


def test_manual_is_read_as_one_line() -> None:
    assert [each.id for each in CONTROLS if "\n" in each.manual or "  " in each.manual] == []


# What each demands beyond anything that its rules look at.
MORE_THAN_RULES_SEE = {
    "CS-2": "versions of TLS",
    "NIST.800-53.r5 AU-3(3)": "one setting",
    "NIST.800-53.r5 AU-9": "delete",
    "NIST.800-53.r5 SC-7(21)": "route tables",
    "NIST.800-53.r5 SI-12": "deleted",
    "NIST.800-53.r5 SI-12(1)": "one setting",
}


@pytest.mark.parametrize(("control", "what"), MORE_THAN_RULES_SEE.items())
def test_control_that_demands_more_than_rules_see_is_not_shown_by_them_alone(control: str, what: str) -> None:
    (found,) = (each for each in CONTROLS if each.id == control)
    assert found.rules
    assert what in found.manual


def test_every_rule_serves_a_control() -> None:
    serving = {rule for control in CONTROLS for rule in control.rules}
    assert [rule.id for rule in RULES if rule.id not in serving] == []


def test_every_type_of_resource_exists() -> None:
    known = set(PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1"))
    assert {"AWS::DynamoDB::GlobalTable"} <= known
    assert [(each.id, kind) for each in CONTROLS for kind in each.resource_types if kind not in known] == []


def test_control_of_security_hub_counts_only_what_it_is_about() -> None:
    # The rules on tags and on policies look at many types, and each of these controls is about one service.
    services = {
        "Backup": "Backup",
        "DynamoDB": "DynamoDB",
        "KMS": "KMS",
        "Lambda": "Lambda",
        "SNS": "SNS",
        "SQS": "SQS",
    }
    hub = read_catalogue("security_hub.toml").controls
    about = [
        (each.id, {kind.split("::")[1] for kind in each.resource_types}, services[each.id.split()[-1].split(".")[0]])
        for each in hub
        if {"SecureDdb-OPS1", "SecureDdb-IAM8"} & set(each.rules)
    ]
    assert len(about) == 9
    assert [(control, found) for control, found, service in about if found != {service}] == []


def test_every_rule_of_cdk_nag_exists() -> None:
    unknown = [(each.id, rule) for each in CONTROLS for rule in each.cdk_nag if rule not in nag_rules.rules()]
    assert unknown == []


def test_all_rules_of_cdk_nag_are_read() -> None:
    assert len(nag_rules.packs()) == len(PACKS)
    assert len(nag_rules.rules()) == sum(text.count("this.applyRule({") for text in nag_rules.packs().values())
    assert {"AwsSolutions-DDB3", "NIST.800.53.R5-DynamoDBInBackupPlan"} <= set(nag_rules.rules())


def test_cdk_nag_itself_names_the_nist_controls_for_its_rules() -> None:
    wrong = [
        (control.id, rule)
        for control in read_catalogue("nist_800_53_r5.toml").controls
        for rule in control.cdk_nag
        if control.id.removeprefix(NIST) not in nag_rules.controls(rule)
    ]
    assert wrong == []


def test_what_this_library_acknowledges_serves_no_row() -> None:
    findings = (*bucket_findings(FAILURE_BUCKET), *FUNCTION_FINDINGS, *TRAIL_FINDINGS)
    acknowledged = {each.partition("::")[2] for each in findings}
    assert acknowledged <= set(nag_rules.rules())
    rows = read_catalogue("requirements.toml").controls
    assert [(row.id, rule) for row in rows for rule in row.cdk_nag if rule in acknowledged] == []


def test_page_of_controls_is_up_to_date() -> None:
    shown = controls_page.PAGE.read_text(encoding="utf-8")
    assert shown == controls_page.page(), "make snapshots writes docs/controls.md"
