"""The front end passes all packs; nothing reaches the API around the web ACL, or the table around the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.front_end import rules
from examples.front_end.api import ACCESS_LOG
from examples.front_end.firewall import MANAGED_RULES
from examples.front_end.settings import Truststore
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.examples.front_end.front_end_settings import (
    AUTHORITY,
    CALL_CENTRE,
    SHOP,
    STACK,
    front_end,
    settings,
    template,
)
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.synthesis.runs import CHECKOUT
from tests.template import Template, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.policies.engine import Document
    from tests.synthesis.runs import Run

ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED
CONTACT = "arn:aws:execute-api:eu-central-1:111122223333:abcdef1234/prod/GET/customers/C-1001/contact"
INVOKE: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}],
}
ENDPOINT = "EndpointsDataPlane"


def test_the_command_finds_nothing_open_and_each_waiver_of_the_example_ends(checked: Callable[[str], Run]) -> None:
    ran = checked("examples/front_end/__main__.py")
    assert ran.status == 0, ran.output + ran.errors
    assert ran.output.startswith("OK: no open findings in 1 table; ")
    evidence = json.loads((ran.directory / "evidence.json").read_text(encoding="utf-8"))
    assert {"FRONT1", "FRONT2", "FRONT3", "FRONT4", "FRONT5"} <= {each["rule"] for each in evidence["results"]}
    waived = [each for each in evidence["results"] if each["status"] == "waived" and not each["by_design"]]
    mine = [each for each in waived if not each["construct"].startswith(f"{STACK}/Network/")]
    assert {each["waived_by"]["expires"] for each in mine} == {"2027-12-31"}
    assert {each["rule"].partition("[")[0].rpartition("-")[2] for each in mine} == {
        "APIGWCacheEnabledAndEncrypted",
        "APIGWSSLEnabled",
        "APIGWXrayEnabled",
        "COG4",
        "IAM4",
        "IAM5",
        "LambdaDLQ",
        "LambdaTracing",
    }


def test_the_example_with_shield_advanced_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(CHECKOUT)
    app = checked_app(rules=[rules])
    front_end(app, shield_advanced=True)
    evidence = collect(Path(app.synth().directory))
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []


def test_the_account_s_role_for_logs_is_not_replaced() -> None:
    assert template().only("AWS::ApiGateway::Account")["DeletionPolicy"] == "Retain"
    app = App()
    front_end(app, has_logging_role=True)
    made = Template(app.synth().get_stack_by_name(STACK).template)
    assert made.of_type("AWS::ApiGateway::Account") == {}


def test_shield_advanced_is_off_unless_asked_for_and_protects_what_aws_lets_it() -> None:
    assert template().of_type("AWS::Shield::Protection") == {}
    protection = template(shield_advanced=True).properties("AWS::Shield::Protection")
    assert text(protection["ResourceArn"]) == "arn:<AWS::Partition>:route53:::hostedzone/Z0123456789EXAMPLE"


def test_the_api_has_no_other_name_than_the_one_with_the_company_s_certificate() -> None:
    api = template().properties("AWS::ApiGateway::RestApi")
    assert api["DisableExecuteApiEndpoint"] is True
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    name = template().properties("AWS::ApiGateway::DomainName")
    assert name["SecurityPolicy"] == "TLS_1_2"
    assert name["MutualTlsAuthentication"] == {
        "TruststoreUri": "s3://example-truststore/authority.pem",
        "TruststoreVersion": "3HL4kqtJvjVBH40Nrjfkd",
    }
    private = template().named("AWS::CertificateManager::Certificate", "DomainCertificate")
    public = template().named("AWS::CertificateManager::Certificate", "DomainOwnership")
    assert name["RegionalCertificateArn"] == {"Ref": private}
    assert name["OwnershipVerificationCertificateArn"] == {"Ref": public}
    certificates = template().of_type("AWS::CertificateManager::Certificate")
    assert certificates[private]["Properties"]["CertificateAuthorityArn"] == AUTHORITY
    assert "CertificateAuthorityArn" not in certificates[public]["Properties"]


def test_the_web_acl_blocks_and_is_there_before_the_name() -> None:
    acl = template().properties("AWS::WAFv2::WebACL")
    countries, rate, *managed = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    assert countries["Action"] == rate["Action"] == {"Block": {}}
    assert countries["Statement"] == {
        "NotStatement": {"Statement": {"GeoMatchStatement": {"CountryCodes": ["AT", "CH", "DE"]}}}
    }
    assert rate["Statement"]["RateBasedStatement"]["Limit"] == 1000
    assert [rule["Statement"]["ManagedRuleGroupStatement"] for rule in managed] == [
        {"VendorName": "AWS", "Name": name} for name in MANAGED_RULES
    ]
    # `count` would let pass what the groups block.
    assert all(rule["OverrideAction"] == {"None": {}} for rule in managed)
    association = template().named("AWS::WAFv2::WebACLAssociation", "")
    stage = template().named("AWS::ApiGateway::Stage", "")
    assert f"/stages/<{stage}>" in text(template().properties("AWS::WAFv2::WebACLAssociation")["ResourceArn"])
    for kind in ("AWS::ApiGateway::BasePathMapping", "AWS::Route53::RecordSet"):
        assert association in template().only(kind)["DependsOn"]


def test_no_log_holds_ids_of_customers_or_credentials() -> None:
    logging = template().properties("AWS::WAFv2::LoggingConfiguration")
    assert logging["RedactedFields"] == [
        {"UriPath": {}},
        {"QueryString": {}},
        {"SingleHeader": {"Name": "authorization"}},
        {"SingleHeader": {"Name": "x-amz-security-token"}},
    ]
    acl = template().properties("AWS::WAFv2::WebACL")
    shown = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]
    assert {each["SampledRequestsEnabled"] for each in shown} == {False}
    stage = template().properties("AWS::ApiGateway::Stage")
    assert json.loads(stage["AccessLogSetting"]["Format"]) == ACCESS_LOG
    assert {"$context.path", "$context.customDomain.basePathMatched"}.isdisjoint(ACCESS_LOG.values())
    (methods,) = stage["MethodSettings"]
    assert (methods["DataTraceEnabled"], methods["LoggingLevel"]) == (False, "ERROR")
    # Nor do traces, or a cache.
    assert not {"TracingEnabled", "CacheClusterEnabled"} & stage.keys()


def test_logs_have_names_that_aws_takes_and_are_kept_for_a_year_under_a_key() -> None:
    groups = {name: group for name, group in template().of_type("AWS::Logs::LogGroup").items() if "Table" not in name}
    key = template().named("AWS::KMS::Key", "LogKey")
    mine = {name[:-8]: each for name, each in groups.items() if not name.startswith("Network")}
    assert mine.keys() == {"ContactsLog", "FirewallLog", "FrontAccessLog", "FrontExecutionLog"}
    for group in mine.values():
        assert text(group["Properties"]["KmsKeyId"]) == f"<{key}.Arn>"
        assert (group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) == (365, "Retain")
    assert mine["FirewallLog"]["Properties"]["LogGroupName"] == "aws-waf-logs-frontend"
    (destination,) = template().properties("AWS::WAFv2::LoggingConfiguration")["LogDestinationConfigs"]
    assert text(destination).endswith(":log-group:aws-waf-logs-frontend")
    api = template().named("AWS::ApiGateway::RestApi", "")
    assert text(mine["FrontExecutionLog"]["Properties"]["LogGroupName"]) == f"API-Gateway-Execution-Logs_<{api}>/prod"


def test_every_method_authenticates_and_validates() -> None:
    validator = template().named("AWS::ApiGateway::RequestValidator", "")
    methods = [each["Properties"] for each in template().of_type("AWS::ApiGateway::Method").values()]
    assert {(each["HttpMethod"], each["AuthorizationType"]) for each in methods} == {
        ("GET", "AWS_IAM"),
        ("PUT", "AWS_IAM"),
    }
    assert all(each["RequestValidatorId"] == {"Ref": validator} for each in methods)
    (put,) = (each for each in methods if each["HttpMethod"] == "PUT")
    # Otherwise another content type would get around the model.
    model = {"Ref": template().named("AWS::ApiGateway::Model", "")}
    assert put["RequestModels"] == {"application/json": model, "$default": model}
    checks = template().properties("AWS::ApiGateway::RequestValidator")
    assert checks["ValidateRequestBody"] is checks["ValidateRequestParameters"] is True


@pytest.mark.parametrize(
    ("principal", "identity", "expected"),
    [
        (SHOP, (INVOKE,), ALLOWED),
        (CALL_CENTRE, (INVOKE,), ALLOWED),
        # Roles of other accounts need a policy of their own account, too.
        (SHOP, (), NOT_ALLOWED),
        ("arn:aws:iam::444455556666:role/Other", (INVOKE,), DENIED),
        ("arn:aws:iam::111122223333:role/Admin", (INVOKE,), DENIED),
        (None, (), DENIED),
    ],
)
def test_callers_may_invoke_and_nobody_else(
    principal: str | None, identity: tuple[Document, ...], expected: Decision
) -> None:
    policy: Document = json.loads(
        # API Gateway completes the ARN.
        json.dumps(template().properties("AWS::ApiGateway::RestApi")["Policy"]).replace(
            "execute-api:/*", "arn:aws:execute-api:eu-central-1:111122223333:abcdef1234/*"
        )
    )
    request = Request(principal=principal, action="execute-api:Invoke", resource=CONTACT)
    assert decide([(Policies(identity=identity, resource=policy), request)]) == [expected]


METHODS = "arn:aws:execute-api:eu-central-1:111122223333:abcdef1234/prod"
EVERYTHING: Document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("principal", "source", "expected"),
    [
        ("apigateway.amazonaws.com", f"{METHODS}/GET/customers/C-1/contact", ALLOWED),
        ("apigateway.amazonaws.com", f"{METHODS}/PUT/customers/C-1/contact", ALLOWED),
        # A method that somebody adds, the console's test, and an API of somebody else.
        ("apigateway.amazonaws.com", f"{METHODS}/DELETE/customers/C-1/contact", DENIED),
        (
            "apigateway.amazonaws.com",
            f"{METHODS.replace('/prod', '/test-invoke-stage')}/GET/customers/C-1/contact",
            DENIED,
        ),
        ("apigateway.amazonaws.com", f"{METHODS.replace('abcdef', 'fedcba')}/GET/customers/C-1/contact", DENIED),
        ("s3.amazonaws.com", "arn:aws:s3:::bucket", DENIED),
        # Within the account a policy of the caller's would be enough.
        ("arn:aws:iam::111122223333:role/Administrator", None, DENIED),
    ],
)
def test_only_the_api_may_invoke_the_function(principal: str, source: str | None, expected: Decision) -> None:
    assert not [
        each
        for each in template().of_type("AWS::Lambda::Permission").values()
        if "ContactsFunction" in text(each["Properties"]["FunctionName"])
    ], "it would be overwritten by the policy, or overwrite it"
    deployed = Deployed(template(), {template().named("AWS::ApiGateway::RestApi", ""): "abcdef1234"})
    function = deployed.arn("AWS::Lambda::Function", "ContactsFunction")
    context: dict[str, Any] = {"aws:SourceArn": source, "aws:SourceAccount": source and "111122223333"}
    request = Request(principal=principal, action="lambda:InvokeFunction", resource=function, context=context)
    identity = (EVERYTHING,) if principal.startswith("arn:") else ()
    policies = Policies(identity=identity, resource=deployed.resource_policy(function))
    assert decide([(policies, request)]) == [expected]


def test_what_fails_or_is_refused_too_often_raises_an_alarm() -> None:
    topic = template().named("AWS::SNS::Topic", "Table")
    mine = [each for each in template().alarms().values() if each.get("Namespace") in ("AWS/ApiGateway", "AWS/Lambda")]
    watched = [each for each in mine if "Audit" not in json.dumps(each["Dimensions"])]
    assert {each["MetricName"] for each in watched} == {"4XXError", "5XXError", "Errors", "Throttles"}
    assert all(each["AlarmActions"] == [{"Ref": topic}] for each in watched)
    name = template().properties("AWS::ApiGateway::RestApi")["Name"]
    of_api = [each["Dimensions"] for each in watched if each["Namespace"] == "AWS/ApiGateway"]
    assert of_api == [[{"Name": "ApiName", "Value": name}, {"Name": "Stage", "Value": "prod"}]] * 2


@pytest.mark.parametrize(
    ("action", "inside", "expected"),
    [
        ("GetItem", True, ALLOWED),
        ("PutItem", True, ALLOWED),
        # With the function's credentials from elsewhere.
        ("GetItem", False, DENIED),
        ("PutItem", False, DENIED),
        *((action, True, DENIED) for action in ("Scan", "Query", "DeleteItem", "UpdateItem", "BatchWriteItem")),
    ],
)
def test_the_table_is_reached_through_its_endpoint_only(action: str, inside: bool, expected: Decision) -> None:  # noqa: FBT001
    deployed = Deployed(template())
    source: dict[str, Any] = {"aws:SourceIp": "198.51.100.7"}
    if inside:
        source = {"aws:SourceVpce": deployed.ref("AWS::EC2::VPCEndpoint", ENDPOINT)}
    request = Request(
        principal=deployed.arn("AWS::IAM::Role", "ContactsRole"),
        action=f"dynamodb:{action}",
        resource=deployed.arn("AWS::DynamoDB::GlobalTable"),
        context=source,
    )
    assert decide([(deployed.policies(request, endpoint=ENDPOINT if inside else ""), request)]) == [expected]


def test_the_network_has_no_way_to_the_internet() -> None:
    for kind in ("InternetGateway", "NatGateway", "Route"):
        assert template().of_type(f"AWS::EC2::{kind}") == {}
    integrations = [
        each["Properties"]["Integration"] for each in template().of_type("AWS::ApiGateway::Method").values()
    ]
    # API Gateway itself has no integration with DynamoDB.
    assert {each["Type"] for each in integrations} == {"AWS_PROXY"}


def test_aws_waf_s_log_may_be_delivered_from_this_account_only() -> None:
    document = json.loads(text(template().properties("AWS::Logs::ResourcePolicy")["PolicyDocument"]))
    statement = statements(document)["DeliverWebAclLog"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Condition"]["StringEquals"].keys() == {"aws:SourceAccount"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"domain_name": "contacts.example.org"}, "domain_name is 'contacts.example.org'; allowed: a name in the zone"),
        ({"domain_name": "contactsexample.com"}, "domain_name is 'contactsexample.com'; allowed: a name in the zone"),
        ({"authority_arn": "arn:aws:acm:eu-central-1:111122223333:certificate/1"}, "authority_arn is 'arn:aws:acm:eu"),
        ({"truststore": Truststore(bucket="b", key="k", version="")}, "truststore.version is ''; allowed: a version"),
        ({"callers": []}, r"callers is \[\]; allowed: ARNs of roles, at least one"),
        ({"callers": ["arn:aws:iam::444455556666:user/anna"]}, "callers is .*; allowed: ARNs of roles"),
        ({"callers": ["arn:aws:iam::444455556666:role/*"]}, "callers is .*; allowed: ARNs of roles"),
        ({"countries": []}, r"countries is \[\]; allowed: codes of two capital letters"),
        ({"countries": ["de"]}, r"countries is \['de'\]; allowed: codes of two capital letters"),
        ({"requests_per_address": 9}, "requests_per_address is 9; allowed: 10 to 2,000,000,000"),
        ({"requests_per_second": 0}, "requests_per_second is 0; allowed: 1 or more"),
    ],
)
def test_settings_that_aws_would_refuse_are_named_at_once(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        settings(**changes)


def test_a_refused_setting_leaves_no_stack() -> None:
    app = App()
    with pytest.raises(ValueError, match="countries"):
        front_end(app, countries=[])
    assert app.node.children == []
