"""Readers of the stream, exports, and clients that describe the table get that and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Names, Stack
from aws_cdk.aws_iam import IRole, ManagedPolicy, Policy, Role, ServicePrincipal, User
from aws_cdk.aws_kms import Key
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_s3 import Bucket, IBucket

from secure_ddb import DataClassification, InvalidArgumentError, Lifecycle, PerimeterSettings, SecureTable
from secure_ddb.access.actions import READ_STREAM
from tests.orders import INSIDE, PK, orders
from tests.refusals import HERE, a_stack
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

LAMBDA = ServicePrincipal("lambda.amazonaws.com")
THROUGH_DYNAMODB = {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}}
THROUGH_S3 = {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"


def statements(policy: ManagedPolicy) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Stack.of(policy).resolve(policy.document)["Statement"]
    return found


def a_role(stack: Stack, id: str = "Consumer") -> Role:
    return Role(stack, id, assumed_by=LAMBDA)


def resolved(table: SecureTable, value: object) -> Any:
    return Stack.of(table).resolve(value)


def synthesized(table: SecureTable) -> Template:
    app: Any = table.node.root
    return Template(app.synth().get_stack_by_name("Test").template)


def passing(template: Template) -> list[Any]:
    """Return the roles that the stream's policy lets pass from everywhere."""
    policy = template.replica()["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]
    (denial,) = (each for each in policy["Statement"] if each["Sid"] == "DenyStreamFromOutsideTheNetwork")
    found: list[Any] = denial["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    return found


def test_reader_of_the_stream_reads_that_stream_and_decrypts_it() -> None:
    table = orders(a_stack())
    policy = ManagedPolicy(Stack.of(table), "Policy")
    assert table.grant_stream_read(policy).success
    read, decrypt = statements(policy)
    assert set(read["Action"]) == set(READ_STREAM)
    assert read["Resource"] == resolved(table, table.table.table_stream_arn)
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Resource"] == resolved(table, table.encryption_key.key_arn)
    assert decrypt["Condition"] == THROUGH_DYNAMODB


def test_perimeter_of_the_stream_lets_its_readers_pass_and_that_of_the_table_does_not() -> None:
    table = orders(a_stack(), perimeter=INSIDE)
    stack = Stack.of(table)
    role, function = a_role(stack), a_function(stack)
    for grantee in (role, function, role):
        table.grant_stream_read(grantee)
    template = synthesized(table)
    names = [template.named("AWS::IAM::Role", name) for name in ("OrdersAuditRole", "Consumer", "FunctionServiceRole")]
    assert passing(template)[1:] == [{"Fn::GetAtt": [name, "Arn"]} for name in names]
    assert names[1] not in str(template.replica()["ResourcePolicy"])


def a_function(stack: Stack) -> Function:
    code = Code.from_inline("handler = None")
    return Function(stack, "Function", runtime=Runtime.PYTHON_3_13, handler="index.handler", code=code)


def test_role_that_the_perimeter_exempts_is_not_named_twice() -> None:
    stack = a_stack()
    role = a_role(stack)
    table = orders(stack, perimeter=PerimeterSettings(exempt_roles=[role]))
    table.grant_stream_read(role)
    template = synthesized(table)
    arns = [str(each) for each in passing(template)]
    assert len(arns) == len(set(arns)) == 3


def test_perimeter_that_only_observes_denies_no_reader() -> None:
    table = orders(a_stack())
    table.grant_stream_read(a_role(Stack.of(table)))
    policy = synthesized(table).replica()["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]
    assert [each["Sid"] for each in policy["Statement"]] == ["DenyRequestsWithoutTls"]


@pytest.mark.parametrize("kind", [ManagedPolicy, Policy])
def test_policy_cannot_pass_a_perimeter(kind: Callable[..., Any]) -> None:
    table = orders(a_stack(), perimeter=INSIDE)
    policy = kind(Stack.of(table), "Policy", roles=[a_role(Stack.of(table))])
    with pytest.raises(InvalidArgumentError, match=r"allowed: a role: the table enforces a perimeter"):
        table.grant_stream_read(policy)


def test_role_of_another_stack_has_to_be_imported_where_the_stream_s_policy_names_it(
    stacks: Callable[[str], Stack],
) -> None:
    stack, elsewhere = stacks("Test"), stacks("Elsewhere")
    table = orders(stack, perimeter=INSIDE)
    role = a_role(elsewhere)
    with pytest.raises(InvalidArgumentError, match="the two stacks would wait for each other"):
        table.grant_stream_read(role)
    known = Role.from_role_arn(elsewhere, "Known", "arn:aws:iam::111122223333:role/indexer")
    table.grant_stream_read(known)
    assert passing(synthesized(table))[-1] == "arn:aws:iam::111122223333:role/indexer"


def test_stream_s_policy_cannot_name_any_number_of_readers() -> None:
    table = orders(a_stack(), perimeter=INSIDE)

    def grant(number: int) -> None:
        arn = f"arn:aws:iam::111122223333:role/{'r' * 500}-{number}"
        table.grant_stream_read(Role.from_role_arn(Stack.of(table), f"Role{number}", arn))

    most = 35
    for number in range(most):
        grant(number)
    with pytest.raises(InvalidArgumentError, match=r"perimeter is 'a policy of about 20\d+ bytes'"):
        grant(most)


def test_stream_of_an_imported_table_has_to_be_named() -> None:
    stack = a_stack()
    arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000"
    key = Key.from_key_arn(stack, "Key", KEY_ARN)
    nameless, named = (
        SecureTable.from_attributes(
            stack, name, table_name="orders", encryption_key=key, partition_key=PK, stream_arn=stream
        )
        for name, stream in (("Nameless", None), ("Named", arn))
    )
    policy = ManagedPolicy(stack, "Policy")
    with pytest.raises(InvalidArgumentError, match=r"stream_arn is None; allowed: the ARN of the stream"):
        nameless.grant_stream_read(policy)
    named.grant_stream_read(policy)
    assert [each["Resource"] for each in statements(policy)] == [arn, KEY_ARN]


def test_describing_is_one_permission() -> None:
    table = orders(a_stack())
    policy = ManagedPolicy(Stack.of(table), "Policy")
    assert table.grant_describe(policy).success
    (statement,) = statements(policy)
    assert statement == {
        "Effect": "Allow",
        "Action": "dynamodb:DescribeTable",
        "Resource": resolved(table, table.table_arn),
    }


def exported(bucket: Callable[[Stack], IBucket]) -> tuple[SecureTable, list[dict[str, Any]]]:
    table = orders(a_stack())
    policy = ManagedPolicy(Stack.of(table), "Policy")
    assert table.grant_export(policy, bucket(Stack.of(table)), "exports/orders").success
    return table, statements(policy)


def test_export_writes_below_its_prefix_and_sees_its_own_state() -> None:
    table, (export, state, write, *key) = exported(lambda stack: Bucket.from_bucket_name(stack, "Bucket", "exports"))
    assert export["Action"] == "dynamodb:ExportTableToPointInTime"
    assert export["Resource"] == resolved(table, table.table_arn)
    assert state["Action"] == "dynamodb:DescribeExport"
    assert state["Resource"] == {"Fn::Join": ["", [resolved(table, table.table_arn), "/export/*"]]}
    assert set(write["Action"]) == {"s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"}
    assert write["Resource"]["Fn::Join"][1][-1] == ":s3:::exports/exports/orders/*"
    assert [each["Action"] for each in key] == ["kms:Decrypt", "kms:DescribeKey"]
    assert all(each["Resource"] == resolved(table, table.encryption_key.key_arn) for each in key)


def test_export_uses_the_bucket_s_key_through_s3_only() -> None:
    table, found = exported(lambda stack: Bucket(stack, "Bucket", encryption_key=Key(stack, "BucketKey")))
    (of_bucket,) = (each for each in found if each.get("Condition") == THROUGH_S3)
    assert of_bucket["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert of_bucket["Resource"]["Fn::GetAtt"][0].startswith("BucketKey")
    # The bucket belongs to somebody else: nothing of it changes.
    assert [name for name in synthesized(table).of_type("AWS::S3::BucketPolicy") if name.startswith("Bucket")] == []


def test_evidence_says_where_exports_go() -> None:
    table, _ = exported(lambda stack: Bucket.from_bucket_name(stack, "Bucket", "exports"))
    stack = Stack.of(table)
    table.grant_export(a_role(stack), Bucket.from_bucket_name(stack, "Other", "other"), "orders")
    metadata = synthesized(table).only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    first, second = "Test/Bucket/exports/orders", "Test/Other/orders"
    assert metadata["settings"]["grant_export"] == f"exports of all items to {first}; {second}"
    assert metadata["not_verifiable"] == [
        f"who reads exports in {place}, and how they are encrypted" for place in (first, second)
    ]


def test_ephemeral_table_has_nothing_to_export_from() -> None:
    stack = a_stack()
    table = orders(stack, classification=DataClassification.INTERNAL, lifecycle=Lifecycle.ephemeral(reason="tests"))
    with pytest.raises(InvalidArgumentError, match="a table with point-in-time recovery"):
        table.grant_export(a_role(stack), Bucket.from_bucket_name(stack, "Bucket", "exports"), "orders")


def test_table_of_another_account_is_not_exported_from_here() -> None:
    stack = a_stack()
    key = Key.from_key_arn(stack, "Key", KEY_ARN.replace("111122223333", "444455556666"))
    table = SecureTable.from_attributes(
        stack, "Orders", table_name="orders", encryption_key=key, partition_key=PK, account="444455556666"
    )
    with pytest.raises(InvalidArgumentError, match="allowed: the stack's account, to export a table"):
        table.grant_export(a_role(stack), Bucket.from_bucket_name(stack, "Bucket", "exports"), "orders")


@pytest.mark.parametrize("prefix", ["", "/orders", "orders/", "orders/*", "a//b", "${aws:userid}", None])
def test_prefix_names_one_folder(prefix: Any) -> None:
    table = orders(a_stack())
    bucket = Bucket.from_bucket_name(Stack.of(table), "Bucket", "exports")
    with pytest.raises(InvalidArgumentError, match=r"^prefix is "):
        table.grant_export(a_role(Stack.of(table)), bucket, prefix)


def test_bucket_is_one_of_cdk() -> None:
    table = orders(a_stack())
    with pytest.raises(InvalidArgumentError, match=r"bucket is 'exports'; allowed: an aws_s3\.IBucket"):
        table.grant_export(a_role(Stack.of(table)), "exports", "orders")  # type: ignore[arg-type]


GRANTS: dict[str, Callable[[SecureTable, Any], object]] = {
    "stream": lambda table, grantee: table.grant_stream_read(grantee),
    "describe": lambda table, grantee: table.grant_describe(grantee),
    "export": lambda table, grantee: table.grant_export(
        grantee, Bucket.from_bucket_name(Stack.of(table), Names.node_unique_id(grantee.node), "exports"), "orders"
    ),
}


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS)
def test_only_roles_of_the_account_are_granted_anything(grant: Callable[[SecureTable, Any], object]) -> None:
    table = orders(a_stack(HERE))
    stack = Stack.of(table)
    foreign: IRole = Role.from_role_arn(stack, "Foreign", "arn:aws:iam::444455556666:role/reports")
    for grantee, message in ((User(stack, "User"), "never IAM users"), (foreign, "a role of account 111122223333")):
        with pytest.raises(InvalidArgumentError, match=message):
            grant(table, grantee)
    assert "SecureTable" not in str(synthesized(table).only("AWS::DynamoDB::GlobalTable").get("Metadata"))
