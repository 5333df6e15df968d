"""Each rule: what it accepts, finds, leaves alone, and cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Verdict
from tests.rules.cases import CASES
from tests.rules.cases.copies import COPIES
from tests.rules.cases.guardrails import GUARDRAILS
from tests.rules.cases.making import DIGEST_KEY, HANDLER, TABLE_STATEMENT, TOPIC_STATEMENTS, P, variables
from tests.rules.cases.perimeter import PERIMETER
from tests.rules.cases.platform import PLATFORM
from tests.rules.cases.retention import RETENTION
from tests.rules.cases.web_identity import WEB_IDENTITY
from tests.rules.handwritten import RESOURCES, body, changed, judgements, verdicts
from tests.rules.handwritten.making import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.rules.cases.making import Change

# They have tests of their own: test_account_services.py, test_waivers.py, test_replicas.py and
# test_termination_protection.py.
ELSEWHERE = {"SecureDdb-DET10", "SecureDdb-MON13", "SecureDdb-OPS7", "SecureDdb-WAIVER1", "SecureDdb-WAIVER2"}
# They look at what is in a template or is not: nothing about it can be unknown.
NEVER_UNKNOWN = {"IAM1", "IAM4", "IAM5", "MON17", "MON18", "OPS2"}
# The bucket's policy can refuse others; who else has a permission, no template says. Nor whose another account is, nor
# whether key material of AWS is accepted, nor what was made by hand.
NEVER_BROKEN = {"AUD12", "AUD28", "DET11", "DET13", "ENC14"}


def each(kind: str) -> list[tuple[str, Change | list[Change]]]:
    return [(rule, change) for rule, cases in CASES.items() for change in getattr(cases, kind)]


def name(value: object) -> str:
    return value if isinstance(value, str) else str(value)[:90]


def apply(change: Change | list[Change]) -> dict[str, object]:
    return changed(*(change if isinstance(change, list) else [change]))


def test_each_rule_has_cases() -> None:
    assert {f"SecureDdb-{rule}" for rule in CASES} | ELSEWHERE == {rule.id for rule in RULES}
    assert {rule for rule, cases in CASES.items() if not cases.broken} == NEVER_BROKEN
    assert {rule for rule, cases in CASES.items() if not cases.unknown} == NEVER_UNKNOWN


def test_a_table_that_lacks_nothing_has_no_finding_however_it_is_written() -> None:
    found = [each for each in judgements(body()) if each.verdict is not Verdict.MET]
    assert [(each.path, each.verdict) for each in found] == [("Properties.Origin", Verdict.MANUAL)]


def test_each_rule_says_of_it_that_it_is_met() -> None:
    extra = (*GUARDRAILS, *COPIES, *PLATFORM, *RETENTION, *WEB_IDENTITY)
    content = changed(HANDLER, DIGEST_KEY, variables(), PERIMETER, *extra)
    silent = [rule for rule in CASES if Verdict.MET not in verdicts(content, f"SecureDdb-{rule}")]
    # Key material of AWS is not the company's own.
    assert silent == ["ENC14", "OPS2"]


@pytest.mark.parametrize(("rule", "change"), each("broken"), ids=name)
def test_rule_finds(rule: str, change: Change | list[Change]) -> None:
    assert Verdict.NOT_MET in verdicts(apply(change), f"SecureDdb-{rule}")


@pytest.mark.parametrize(("rule", "change"), each("unknown"), ids=name)
def test_what_only_the_deployment_knows_is_neither_met_nor_not(rule: str, change: Change | list[Change]) -> None:
    found = verdicts(apply(change), f"SecureDdb-{rule}")
    assert Verdict.NOT_VERIFIABLE in found
    assert Verdict.NOT_MET not in found


def test_a_policy_that_names_an_account_may_be_for_the_one_of_the_deployment() -> None:
    resources = [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}" for name in ("orders", "orders/index/*", "others")]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
    content = changed(
        (f"{TABLE_STATEMENT}/Resource", resources),
        (f"Topic/{P}/TopicName", "alarms"),
        (f"{TOPIC_STATEMENTS}/0/Resource", topic),
    )
    for rule in ("SecureDdb-ENC3", "SecureDdb-ENC11"):
        known = {each.verdict for each in judgements(content, rule)}
        unknown = {each.verdict for each in judgements(content, rule, account="", region="")}
        assert known == {Verdict.MET}
        assert Verdict.NOT_VERIFIABLE in unknown
        assert Verdict.NOT_MET not in unknown
    content = changed((f"{TABLE_STATEMENT}/Resource", resources[-1]))
    elsewhere = judgements(content, "SecureDdb-ENC3", account="", region="")
    # The stream has a policy of its own, which is as good as before.
    assert {each.verdict for each in elsewhere} == {Verdict.NOT_MET, Verdict.MET}


def test_nothing_is_said_where_there_is_no_table() -> None:
    assert judgements({"Resources": {}}) == []
    without = ("Table", "Endpoint", "Management", "OnPremises")
    others = {name: resource for name, resource in RESOURCES.items() if name not in without}
    said = {judgement.resource.logical_id for judgement in judgements({"Resources": others}) if judgement.resource}
    # A role's permissions on tables of another app are still that role's.
    assert said <= {"Reader", "ReaderPolicy", "AuditRole", "IndexRole"}


def test_every_judgement_says_where_and_what() -> None:
    for judgement in judgements(body()):
        assert judgement.resource is not None
        assert judgement.path.startswith(("Properties", "DeletionPolicy", "UpdateReplacePolicy"))
        assert judgement.detail


def test_no_two_findings_of_a_rule_on_a_resource_have_the_same_name() -> None:
    for rule in RULES:
        names = [(each.resource, each.path, each.key) for each in judgements(body(), rule.id)]
        assert len(names) == len(set(names)), rule.id
