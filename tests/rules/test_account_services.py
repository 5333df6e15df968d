"""SecureDdb-DET10: detectors and recorders of an app with tables."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment

from examples.account_baseline import AccountBaselineStack
from secure_ddb.rules.rule import Judgement, Verdict
from tests.rules.handwritten import RESOURCES, judgements
from tests.rules.handwritten.making import PARAMETER

RULE = "SecureDdb-DET10"
TYPES = {"ResourceTypes": ["AWS::DynamoDB::Table", "AWS::KMS::Key"]}
MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_VERIFIABLE


def said(kind: str, **properties: Any) -> Judgement:
    service = {"Type": kind, "Properties": properties}
    body = {"Parameters": {"Parameter": {"Type": "String"}}, "Resources": {"Service": service, **RESOURCES}}
    (judgement,) = judgements(body, RULE)
    return judgement


@pytest.mark.parametrize(("enable", "verdict"), [(True, MET), ("true", MET), (False, NOT_MET), (PARAMETER, UNKNOWN)])
def test_a_detector_is_enabled(enable: Any, verdict: Verdict) -> None:
    assert said("AWS::GuardDuty::Detector", Enable=enable).verdict is verdict


@pytest.mark.parametrize(
    ("group", "verdict"),
    [
        ({"AllSupported": True}, MET),
        (TYPES, MET),
        ({"AllSupported": False, **TYPES}, MET),
        ({"ResourceTypes": ["AWS::KMS::Key"]}, NOT_MET),
        ({"AllSupported": False}, NOT_MET),
        (PARAMETER, UNKNOWN),
        (
            {
                "RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::EC2::Instance"]},
            },
            MET,
        ),
        (
            {
                "RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::KMS::Key"]},
            },
            NOT_MET,
        ),
    ],
)
def test_a_recorder_records_tables_and_keys(group: Any, verdict: Verdict) -> None:
    assert said("AWS::Config::ConfigurationRecorder", RecordingGroup=group).verdict is verdict


def test_a_recorder_without_a_group_records_all_types() -> None:
    assert said("AWS::Config::ConfigurationRecorder").verdict is MET


def test_a_finding_names_what_is_left_out() -> None:
    judgement = said("AWS::Config::ConfigurationRecorder", RecordingGroup={"ResourceTypes": ["AWS::KMS::Key"]})
    assert judgement.detail == "the recorder does not record AWS::DynamoDB::Table"
    assert [table.resource.logical_id for table in judgement.tables] == ["Table"]


def test_nothing_is_said_without_either_or_without_tables() -> None:
    assert judgements({"Resources": RESOURCES}, RULE) == []
    alone = {"Resources": {"Service": {"Type": "AWS::GuardDuty::Detector", "Properties": {"Enable": False}}}}
    assert judgements(alone, RULE) == []


def test_an_account_baseline_passes() -> None:
    app = App()
    AccountBaselineStack(app, "Baseline", env=Environment(account="111122223333", region="eu-central-1"))
    body = app.synth().get_stack_by_name("Baseline").template
    found = judgements({"Resources": {**body["Resources"], **RESOURCES}}, RULE)
    assert [each.verdict for each in found] == [MET, MET]
