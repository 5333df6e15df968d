"""Where the emulator enforces policies, roles can do what they are meant to, and nothing else."""

from __future__ import annotations

import io
import json
import time
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_iam import AccountRootPrincipal, ManagedPolicy, Role
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.e2e.audit import audit, kept, written_together
from tests.e2e.deployment import Deployment, bootstrap
from tests.e2e.emulator import ROOT, Emulator, running
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.orders import orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aws_cdk import Stack

KEY = {"pk": {"S": "an item"}}
READS: dict[str, Callable[[Any, str], object]] = {
    "BatchGetItem": lambda client, table: client.batch_get_item(RequestItems={table: {"Keys": [KEY]}}),
    "GetItem": lambda client, table: client.get_item(TableName=table, Key=KEY),
    "Query": lambda client, table: client.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": KEY["pk"]}
    ),
    "Scan": lambda client, table: client.scan(TableName=table),
    "TransactGetItems": lambda client, table: client.transact_get_items(
        TransactItems=[{"Get": {"TableName": table, "Key": KEY}}]
    ),
}
WRITES: dict[str, Callable[[Any, str], object]] = {
    "BatchWriteItem": lambda client, table: client.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": KEY}}]}
    ),
    "DeleteItem": lambda client, table: client.delete_item(TableName=table, Key={"pk": {"S": "no item"}}),
    "PutItem": lambda client, table: client.put_item(TableName=table, Item=KEY),
    "TransactWriteItems": lambda client, table: client.transact_write_items(
        TransactItems=[{"Put": {"TableName": table, "Item": KEY}}]
    ),
    "UpdateItem": lambda client, table: client.update_item(TableName=table, Key=KEY),
}
OTHERS: dict[str, Callable[[Any, str], object]] = {
    "CreateBackup": lambda client, table: client.create_backup(TableName=table, BackupName="copy"),
    "DeleteTable": lambda client, table: client.delete_table(TableName=table),
    "DescribeTable": lambda client, table: client.describe_table(TableName=table),
    "ExecuteStatement": lambda client, table: client.execute_statement(Statement=f'SELECT * FROM "{table}"'),
    "UpdateTimeToLive": lambda client, table: client.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    ),
}
CALLS = READS | WRITES | OTHERS


GRANTED: dict[str, set[str]] = {
    "Reader": set(READS),
    "Writer": set(WRITES),
    "Both": set(READS) | set(WRITES),
    # Everything takes MFA, which no session of the emulator has.
    "Operator": set(),
    "Nobody": set(),
}
DENIALS = {"AccessDenied", "AccessDeniedException"}
# The table's policy is among what decides.
pytestmark = pytest.mark.model_of_aws("global_tables.py, request_context.py")
LOGGED = pytest.mark.model_of_aws("aliases.py, platform_logs.py, request_context.py")


def fill(stack: Stack) -> None:
    table = orders(stack)
    grants = {
        "Reader": table.grant_read_data,
        "Writer": table.grant_write_data,
        "Both": table.grant_read_write_data,
        "Operator": table.grant_control_plane,
        "Nobody": None,
    }
    for name, grant in grants.items():
        role = Role(stack, name, role_name=name, assumed_by=AccountRootPrincipal())
        if grant:
            grant(ManagedPolicy(stack, f"{name}Policy", roles=[role]))


@pytest.fixture(scope="module")
def enforcing(environment: None) -> Iterator[Emulator]:  # noqa: ARG001
    """Return an emulator that enforces policies; the session's requests are those of the account's root."""
    with running(enforces=True) as started:
        bootstrap(started)
        yield started


@pytest.fixture(scope="module")
def table(enforcing: Emulator, folder: Path) -> Table:
    deployment = Deployment(enforcing, assembly(folder / "enforced", "Enforced", fill))
    deployment.deploy("Enforced")
    made = Table(deployment, "Enforced")
    made.client("dynamodb").put_item(TableName=made.name, Item=KEY)
    made.client("dynamodb").create_table(
        TableName="Others",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return made


def is_allowed(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIALS:
            return False
        raise
    return True


def allowed(client: Any, table: str) -> set[str]:
    return {name for name, call in CALLS.items() if is_allowed(partial(call, client, table))}


def role_with(table: Table, name: str, statement: object) -> Emulator:
    """Make a role that may do what a statement, or a list of them, says; return the emulator for its requests."""
    iam = table.client("iam")
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": [trust]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    document = {"Version": "2012-10-17", "Statement": statement}
    iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=json.dumps(document))
    return table.deployment.emulator.in_role(name)


def without_tls(client: Any) -> Any:
    client.meta.events.register(
        "before-sign", lambda request, **_: request.headers.add_header("x-forwarded-proto", "http")
    )
    return client


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("Reader", marks=pytest.mark.proves("`grant_read_data` lets a role read items, but by PartiQL")),
        pytest.param("Writer", marks=pytest.mark.proves("`grant_write_data` lets a role write items, not read")),
        pytest.param("Both", marks=pytest.mark.proves("`grant_read_write_data` lets a role read and write")),
        pytest.param("Operator", marks=pytest.mark.proves("`grant_control_plane` lets a role do nothing without MFA")),
        pytest.param("Nobody", marks=pytest.mark.proves("A role without a grant can do nothing with the table")),
    ],
)
def test_grant(table: Table, role: str) -> None:
    client = table.deployment.emulator.in_role(role).client("dynamodb")
    assert allowed(client, table.name) == GRANTED[role]
    assert allowed(client, "Others") == set()


@pytest.mark.proves("Requests without TLS are denied to roles with a grant, by the table's policy")
def test_table_without_tls(table: Table) -> None:
    client = without_tls(table.deployment.emulator.in_role("Both").client("dynamodb"))
    assert allowed(client, table.name) == set()


@pytest.mark.proves("Requests without TLS are denied by the stream's policy")
def test_stream_without_tls(table: Table) -> None:
    stream = table.description()["LatestStreamArn"]
    client = role_with(
        table, "StreamReader", {"Effect": "Allow", "Action": "dynamodb:DescribeStream", "Resource": stream}
    ).client("dynamodbstreams")
    assert is_allowed(lambda: client.describe_stream(StreamArn=stream))
    assert not is_allowed(lambda: without_tls(client).describe_stream(StreamArn=stream))


@pytest.mark.model_of_aws("request_context.py")
@pytest.mark.proves("Requests without TLS are denied by the failure bucket's policy")
def test_bucket_without_tls(table: Table) -> None:
    client = role_with(table, "Bucket", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}).client("s3")
    bucket = table.resource("AuditFailureBucket")
    assert is_allowed(lambda: client.list_objects_v2(Bucket=bucket))
    assert not is_allowed(lambda: without_tls(client).list_objects_v2(Bucket=bucket))


@LOGGED
@pytest.mark.proves("The audit function logs changes, with digests and MACs, by the policies of its role")
def test_audit_function(table: Table) -> None:
    table.wait_for_lines(1)
    item = {"pk": {"S": "another item"}}
    (line,) = table.changes(lambda: table.client("dynamodb").put_item(TableName=table.name, Item=item), 1)
    assert (line["action"], len(line["key"])) == ("INSERT", 43)


@LOGGED
@pytest.mark.proves("`kms:VerifyMac` is all that it takes to verify MACs, and computes none")
def test_auditor(table: Table, tmp_path: Path) -> None:
    table.wait_for_lines(1)
    key = table.client("kms").describe_key(KeyId=table.resource("AuditDigestKey"))["KeyMetadata"]["Arn"]
    auditor = role_with(table, "Auditor", {"Effect": "Allow", "Action": "kms:VerifyMac", "Resource": key})
    log = tmp_path / "lines.json"
    log.write_text(json.dumps({"events": table.log_events()}), encoding="utf-8")
    found = audit(auditor, "verify", str(log), "--from-beginning", "--origin-key", key, "--json")
    assert json.loads(found.stdout)["origin"]["verified"] is True
    compute = {"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": b"secure_ddb audit key digest 1"}
    assert not is_allowed(lambda: auditor.client("kms").generate_mac(**compute))


@pytest.mark.model_of_aws("aliases.py, delivery.py, mappings.py, platform_logs.py, request_context.py")
@pytest.mark.proves("docs/replay-policy.json is enough for a replay, and shows no item")
def test_operator_of_replays(table: Table) -> None:
    keys, key = table.client("kms"), table.resource("AuditDigestKey")
    keys.disable_key(KeyId=key)
    written_together(table, {"pk": {"S": "cannot be logged"}})
    (listed,) = kept(table, 1)
    keys.enable_key(KeyId=key)
    bucket, function = table.resource("AuditFailureBucket"), table.resource("AuditFunction")
    policy = (ROOT / "docs" / "replay-policy.json").read_text(encoding="utf-8")
    for example, name in (
        ("table/Orders", f"table/{table.name}"),
        ("orders-auditfailurebucket-3c4d", bucket),
        ("Orders-AuditFunction-1A2B", function),
    ):
        assert example in policy
        policy = policy.replace(example, name)
    operator = role_with(table, "ReplayOperator", json.loads(policy)["Statement"])
    replay = audit(operator, "replay", table.name, "--json")
    assert replay.returncode == 0, replay.stdout + replay.stderr
    assert json.loads(replay.stdout)["logged"] == 1
    client = operator.client("s3")
    assert not is_allowed(lambda: client.get_object(Bucket=bucket, Key=listed["Key"]))
    assert not is_allowed(lambda: client.delete_object(Bucket=bucket, Key=listed["Key"]))
    invoke = {"FunctionName": table.resource("AuditFunctionAlias"), "Payload": b"{}"}
    assert not is_allowed(lambda: operator.client("lambda").invoke(**invoke))
    assert allowed(operator.client("dynamodb"), table.name) == {"DescribeTable"}


# Says of each call whether it was refused.
OTHER_FUNCTION = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    refused = {}
    for service, operation, arguments in event:
        try:
            getattr(boto3.client(service), operation)(**arguments)
            refused[operation] = ""
        except ClientError as error:
            refused[operation] = error.response["Error"]["Code"]
    return refused
"""


@pytest.mark.model_of_aws("request_context.py")
@pytest.mark.proves("The audit function's role is of no use to the code of another function")
def test_other_function(table: Table) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", OTHER_FUNCTION)
    client, group = table.client("lambda"), table.resource("AuditLogGroup")
    client.create_function(
        FunctionName="other",
        Runtime="python3.14",
        Handler="index.handler",
        Role=table.client("iam").get_role(RoleName=table.resource("AuditRole"))["Role"]["Arn"],
        Code={"ZipFile": content.getvalue()},
        Timeout=60,
    )
    line = {"timestamp": int(time.time() * 1000), "message": "forged"}
    (stream, *_) = table.client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    mac = {"MacAlgorithm": "HMAC_SHA_256", "Message": "secure_ddb audit key digest 1"}
    written = {"logGroupName": group, "logStreamName": stream["logStreamName"], "logEvents": [line]}
    kept_object = {"Bucket": table.resource("AuditFailureBucket"), "Key": "aws/lambda/object"}
    calls = [
        ("kms", "generate_mac", {"KeyId": table.resource("AuditDigestKey"), **mac}),
        ("logs", "create_log_stream", {"logGroupName": group, "logStreamName": "audit/forged"}),
        ("logs", "put_log_events", written),
        ("dynamodbstreams", "describe_stream", {"StreamArn": table.description()["LatestStreamArn"]}),
        ("s3", "get_object", kept_object),
        ("s3", "put_object", kept_object),
    ]
    answer = json.loads(client.invoke(FunctionName="other", Payload=json.dumps(calls))["Payload"].read())
    assert answer.keys() == {operation for _, operation, _ in calls}
    assert set(answer.values()) <= DENIALS, answer
