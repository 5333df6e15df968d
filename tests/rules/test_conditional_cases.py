"""Templates are judged once more for each set of conditions that tables have, and not otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.judging.conditional import cases
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import RESOURCES, body, judgements, template
from tests.rules.handwritten.conditions import only_if

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body


def each_with_a_key(number: int) -> Body:
    """Return tables with a condition and a key each."""
    resources: Body = {"Always": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}
    for each in range(number):
        key = {"KMSMasterKeyId": {"Fn::GetAtt": f"Key{each}.Arn"}}
        resources[f"Key{each}"] = {"Type": "AWS::KMS::Key", "Condition": f"C{each}", "Properties": {}}
        resources[f"Table{each}"] = {
            "Type": "AWS::DynamoDB::Table",
            "Condition": f"C{each}",
            "Properties": {"SSESpecification": {"SSEEnabled": True, **key}},
        }
    return {"Resources": resources}


@pytest.mark.parametrize("number", [2, 9])
def test_each_of_many_conditions_is_told_from_every_other_one(number: int) -> None:
    def not_verifiable(content: Body) -> set[str]:
        return {
            each.resource.logical_id
            for each in judgements(content, "SecureDdb-ENC1")
            if each.resource and each.verdict is Verdict.NOT_VERIFIABLE
        }

    content = each_with_a_key(number)
    assert not_verifiable(content) == set()
    for one in range(number):
        for other in {(one + 1) % number, number - 1} - {one}:
            content = each_with_a_key(number)
            key = {"KMSMasterKeyId": {"Fn::GetAtt": f"Key{other}.Arn"}}
            content["Resources"][f"Table{one}"]["Properties"]["SSESpecification"] |= key
            assert not_verifiable(content) == {f"Table{one}"}
    content["Resources"]["Always"]["Properties"] = {"SSESpecification": {"SSEEnabled": True, **key}}
    assert "Always" in not_verifiable(content)


def test_nothing_is_judged_twice_unless_something_may_be_missing() -> None:
    assert cases(Assembly([template(body())])) == []
    assert cases(Assembly([template(only_if({"Plan": "Here"}))])) == []
    assert cases(Assembly([template(only_if(dict.fromkeys(RESOURCES, "Sometimes")))])) == []
    assert len(cases(Assembly([template(only_if({"Plan": "Sometimes", "Trail": "Other"}))]))) == 1
    # A table whose condition holds is one like others.
    second = {"Second": {"Type": "AWS::DynamoDB::Table", "Condition": "Here", "Properties": {}}}
    content = {**body(), "Resources": {**body()["Resources"], **second}}
    assert len(cases(Assembly([template(only_if({"Plan": "Sometimes"}, content))]))) == 1
    # CDK adds it wherever the Region is not known.
    content = body()
    content["Resources"]["CDKMetadata"] = {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"}
    assert cases(Assembly([template(content)])) == []
    assert len(cases(Assembly([template(each_with_a_key(64))]))) == 1 + 64
