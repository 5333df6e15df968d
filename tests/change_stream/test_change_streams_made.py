"""`ChangeStream` makes an encrypted, watched stream, and lets consumers read it and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_iam import Role, ServicePrincipal, User
from aws_cdk.aws_kinesis import Stream
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic

from secure_ddb import ChangeStream, EncryptionSettings, InvalidArgumentError, NotCreatedError
from tests.orders import WAIVER, orders
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.synthesis.runs import Run

STREAM, KEY, TABLE, ROLE = (
    "AWS::Kinesis::Stream",
    "AWS::KMS::Key",
    "AWS::DynamoDB::GlobalTable",
    "AWS::IAM::Role",
)
ALLOWED, NOT_ALLOWED = Decision.ALLOWED, Decision.IMPLICITLY_DENIED
REPLICATION = (
    "arn:aws:iam::111122223333:role/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/"
    "AWSServiceRoleForDynamoDBKinesisDataStreamsReplication"
)


def stack(name: str = "Test", app: App | None = None) -> Stack:
    return Stack(app or App(), name, env=Environment(account="111122223333", region="eu-central-1"))


def made(where: Stack, **arguments: Any) -> ChangeStream:
    table = arguments.pop("table", None) or orders(where)
    return ChangeStream(where, "Changes", table=table, **arguments)


def template(of: Stack) -> Template:
    app = of.node.root
    assert isinstance(app, App)
    return Template(app.synth().get_stack_by_name(of.stack_name).template)


@pytest.fixture(scope="module")
def usual() -> Template:
    where = stack()
    changes = made(where)
    changes.grant_read(Role(where, "Consumer", assumed_by=ServicePrincipal("lambda.amazonaws.com")))
    Role(where, "Other", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    return template(where)


def test_the_table_sends_its_changes_to_an_encrypted_stream(usual: Template) -> None:
    assert usual.replica()["KinesisStreamSpecification"] == {
        "StreamArn": {"Fn::GetAtt": [usual.named(STREAM, "Changes"), "Arn"]},
        "ApproximateCreationDateTimePrecision": "MICROSECOND",
    }
    stream = usual.properties(STREAM)
    assert stream["StreamEncryption"]["EncryptionType"] == "KMS"
    assert text(stream["StreamEncryption"]["KeyId"]) == f"<{usual.named(KEY, 'ChangesKey')}.Arn>"
    assert (stream["RetentionPeriodHours"], stream["StreamModeDetails"]) == (168, {"StreamMode": "ON_DEMAND"})
    assert "ShardCount" not in stream
    assert usual.only(STREAM)["DeletionPolicy"] == "RetainExceptOnCreate"
    assert {"Key": "Application", "Value": "orders"} in stream["Tags"]


def test_the_own_stream_stays_for_the_audit_trail(usual: Template) -> None:
    assert usual.table()["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_alarms_say_what_is_missing_late_or_unread(usual: Template) -> None:
    alarms = {name: alarm for name, alarm in usual.alarms().items() if name.startswith("Changes")}
    assert set(alarms) == {
        "ChangesChangesNotReplicated",
        "ChangesChangesReplicatedLate",
        "ChangesChangesThrottled",
        "ChangesChangesNotRead",
    }
    queries = {
        name.removeprefix("Changes"): text(alarm["Metrics"][0]["Expression"])
        for name, alarm in alarms.items()
        if "Metrics" in alarm
    }
    name = usual.named(TABLE, "Orders")
    schema = 'FROM SCHEMA("AWS/DynamoDB", DelegatedOperation, TableName)'
    assert queries == {
        "ChangesNotReplicated": f"SELECT SUM(FailedToReplicateRecordCount) {schema} WHERE TableName = '<{name}>'",
        "ChangesReplicatedLate": f"SELECT MAX(AgeOfOldestUnreplicatedRecord) {schema} WHERE TableName = '<{name}>'",
        "ChangesThrottled": f"SELECT SUM(ThrottledPutRecordCount) {schema} WHERE TableName = '<{name}>'",
    }
    unread = alarms["ChangesChangesNotRead"]
    assert unread["Threshold"] == 84 * 60 * 60 * 1000
    assert unread["Dimensions"] == [{"Name": "StreamName", "Value": {"Ref": usual.named(STREAM, "Changes")}}]
    topic = usual.named("AWS::SNS::Topic", "OrdersAlarmTopic")
    assert {text(action) for alarm in alarms.values() for action in alarm["AlarmActions"]} == {f"<{topic}>"}


def test_the_evidence_says_that_items_leave_the_table(usual: Template) -> None:
    stated = usual.only(TABLE)["Metadata"]["SecureTable"]
    assert stated["settings"] == {"change_stream": "sends every change, old and new item included, to Test/Changes"}
    assert stated["not_verifiable"] == ["who reads the Kinesis stream in Test/Changes"]


@pytest.mark.parametrize(
    ("role", "action", "through", "expected"),
    [
        ("Consumer", "kinesis:GetRecords", "", ALLOWED),
        ("Consumer", "kinesis:GetShardIterator", "", ALLOWED),
        ("Consumer", "kinesis:PutRecord", "", NOT_ALLOWED),
        ("Consumer", "kinesis:DeleteStream", "", NOT_ALLOWED),
        ("Other", "kinesis:GetRecords", "", NOT_ALLOWED),
        ("Consumer", "kms:Decrypt", "kinesis", ALLOWED),
        ("Consumer", "kms:Decrypt", "dynamodb", NOT_ALLOWED),
        ("Consumer", "kms:Decrypt", "", NOT_ALLOWED),
        ("Consumer", "kms:GenerateDataKey", "kinesis", NOT_ALLOWED),
        ("Other", "kms:Decrypt", "kinesis", NOT_ALLOWED),
    ],
)
def test_consumers_read_and_decrypt_through_kinesis_only(
    usual: Template, role: str, action: str, through: str, expected: Decision
) -> None:
    deployed = Deployed(usual)
    context = {"kms:CallerAccount": "111122223333"} if action.startswith("kms:") else {}
    if through:
        context["kms:ViaService"] = f"{through}.eu-central-1.amazonaws.com"
    request = Request(
        principal=deployed.arn(ROLE, role),
        action=action,
        resource=deployed.arn(KEY, "ChangesKey") if action.startswith("kms:") else deployed.arn(STREAM, "Changes"),
        context=context,
    )
    assert decide([(deployed.policies(request), request)]) == [expected]


def test_dynamodb_encrypts_with_the_key_by_its_service_linked_role(usual: Template) -> None:
    deployed = Deployed(usual)
    # DynamoDBKinesisReplicationServiceRolePolicy, version 1.
    own = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "kms:GenerateDataKey",
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": "kinesis.*.amazonaws.com"}},
            }
        ],
    }
    pairs = []
    for service in ("kinesis", "s3"):
        context = {"kms:CallerAccount": "111122223333", "kms:ViaService": f"{service}.eu-central-1.amazonaws.com"}
        key = deployed.arn(KEY, "ChangesKey")
        request = Request(principal=REPLICATION, action="kms:GenerateDataKey", resource=key, context=context)
        policies = deployed.policies(request)
        pairs.append((type(policies)(identity=(own,), resource=policies.resource), request))
    assert decide(pairs) == [ALLOWED, NOT_ALLOWED]


def test_other_settings_reach_the_stream() -> None:
    where = stack()
    topic = Topic(where, "Topic")
    key = Key(where, "Given")
    changes = made(
        where, retention=Duration.days(365), shards=3, encryption=EncryptionSettings(key=key), alarm_topic=topic
    )
    found = template(where)
    stream = found.properties(STREAM)
    assert (stream["RetentionPeriodHours"], stream["ShardCount"]) == (8760, 3)
    assert stream["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert text(stream["StreamEncryption"]["KeyId"]).startswith("<Given")
    sids = [each.get("Sid") for each in found.properties(KEY, "Given")["KeyPolicy"]["Statement"]]
    assert "UseThroughKinesisTest" in sids
    assert len(changes.alarms) == 4
    # What is chosen for the stream's key says nothing of the table's.
    assert set(found.only(TABLE)["Metadata"]["SecureTable"]["settings"]) == {"change_stream"}


def _of_another_stack(where: Stack) -> None:
    ChangeStream(stack("Other", where.node.root), "Changes", table=orders(where))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "allowed"),
    [
        (lambda where: made(where, retention=Duration.hours(23)), "24 hours to 365 days"),
        (lambda where: made(where, retention=Duration.minutes(1441)), "24 hours to 365 days, in whole hours"),
        (lambda where: made(where, retention=7), "24 hours to 365 days"),
        (lambda where: made(where, shards=0), "1 or more"),
        (lambda where: made(where, shards="1"), "shards"),
        (lambda where: made(where, table="Orders"), "a SecureTable of this app"),
        (lambda where: made(where, alarm_topic="topic"), "an aws_sns.ITopic"),
        (lambda where: made(where, encryption=True), "encryption"),
        (
            lambda where: made(where, table=orders(where, kinesis_stream=Stream(where, "Given"))),
            "one without kinesis_stream",
        ),
        (_of_another_stack, "one in the table's stack"),
        (lambda where: made(where).grant_read(User(where, "Anna")), "role"),
    ],
)
def test_others_are_refused(make: Callable[[Stack], object], allowed: str) -> None:
    with pytest.raises(InvalidArgumentError, match=allowed):
        make(stack())


def test_alarms_need_a_topic() -> None:
    where = stack()
    table = orders(where, alarms=WAIVER)
    with pytest.raises(NotCreatedError):
        ChangeStream(where, "Changes", table=table)
    ChangeStream(where, "Others", table=table, alarm_topic=Topic(where, "Topic"))


@pytest.fixture(scope="module")
def synthesized(checked: Callable[[str], Run]) -> Run:
    """Run `python -m examples.change_stream`."""
    return checked("examples/change_stream/__main__.py")


def test_the_example_has_no_open_finding(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 1 table; ")


def test_rules_judge_the_stream_and_its_reader(synthesized: Run) -> None:
    evidence = json.loads((synthesized.directory / "evidence.json").read_text(encoding="utf-8"))
    judged = {
        (each["rule"], each["status"])
        for each in evidence["results"]
        if each["rule"] in ("SecureDdb-ENC12", "SecureDdb-AUD29")
    }
    assert judged == {("SecureDdb-ENC12", "met"), ("SecureDdb-AUD29", "met")}
