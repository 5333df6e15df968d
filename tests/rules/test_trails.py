"""Which trails record the data events of a table: those of its account that reach its Region."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import body, template
from tests.rules.handwritten.making import ACCOUNT, Body

ELSEWHERE = "444455556666"
EVERY_TABLE = [{"DataResources": [{"Type": "AWS::DynamoDB::Table", "Values": ["arn:aws:dynamodb"]}]}]


def recording(**changes: Any) -> Body:
    """Return a template with the trail alone, which selects every table."""
    trail = body()["Resources"]["Trail"]
    return {
        "Resources": {
            "Trail": {**trail, "Properties": {**trail["Properties"], "EventSelectors": EVERY_TABLE, **changes}}
        }
    }


def replicated() -> Body:
    replicas = [{"Region": region} for region in ("eu-central-1", "eu-west-1")]
    table = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"TableName": "orders", "Replicas": replicas}}
    return {"Resources": {"Table": table}}


def verdicts(trail: Body, account: str = ACCOUNT, region: str = "eu-central-1") -> dict[str, Verdict]:
    """Return what is said of each Region of a table in another stack than the trail."""
    trails = template(trail, name="Trails", stack_name="Trails", account=account, region=region)
    judged = judge(Assembly([template(replicated()), trails]))
    return {each.key: each.verdict for rule, each in judged if rule.id == "SecureDdb-AUD16"}


@pytest.mark.parametrize(
    ("region", "everywhere", "recorded"),
    [
        ("eu-central-1", False, {"eu-central-1"}),
        ("eu-west-1", False, {"eu-west-1"}),
        ("us-east-1", False, set()),
        ("us-east-1", "true", {"eu-central-1", "eu-west-1"}),
    ],
)
def test_a_trail_records_its_region_or_all(region: str, everywhere: object, recorded: set[str]) -> None:
    found = verdicts(recording(IsMultiRegionTrail=everywhere), region=region)
    assert {name for name, verdict in found.items() if verdict is Verdict.MET} == recorded
    assert {verdict for name, verdict in found.items() if name not in recorded} <= {Verdict.NOT_VERIFIABLE}


def test_a_trail_of_another_account_records_nothing_here() -> None:
    found = verdicts(recording(IsMultiRegionTrail=True), account=ELSEWHERE)
    assert set(found.values()) == {Verdict.NOT_VERIFIABLE}


def test_one_trail_that_records_everything_is_enough() -> None:
    content = recording(IsLogging=False)
    content["Resources"]["Other"] = recording()["Resources"]["Trail"]
    assert verdicts(content)["eu-central-1"] is Verdict.MET
    content["Resources"]["Other"]["Properties"]["IsLogging"] = {"Ref": "AWS::NotificationARNs"}
    assert verdicts(content)["eu-central-1"] is Verdict.NOT_VERIFIABLE


def test_less_sensitive_tables_need_no_trail_and_one_that_is_there_is_judged() -> None:
    content = body()
    content["Resources"]["Table"]["Properties"]["Tags"][4] = {"Key": "DataClassification", "Value": "internal"}
    trail = content["Resources"]["Trail"]["Properties"]

    def said() -> set[Verdict]:
        return {each.verdict for rule, each in judge(Assembly([template(content)])) if rule.id == "SecureDdb-AUD16"}

    assert said() == {Verdict.MET}
    trail["IsLogging"] = False
    assert said() == {Verdict.NOT_MET}
    del trail["EventSelectors"]
    assert said() == set()
