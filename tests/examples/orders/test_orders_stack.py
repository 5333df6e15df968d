"""The order service's stack has no open finding, and each of its roles may do what it needs and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from examples.orders.service.packing import BY_STATUS
from tests.policies.engine import Decision, Request, decide
from tests.policies.requests.row import attributes, keys, returning, select
from tests.policies.resolve import Deployed
from tests.synthesis.runs import CHECKOUT
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.policies.requests.row import Context
    from tests.synthesis.runs import Run

ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED
ENDPOINT = "EndpointsDataPlane"
# Sources of a request: the functions' subnets, the company's network, and the rest of the internet.
SUBNETS, COMPANY, INTERNET = "subnets", "203.0.113.7", "198.51.100.7"
CODE: Context = {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-central-1:111122223333:function:orders"}
SIGNED_IN: Context = {"aws:PrincipalTag/customer": "C-1001"}
KEY = ("customer", "record")
LISTED = select("SPECIFIC_ATTRIBUTES")
SEEN = (LISTED, attributes(*KEY, "status", "placed_at", "lines"))
STEP = attributes(*KEY, "status", "changed_at")
OWN, OTHER = keys("C-1001"), keys("C-1002")


class Asked(NamedTuple):
    """A request of a role, by its construct id, for an action of DynamoDB, and what has to be decided."""

    role: str
    action: str
    context: tuple[Context, ...]
    source: str
    expected: Decision
    on: str = ""


SERVICE = [
    *(Asked("OrderService", action, (), SUBNETS, ALLOWED) for action in ("PutItem", "UpdateItem", "GetItem", "Query")),
    *(Asked("OrderService", action, (), INTERNET, DENIED) for action in ("PutItem", "UpdateItem", "GetItem", "Query")),
    *(Asked("OrderService", action, (), SUBNETS, DENIED) for action in ("Scan", "DeleteItem", "BatchWriteItem")),
    Asked("OrderService", "Scan", (), SUBNETS, DENIED, on=f"/index/{BY_STATUS}"),
    Asked("OrderService", "UpdateTable", (), COMPANY, NOT_ALLOWED),
    Asked("OrderService", "PartiQLSelect", (), SUBNETS, NOT_ALLOWED),
]
WAREHOUSE = [
    Asked("Warehouse", "Query", SEEN, SUBNETS, ALLOWED, on=f"/index/{BY_STATUS}"),
    Asked("Warehouse", "GetItem", (LISTED, attributes(*KEY, "status")), SUBNETS, ALLOWED),
    Asked("Warehouse", "UpdateItem", (STEP,), SUBNETS, ALLOWED),
    Asked("Warehouse", "UpdateItem", (STEP,), INTERNET, DENIED),
    *(
        Asked("Warehouse", "GetItem", (LISTED, attributes(*KEY, name)), SUBNETS, NOT_ALLOWED)
        for name in ("email", "prices", "total", "credit")
    ),
    Asked("Warehouse", "GetItem", (), SUBNETS, NOT_ALLOWED),
    Asked("Warehouse", "Query", (select("ALL_ATTRIBUTES"), attributes(*KEY)), SUBNETS, NOT_ALLOWED),
    Asked("Warehouse", "Scan", SEEN, SUBNETS, NOT_ALLOWED),
    *(
        Asked("Warehouse", "UpdateItem", (attributes(*KEY, name),), SUBNETS, NOT_ALLOWED)
        for name in ("lines", "placed_at", "email", "prices", "total", "credit")
    ),
    Asked("Warehouse", "UpdateItem", (STEP, returning("ALL_NEW")), SUBNETS, NOT_ALLOWED),
    *(
        Asked("Warehouse", action, (STEP,), SUBNETS, NOT_ALLOWED)
        for action in ("PutItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")
    ),
]
CUSTOMER = [
    *(Asked("Customer", action, (SIGNED_IN, OWN), COMPANY, ALLOWED) for action in ("Query", "GetItem")),
    Asked("Customer", "Query", (SIGNED_IN, OWN), INTERNET, DENIED),
    *(Asked("Customer", action, (SIGNED_IN, OTHER), COMPANY, NOT_ALLOWED) for action in ("Query", "GetItem")),
    Asked("Customer", "BatchGetItem", (SIGNED_IN, keys("C-1001", "C-1002")), COMPANY, NOT_ALLOWED),
    Asked("Customer", "Query", (OWN,), COMPANY, NOT_ALLOWED),
    Asked("Customer", "Query", (SIGNED_IN, keys("placed")), COMPANY, NOT_ALLOWED, on=f"/index/{BY_STATUS}"),
    Asked("Customer", "Scan", (SIGNED_IN,), COMPANY, NOT_ALLOWED),
    *(
        Asked("Customer", action, (SIGNED_IN, OWN), COMPANY, NOT_ALLOWED)
        for action in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
    ),
]


@pytest.fixture(scope="module")
def synthesized(checked: Callable[[str], Run]) -> Run:
    """Run `python -m examples.orders`."""
    return checked("examples/orders/__main__.py")


@pytest.fixture(scope="module")
def template(synthesized: Run) -> Template:
    return Template.read(synthesized.directory / "OrderService.template.json")


@pytest.fixture(scope="module")
def deployed(template: Template) -> Deployed:
    return Deployed(template)


def test_no_finding_is_open(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 1 table; ")


def test_each_waiver_of_the_example_has_an_approver_and_an_end(synthesized: Run) -> None:
    evidence = json.loads((synthesized.directory / "evidence.json").read_text(encoding="utf-8"))
    waived = [each for each in evidence["results"] if each["status"] == "waived" and not each["by_design"]]
    mine = [each for each in waived if not each["construct"].startswith("OrderService/Network/")]
    assert {each["rule"].partition("[")[0] for each in mine} == {
        "AwsSolutions-IAM5",
        "HIPAA.Security-LambdaDLQ",
        "NIST.800.53.R5-LambdaDLQ",
        "Serverless-LambdaDLQ",
        "Serverless-LambdaTracing",
    }
    assert len(mine) == 10
    assert {(each["waived_by"]["approved_by"], each["waived_by"]["expires"]) for each in mine} == {
        ("SEC-161", "2027-12-31")
    }


@pytest.mark.parametrize("asked", [SERVICE, WAREHOUSE, CUSTOMER], ids=["service", "warehouse", "customer"])
def test_roles_may_do_what_they_need_and_no_more(deployed: Deployed, asked: list[Asked]) -> None:
    pairs = []
    for each in asked:
        endpoint = ENDPOINT if each.source == SUBNETS else ""
        source: Context = (
            {"aws:SourceVpce": deployed.ref("AWS::EC2::VPCEndpoint", ENDPOINT)}
            if endpoint
            else {"aws:SourceIp": each.source}
        )
        request = Request(
            principal=role(deployed, each.role),
            action=f"dynamodb:{each.action}",
            resource=f"{deployed.arn('AWS::DynamoDB::GlobalTable')}{each.on}",
            context={key: value for context in (source, *each.context) for key, value in context.items()},
        )
        pairs.append((deployed.policies(request, endpoint=endpoint), request))
    decided = zip(asked, decide(pairs), strict=True)
    assert [f"{each}: {decision}" for each, decision in decided if decision is not each.expected] == []


@pytest.mark.parametrize("name", ["OrderService", "Warehouse"])
def test_only_lambda_itself_makes_network_interfaces(deployed: Deployed, name: str) -> None:
    requests = [
        Request(principal=role(deployed, name), action="ec2:DescribeNetworkInterfaces", resource="*", context=context)
        for context in ({}, CODE)
    ]
    assert decide([(deployed.policies(request), request) for request in requests]) == [ALLOWED, DENIED]


def role(deployed: Deployed, name: str) -> str:
    """Return the ARN of a function's role, or of the customers'."""
    return deployed.arn("AWS::IAM::Role", f"{name}Role" if name != "Customer" else name)


def test_functions_are_in_the_application_s_subnets_and_reach_https_only(template: Template) -> None:
    names = {
        subnet: tag["Value"]
        for subnet, resource in template.of_type("AWS::EC2::Subnet").items()
        for tag in resource["Properties"]["Tags"]
        if tag["Key"] == "aws-cdk:subnet-name"
    }
    for function, group in (("OrderServiceFunction", "web"), ("WarehouseFunction", "batch")):
        network = template.properties("AWS::Lambda::Function", function)["VpcConfig"]
        assert {names[subnet["Ref"]] for subnet in network["SubnetIds"]} == {group}
        assert [text(each) for each in network["SecurityGroupIds"]] == [
            f"<{template.named('AWS::EC2::SecurityGroup', 'Functions')}.GroupId>"
        ]
    group_rules = template.properties("AWS::EC2::SecurityGroup", "Functions")
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group_rules["SecurityGroupEgress"]] == [(443, 443)]
    assert "SecurityGroupIngress" not in group_rules


def test_the_table_has_an_endpoint_for_items_and_one_for_its_management(template: Template) -> None:
    endpoints = template.of_type("AWS::EC2::VPCEndpoint")
    assert sorted(name[:-8] for name in endpoints) == ["EndpointsControlPlane", "EndpointsDataPlane"]


def test_functions_come_after_the_policies_that_lambda_needs(template: Template) -> None:
    # Lambda refuses a function in a VPC if its role may not make network interfaces by then.
    for name in ("OrderService", "Warehouse"):
        function = template.properties("AWS::Lambda::Function", name)
        made = template.properties("AWS::IAM::Role", f"{name}Role")
        assert function["Role"] == {"Fn::GetAtt": [template.named("AWS::IAM::Role", f"{name}Role"), "Arn"]}
        assert made["ManagedPolicyArns"] == [{"Ref": template.named("AWS::IAM::ManagedPolicy", f"{name}Policy")}]


def test_functions_hold_the_service_s_code_and_nothing_else(synthesized: Run, template: Template) -> None:
    keys_of_code = {
        template.properties("AWS::Lambda::Function", name)["Code"]["S3Key"].removesuffix(".zip")
        for name in ("OrderService", "Warehouse")
    }
    (asset,) = keys_of_code
    folder = synthesized.directory / f"asset.{asset}"
    shipped = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    source = CHECKOUT / "examples/orders/service"
    assert shipped == {f"service/{file.name}" for file in source.glob("*.py")}


def test_customers_are_who_the_provider_says_and_nobody_else(template: Template) -> None:
    (statement,) = template.properties("AWS::IAM::Role", "Customer")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"].keys() == {"Federated"}
    assert statement["Condition"] == {"StringEquals": {"id.example.com:aud": "orders"}}
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]


def test_the_queried_index_is_there(template: Template) -> None:
    (index,) = template.table()["GlobalSecondaryIndexes"]
    assert index["IndexName"] == BY_STATUS


def test_logs_are_kept_for_a_year_under_a_key(template: Template) -> None:
    for name in ("OrderServiceLog", "WarehouseLog"):
        log = template.only("AWS::Logs::LogGroup", name)
        assert log["DeletionPolicy"] == "Retain"
        assert log["Properties"]["RetentionInDays"] == 365
        assert text(log["Properties"]["KmsKeyId"]) == f"<{template.named('AWS::KMS::Key', 'LogKey')}.Arn>"
