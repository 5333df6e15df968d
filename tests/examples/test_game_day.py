"""The game day has a trigger for every detection, and its record says which of them was reported.

AWS is a stub: requests are checked against AWS's descriptions of its APIs, and answers are what a test says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from boto3 import Session  # type: ignore[import-untyped]
from click.testing import CliRunner

from examples.game_day import command, triggers
from examples.game_day.game import Game
from examples.game_day.record import Outcome, Record, Result
from examples.game_day.run import play
from examples.game_day.triggers import TRIGGERS, Kind
from examples.sandbox.connection import Aws
from secure_ddb.detection.measures import watch_measures
from tests.detection.reference import SUBJECTS, matches, samples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from examples.game_day.triggers import Trigger
    from secure_ddb.detection.subject import Subject

TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"
ANSWERS: dict[str, Any] = {
    "GetCallerIdentity": {"Account": "111122223333"},
    "CreateKey": {"KeyMetadata": {"KeyId": "1234abcd"}},
    "DescribeTable": {"Table": {"TableStatus": "ACTIVE", "TableArn": "arn:table"}},
    "CreateRole": {"Role": {"Arn": "arn:aws:iam::111122223333:role/secure-ddb-game-day"}},
    "StartBackupJob": {"BackupJobId": "1"},
    "ExportTableToPointInTime": {"Error": {"Code": "PointInTimeRecoveryUnavailableException", "Message": ""}},
    "ModifyVpcEndpoint": {"Error": {"Code": "InvalidVpcEndpointId.NotFound", "Message": ""}},
    "StopLogging": {"Error": {"Code": "TrailNotFoundException", "Message": ""}},
    "AssumeRole": {"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "denied"}},
    "DescribeLogGroups": {"logGroups": [{"logGroupName": "audit", "retentionInDays": 400}]},
    "ListDetectors": {"DetectorIds": ["d"]},
    "ListRules": {
        "Rules": [
            {"Name": name, "Description": subject.happened, "EventPattern": json.dumps(subject.pattern)}
            for name, subject in SUBJECTS.items()
        ]
    },
    "CreateQueue": {"QueueUrl": "https://sqs"},
    "GetQueueAttributes": {"Attributes": {"QueueArn": "arn:aws:sqs:eu-central-1:111122223333:q"}},
    "Subscribe": {"SubscriptionArn": f"{TOPIC}:1"},
}


def message_of(subject: Subject) -> str:
    """Return what the topic sends: a message of a rule, or the notification of the alarm that counts its events."""
    if not subject.is_counted:
        return f'"{subject.happened}"\n"What: it"'
    measures = watch_measures(
        function_name="watch", schedule="hourly", topic_name="alarms", denied="AccessDenied", key_failed="KeyFailed"
    )
    (measure,) = (each for each in measures if each.dimensions == {"RuleName": subject.name})
    return json.dumps({"AlarmName": measure.name, "AlarmDescription": measure.description, "NewStateValue": "ALARM"})


class Stub(Session):  # type: ignore[misc]
    """A session whose clients check requests and send nothing.

    Attributes:
        called: Operations in their order.
        messages: What the topic has sent.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        super().__init__("none", "none", region_name="eu-central-1")
        self.answers = {**ANSWERS, **(answers or {})}
        self.called: list[str] = []
        self.messages = [message_of(subject) for subject in SUBJECTS.values()]

    def client(self, *arguments: Any, **options: Any) -> Any:
        made = super().client(*arguments, **options)
        made.meta.events.register("before-call", self._answer)
        return made

    def _answer(self, model: Any, params: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        self.called.append(model.name)
        answer = self.answers.get(model.name, {})
        if model.name == "TestEventPattern":
            asked = json.loads(params["body"])
            answer = {"Result": matches(json.loads(asked["EventPattern"]), json.loads(asked["Event"]))}
        if model.name == "ReceiveMessage":
            bodies, self.messages = self.messages[:10], self.messages[10:]
            answer = {"Messages": [{"Body": json.dumps({"Message": each}), "ReceiptHandle": "r"} for each in bodies]}

        class Response:
            status_code = 400 if "Error" in answer else 200
            headers: Mapping[str, str] = {}

        return Response(), answer


class Denied(Aws):
    """An account in which the session of the game day's role is denied."""

    def with_session(self, session: Any) -> Aws:
        denied = {"DescribeTable": {"Error": {"Code": "AccessDeniedException", "Message": ""}}}
        assert session.get_credentials().token == "denied"  # noqa: S105 - the test's own
        return Aws(Stub(denied))


class Clock:
    """A clock that goes on by a second each time it is looked at."""

    def __init__(self) -> None:
        self.now = 1795292079.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def played(stub: Stub, minutes: float = 1) -> Record:
    game = Game(Denied(stub, lambda _: None), "111122223333", "audit")
    return play(game, TOPIC, minutes=minutes, say=lambda _: None, clock=Clock())


def outcomes(record: Record) -> dict[str, Outcome]:
    return {result.detection: result.outcome for result in record.results}


def test_every_detection_has_a_trigger() -> None:
    assert [trigger.subject.name for trigger in TRIGGERS] == list(SUBJECTS)
    assert {t.subject.name: t.subject.happened for t in TRIGGERS} == {s.name: s.happened for s in SUBJECTS.values()}


@pytest.mark.parametrize("trigger", [each for each in TRIGGERS if each.calls], ids=lambda each: str(each.subject.name))
def test_calls_are_among_those_that_are_reported(trigger: Trigger) -> None:
    pattern = json.dumps(SUBJECTS[trigger.subject.name].pattern)
    if trigger.subject.name not in ("AccessDenied", "KeyFailed"):  # of which any will do
        assert all(f'"{call}"' in pattern for call in trigger.calls)


@pytest.mark.parametrize(
    ("name", "event"),
    [("KeyLost", triggers._DELETED), ("HealthEvent", triggers._HEALTH)],
    ids=["KeyLost", "HealthEvent"],
)
def test_events_that_test_a_pattern_have_what_services_send(name: str, event: dict[str, Any]) -> None:
    assert matches(SUBJECTS[name].pattern, event)
    published = [sample.event for sample in samples() if sample.subject == name and sample.is_reported]
    assert any(set(event["detail"]) <= set(each["detail"]) for each in published)


def test_each_call_is_made_and_each_message_heard() -> None:
    stub = Stub()
    record = played(stub)
    expected = {t.subject.name: Outcome.MATCHES if t.kind is Kind.PATTERN else Outcome.REPORTED for t in TRIGGERS}
    assert outcomes(record) == expected
    assert record.is_good
    for trigger in TRIGGERS:
        assert set(trigger.calls) <= set(stub.called), trigger.subject.name
    assert {"CreateSampleFindings", "BatchImportFindings"} <= set(stub.called)


def test_everything_is_deleted() -> None:
    stub = Stub()
    played(stub)
    made = {"key": "ScheduleKeyDeletion", "table": "DeleteTable", "role": "DeleteRole", "vault": "DeleteBackupVault"}
    rest = {"queue": "DeleteQueue", "subscription": "Unsubscribe", "finding": "BatchUpdateFindings"}
    assert {*made.values(), *rest.values()} <= set(stub.called)
    assert stub.called.index("Unsubscribe") < stub.called.index("DeleteQueue")


def test_what_cannot_be_deleted_is_named() -> None:
    record = played(Stub({"DeleteRole": {"Error": {"Code": "DeleteConflict", "Message": "in use"}}}))
    assert len(record.remains) == 1
    assert record.remains[0].startswith("role secure-ddb-game-day: ")
    assert not record.is_good


def test_a_detection_that_is_silent_is_not_reported() -> None:
    stub = Stub()
    stub.messages = [each for each in stub.messages if SUBJECTS["TrailChanged"].happened not in each]
    record = played(stub)
    silent = [name for name, outcome in outcomes(record).items() if outcome is Outcome.NOT_REPORTED]
    assert silent == ["TrailChanged"]
    assert not record.is_good


def test_a_rule_that_is_gone_or_changed_is_noticed() -> None:
    rules = [rule for rule in ANSWERS["ListRules"]["Rules"] if rule["Name"] != "KeyLost"]
    changed = [
        {**rule, "EventPattern": '{"source": ["aws.s3"]}'} if rule["Name"] == "HealthEvent" else rule for rule in rules
    ]
    found = outcomes(played(Stub({"ListRules": {"Rules": changed}})))
    assert (found["KeyLost"], found["HealthEvent"]) == (Outcome.NOT_TRIED, Outcome.NOT_REPORTED)


def test_services_that_are_off_are_not_tried() -> None:
    off = {
        "ListDetectors": {"DetectorIds": []},
        "CreateSampleFindings": {"Error": {"Code": "AccessDeniedException", "Message": ""}},
        "BatchImportFindings": {"Error": {"Code": "InvalidAccessException", "Message": ""}},
        "DescribeLogGroups": {"logGroups": []},
    }
    record = played(Stub(off))
    notes = {each.detection: each.note for each in record.results if each.outcome is Outcome.NOT_TRIED}
    assert notes == {
        "AuditChanged": "there is no log group audit with a retention",
        "GuardDutyFinding": "GuardDuty is off",
        "MacieFinding": "Macie is off",
        "SecurityHubFinding": "Security Hub is off",
    }


def test_the_record_is_written_for_machines_and_for_people(tmp_path: Path) -> None:
    record = played(Stub())
    data, page = record.write(tmp_path)
    assert (data.name, page.name) == ("game-day-2026-11-21.json", "game-day-2026-11-21.md")
    content = json.loads(data.read_text())
    assert len(content["results"]) == len(TRIGGERS)
    assert content["results"][0]["outcome"] == "reported"
    text = page.read_text()
    assert text.startswith("# Game day of 2026-11-21\n")
    assert "13 reported, 2 pattern matches, 0 not reported, 0 not tried." in text
    assert all(f"| {trigger.subject.name} | {trigger.kind.value} |" in text for trigger in TRIGGERS)


def test_a_note_does_not_break_the_table(tmp_path: Path) -> None:
    result = Result("KeyChanged", "call", "a | b", "now", note="two\nlines")
    _, page = Record("2026-11-21", "1", "r", TOPIC, [result], ["a key"]).write(tmp_path)
    assert "| KeyChanged | call | a \\| b | now | not reported | two lines |" in page.read_text()
    assert "- a key" in page.read_text()


def test_the_command_asks_for_the_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "Session", lambda **_: Stub())
    arguments = ["--topic", TOPIC, "--audit-log-group", "audit", "--record", str(tmp_path)]
    result = CliRunner().invoke(command.main, arguments, input="444455556666\n")
    assert result.exit_code == 2
    assert "the credentials are of account 111122223333, not 444455556666; nothing was done" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "Session", lambda **_: Stub())
    monkeypatch.setattr(command, "Aws", lambda session: Denied(session, lambda _: None))
    arguments = ["--topic", TOPIC, "--audit-log-group", "audit", "--record", str(tmp_path), "--yes", "111122223333"]
    result = CliRunner().invoke(command.main, arguments)
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2
    assert len(list(tmp_path.iterdir())) == 2
