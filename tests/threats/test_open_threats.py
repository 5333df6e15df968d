"""What threat models call open is open. Whoever closes it finds a test here that fails, and the model to correct."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment

from examples.client_side_encryption.stack import PayrollStack
from examples.logged_reads.stack import LoggedReadsStack
from examples.orders.service.requests import Fields, Order
from examples.orders.stack import OrdersStack
from examples.tokenization.stack import Caller, TokenizationStack
from examples.web_identity.identities import CognitoIdentities
from examples.web_identity.settings import ProfileSettings
from examples.web_identity.stack import ProfilesStack
from tests.examples.front_end.front_end_settings import template as front_end
from tests.examples.test_terraform_state import template as terraform_state
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from tests.policies.engine import Document

HERE = Environment(account="111122223333", region="eu-central-1")
EVERYTHING: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
ADMINISTRATOR = "arn:aws:iam::111122223333:role/Administrator"


def made(make: Callable[[App], Stack]) -> Callable[[], Template]:
    """Return what synthesizes a stack once."""

    @cache
    def template() -> Template:
        app = App()
        stack = make(app)
        return Template(app.synth().get_stack_by_name(stack.stack_name).template)

    return template


def profiles(app: App) -> ProfilesStack:
    """Make the stack of profiles."""
    settings = ProfileSettings(company_networks=["203.0.113.0/24"])
    return ProfilesStack(
        app,
        "Profiles",
        settings=settings,
        identities=lambda stack: CognitoIdentities(stack, "Identities"),
        env=HERE,
    )


BILLING = {"Billing": Caller(purpose="payment", per_minute=60)}
orders = made(lambda app: OrdersStack(app, "OrderService", env=HERE))
WITH_FUNCTIONS: dict[str, Callable[[], Template]] = {
    "front_end": front_end,
    "logged_reads": made(lambda app: LoggedReadsStack(app, "LoggedReads", env=HERE)),
    "orders": orders,
    "tokenization": made(lambda app: TokenizationStack(app, "Tokenization", callers=BILLING, env=HERE)),
}
WITHOUT_READS: dict[str, Callable[[], Template]] = {
    **{name: template for name, template in WITH_FUNCTIONS.items() if name != "logged_reads"},
    "client_side_encryption": made(lambda app: PayrollStack(app, "Payroll", reported=["acme"], env=HERE)),
    "web_identity": made(profiles),
}


@pytest.mark.parametrize("name", WITHOUT_READS)
def test_nothing_of_an_application_records_reads(name: str) -> None:
    assert WITHOUT_READS[name]().of_type("AWS::CloudTrail::Trail") == {}


def test_the_order_service_queries_orders_of_all_customers() -> None:
    deployed = Deployed(orders())
    request = Request(
        principal=deployed.arn("AWS::IAM::Role", "OrderServiceRole"),
        action="dynamodb:Query",
        resource=f"{deployed.arn('AWS::DynamoDB::GlobalTable')}/index/by-status",
        context={"aws:SourceVpce": deployed.ref("AWS::EC2::VPCEndpoint", "EndpointsDataPlane")},
    )
    assert decide([(deployed.policies(request, endpoint="EndpointsDataPlane"), request)]) == [Decision.ALLOWED]


def test_a_caller_chooses_the_price() -> None:
    line = {"sku": "A-1", "quantity": 1, "price": "0.00"}
    order = Order.read(Fields({"customer": "C-1", "order": "O-1", "email": "a@example.com", "lines": [line]}))
    assert order.total == 0


def test_a_pipeline_reads_its_state_from_anywhere() -> None:
    deployed = Deployed(terraform_state())
    request = Request(
        principal=deployed.arn("AWS::IAM::Role", "NetworkRole"),
        action="s3:GetObject",
        resource=f"{deployed.arn('AWS::S3::Bucket', 'States')}/network/prod.tfstate",
        context={"aws:SourceIp": "198.51.100.7"},
    )
    assert decide([(deployed.policies(request), request)]) == [Decision.ALLOWED]
