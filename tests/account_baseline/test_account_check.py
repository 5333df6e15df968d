"""`secure-ddb check-account`: what it asks AWS, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore import xform_name  # type: ignore[import-untyped]
from botocore.exceptions import ClientError, NoCredentialsError  # type: ignore[import-untyped]
from botocore.stub import Stubber  # type: ignore[import-untyped]
from click.testing import CliRunner

from secure_ddb.account_baseline.check import PERMISSIONS, State, check_account
from secure_ddb.cli.main import main

CREDENTIALS = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-central-1"}
ARN = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/organization"
RECORDER = {"name": "default", "recordingGroup": {"allSupported": True}}
ALL_WRITES = {"IncludeManagementEvents": True, "ReadWriteType": "All"}
DENIED = ("AccessDeniedException", "User is not authorized")
# Service to operations with their answers, or with an error's code and message: everything is on.
ON: dict[str, list[tuple[str, Any]]] = {
    "guardduty": [
        ("list_detectors", {"DetectorIds": ["12abc"]}),
        ("get_detector", {"ServiceRole": "role", "Status": "ENABLED"}),
    ],
    "config": [
        ("describe_configuration_recorders", {"ConfigurationRecorders": [RECORDER]}),
        (
            "describe_configuration_recorder_status",
            {"ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "SUCCESS"}]},
        ),
    ],
    "backup": [
        ("describe_region_settings", {"ResourceTypeOptInPreference": {"DynamoDB": True}}),
        ("describe_region_settings", {"ResourceTypeManagementPreference": {"DynamoDB": True}}),
    ],
    "accessanalyzer": [
        (
            "list_analyzers",
            {"analyzers": [{"arn": "a", "name": "external", "type": "ACCOUNT", "status": "ACTIVE", "createdAt": 0}]},
        )
    ],
    "cloudtrail": [
        ("describe_trails", {"trailList": [{"Name": "organization", "TrailARN": ARN}]}),
        ("get_trail_status", {"IsLogging": True}),
        ("get_event_selectors", {"EventSelectors": [ALL_WRITES]}),
    ],
    "sts": [("get_caller_identity", {"Account": "111122223333"})],
}


class Account:
    """An account whose services give the answers of a test."""

    def __init__(self, **changed: list[tuple[str, Any]]) -> None:
        self._answers = {**ON, **changed}
        self._clients: dict[str, Any] = {}
        self.asked: list[str] = []

    def client(self, service: str) -> Any:
        if service not in self._clients:
            client = boto3.client(service, **CREDENTIALS)
            stubber = Stubber(client)
            for operation, answer in self._answers[service]:
                if isinstance(answer, tuple):
                    stubber.add_client_error(operation, *answer)
                else:
                    stubber.add_response(operation, answer)
            stubber.activate()
            client.meta.events.register("before-parameter-build", self._note)
            self._clients[service] = client
        return self._clients[service]

    def _note(self, model: Any, **_: Any) -> None:
        self.asked.append(f"{model.service_model.endpoint_prefix}:{model.name}")


def state(name: str, account: Account) -> tuple[State, str]:
    (standing,) = (each for each in check_account(account, (ClientError,)) if each.name.startswith(name))
    return standing.state, standing.detail


def test_everything_is_on() -> None:
    assert {each.state for each in check_account(Account(), (ClientError,))} == {State.ON}


def test_the_permissions_are_what_it_asks_for() -> None:
    account = Account()
    list(check_account(account, (ClientError,)))
    assert sorted(set(account.asked)) == sorted(PERMISSIONS)
    page = (Path(__file__).parents[2] / "docs" / "account-baseline.md").read_text(encoding="utf-8")
    (policy,) = (json.loads(block.partition("```")[0]) for block in page.split("```json\n")[1:])
    assert policy["Statement"][0]["Action"] == sorted(PERMISSIONS)


def recorder(**group: Any) -> list[tuple[str, Any]]:
    return [
        (
            "describe_configuration_recorders",
            {"ConfigurationRecorders": [{"name": "default", "recordingGroup": group}]},
        ),
        ON["config"][1],
    ]


def status(**said: Any) -> list[tuple[str, Any]]:
    return [
        ON["config"][0],
        ("describe_configuration_recorder_status", {"ConfigurationRecordersStatus": [{"name": "default", **said}]}),
    ]


@pytest.mark.parametrize(
    ("name", "service", "answers", "detail"),
    [
        ("GuardDuty", "guardduty", [("list_detectors", {"DetectorIds": []})], "there is no detector"),
        (
            "GuardDuty",
            "guardduty",
            [ON["guardduty"][0], ("get_detector", {"ServiceRole": "role", "Status": "DISABLED"})],
            "detector 12abc is DISABLED",
        ),
        (
            "AWS Config",
            "config",
            [("describe_configuration_recorders", {"ConfigurationRecorders": []})],
            "there is no configuration recorder",
        ),
        (
            "AWS Config",
            "config",
            recorder(allSupported=False, resourceTypes=["AWS::KMS::Key"]),
            "recorder default does not record AWS::DynamoDB::Table",
        ),
        (
            "AWS Config",
            "config",
            recorder(
                allSupported=False,
                recordingStrategy={"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                exclusionByResourceTypes={"resourceTypes": ["AWS::KMS::Key"]},
            ),
            "recorder default does not record AWS::KMS::Key",
        ),
        ("AWS Config", "config", status(recording=False), "recorder default is stopped"),
        (
            "AWS Config",
            "config",
            status(recording=True, lastStatus="FAILURE", lastErrorMessage="no bucket"),
            "recorder default fails: no bucket",
        ),
        (
            "AWS Backup opt-in",
            "backup",
            [("describe_region_settings", {}), ON["backup"][1]],
            "ResourceTypeOptInPreference for DynamoDB is false",
        ),
        (
            "AWS Backup advanced",
            "backup",
            [ON["backup"][0], ("describe_region_settings", {"ResourceTypeManagementPreference": {"DynamoDB": False}})],
            "ResourceTypeManagementPreference for DynamoDB is false",
        ),
        (
            "IAM Access Analyzer",
            "accessanalyzer",
            [("list_analyzers", {"analyzers": []})],
            "there is no active analyzer in this account; an analyzer of the organization would be in another account",
        ),
        ("Trail", "cloudtrail", [("describe_trails", {"trailList": []})], "there is no trail in this Region"),
        (
            "Trail",
            "cloudtrail",
            [ON["cloudtrail"][0], ("get_trail_status", {"IsLogging": False})],
            "organization is stopped",
        ),
    ],
)
def test_what_is_off_says_why(name: str, service: str, answers: list[tuple[str, Any]], detail: str) -> None:
    assert state(name, Account(**{service: answers})) == (State.OFF, detail)


@pytest.mark.parametrize(
    ("selectors", "logs"),
    [
        ({"EventSelectors": [{**ALL_WRITES, "ReadWriteType": "WriteOnly"}]}, True),
        ({"EventSelectors": [{**ALL_WRITES, "ReadWriteType": "ReadOnly"}]}, False),
        ({"EventSelectors": [{**ALL_WRITES, "IncludeManagementEvents": False}]}, False),
        ({"EventSelectors": [{**ALL_WRITES, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}, False),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
            True,
        ),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, False),
        (
            {
                "AdvancedEventSelectors": [
                    {
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Management"]},
                            {"Field": "readOnly", "Equals": ["false"]},
                        ]
                    }
                ]
            },
            True,
        ),
        (
            {
                "AdvancedEventSelectors": [
                    {
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Management"]},
                            {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                        ]
                    }
                ]
            },
            False,
        ),
    ],
)
def test_a_trail_has_to_log_writes_and_keys(selectors: dict[str, Any], logs: bool) -> None:  # noqa: FBT001
    answers = [*ON["cloudtrail"][:2], ("get_event_selectors", selectors)]
    assert state("Trail", Account(cloudtrail=answers))[0] is (State.ON if logs else State.OFF)


def test_a_second_trail_counts() -> None:
    other = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/other"
    trails = [{"Name": "other", "TrailARN": other}, {"Name": "organization", "TrailARN": ARN}]
    answers = [
        ("describe_trails", {"trailList": trails}),
        ("get_trail_status", {"IsLogging": False}),
        *ON["cloudtrail"][1:],
    ]
    assert state("Trail", Account(cloudtrail=answers)) == (State.ON, "trail organization logs management events")


def test_what_must_not_be_asked_is_unknown_and_the_rest_is_asked() -> None:
    account = Account(guardduty=[("list_detectors", DENIED)])
    found = {each.name: each for each in check_account(account, (ClientError,))}
    assert found["GuardDuty detector"].state is State.UNKNOWN
    assert "AccessDeniedException" in found["GuardDuty detector"].detail
    assert found["AWS Config recorder"].state is State.ON


def run(monkeypatch: pytest.MonkeyPatch, account: Account, *arguments: str) -> Any:
    monkeypatch.setattr(boto3, "Session", lambda **_: account)
    return CliRunner().invoke(main, ["check-account", *arguments], env={"COLUMNS": "200"})


def test_command_prints_what_is_off_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Account(guardduty=[("list_detectors", {"DetectorIds": []})]))
    assert result.exit_code == 1
    assert "off  GuardDuty detector: there is no detector" in result.stdout
    assert "AccountBaseline(create=[AccountService.GUARD_DUTY])" in result.stdout
    assert "6 services, 1 off or unknown" in result.stdout


def test_command_is_quiet_where_all_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Account())
    assert result.exit_code == 0
    assert "aws backup update-region-settings" not in result.stdout


def test_command_writes_json(monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(run(monkeypatch, Account(), "--format", "json").stdout)
    assert [each["state"] for each in found] == ["on"] * 6
    assert list(found[0]) == ["name", "state", "detail", "relies", "remedy"]


@pytest.mark.parametrize("failure", [NoCredentialsError(), ClientError({"Error": {"Code": "ExpiredToken"}}, "x")])
def test_without_credentials_nothing_is_said_of_the_account(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    class NoAccount:
        def client(self, _: str) -> Any:
            raise failure

    monkeypatch.setattr(boto3, "Session", lambda **_: NoAccount())
    result = CliRunner().invoke(main, ["check-account", "--region", "eu-central-1"])
    assert result.exit_code == 2
    assert "a call to AWS failed" in result.stderr


def test_remedies_are_commands_of_the_aws_cli() -> None:
    model = boto3.client("backup", **CREDENTIALS).meta.service_model
    options = {xform_name(each, "-") for each in model.operation_model("UpdateRegionSettings").input_shape.members}
    remedies = [
        each.remedy for each in check_account(Account(), (ClientError,)) if "update-region-settings" in each.remedy
    ]
    assert len(remedies) == 2
    assert {each.split(" --")[1].split(" ")[0] for each in remedies} == options
