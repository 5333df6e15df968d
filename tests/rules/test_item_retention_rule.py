"""What a table states of its items is compared with time to live, and what it claims is repeated and never met."""

from __future__ import annotations

import pytest

from examples.item_retention import app_with_longest_retention
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.retention import CLAIM, RETENTION, STATED, expiry
from tests.rules.handwritten import changed, judgements
from tests.template import Template

RULE = "SecureDdb-OPS14"


def said(*changes: object) -> dict[str, tuple[Verdict, str]]:
    """Return what the rule says, by its key."""
    return {each.key: (each.verdict, each.detail) for each in judgements(changed(*changes), RULE)}  # type: ignore[arg-type]


def test_time_to_live_is_met_and_what_the_application_writes_is_claimed() -> None:
    found = said(*RETENTION)
    assert found["TimeToLive"][0] is Verdict.MET
    assert found["Items"] == (Verdict.NOT_VERIFIABLE, f"claimed, not verified: {CLAIM}")


def test_without_time_to_live_nothing_is_claimed() -> None:
    assert said(STATED) == {"TimeToLive": (Verdict.NOT_MET, "TimeToLiveSpecification is missing")}
    assert said(STATED, expiry("expires"))["TimeToLive"][0] is Verdict.NOT_MET


def test_a_table_that_states_nothing_or_no_end_is_left_alone() -> None:
    assert said(expiry()) == {}


@pytest.mark.parametrize(("table", "verdicts"), [("Applications", {"TimeToLive", "Items"}), ("Pensions", set())])
def test_the_rule_reads_what_the_construct_writes(table: str, verdicts: set[str]) -> None:
    body = app_with_longest_retention().synth().get_stack_by_name("Retention").template
    assert Template(body).only("AWS::DynamoDB::GlobalTable", table)
    found = [each for each in judgements(body, RULE) if each.resource and each.resource.logical_id.startswith(table)]
    assert {each.key for each in found} == verdicts
    assert all(each.verdict is not Verdict.NOT_MET for each in found)
