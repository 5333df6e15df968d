"""What today's policies decide together: table, key, endpoints, failure bucket, roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.actions import TABLE_POLICY
from tests.policies.engine import Decision, Document, Request, decide
from tests.policies.mutation import Case, score
from tests.policies.resolve import Deployed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

ALLOWED, IMPLICITLY, EXPLICITLY = Decision.ALLOWED, Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED

FULL_ACCESS: Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# A table that somebody has opened to the world, to see what an endpoint keeps back by itself.
OPEN_TABLE: Document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}

DATA, CONTROL = "EndpointsDataPlane", "EndpointsControlPlane"
LOGS, EVENTS, CLOUDWATCH = "logs.eu-central-1.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com"
HERE = "eu-central-1:111122223333"
LOG_ARN, TOPIC_ARN = "kms:EncryptionContext:aws:logs:arn", "kms:EncryptionContext:aws:sns:topicArn"
AUDIT_LOG = {LOG_ARN: f"arn:aws:logs:{HERE}:log-group:Test-OrdersAuditLogGroup"}
TOPIC = {TOPIC_ARN: f"arn:aws:sns:{HERE}:Test-OrdersAlarmTopic"}
ALARM = {"aws:SourceArn": f"arn:aws:cloudwatch:{HERE}:alarm:errors", "aws:SourceAccount": "111122223333"}
CLOUDTRAIL, TRAIL_CONTEXT = "cloudtrail.amazonaws.com", "kms:EncryptionContext:aws:cloudtrail:arn"
TRAIL_ARN = f"arn:aws:cloudtrail:{HERE}:trail/TestOrdersC225794E532EAABD"
TRAIL = {"aws:SourceArn": TRAIL_ARN, TRAIL_CONTEXT: TRAIL_ARN}
FOR_SERVICE, FOR_ANYBODY = {"kms:GrantIsForAWSResource": "true"}, {"kms:GrantIsForAWSResource": "false"}
TABLE_NAME, SUBSCRIBER = (f"kms:EncryptionContext:aws:dynamodb:{name}" for name in ("tableName", "subscriberId"))
OF_TABLE = {TABLE_NAME: "orders-prod", SUBSCRIBER: "111122223333"}
PLAIN = {"aws:SecureTransport": "false"}


def via(service: str, **more: str) -> dict[str, str]:
    return {"kms:ViaService": f"{service}.eu-central-1.amazonaws.com", **more}


@dataclass(frozen=True)
class Row:
    """Who asks for what. Principals and resources are named in `named`; an administrator may everything by IAM."""

    principal: str
    action: str
    resource: str
    expected: Decision
    context: dict[str, Any] = field(default_factory=dict)
    endpoint: str = ""
    open_table: bool = False

    def __str__(self) -> str:
        through = f" through {self.endpoint}" if self.endpoint else ""
        opened = " that is open" if self.open_table else ""
        return f"{self.principal}: {self.action} of {self.resource}{opened}{through} {self.context or ''}".rstrip()


TABLE_ROWS = [
    Row("reader", "dynamodb:GetItem", "table", ALLOWED),
    Row("reader", "dynamodb:Query", "index", ALLOWED),
    Row("reader", "dynamodb:PutItem", "table", IMPLICITLY),
    Row("reader", "dynamodb:GetItem", "other table", IMPLICITLY),
    Row("reader", "dynamodb:PartiQLSelect", "table", IMPLICITLY),
    Row("reader", "dynamodb:DescribeTable", "table", IMPLICITLY),
    Row("writer", "dynamodb:PutItem", "table", ALLOWED),
    Row("writer", "dynamodb:GetItem", "table", IMPLICITLY),
    Row("nobody", "dynamodb:GetItem", "table", IMPLICITLY),
    Row("foreign administrator", "dynamodb:GetItem", "table", IMPLICITLY),
    *(Row("administrator", action, "table", EXPLICITLY, PLAIN) for action in TABLE_POLICY),
]
ENDPOINT_ROWS = [
    Row("administrator", "dynamodb:GetItem", "table", ALLOWED, endpoint=DATA),
    Row("administrator", "dynamodb:Query", "index", ALLOWED, endpoint=DATA),
    Row("administrator", "dynamodb:DeleteTable", "table", IMPLICITLY, endpoint=DATA),
    Row("administrator", "dynamodb:GetItem", "other table", IMPLICITLY, endpoint=DATA),
    Row("administrator", "dynamodb:DeleteTable", "table", ALLOWED, endpoint=CONTROL),
    Row("administrator", "dynamodb:GetItem", "table", IMPLICITLY, endpoint=CONTROL),
    Row("administrator", "dynamodb:DeleteTable", "other table", IMPLICITLY, endpoint=CONTROL),
    Row("administrator", "dynamodb:ExportTableToPointInTime", "table", IMPLICITLY, endpoint=DATA),
    Row("administrator", "dynamodb:ExportTableToPointInTime", "table", IMPLICITLY, endpoint=CONTROL),
    *(
        Row(principal, action, "table", IMPLICITLY, context, endpoint, open_table=True)
        for endpoint, action in ((DATA, "dynamodb:GetItem"), (CONTROL, "dynamodb:DeleteTable"))
        for principal, context in (
            ("foreign administrator", {}),
            ("administrator", {"aws:PrincipalAccount": None}),
        )
    ),
]
BUCKET_ROWS = [
    Row("audit", "s3:PutObject", "object", ALLOWED),
    Row("audit", "s3:ListBucket", "bucket", ALLOWED),
    Row("audit", "s3:GetObject", "object", ALLOWED),
    Row("audit", "s3:DeleteObject", "object", IMPLICITLY),
    Row("audit", "s3:DeleteBucket", "bucket", IMPLICITLY),
    Row("audit", "s3:PutObject", "object", EXPLICITLY, PLAIN),
    Row("audit", "s3:ListBucket", "bucket", EXPLICITLY, PLAIN),
    Row("administrator", "s3:GetObject", "object", ALLOWED),
    Row("administrator", "s3:PutObject", "object", EXPLICITLY),
    Row("nobody", "s3:ListBucket", "bucket", IMPLICITLY),
    Row("foreign administrator", "s3:GetObject", "object", IMPLICITLY),
    Row("unsigned", "s3:GetObject", "object", IMPLICITLY),
]
KEY_ROWS = [
    Row("reader", "kms:Decrypt", "key", ALLOWED, via("dynamodb", **OF_TABLE)),
    Row("reader", "kms:Decrypt", "key", IMPLICITLY, via("dynamodb")),
    Row("reader", "kms:Decrypt", "key", IMPLICITLY, via("dynamodb", **OF_TABLE | {TABLE_NAME: "payments"})),
    Row("reader", "kms:Decrypt", "key", IMPLICITLY, via("dynamodb", **OF_TABLE | {SUBSCRIBER: "444455556666"})),
    Row("reader", "kms:Decrypt", "key", IMPLICITLY, OF_TABLE),
    Row("reader", "kms:Decrypt", "key", IMPLICITLY, via("s3", **OF_TABLE)),
    Row("reader", "kms:Encrypt", "key", IMPLICITLY, via("dynamodb", **OF_TABLE)),
    Row("administrator", "kms:Decrypt", "key", IMPLICITLY),
    Row("administrator", "kms:Decrypt", "key", IMPLICITLY, via("ec2")),
    Row("administrator", "kms:Encrypt", "key", ALLOWED, via("dynamodb")),
    Row("administrator", "kms:Encrypt", "key", ALLOWED, via("backup")),
    Row("administrator", "kms:Decrypt", "key", ALLOWED, via("s3")),
    Row("administrator", "kms:Encrypt", "key", IMPLICITLY, via("s3")),
    Row("administrator", "kms:Decrypt", "key", ALLOWED, via("firehose")),
    Row("administrator", "kms:Encrypt", "key", IMPLICITLY, via("firehose")),
    Row("administrator", "kms:PutKeyPolicy", "key", ALLOWED),
    Row("nobody", "kms:PutKeyPolicy", "key", IMPLICITLY),
    Row("foreign administrator", "kms:PutKeyPolicy", "key", IMPLICITLY),
    Row("foreign administrator", "kms:Decrypt", "key", IMPLICITLY, via("dynamodb")),
    *(
        row
        for service in ("dynamodb", "backup", "firehose")
        for row in (
            Row("administrator", "kms:CreateGrant", "key", ALLOWED, via(service, **FOR_SERVICE)),
            Row("administrator", "kms:CreateGrant", "key", IMPLICITLY, via(service)),
            Row("administrator", "kms:CreateGrant", "key", IMPLICITLY, via(service, **FOR_ANYBODY)),
            Row("nobody", "kms:CreateGrant", "key", IMPLICITLY, via(service, **FOR_SERVICE)),
        )
    ),
    Row("administrator", "kms:CreateGrant", "key", IMPLICITLY, via("s3", **FOR_SERVICE)),
    Row("administrator", "kms:CreateGrant", "key", IMPLICITLY, FOR_SERVICE),
    *(
        Row("nobody", "kms:Decrypt", "key", IMPLICITLY, via(service))
        for service in ("dynamodb", "s3", "backup", "firehose")
    ),
]
# Services, each with what it has to bring along, and what of that could be another's.
SERVICE_ROWS = [
    row
    for service, own, another in (
        (LOGS, AUDIT_LOG, {LOG_ARN: f"arn:aws:logs:{HERE}:log-group:Other"}),
        (EVENTS, TOPIC, {TOPIC_ARN: "arn:aws:sns:eu-central-1:444455556666:Test-OrdersAlarmTopic"}),
        (CLOUDWATCH, ALARM, {"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:444455556666:alarm:errors"}),
        (CLOUDWATCH, ALARM, {"aws:SourceAccount": "444455556666"}),
    )
    for row in (
        Row(service, "kms:Decrypt", "key", ALLOWED, own),
        Row(service, "kms:CreateGrant", "key", IMPLICITLY, own),
        Row(service, "kms:Decrypt", "key", IMPLICITLY, own | another),
        Row(service, "kms:Decrypt", "key", IMPLICITLY, own | dict.fromkeys(another)),
        Row("nobody", "kms:Decrypt", "key", IMPLICITLY, own),
        Row("s3.amazonaws.com", "kms:Decrypt", "key", IMPLICITLY, own),
    )
]
TRAIL_ROWS = [
    Row(CLOUDTRAIL, "kms:GenerateDataKey", "key", ALLOWED, TRAIL),
    Row(CLOUDTRAIL, "kms:Decrypt", "key", IMPLICITLY, TRAIL),
    Row(CLOUDTRAIL, "kms:GenerateDataKey", "key", IMPLICITLY, TRAIL | {TRAIL_CONTEXT: "arn:aws:s3:::bucket"}),
    Row(CLOUDTRAIL, "kms:GenerateDataKey", "key", IMPLICITLY, TRAIL | {TRAIL_CONTEXT: None}),
    Row(CLOUDTRAIL, "kms:DescribeKey", "key", ALLOWED, {"aws:SourceArn": TRAIL_ARN}),
    *(
        Row(CLOUDTRAIL, action, "key", IMPLICITLY, context | {"aws:SourceArn": source})
        for action, context in (("kms:GenerateDataKey", TRAIL), ("kms:DescribeKey", {}))
        for source in (f"arn:aws:cloudtrail:{HERE}:trail/another", None)
    ),
    *(
        Row(principal, action, "key", IMPLICITLY, context)
        for principal in ("nobody", "s3.amazonaws.com")
        for action, context in (
            ("kms:GenerateDataKey", TRAIL),
            ("kms:DescribeKey", {"aws:SourceArn": TRAIL_ARN}),
        )
    ),
]
ROWS = {str(row): row for row in (*TABLE_ROWS, *ENDPOINT_ROWS, *BUCKET_ROWS, *KEY_ROWS, *SERVICE_ROWS, *TRAIL_ROWS)}

# Mutants that change no decision.
MAKE_NO_DIFFERENCE = {
    r"key: .*kms:CallerAccount": "the principal is the account already",
    r"key: .*GrantThrough\w+\.Action": "no action but CreateGrant has kms:GrantIsForAWSResource",
    r"bucket: .*(KeepAndReplayFailedAuditRecords|FindBucket)\.Resource": "no action is both a bucket's and an object's",
}


@pytest.fixture(scope="module")
def deployed(template: Callable[[str], Template]) -> Deployed:
    return Deployed(template("everything"))


@pytest.fixture(scope="module")
def cases(deployed: Deployed) -> dict[str, Case]:
    table, bucket = (
        deployed.arn("AWS::DynamoDB::GlobalTable"),
        deployed.arn("AWS::S3::Bucket", "OrdersAuditFailureBucket"),
    )
    named = {
        "table": table,
        "index": f"{table}/index/by-status",
        "other table": f"{table}-2",
        "bucket": bucket,
        "object": f"{bucket}/aws/lambda/failed",
        "key": deployed.arn("AWS::KMS::Key", "OrdersKey"),
        "reader": deployed.arn("AWS::IAM::Role", "Reader"),
        "writer": deployed.arn("AWS::IAM::Role", "Writer"),
        "audit": deployed.arn("AWS::IAM::Role", "OrdersAuditRole"),
        "administrator": "arn:aws:iam::111122223333:role/administrator",
        "nobody": "arn:aws:iam::111122223333:role/nobody",
        "foreign administrator": "arn:aws:iam::444455556666:role/administrator",
        "unsigned": None,
    }
    return {name: case_of(row, named, deployed) for name, row in ROWS.items()}


def case_of(row: Row, named: dict[str, Any], deployed: Deployed) -> Case:
    request = Request(
        principal=named.get(row.principal, row.principal),
        action=row.action,
        resource=named[row.resource],
        context=row.context,
    )
    policies = deployed.policies(request, endpoint=row.endpoint)
    if "administrator" in row.principal:
        policies = replace(policies, identity=(FULL_ACCESS,))
    if row.open_table:
        policies = replace(policies, resource=OPEN_TABLE)
    return Case(policies, request, row.expected)


@pytest.fixture(scope="module")
def decisions(cases: dict[str, Case]) -> dict[str, Decision]:
    return dict(zip(cases, decide([(case.policies, case.request) for case in cases.values()]), strict=True))


@pytest.mark.parametrize("name", ROWS, ids=lambda name: name[:100])  # pytest numbers longer ones
def test_request_is_decided(decisions: dict[str, Decision], name: str) -> None:
    assert decisions[name] is ROWS[name].expected


def test_no_policy_can_be_weakened_unnoticed(deployed: Deployed, cases: dict[str, Case]) -> None:
    documents = {
        "table": deployed.resource_policy(deployed.arn("AWS::DynamoDB::GlobalTable")),
        "bucket": deployed.resource_policy(deployed.arn("AWS::S3::Bucket", "OrdersAuditFailureBucket")),
        "key": deployed.resource_policy(deployed.arn("AWS::KMS::Key", "OrdersKey")),
        "data plane": deployed.endpoint_policy(DATA),
        "control plane": deployed.endpoint_policy(CONTROL),
    }
    found = score(list(cases.values()), {name: document for name, document in documents.items() if document})
    unnoticed = [
        label for label in found.survivors if not any(re.match(pattern, label) for pattern in MAKE_NO_DIFFERENCE)
    ]
    assert not unnoticed, str(found)
    for pattern in MAKE_NO_DIFFERENCE:
        assert any(re.match(pattern, label) for label in found.survivors), pattern
