"""No false alarm on templates that are fine in a way that a simple rule would not understand.

Each is about one thing, which its metadata names, and leaves everything else out. Rules that look at what was left out
are listed here, and no others may find anything.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import template

FOLDER = Path(__file__).parent / "good_cases"

NO_KEY = {"ENC1"}
NO_POLICY_OF_THE_TABLE = {"ENC3"}
NO_RECOVERY = {"BAK1"}
NO_DELETION_PROTECTION = {"BAK3"}
NO_BACKUP_PLAN = {"BAK5"}
NO_REPORT_OF_FAILED_BACKUPS = {"BAK12"}
NO_STREAM = {"AUD1", "AUD2"}
NO_ALARMS = {"MON1", "MON2", "MON3", "MON4"}
NO_ALARMS_ON_THE_FUNCTION = {"MON5", "MON6", "MON15"}
NO_CONTRIBUTOR_INSIGHTS = {"MON11"}
NO_TAGS_OF_THE_TABLE = {"OPS1"}

LEFT_OUT = {
    "alarms-through-metric-math": (
        NO_KEY
        | NO_POLICY_OF_THE_TABLE
        | NO_RECOVERY
        | NO_DELETION_PROTECTION
        | NO_BACKUP_PLAN
        | NO_STREAM
        | NO_TAGS_OF_THE_TABLE
    ),
    "backup-by-tag": (
        NO_KEY | NO_POLICY_OF_THE_TABLE | NO_REPORT_OF_FAILED_BACKUPS | NO_STREAM | NO_ALARMS | NO_CONTRIBUTOR_INSIGHTS
    ),
    "backup-of-all-tables": (
        NO_KEY
        | NO_POLICY_OF_THE_TABLE
        | NO_REPORT_OF_FAILED_BACKUPS
        | NO_STREAM
        | NO_ALARMS
        | NO_CONTRIBUTOR_INSIGHTS
        | NO_TAGS_OF_THE_TABLE
    ),
    "changes-in-kinesis": (
        NO_POLICY_OF_THE_TABLE
        | NO_RECOVERY
        | NO_DELETION_PROTECTION
        | NO_BACKUP_PLAN
        | NO_ALARMS
        | NO_ALARMS_ON_THE_FUNCTION
        | NO_CONTRIBUTOR_INSIGHTS
    ),
    "imported-key-material": (
        NO_POLICY_OF_THE_TABLE
        | NO_RECOVERY
        | NO_DELETION_PROTECTION
        | NO_BACKUP_PLAN
        | NO_STREAM
        | NO_ALARMS
        | NO_CONTRIBUTOR_INSIGHTS
    ),
    # Its interface endpoint has no security group that admits known networks only.
    "policies-in-other-words": NO_KEY | NO_BACKUP_PLAN | NO_STREAM | NO_ALARMS | NO_CONTRIBUTOR_INSIGHTS | {"NET12"},
    "trail-of-the-account": (
        NO_KEY
        | NO_POLICY_OF_THE_TABLE
        | NO_RECOVERY
        | NO_DELETION_PROTECTION
        | NO_BACKUP_PLAN
        | NO_STREAM
        | NO_ALARMS
        | NO_CONTRIBUTOR_INSIGHTS
        | NO_TAGS_OF_THE_TABLE
    ),
}
# Rules that each case is about, which do not only keep silent.
ABOUT = {
    "alarms-through-metric-math": {
        Verdict.MET: {"MON1", "MON2", "MON3", "MON4", "MON7", "MON8", "MON11", "MON12"},
    },
    "backup-by-tag": {Verdict.MET: {"BAK5", "BAK6"}, Verdict.NOT_VERIFIABLE: {"BAK13"}},
    "backup-of-all-tables": {Verdict.MET: {"BAK1", "BAK3", "BAK4", "BAK5", "BAK6"}},
    "changes-in-kinesis": {
        Verdict.MET: {"AUD1", "AUD2", "AUD3", "AUD4", "AUD5", "AUD6", "AUD7", "AUD8", "AUD9", "ENC6", "ENC12", "IAM10"},
    },
    "imported-key-material": {
        Verdict.MET: {"ENC1", "ENC6", "ENC7", "ENC8", "ENC9", "ENC14"},
        Verdict.MANUAL: {"ENC2"},
    },
    "policies-in-other-words": {
        Verdict.MET: {"BAK1", "BAK2", "BAK3", "ENC3", "IAM2", "IAM3", "IAM4", "IAM7", "IAM8", "NET1", "NET3", "OPS1"},
    },
    "trail-of-the-account": {Verdict.MET: {"AUD16", "AUD17", "AUD18", "ENC10"}, Verdict.NOT_VERIFIABLE: {"AUD19"}},
}


def said_of(name: str, verdict: Verdict) -> set[str]:
    content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    judged = judge(Assembly([template(content)]))
    return {rule.id.removeprefix("SecureDdb-") for rule, judgement in judged if judgement.verdict is verdict}


def test_every_case_is_looked_at_and_says_what_is_fine_about_it() -> None:
    files = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.iterdir()}
    assert files.keys() == LEFT_OUT.keys() == ABOUT.keys()
    assert all(content["Metadata"]["Fine"] for content in files.values())


@pytest.mark.parametrize("name", LEFT_OUT)
def test_nothing_is_found_but_what_was_left_out(name: str) -> None:
    assert said_of(name, Verdict.NOT_MET) == LEFT_OUT[name]


@pytest.mark.parametrize("name", ABOUT)
def test_what_a_case_is_about_is_understood(name: str) -> None:
    for verdict, rules in ABOUT[name].items():
        assert rules <= said_of(name, verdict)
