"""The function that switches guarantees on again, with an emulation of DynamoDB, KMS and CloudWatch Logs."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from moto import mock_aws

from secure_ddb import notice
from secure_ddb.remediation.handler import remediation
from secure_ddb.remediation.handler.remediation import NOT_RESTORED, RESTORED, Remediator, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = {"name": "orders", "recovery_days": 35, "deletion_protection": True, "stream": True}
LOG_GROUP = "remediation"
SETTINGS = Settings(tables=[TABLE], keys=[], log_group=LOG_GROUP, role="Orders-RemediationRole-1A2B", most_per_hour=2)
WHO = "arn:aws:sts::111122223333:assumed-role/developer/alice"
ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
# CloudWatch Logs takes no events of another time.
NOW = time.time()


class Account:
    """An account with the table `orders` and a key, both as they should be."""

    def __init__(self) -> None:
        self.dynamodb, self.kms, self.logs = (self.client(name) for name in ("dynamodb", "kms", "logs"))
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.failed = 0
        self.dynamodb.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.recovery(enabled=True)
        self.key: str = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.kms.enable_key_rotation(KeyId=self.key)
        self.logs.create_log_group(logGroupName=LOG_GROUP)
        self.logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="1")

    @staticmethod
    def client(service: str) -> Any:
        return boto3.client(service, region_name="eu-central-1")

    def of_handler(self, service: str) -> Any:
        """Return a client as the handler gets it: EventBridge keeps what it takes."""
        return self if service == "events" else getattr(self, service)

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, int]:  # noqa: N803 - as boto3 calls it
        (entry,) = Entries
        assert entry["Source"] == "secure-ddb"
        self.sent.append((entry["DetailType"], json.loads(entry["Detail"])))
        return {"FailedEntryCount": self.failed}

    def recovery(self, *, enabled: bool) -> None:
        specification = {"PointInTimeRecoveryEnabled": enabled}
        self.dynamodb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification=specification)

    @property
    def is_recoverable(self) -> bool:
        backups = self.dynamodb.describe_continuous_backups(TableName="orders")["ContinuousBackupsDescription"]
        return bool(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED")

    @property
    def is_protected(self) -> bool:
        return bool(self.dynamodb.describe_table(TableName="orders")["Table"]["DeletionProtectionEnabled"])

    @property
    def key_state(self) -> str:
        return str(self.kms.describe_key(KeyId=self.key)["KeyMetadata"]["KeyState"])

    def attempted(self, *messages: str, seconds_ago: float = 60) -> None:
        at = int((NOW - seconds_ago) * 1000)
        events = [{"timestamp": at, "message": json.dumps({"attempt": message})} for message in messages]
        answer = self.logs.put_log_events(logGroupName=LOG_GROUP, logStreamName="1", logEvents=events)
        assert "rejectedLogEventsInfo" not in answer

    def handle(self, event_name: str, settings: Settings = SETTINGS, **detail: Any) -> list[str]:
        parameters = {"keyId": self.key} if "Key" in event_name else {"tableName": "orders"}
        call = {
            "eventName": event_name,
            "requestParameters": parameters,
            "userIdentity": {"arn": WHO},
            "sourceIPAddress": "192.0.2.1",
            **detail,
        }
        settings = replace(settings, keys=settings.keys or [{"id": self.key, "rotation_days": 365}])
        return Remediator(settings, self.of_handler, lambda: NOW).handle(call)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with mock_aws():
        yield Account()


def test_its_events_are_those_that_rules_and_permissions_name() -> None:
    assert remediation.SOURCE == notice.SOURCE


def test_recovery_is_switched_on_again_and_told(account: Account) -> None:
    account.recovery(enabled=False)
    assert account.handle("UpdateContinuousBackups") == [f"{RESTORED}: point-in-time recovery of orders"]
    assert account.is_recoverable
    assert account.sent == [
        (
            RESTORED,
            {
                "subject": "orders",
                "guarantee": "point-in-time recovery",
                "call": "UpdateContinuousBackups",
                "who": WHO,
                "why": "",
            },
        )
    ]


def test_deletion_protection_is_switched_on_again(account: Account) -> None:
    account.dynamodb.update_table(TableName="orders", DeletionProtectionEnabled=False)
    # The call may name the table by its ARN.
    assert account.handle("UpdateTable", requestParameters={"tableName": ARN}) == [
        f"{RESTORED}: deletion protection of orders"
    ]
    assert account.is_protected


def test_a_stream_is_only_told(account: Account) -> None:
    account.dynamodb.update_table(TableName="orders", StreamSpecification={"StreamEnabled": False})
    assert account.handle("UpdateTable") == [f"{NOT_RESTORED}: the stream of the audit trail of orders"]
    assert "StreamSpecification" not in account.dynamodb.describe_table(TableName="orders")["Table"]
    assert account.sent[0][1]["why"].endswith("deploy the stack again")


def test_a_disabled_key_is_enabled(account: Account) -> None:
    account.kms.disable_key(KeyId=account.key)
    assert account.handle("DisableKey") == [f"{RESTORED}: the key, which was disabled of {account.key}"]
    assert account.key_state == "Enabled"


def test_a_key_is_rescued_from_deletion_and_enabled(account: Account) -> None:
    account.kms.schedule_key_deletion(KeyId=account.key, PendingWindowInDays=7)
    arn = f"arn:aws:kms:eu-central-1:111122223333:key/{account.key}"
    assert account.handle("ScheduleKeyDeletion", requestParameters={"keyId": arn})
    assert account.key_state == "Enabled"


def test_rotation_is_switched_on_again(account: Account) -> None:
    account.kms.disable_key_rotation(KeyId=account.key)
    assert account.handle("DisableKeyRotation") == [f"{RESTORED}: the key's rotation of {account.key}"]
    assert account.kms.get_key_rotation_status(KeyId=account.key)["KeyRotationEnabled"]


@pytest.mark.parametrize("name", ["UpdateTable", "UpdateContinuousBackups", "DisableKey"])
def test_what_is_on_is_left_alone(account: Account, name: str) -> None:
    assert account.handle(name) == []
    assert account.sent == []


def everything_off(account: Account) -> None:
    account.recovery(enabled=False)
    account.dynamodb.update_table(
        TableName="orders", DeletionProtectionEnabled=False, StreamSpecification={"StreamEnabled": False}
    )
    account.kms.disable_key_rotation(KeyId=account.key)


def test_what_is_not_declared_is_left_alone(account: Account) -> None:
    everything_off(account)
    bare = {"name": "orders", "recovery_days": 0, "deletion_protection": False, "stream": False}
    settings = replace(SETTINGS, tables=[bare], keys=[{"id": account.key, "rotation_days": 0}])
    assert account.handle("UpdateTable", settings) == []
    assert account.handle("DisableKeyRotation", settings) == []
    assert account.handle("UpdateTable", replace(SETTINGS, tables=[{**TABLE, "name": "order"}])) == []


@pytest.mark.parametrize(
    "detail",
    [
        {"errorCode": "AccessDenied"},
        {"userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/Orders-RemediationRole-1A2B/function"}},
        {"userIdentity": {"arn": WHO, "invokedBy": "cloudformation.amazonaws.com"}},
        {"sourceIPAddress": "cloudformation.amazonaws.com"},
    ],
)
def test_failed_calls_its_own_and_deployments_are_left_alone(account: Account, detail: dict[str, Any]) -> None:
    everything_off(account)
    assert account.handle("UpdateTable", **detail) == []
    assert not account.is_recoverable


def test_a_role_whose_name_begins_alike_is_somebody_else(account: Account) -> None:
    account.recovery(enabled=False)
    other = {"arn": "arn:aws:sts::111122223333:assumed-role/Orders-RemediationRole-1A2B-other/bob"}
    assert account.handle("UpdateContinuousBackups", userIdentity=other)


def test_it_gives_up_after_so_many_attempts_within_an_hour(account: Account) -> None:
    account.attempted(*["switch on point-in-time recovery of orders"] * 2)
    account.recovery(enabled=False)
    assert account.handle("UpdateContinuousBackups") == [f"{NOT_RESTORED}: point-in-time recovery of orders"]
    assert not account.is_recoverable
    assert account.sent[0][1]["why"] == "it was switched on 2 times within an hour, and switched off again"


def test_other_guarantees_and_earlier_attempts_do_not_count(account: Account) -> None:
    account.attempted(*["switch on deletion protection of orders"] * 2, "switch on point-in-time recovery of others")
    account.attempted(*["switch on point-in-time recovery of orders"] * 2, seconds_ago=3700)
    account.recovery(enabled=False)
    assert account.handle("UpdateContinuousBackups") == [f"{RESTORED}: point-in-time recovery of orders"]


def test_an_attempt_is_written_before_the_call(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.recovery(enabled=False)
    account.handle("UpdateContinuousBackups")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {"attempt": "switch on point-in-time recovery of orders"}
    assert second["report"] == RESTORED


def test_a_failure_is_told_and_tried_again_and_keeps_nothing_else_from_being_restored(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything_off(account)
    busy = ClientError({"Error": {"Code": "ResourceInUseException", "Message": "busy"}}, "UpdateContinuousBackups")

    def fail(**_: Any) -> None:
        raise busy

    monkeypatch.setattr(account.dynamodb, "update_continuous_backups", fail)
    with pytest.raises(ClientError, match="ResourceInUseException"):
        account.handle("UpdateTable")
    assert account.is_protected
    assert [kind for kind, _ in account.sent] == [NOT_RESTORED, RESTORED, NOT_RESTORED]


def test_an_event_that_is_not_taken_fails_the_run(account: Account) -> None:
    account.failed = 1
    account.recovery(enabled=False)
    with pytest.raises(
        RuntimeError, match="EventBridge did not accept the event about point-in-time recovery of orders"
    ):
        account.handle("UpdateContinuousBackups")
    assert account.is_recoverable


def test_lambda_gives_it_the_settings(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "TABLES": json.dumps([TABLE]),
        "KEYS": "[]",
        "LOG_GROUP": LOG_GROUP,
        "ROLE": "role",
        "MOST_PER_HOUR": "5",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    account.recovery(enabled=False)
    call = {"eventName": "UpdateContinuousBackups", "requestParameters": {"tableName": "orders"}}
    assert remediation.handler({"detail": call}, None) == [f"{RESTORED}: point-in-time recovery of orders"]
    assert account.is_recoverable
