"""How a copy of items is found, however it is made, and what is none."""

from __future__ import annotations

import json

import pytest

from tests.rules.cases.copies import COPIES, SECURITY, destination, senders
from tests.rules.cases.making import Change, P
from tests.rules.handwritten import changed, judgements
from tests.rules.handwritten.making import ACCOUNT, allow, grants, trust

GONE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
NO_EXPIRIES: Change = ("Expiries", GONE)


def buckets(*changes: Change) -> set[str]:
    """Return the buckets that are judged as copies of items."""
    found = judgements(changed(*COPIES, *changes), "SecureDdb-OPS12")
    return {each.resource.logical_id for each in found if each.resource and each.resource.type == "AWS::S3::Bucket"}


def test_the_bucket_of_exports_and_expired_items_is_found() -> None:
    assert buckets() == {"Items"}
    assert buckets(NO_EXPIRIES) == {"Items"}
    assert buckets(("Nightly", GONE)) == {"Items"}


@pytest.mark.parametrize(
    "change",
    [
        ("Nightly", GONE),
        (f"Nightly/{P}/State", "DISABLED"),
        (f"Nightly/{P}/ScheduleExpression", None),
        (f"ExporterRole/{P}/Policies/0/PolicyDocument/Statement/0/Action", "dynamodb:Scan"),
        (f"ExporterRole/{P}/Policies/0/PolicyDocument/Statement/0/Resource", "arn:aws:dynamodb:*:*:table/other"),
        (f"ExporterRole/{P}/Policies/0/PolicyDocument/Statement/1/Action", "s3:GetObject"),
    ],
    ids=str,
)
def test_what_does_not_export_this_table_on_a_schedule_is_none(change: Change) -> None:
    assert buckets(NO_EXPIRIES, change) == set()


def test_a_schedule_that_calls_dynamodb_itself_is_found() -> None:
    schedule = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": "rate(1 day)",
            "Target": {
                "Arn": "arn:aws:scheduler:::aws-sdk:dynamodb:exportTableToPointInTime",
                "RoleArn": {"Fn::GetAtt": "SchedulerRole.Arn"},
            },
        },
    }
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust("scheduler.amazonaws.com"),
            "Policies": [
                grants(
                    allow("dynamodb:ExportTableToPointInTime", {"Fn::GetAtt": "Table.Arn"}),
                    allow("s3:PutObject", {"Fn::Sub": "${Items.Arn}/*"}),
                )
            ],
        },
    }
    found = buckets(NO_EXPIRIES, ("Nightly", GONE), ("Schedule", schedule), ("SchedulerRole", role))
    assert found == {"Items"}


def test_a_consumer_of_all_changes_keeps_no_expired_items() -> None:
    index = (f"Expiries/{P}/FilterCriteria", {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]})
    assert buckets(("Nightly", GONE), index) == set()


def test_an_organization_is_a_known_sender() -> None:
    of_organization = destination(senders("*", StringEquals={"aws:PrincipalOrgID": "o-abcde12345"}))
    (found,) = judgements(changed(*COPIES, ("Destination", of_organization)), "SecureDdb-AUD35")
    assert found.detail == "senders are named"


@pytest.mark.parametrize(
    "policy", ["", "no policy", "[]", {"Statement": "all"}, {"Statement": [{"Condition": "any"}]}, 7]
)
def test_a_policy_that_is_none_breaks_nothing(policy: object) -> None:
    found = judgements(changed(*COPIES, (f"Destination/{P}/DestinationPolicy", policy)), "SecureDdb-AUD35")
    assert len(found) == 1


def test_where_lines_go_is_said() -> None:
    said = [each.detail for each in judgements(changed(*COPIES), "SecureDdb-AUD34")]
    assert said == [f"lines go to account {SECURITY}", "every line is sent there"]
    own = f"arn:aws:logs:eu-central-1:{ACCOUNT}:destination:audit"
    said = [
        each.detail for each in judgements(changed(*COPIES, (f"Leaving/{P}/DestinationArn", own)), "SecureDdb-AUD34")
    ]
    assert said[0] == "lines go to its own account"
