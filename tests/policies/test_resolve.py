"""A template is read as CloudFormation would deploy it, and what only CloudFormation knows is an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.policies.engine import Policies, Request
from tests.policies.resolve import Deployed, UnresolvableError
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE_ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
TABLE = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"TableName": "orders", "Replicas": []}}


def deployed(values: dict[str, str] | None = None, **resources: dict[str, Any]) -> Deployed:
    return Deployed(Template({"Resources": {"Table": TABLE, **resources}}), values)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("plain", "plain"),
        ({"Ref": "Table"}, "orders"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, TABLE_ARN),
        ({"Fn::GetAtt": "Table.Arn"}, TABLE_ARN),
        ({"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, {"Ref": "AWS::AccountId"}]]}, "arn:aws:111122223333"),
        ({"Fn::Sub": "${Table.Arn}/index/${AWS::Region}"}, f"{TABLE_ARN}/index/eu-central-1"),
        ({"Fn::Sub": ["${Own}-${Table}", {"Own": {"Ref": "AWS::StackName"}}]}, "Test-orders"),
        ({"Fn::Sub": "${!aws:PrincipalTag/team}"}, "${aws:PrincipalTag/team}"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::GetAtt": ["Table", "Arn"]}]}]}, "orders"),
        ({"Statement": [{"Resource": {"Ref": "Table"}}]}, {"Statement": [{"Resource": "orders"}]}),
        ("${aws:username}", "${aws:username}"),
    ],
)
def test_value_is_resolved(value: Any, resolved: Any) -> None:
    assert deployed().resolve(value, "here") == resolved


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"Ref": "Parameter"}, "here.Ref: Ref of Parameter (not a resource)"),
        ({"Fn::GetAtt": ["Table", "TableId"]}, "here.Fn::GetAtt: TableId of Table (AWS::DynamoDB::GlobalTable)"),
        ({"Ref": "Strange"}, "here.Ref: Ref of Strange (AWS::Strange::Thing)"),
        ({"Fn::ImportValue": "exported"}, "here.Fn::ImportValue"),
        ({"Statement": [{}, {"Resource": {"Fn::If": ["a", "b", "c"]}}]}, "here.Statement[1].Resource.Fn::If"),
        ({"Fn::Sub": "${Parameter}"}, "here.Fn::Sub: Ref of Parameter (not a resource)"),
        ({"Fn::Join": ["", [{"Ref": "Parameter"}]]}, "here.Fn::Join[1][0].Ref: Ref of Parameter (not a resource)"),
    ],
)
def test_what_cannot_be_resolved_is_an_error_that_says_where(value: Any, path: str) -> None:
    strange = {"Type": "AWS::Strange::Thing", "Properties": {}}
    with pytest.raises(UnresolvableError, match=f"^{re.escape(path)}$"):
        deployed(Strange=strange).resolve(value, "here")


def test_given_values_win() -> None:
    given = deployed({"Parameter": "p", "Table.Arn": "a", "AWS::Region": "eu-west-1"})
    value = {"Fn::Sub": "${Parameter} ${Table.Arn} ${AWS::Region} ${Table}"}
    assert given.resolve(value, "here") == "p a eu-west-1 orders"


def test_made_up_names_are_well_formed_and_differ(template: Callable[[str], Template]) -> None:
    everything = Deployed(template("everything"))
    endpoints = {everything.ref("AWS::EC2::VPCEndpoint", f"Endpoints{plane}") for plane in ("Data", "Control")}
    assert len(endpoints) == 2
    assert all(re.fullmatch(r"vpce-[0-9a-f]{17}", name) for name in endpoints)
    identifier = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    key = everything.arn("AWS::KMS::Key", "OrdersKey")
    assert re.fullmatch(rf"arn:aws:kms:eu-central-1:111122223333:key/{identifier}", key)
    bucket = everything.ref("AWS::S3::Bucket", "OrdersAuditFailureBucket")
    assert re.fullmatch(r"[a-z0-9-]{3,63}", bucket)
    assert everything.arn("AWS::Logs::LogGroup", "OrdersAuditLogGroup").split(":")[6].startswith("Test-")


def policies_of(role: str, resource: str, configuration: Deployed, *, endpoint: str = "") -> Policies:
    request = Request(principal=role, action="dynamodb:GetItem", resource=resource)
    return configuration.policies(request, endpoint=endpoint)


def test_request_meets_the_policies_of_its_principal_resource_and_endpoint(
    template: Callable[[str], Template],
) -> None:
    everything = Deployed(template("everything"))
    table = everything.arn("AWS::DynamoDB::GlobalTable")
    reader = everything.arn("AWS::IAM::Role", "Reader")
    met = policies_of(reader, f"{table}/index/by-status", everything, endpoint="EndpointsDataPlane")
    assert [statement["Resource"][0] for statement in met.identity[0]["Statement"][:1]] == [table]
    assert met.resource is everything.resource_policy(table)
    assert met.resource is not None
    assert met.resource["Statement"][0]["Sid"] == "DenyRequestsWithoutTls"
    assert met.endpoint is not None
    assert met.endpoint["Statement"][0]["Sid"] == "AllowItemsOfRegisteredTables"
    assert met.boundary is None
    assert policies_of(reader, table, everything).endpoint is None
    # The very same objects each time, which is how a mutant takes their place.
    assert policies_of(reader, table, everything).identity[0] is met.identity[0]


def test_session_has_its_role_s_policies_and_others_have_none(template: Callable[[str], Template]) -> None:
    everything = Deployed(template("everything"))
    table, reader = everything.arn("AWS::DynamoDB::GlobalTable"), everything.ref("AWS::IAM::Role", "Reader")
    session = f"arn:aws:sts::111122223333:assumed-role/{reader}/alice"
    assert policies_of(session, table, everything).identity
    assert policies_of("arn:aws:iam::111122223333:role/other", table, everything).identity == ()
    assert policies_of(session, f"{table}2", everything).resource is None


def test_every_policy_of_every_configuration_can_be_resolved(each_template: Template) -> None:
    every = Deployed(each_template)
    documents = [*every.resource_policies.values()]
    documents += [every.endpoint_policy(name) for name in each_template.of_type("AWS::EC2::VPCEndpoint")]
    # CDK's own helper has a policy of AWS's.
    roles = [arn for arn in every.roles if "CustomResourceProvider" not in arn]
    documents += [document for role in roles for document in every.identity_policies(role)]
    assert len(documents) >= len(each_template.of_type("AWS::DynamoDB::GlobalTable"))
    assert not re.search(r"Fn::|'Ref'", str(documents))


def test_stream_s_policy_is_not_the_table_s() -> None:
    table_policy, stream_policy = {"Statement": ["table"]}, {"Statement": ["stream"]}
    replica = {
        "ResourcePolicy": {"PolicyDocument": table_policy},
        "ReplicaStreamSpecification": {"ResourcePolicy": {"PolicyDocument": stream_policy}},
    }
    table = {**TABLE, "Properties": {"TableName": "orders", "Replicas": [replica]}}
    found = deployed(Table=table)
    assert found.resource_policy(TABLE_ARN) == table_policy
    assert found.resource_policy(f"{TABLE_ARN}/index/by-status") == table_policy
    assert found.resource_policy(f"{TABLE_ARN}/backup/1") is None
    assert found.resource_policy(found.resolve({"Fn::GetAtt": ["Table", "StreamArn"]}, "")) == stream_policy


def test_role_has_inline_attached_and_managed_policies_and_a_boundary() -> None:
    def policy(kind: str, action: str, **more: Any) -> dict[str, Any]:
        return {"Type": f"AWS::IAM::{kind}", "Properties": {"PolicyDocument": {"Statement": [action]}, **more}}

    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "reader",
            "Policies": [{"PolicyName": "inline", "PolicyDocument": {"Statement": ["inline"]}}],
            "ManagedPolicyArns": [{"Ref": "Managed"}],
            "PermissionsBoundary": {"Ref": "Boundary"},
        },
    }
    found = deployed(
        Role=role,
        Managed=policy("ManagedPolicy", "managed"),
        Boundary=policy("ManagedPolicy", "boundary"),
        Attached=policy("Policy", "attached", Roles=[{"Ref": "Role"}]),
        AttachedManaged=policy("ManagedPolicy", "attached managed", Roles=[{"Ref": "Role"}]),
        Elsewhere=policy("Policy", "elsewhere", Roles=["writer"]),
    )
    arn = "arn:aws:iam::111122223333:role/reader"
    actions = [document["Statement"][0] for document in found.identity_policies(arn)]
    assert actions == ["inline", "attached", "attached managed", "managed"]
    assert policies_of(arn, TABLE_ARN, found).boundary == {"Statement": ["boundary"]}


def test_policy_from_elsewhere_is_an_error() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    role = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [arn]}}
    found = deployed(Role=role)
    with pytest.raises(UnresolvableError, match=f"ManagedPolicyArns: the template does not have the policy {arn}"):
        found.identity_policies(found.arn("AWS::IAM::Role"))
