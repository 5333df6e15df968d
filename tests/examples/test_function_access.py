"""Functions of applications are invoked by their callers only, and alarms ring when one fails."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment

from examples.change_stream.stack import ChangeStreamStack
from examples.logged_reads.stack import LoggedReadsStack
from examples.orders.stack import OrdersStack
from examples.tokenization.stack import Caller, TokenizationStack
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from tests.policies.engine import Document

HERE = Environment(account="111122223333", region="eu-central-1")
EVERYTHING: Document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
BILLING = {"Billing": Caller(purpose="payment", per_minute=60)}
APPLICATIONS: dict[str, Callable[[App], Stack]] = {
    "change_stream": lambda app: ChangeStreamStack(app, "Stack", env=HERE),
    "logged_reads": lambda app: LoggedReadsStack(app, "Stack", env=HERE),
    "orders": lambda app: OrdersStack(app, "Stack", env=HERE),
    "tokenization": lambda app: TokenizationStack(app, "Stack", callers=BILLING, env=HERE),
}
# Function to the role that invokes it. The mapping of a stream asks nobody.
CALLERS = {
    "logged_reads": {"ShowOrders": "CallerRole"},
    "orders": {"OrderServiceFunction": "ShopRole", "WarehouseFunction": "StaffRole"},
    "tokenization": {
        "TokenizeFunction": "ShopRole",
        "BillingDetokenizeFunction": "BillingRole",
        "CheckFunction": "ReaderRole",
        "ForgetFunction": "PrivacyOfficeRole",
    },
}


@cache
def template(name: str) -> Template:
    app = App()
    APPLICATIONS[name](app)
    return Template(app.synth().get_stack_by_name("Stack").template)


def functions(name: str) -> list[str]:
    """Return the functions of an application, without those that record changes or belong to CDK."""
    made = template(name).of_type("AWS::Lambda::Function")
    return [each for each in made if "Audit" not in each and not each.startswith("CustomVpc")]


@pytest.mark.parametrize("name", CALLERS)
def test_each_function_is_invoked_by_its_caller(name: str) -> None:
    deployed = Deployed(template(name))
    assert sorted(each[:-8] for each in functions(name)) == sorted(CALLERS[name])
    pairs, expected = [], []
    for function in CALLERS[name]:
        for called, role in CALLERS[name].items():
            request = Request(
                principal=deployed.arn("AWS::IAM::Role", role),
                action="lambda:InvokeFunction",
                resource=deployed.arn("AWS::Lambda::Function", function),
            )
            pairs.append((deployed.policies(request), request))
            expected.append(Decision.ALLOWED if called == function else Decision.EXPLICITLY_DENIED)
    assert decide(pairs) == expected


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("action", ["InvokeFunction", "InvokeAsync", "InvokeFunctionUrl"])
def test_no_other_role_invokes_a_function_whatever_its_policies_allow(name: str, action: str) -> None:
    deployed = Deployed(template(name))
    pairs = []
    for function in functions(name):
        arn = deployed.arn("AWS::Lambda::Function", function)
        policies = Policies(identity=(EVERYTHING,), resource=deployed.resource_policy(arn))
        for principal in ("role/Administrator", "user/anna"):
            for resource in (arn, f"{arn}:7"):
                request = Request(
                    principal=f"arn:aws:iam::111122223333:{principal}", action=f"lambda:{action}", resource=resource
                )
                pairs.append((policies, request))
    assert set(decide(pairs)) == {Decision.EXPLICITLY_DENIED}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_function_that_fails_or_is_too_busy_raises_an_alarm(name: str) -> None:
    assert functions(name)
    topics = [{"Ref": topic} for topic in template(name).of_type("AWS::SNS::Topic")]
    for function in functions(name):
        dimension = {"Name": "FunctionName", "Value": {"Ref": function}}
        watched = [each for each in template(name).alarms().values() if dimension in each.get("Dimensions", [])]
        assert {each["MetricName"] for each in watched} == {"Errors", "Throttles"}
        assert all(each["Threshold"] == 1 and each["AlarmActions"][0] in topics for each in watched)


def test_changes_that_were_given_up_raise_an_alarm() -> None:
    made = template("change_stream")
    queue = made.named("AWS::SQS::Queue", "FollowerFailures")
    alarm = made.properties("AWS::CloudWatch::Alarm", "FollowerGaveUp")
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert queue in json.dumps(alarm["Dimensions"])
    assert alarm["AlarmActions"]
