"""The front end, deployed to an emulator, answers by its name; AWS WAF and TLS are not part of the emulator.

The emulator takes an unsigned request for the root's, so policies are decided in `test_front_end_stack.py`.
"""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from aws_cdk import App
from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]

from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment, bootstrap
from tests.e2e.emulator import PYTHON, REGION, REQUIRED, Emulator, running
from tests.examples.front_end.front_end_settings import STACK, front_end

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "contacts.example.com"
# What the emulator's CloudFormation does not know.
UNKNOWN = {"AWS::Lambda::ResourcePolicy", "AWS::WAFv2::WebACLAssociation", "AWS::WAFv2::LoggingConfiguration"}
ANNA = {"name": "Anna", "email": "anna@example.com", "phone": "+43155512345"}


@dataclass(frozen=True)
class Front:
    """The deployed front end."""

    emulator: Emulator
    table: str

    def call(self, method: str, customer: str, body: object = None, *, signed: bool = True) -> tuple[int, Any]:
        """Send a request to the name of the API, and return status and answer."""
        url = f"http://{NAME}/customers/{customer}/contact"
        content = None if body is None else json.dumps(body)
        request = AWSRequest(method, url, data=content, headers={"content-type": "application/json"})
        if signed:
            SigV4Auth(self.emulator.session.get_credentials(), "execute-api", REGION).add_auth(request)
        connection = http.client.HTTPConnection(urlsplit(self.emulator.address).netloc)
        try:
            headers = {**dict(request.headers), "host": NAME}
            connection.request(method, urlsplit(url).path, body=content, headers=headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def items(self) -> list[dict[str, Any]]:
        """Return all items of the table."""
        return list(self.emulator.client("dynamodb").scan(TableName=self.table)["Items"])


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Deploy the front end."""
    if not PYTHON.exists():
        reason = "the emulator is not installed: run make e2e, which sets up tests/e2e/.venv"
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(reason)
    folder = tmp_path_factory.mktemp("front-end")
    with running() as emulator:
        bootstrap(emulator)
        zone = emulator.client("route53").create_hosted_zone(Name="example.com", CallerReference="front-end")
        app = App(context=context_in_place_of_cli(), outdir=str(folder))
        front_end(app, hosted_zone_id=zone["HostedZone"]["Id"].rpartition("/")[2])
        app.synth()
        deployment = Deployment(emulator, folder)
        leave_out_unknown(deployment)
        deployment.deploy(STACK)
        validate_requests(deployment)
        (stack,) = emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        yield Front(emulator, outputs["TableName"])


def leave_out_unknown(deployment: Deployment) -> None:
    """Take out of the template what the emulator would refuse, and what waits for it."""
    template = deployment.template(STACK)
    resources = template["Resources"]
    gone = {name for name, each in resources.items() if each["Type"] in UNKNOWN}
    assert {resources[name]["Type"] for name in gone} == UNKNOWN
    for name in gone:
        del resources[name]
    for each in resources.values():
        if "DependsOn" in each:
            each["DependsOn"] = [other for other in each["DependsOn"] if other not in gone]
    deployment.write_template(STACK, template)


def validate_requests(deployment: Deployment) -> None:
    """Give the methods their request validator, which the emulator's CloudFormation drops."""
    made, template = deployment.resources(STACK), deployment.template(STACK)["Resources"]
    client = deployment.emulator.client("apigateway")
    (checks,) = (each for each in template.values() if each["Type"] == "AWS::ApiGateway::RequestValidator")
    (api,) = (made[name] for name, each in template.items() if each["Type"] == "AWS::ApiGateway::RestApi")
    validator = client.create_request_validator(
        restApiId=api,
        validateRequestBody=checks["Properties"]["ValidateRequestBody"],
        validateRequestParameters=checks["Properties"]["ValidateRequestParameters"],
    )
    for method in (each["Properties"] for each in template.values() if each["Type"] == "AWS::ApiGateway::Method"):
        client.update_method(
            restApiId=api,
            resourceId=made[method["ResourceId"]["Ref"]],
            httpMethod=method["HttpMethod"],
            patchOperations=[{"op": "replace", "path": "/requestValidatorId", "value": validator["id"]}],
        )


def test_a_contact_is_written_and_read_through_the_name(front: Front) -> None:
    assert front.call("GET", "C-1")[0] == 404
    assert front.call("PUT", "C-1", ANNA) == (200, {"customer": "C-1", **ANNA})
    assert front.call("GET", "C-1") == (200, {"customer": "C-1", **ANNA})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**ANNA, "email": "anna"}, "email"),
        ({**ANNA, "phone": 7}, "phone"),
        # These the request validator refuses, before the function is asked.
        ({"name": "Anna"}, "body"),
        ({**ANNA, "iban": "AT61"}, "body"),
        ([], "body"),
    ],
)
def test_a_wrong_request_is_refused_and_nothing_is_written(front: Front, body: object, field: str) -> None:
    before = front.items()
    status, answer = front.call("PUT", "C-2", body)
    assert (status, answer["error"]["field"]) == (400, field)
    assert front.items() == before


def test_a_wrong_customer_is_refused(front: Front) -> None:
    status, answer = front.call("GET", "C_1")
    assert (status, answer["error"]["field"]) == (400, "customer")


def test_a_request_that_is_not_signed_is_refused(front: Front) -> None:
    before = front.items()
    assert front.call("PUT", "C-3", ANNA, signed=False)[0] == 403
    assert front.items() == before
