"""What the rules say about this library's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.rules.rule import Verdict
from tests.configurations import CONFIGURATIONS
from tests.rules.handwritten import judgements

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.rules.rule import Judgement
    from tests.template import Template

ZONES = ("application", "operations")
# What is not met is not this library's, or was chosen: construct id to rules.
NOT_MET = {
    # CDK's own stream, whose key is one of AWS, and which has no tags.
    # And a VPC with CDK's own subnets, which have no network ACL of their own.
    # Its read capacity is fixed, of the table and of its index.
    "everything": {
        "Changes": 2,
        "OrdersTable": 2,
        **{f"Vpc{name}Subnet{zone}Subnet": 1 for name in ZONES for zone in "12"},
    },
    # CDK's own key as it is by default: does not rotate, has no tags, and its policy allows kms:* to the account.
    "own_key": {"Key": 5},
    # A topic and a key without tags.
    "own_topic": {"Alarms": 1, "TopicKey": 1},
}
# Internal data is copied once a month, for which no alarm looks back.
# What is reported of calls depends on a trail, which `sharing` does not claim.
NOT_VERIFIABLE = {"bring_your_own", "enforced", "plain_keys", "sharing", "two_lanes"}
# Whose reads a trail in the app records, and whose data is not sensitive enough to ask.
READS_RECORDED = {"everything", "ephemeral_trail", "observed", "own_trail"}
READS_DO_NOT_MATTER = {"ephemeral", "plain_keys"}
WAIVED = {"monitored", "everything", "waived", "ephemeral", "ephemeral_trail"}


@pytest.fixture(params=sorted(CONFIGURATIONS))
def configuration(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def said(template: Callable[[str], Template], configuration: str) -> list[Judgement]:
    return judgements(template(configuration).body, stack_name="Test")


def test_only_what_is_not_this_library_s_is_not_met(configuration: str, said: list[Judgement]) -> None:
    names = [each.resource.logical_id[:-8] for each in said if each.verdict is Verdict.NOT_MET and each.resource]
    assert {name: names.count(name) for name in names} == NOT_MET.get(configuration, {})


@pytest.fixture
def said_of_reads(template: Callable[[str], Template], configuration: str) -> list[Judgement]:
    return judgements(template(configuration).body, "SecureDdb-AUD16", stack_name="Test")


@pytest.fixture
def said_of_people(template: Callable[[str], Template], configuration: str) -> list[Judgement]:
    """Return what is said of subscriptions and of rejected traffic, which may be seen to outside of the app."""
    body = template(configuration).body
    return [each for rule in ("DET11", "DET13") for each in judgements(body, f"SecureDdb-{rule}", stack_name="Test")]


def test_only_what_exists_already_or_is_rare_cannot_be_verified(
    configuration: str,
    said: list[Judgement],
    said_of_reads: list[Judgement],
    said_of_people: list[Judgement],
) -> None:
    of_everything, of_others = (
        sum(each.verdict is Verdict.NOT_VERIFIABLE for each in judged)
        for judged in (said, [*said_of_reads, *said_of_people])
    )
    assert (of_everything > of_others) == (configuration in NOT_VERIFIABLE)


def test_who_records_reads_is_met_only_with_a_trail(configuration: str, said_of_reads: list[Judgement]) -> None:
    expected = Verdict.MET if configuration in READS_RECORDED else Verdict.NOT_VERIFIABLE
    assert [each.verdict for each in said_of_reads] == [expected] * (configuration not in READS_DO_NOT_MATTER)
    assert any("SEC-142" in each.detail for each in said_of_reads) == (configuration == "organization_trail")


def test_only_what_was_waived_is_and_its_reason_is_there(configuration: str, said: list[Judgement]) -> None:
    waived = [each for each in said if each.verdict is Verdict.WAIVED]
    assert bool(waived) == (configuration in WAIVED)
    assert all(each.reason for each in waived)


def test_most_of_what_is_said_is_good(said: list[Judgement]) -> None:
    met = sum(each.verdict is Verdict.MET for each in said)
    assert met > 0.7 * len(said)
    assert met > 30
