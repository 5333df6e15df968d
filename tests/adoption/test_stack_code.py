"""The printed code runs, and its table differs from the existing one only in what the differences name."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from secure_ddb.adoption.adopt import adopt
from secure_ddb.adoption.existing import (
    Capacity,
    ExistingTable,
    Index,
    KeyAttribute,
    KeyOwner,
    Origin,
    Throughput,
)
from secure_ddb.adoption.model import Direction
from tests.adoption.adopted import ACCOUNT, KEY, KINESIS, REGION, differing, of_properties, said, synthesized

if TYPE_CHECKING:
    from pathlib import Path

INDEX = {
    "IndexName": "by-status",
    "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "currency"]},
}
ATTRIBUTES = [
    {"AttributeName": name, "AttributeType": kind} for name, kind in (("pk", "S"), ("status", "N"), ("day", "B"))
]
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "LetReportsRead",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::444455556666:role/reports"},
            "Action": ["dynamodb:GetItem", "dynamodb:Query"],
            "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalTag/team": '${aws:username} says "it\'s"\n'}},
        }
    ],
}
# Name of a case, its properties, and the properties that differ besides those that always do.
CASES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "plain": ({}, {"StreamSpecification"}),
    "stream of new images": ({"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}, {"StreamSpecification"}),
    "stream of both images": ({"StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"}}, set()),
    "on demand with maxima": (
        {
            "AttributeDefinitions": ATTRIBUTES,
            "OnDemandThroughput": {"MaxReadRequestUnits": 900, "MaxWriteRequestUnits": 500},
            "GlobalSecondaryIndexes": [{**INDEX, "OnDemandThroughput": {"MaxReadRequestUnits": 7}}],
        },
        {"StreamSpecification", "Replicas.GlobalSecondaryIndexes"},
    ),
    "provisioned": (
        {
            "BillingMode": "PROVISIONED",
            "AttributeDefinitions": ATTRIBUTES,
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": "4"},
            "GlobalSecondaryIndexes": [
                {**INDEX, "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}}
            ],
        },
        {"StreamSpecification", "Replicas.GlobalSecondaryIndexes"},
    ),
    "everything kept": (
        {
            "AttributeDefinitions": ATTRIBUTES,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "day", "KeyType": "RANGE"}],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "by-number",
                    "KeySchema": [
                        {"AttributeName": "pk", "KeyType": "HASH"},
                        {"AttributeName": "status", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            "WarmThroughput": {"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 5_000},
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            "TableClass": "STANDARD_INFREQUENT_ACCESS",
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
            "KinesisStreamSpecification": {"StreamArn": KINESIS},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
            "ContributorInsightsSpecification": {"Enabled": True},
            "Tags": [{"Key": "team", "Value": 'the "a" team'}, {"Key": "Owner", "Value": "payments@example.com"}],
        },
        {"StreamSpecification"},
    ),
    "policy": ({"ResourcePolicy": {"PolicyDocument": POLICY}}, {"StreamSpecification"}),
    "microseconds": (
        {"KinesisStreamSpecification": {"StreamArn": KINESIS, "ApproximateCreationDateTimePrecision": "MICROSECOND"}},
        {"StreamSpecification", "Replicas.KinesisStreamSpecification"},
    ),
    "key of AWS": ({"SSESpecification": {"SSEEnabled": True}}, {"StreamSpecification"}),
}
ALWAYS = {"Replicas.Tags", "Replicas.ResourcePolicy", "Replicas.ReplicaStreamSpecification"}
LACKS = {
    "Replicas.PointInTimeRecoverySpecification",
    "Replicas.DeletionProtectionEnabled",
    "Replicas.ContributorInsightsSpecification",
    "Replicas.SSESpecification",
}


@pytest.mark.parametrize("case", CASES)
def test_the_code_differs_from_the_table_only_in_what_is_said(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties, expected = CASES[case]
    adoption = adopt(of_properties(**properties))
    found = differing(adoption, synthesized(adoption, tmp_path, monkeypatch))
    # That the key is one of KMS, a key of AWS is already.
    encryption = set() if "SSESpecification" in properties else {"SSESpecification"}
    lacks = set() if case == "everything kept" else LACKS | encryption
    assert found == expected | ALWAYS | lacks
    assert found <= said(adoption)
    assert said(adoption) - found <= {"SSESpecification"}


def test_statements_of_the_policy_stay_beside_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adoption = adopt(of_properties(ResourcePolicy={"PolicyDocument": POLICY}))
    template = synthesized(adoption, tmp_path, monkeypatch)
    policy = template["Resources"][adoption.logical_id]["Properties"]["Replicas"][0]["ResourcePolicy"]["PolicyDocument"]
    assert [each["Sid"] for each in policy["Statement"]] == ["DenyRequestsWithoutTls", "LetReportsRead"]
    assert policy["Statement"][1] == POLICY["Statement"][0]


def test_other_tags_stay_and_owner_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adoption = adopt(of_properties(**CASES["everything kept"][0]))
    template = synthesized(adoption, tmp_path, monkeypatch)
    replica = template["Resources"][adoption.logical_id]["Properties"]["Replicas"][0]
    tags = {tag["Key"]: tag["Value"] for tag in replica["Tags"]}
    assert tags == {
        "Application": "REPLACE-ME",
        "CostCenter": "REPLACE-ME",
        "DataClassification": "confidential",
        "Environment": "REPLACE-ME",
        "Owner": "payments@example.com",
        "team": 'the "a" team',
    }
    assert replica["SSESpecification"] == {"KMSMasterKeyId": KEY}


def test_a_tag_in_another_case_is_one_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tags = [{"Key": "owner", "Value": "payments@example.com"}, {"Key": "dataClassification", "Value": "internal"}]
    adoption = adopt(of_properties(Tags=tags))
    template = synthesized(adoption, tmp_path, monkeypatch)
    replica = template["Resources"][adoption.logical_id]["Properties"]["Replicas"][0]
    found = {tag["Key"]: tag["Value"] for tag in replica["Tags"]}
    assert (found["Owner"], found["DataClassification"]) == ("payments@example.com", "internal")
    assert not {"owner", "dataClassification"} & found.keys()
    renamed = [each.what for each in adoption.differences if each.direction is Direction.CHANGED]
    assert renamed == [
        "The tag owner becomes Owner: IAM takes both for one key.",
        "The tag dataClassification becomes DataClassification: IAM takes both for one key.",
    ]


def test_a_restricted_table_is_not_guessed_a_perimeter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adoption = adopt(of_properties(Tags=[{"Key": "DataClassification", "Value": "restricted"}]))
    synthesized(adoption, tmp_path, monkeypatch)
    assert [each.requirement for each in adoption.differences if each.direction is Direction.UNKNOWN] == [
        "OPS-1",
        "NET-4",
    ]


@pytest.mark.parametrize("case", CASES)
def test_the_code_is_as_ruff_writes_it(case: str, tmp_path: Path) -> None:
    file = tmp_path / "stack.py"
    file.write_text(adopt(of_properties(**CASES[case][0])).code, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--line-length", "120", "--no-cache", str(file)]
    checks = ["--select", "F,E,W,I,D,N,UP,B", "--ignore", "D107,D203,D213"]
    done = subprocess.run(
        [*ruff, "check", *checks, *options], capture_output=True, check=False, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
    done = subprocess.run(
        [*ruff, "format", "--diff", *options], capture_output=True, check=False, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout


NAMES = st.text("abcdefghijklmnopqrstuvwxyz_-.", min_size=3, max_size=20)
ATTRIBUTE_NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() and text.isprintable())
CAPACITIES = st.builds(
    lambda least, more, target: Capacity(least=least, most=least + more, target=target),
    st.integers(1, 40),
    st.integers(0, 100),
    st.sampled_from([20, 70, 90]),
)


@st.composite
def tables(draw: st.DrawFn) -> ExistingTable:
    """Return a table with as much as DynamoDB lets one have."""
    names = draw(st.lists(ATTRIBUTE_NAMES, min_size=4, max_size=8, unique=True))
    attributes = [KeyAttribute(name=name, type=draw(st.sampled_from("SNB"))) for name in names]
    some = st.sampled_from(attributes)
    on_demand = draw(st.booleans())
    most = st.one_of(st.none(), st.integers(1, 9_999))

    def throughput() -> Throughput:
        if on_demand:
            return Throughput(most_reads=draw(most), most_writes=draw(most))
        return Throughput(read=draw(CAPACITIES), write=draw(CAPACITIES))

    indexes = tuple(
        Index(
            name=name,
            partition_keys=tuple(draw(st.lists(some, min_size=1, max_size=2, unique=True))),
            sort_keys=tuple(draw(st.lists(some, max_size=2, unique=True))),
            projection=projection,
            included=("other", "more") if projection == "INCLUDE" else (),
            throughput=throughput(),
        )
        for name in draw(st.lists(NAMES, max_size=3, unique=True))
        for projection in [draw(st.sampled_from(["ALL", "KEYS_ONLY", "INCLUDE"]))]
    )
    return ExistingTable(
        place="generated",
        origin=Origin.UNKNOWN,
        name=draw(NAMES),
        region=REGION,
        account=ACCOUNT,
        partition_key=attributes[0],
        sort_key=draw(st.sampled_from([None, attributes[1]])),
        global_indexes=indexes,
        on_demand=on_demand,
        throughput=throughput(),
        time_to_live=draw(st.one_of(st.none(), ATTRIBUTE_NAMES)),
        table_class=draw(st.sampled_from(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])),
        key_owner=KeyOwner.CUSTOMER,
        key_arn=KEY,
        stream=draw(st.sampled_from([None, "KEYS_ONLY", "NEW_AND_OLD_IMAGES"])),
        recovery_days=draw(st.sampled_from([None, 7, 35])),
        protected=draw(st.booleans()),
        insights=draw(st.sampled_from([None, "THROTTLED_KEYS", "ACCESSED_AND_THROTTLED_KEYS"])),
        tags=tuple(draw(st.dictionaries(NAMES.map(lambda name: f"x{name}"), NAMES, max_size=3)).items()),
    )


# Shrinking would synthesize for minutes.
@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=tables())
def test_of_any_table_the_code_differs_only_in_what_is_said(
    table: ExistingTable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    adoption = adopt(table)
    with pytest.MonkeyPatch.context() as monkeypatch:
        template = synthesized(adoption, tmp_path_factory.mktemp("synth"), monkeypatch)
    found = differing(adoption, template)
    assert found <= said(adoption)
    assert found - {"StreamSpecification"} <= ALWAYS | LACKS | {
        "GlobalSecondaryIndexes",
        "Replicas.GlobalSecondaryIndexes",
    }
