"""`ApplicationReads` makes what reads are logged with, and lets a role log and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import (
    ApplicationReads,
    AuditSettings,
    DataClassification,
    InvalidArgumentError,
    LoggedKeys,
    NotCreatedError,
    SharedResources,
)
from secure_ddb.audit_trail.handler.audit_trail.settings import read_settings
from tests.audit.aws import STREAMS
from tests.orders import OWNERSHIP, WAIVER, orders
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

LAMBDA = ServicePrincipal("lambda.amazonaws.com")


def stack(id: str = "Test", app: App | None = None) -> Stack:
    return Stack(app or App(), id, env=Environment(account="111122223333", region="eu-central-1"))


def template(of: Stack) -> Template:
    app = of.node.root
    assert isinstance(app, App)
    return Template(app.synth().get_stack_by_name(of.stack_name).template)


@pytest.fixture(scope="module")
def made() -> Template:
    where = stack()
    table = orders(where, sort_key=Attribute(name="sk", type=AttributeType.NUMBER))
    reads = ApplicationReads(where, "Reads", table=table)
    for name in ("App", "Batch"):
        reads.grant_log(Role(where, name, assumed_by=LAMBDA))
    reads.grant_log(where.node.find_child("App"))  # type: ignore[arg-type]
    reads.grant_log(Role.from_role_arn(where, "Elsewhere", "arn:aws:iam::111122223333:role/elsewhere"))
    return template(where)


def policy_of(made: Template) -> dict[str, Any]:
    policy: dict[str, Any] = made.properties("AWS::KMS::Key", "ReadsDigestKey")["KeyPolicy"]
    return policy


def test_only_the_audit_function_and_roles_that_log_digest_keys(made: Template) -> None:
    (digest,) = (each for each in policy_of(made)["Statement"] if each["Action"] == "kms:GenerateMac")
    named = digest["Principal"]["AWS"]
    assert [each if isinstance(each, str) else each["Fn::GetAtt"][0][:-8] for each in named] == [
        "OrdersAuditRole",
        "App",
        "Batch",
        "arn:aws:iam::111122223333:role/elsewhere",
    ]
    assert "kms:VerifyMac" not in json.dumps(policy_of(made))


def test_the_key_of_macs_stays_that_of_the_audit_function(made: Template) -> None:
    statements = made.properties("AWS::KMS::Key", "OrdersAuditDigestKey")["KeyPolicy"]["Statement"]
    (digest,) = (each for each in statements if each["Action"] == "kms:GenerateMac")
    assert digest["Principal"]["AWS"]["Fn::GetAtt"][0].startswith("OrdersAuditRole")


def test_the_audit_function_digests_with_the_key_of_reads_and_signs_with_its_own(made: Template) -> None:
    variables = made.properties("AWS::Lambda::Function", "OrdersAuditFunction")["Environment"]["Variables"]
    assert variables["DIGEST_KEY_ID"]["Fn::GetAtt"][0].startswith("ReadsDigestKey")
    asked: list[tuple[str, bytes]] = []

    def ask(key: str, message: bytes) -> bytes:
        asked.append((key, message))
        return b"m" * 32

    settings = read_settings({"STREAMS": STREAMS, "HMAC_KEY_ID": "macs", "DIGEST_KEY_ID": "digests"}, ask)
    assert settings.mac_of
    settings.mac_of("link")
    assert asked == [
        ("digests", b"secure_ddb audit key digest 1"),
        ("macs", b"secure_ddb audit link 1\nlink"),
    ]


def test_roles_may_write_lines_and_nothing_else(made: Template) -> None:
    policy = made.properties("AWS::IAM::ManagedPolicy", "ReadsPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert statement["Resource"]["Fn::GetAtt"][0].startswith("ReadsLog")
    assert len(policy["Roles"]) == 3


def test_auditors_read_the_log_and_write_no_line() -> None:
    where = stack()
    reads = ApplicationReads(where, "Reads", table=orders(where))
    auditor = ManagedPolicy(where, "Auditor")
    reads.grant_audit(auditor)
    (statement,) = template(where).properties("AWS::IAM::ManagedPolicy", "Auditor")["PolicyDocument"]["Statement"]
    assert statement["Resource"]["Fn::GetAtt"][0].startswith("ReadsLog")
    assert "logs:GetLogEvents" in statement["Action"]
    assert "logs:PutLogEvents" not in statement["Action"]


def test_the_log_is_kept_as_the_audit_log_is(made: Template) -> None:
    log, audit = (made.properties("AWS::Logs::LogGroup", name) for name in ("ReadsLog", "OrdersAuditLogGroup"))
    assert log == audit


def test_the_evidence_says_what_nobody_sees(made: Template) -> None:
    stated = made.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert stated["settings"] == {"application_reads": "logged in Test/Reads"}
    assert stated["not_verifiable"] == ["which reads applications log in Test/Reads"]


def test_keys_in_clear_need_no_key() -> None:
    where = stack()
    table = orders(where, classification=DataClassification.INTERNAL, audit=AuditSettings(keys=LoggedKeys.PLAIN))
    reads = ApplicationReads(where, "Reads", table=table, log_retention=RetentionDays.TWO_YEARS)
    reads.grant_log(Role(where, "App", assumed_by=LAMBDA))
    found = template(where)
    assert len(found.of_type("AWS::KMS::Key")) == 1
    assert found.properties("AWS::Logs::LogGroup", "ReadsLog")["RetentionInDays"] == 731
    assert "hmac_key" not in reads.settings
    assert '"key_attributes": ["pk"]' in reads.settings


def _shared(where: Stack) -> None:
    shared = SharedResources(where, "Shared", ownership=OWNERSHIP)
    ApplicationReads(where, "Reads", table=orders(where, shared_resources=shared))


def _of_another_stack(where: Stack) -> None:
    other = stack("Other", where.node.root)  # type: ignore[arg-type]
    ApplicationReads(other, "Reads", table=orders(where))


def _short(where: Stack) -> None:
    ApplicationReads(where, "Reads", table=orders(where), log_retention=RetentionDays.ONE_DAY)


def _no_table(where: Stack) -> None:
    ApplicationReads(where, "Reads", table="Orders")  # type: ignore[arg-type]


def _policy(where: Stack) -> None:
    ApplicationReads(where, "Reads", table=orders(where)).grant_log(ManagedPolicy(where, "Policy"))


def _role_elsewhere(where: Stack) -> None:
    other = stack("Other", where.node.root)  # type: ignore[arg-type]
    ApplicationReads(where, "Reads", table=orders(where)).grant_log(Role(other, "App", assumed_by=LAMBDA))


@pytest.mark.parametrize(
    ("make", "allowed"),
    [
        (_shared, r"own_function=True"),
        (_of_another_stack, "one in the table's stack"),
        (_short, "365 days or more for CONFIDENTIAL"),
        (_no_table, "a SecureTable of this app"),
        (_policy, "a role, which the policy"),
        (_role_elsewhere, "a role of the table's stack"),
    ],
)
def test_others_are_refused(make: Callable[[Stack], None], allowed: str) -> None:
    with pytest.raises(InvalidArgumentError, match=allowed):
        make(stack())


def test_a_table_without_an_audit_trail_has_no_log_of_reads() -> None:
    where = stack()
    table = orders(where, classification=DataClassification.PUBLIC, audit=WAIVER)
    with pytest.raises(NotCreatedError):
        ApplicationReads(where, "Reads", table=table)
