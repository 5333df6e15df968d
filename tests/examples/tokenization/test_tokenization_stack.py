"""The token service's stack has no open finding, and only the roles that need values reach them, from their lane."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aws_cdk import App, Environment

from examples.tokenization.stack import Caller, TokenizationStack
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
VAULT, REFERENCES = "Vault", "References"
# Sources of a request: the lanes of the token service and of applications, the company's network, and elsewhere.
SERVICE, APPLICATIONS, COMPANY, INTERNET = (
    "EndpointsDataPlanebatch",
    "EndpointsDataPlaneweb",
    "203.0.113.7",
    "198.51.100.7",
)
DETOKENIZERS = ("BillingDetokenize", "SupportDetokenize")
FUNCTIONS = ("Tokenize", *DETOKENIZERS, "Check", "Forget")
LISTED = select("SPECIFIC_ATTRIBUTES")
TOKEN, MAC = keys("tok_1"), keys("mac#1")
PERSON, OWN_RECORDS = keys("P-1"), keys("record#Billing")


def of_vault(*names: str) -> Context:
    return attributes("person", "record", *names)


def of_references(*names: str) -> Context:
    return attributes("reference", "record", *names)


class Asked(NamedTuple):
    """A request of a role, by its construct id, for an action of DynamoDB, and what has to be decided."""

    role: str
    action: str
    table: str
    context: tuple[Context, ...] = ()
    source: str = SERVICE
    expected: Decision = ALLOWED


TOKENIZE = [
    Asked("Tokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("lookup_key"))),
    Asked("Tokenize", "UpdateItem", VAULT, (PERSON, of_vault("value", "token", "mac", "delete_at"))),
    Asked("Tokenize", "UpdateItem", REFERENCES, (TOKEN, of_references("person", "value_id", "purpose", "kind"))),
    Asked("Tokenize", "UpdateItem", REFERENCES, (MAC, of_references("token"))),
    Asked("Tokenize", "GetItem", REFERENCES, (MAC, LISTED, of_references("token"))),
    Asked("Tokenize", "UpdateItem", VAULT, (PERSON, of_vault("value")), INTERNET, DENIED),
    Asked("Tokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("value")), SERVICE, NOT_ALLOWED),
    Asked("Tokenize", "GetItem", VAULT, (PERSON,), SERVICE, NOT_ALLOWED),
    Asked("Tokenize", "UpdateItem", VAULT, (of_vault("value"), returning("UPDATED_OLD")), SERVICE, DENIED),
    Asked("Tokenize", "DeleteItem", VAULT, (PERSON,), SERVICE, NOT_ALLOWED),
    Asked("Tokenize", "UpdateItem", REFERENCES, (keys("record#Billing"), of_references("person")), SERVICE, DENIED),
    Asked("Tokenize", "UpdateItem", REFERENCES, (keys("count#Billing"), of_references("delete_at")), SERVICE, DENIED),
    Asked("Tokenize", "UpdateItem", REFERENCES, (TOKEN, of_references("used_at")), SERVICE, NOT_ALLOWED),
]
DETOKENIZE = [
    Asked("BillingDetokenize", "GetItem", REFERENCES, (TOKEN, LISTED, of_references("purpose", "used_at"))),
    Asked("BillingDetokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("value"))),
    Asked("BillingDetokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("forgotten_at"))),
    Asked("BillingDetokenize", "UpdateItem", REFERENCES, (TOKEN, of_references("used_at"))),
    Asked("BillingDetokenize", "UpdateItem", REFERENCES, (keys("count#Billing"), of_references("requests"))),
    Asked("BillingDetokenize", "PutItem", REFERENCES, (keys("record#Billing"), of_references("token", "outcome"))),
    Asked("BillingDetokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("value")), INTERNET, DENIED),
    Asked("BillingDetokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("value")), COMPANY, DENIED),
    Asked("BillingDetokenize", "GetItem", VAULT, (PERSON, LISTED, of_vault("lookup_key")), SERVICE, NOT_ALLOWED),
    *(
        Asked("BillingDetokenize", action, VAULT, (PERSON, LISTED, of_vault("value")), SERVICE, DENIED)
        for action in ("BatchGetItem", "Query")
    ),
    Asked("BillingDetokenize", "Scan", VAULT, (LISTED, of_vault("value")), SERVICE, NOT_ALLOWED),
    *(
        Asked("BillingDetokenize", action, VAULT, (PERSON, of_vault("value")), SERVICE, NOT_ALLOWED)
        for action in ("PutItem", "UpdateItem", "DeleteItem")
    ),
    Asked("BillingDetokenize", "UpdateItem", REFERENCES, (TOKEN, of_references("purpose")), SERVICE, NOT_ALLOWED),
    Asked("BillingDetokenize", "PutItem", REFERENCES, (TOKEN, of_references("purpose")), SERVICE, NOT_ALLOWED),
    Asked("BillingDetokenize", "PutItem", REFERENCES, (keys("record#Support"),), SERVICE, NOT_ALLOWED),
    Asked("BillingDetokenize", "UpdateItem", REFERENCES, (keys("count#Support"),), SERVICE, NOT_ALLOWED),
    *(
        Asked("BillingDetokenize", action, REFERENCES, (OWN_RECORDS, of_references("used_at")), SERVICE, DENIED)
        for action in ("UpdateItem", "DeleteItem", "BatchWriteItem")
    ),
    Asked("BillingDetokenize", "DeleteItem", REFERENCES, (keys("count#Billing"),), SERVICE, DENIED),
]
FORGET = [
    Asked("Forget", "Query", VAULT, (PERSON, LISTED, of_vault("token", "mac"))),
    Asked("Forget", "UpdateItem", VAULT, (PERSON, of_vault("forgotten_at", "lookup_key"))),
    Asked("Forget", "DeleteItem", VAULT, (PERSON,)),
    *(Asked("Forget", "DeleteItem", REFERENCES, (key,)) for key in (TOKEN, MAC)),
    Asked("Forget", "Query", VAULT, (PERSON, LISTED, of_vault("value")), SERVICE, NOT_ALLOWED),
    Asked("Forget", "DeleteItem", VAULT, (PERSON, returning("ALL_OLD")), SERVICE, DENIED),
    Asked("Forget", "DeleteItem", VAULT, (PERSON,), INTERNET, DENIED),
    *(
        Asked("Forget", "DeleteItem", REFERENCES, (keys(key),), SERVICE, DENIED)
        for key in ("record#Billing", "count#Billing")
    ),
    Asked("Forget", "UpdateItem", REFERENCES, (TOKEN, of_references("token")), SERVICE, DENIED),
]
OTHERS = [
    Asked("Check", "GetItem", REFERENCES, (TOKEN, LISTED, of_references("purpose", "kind")), APPLICATIONS),
    Asked("Check", "GetItem", REFERENCES, (TOKEN, LISTED, of_references("person")), APPLICATIONS, NOT_ALLOWED),
    Asked("Check", "GetItem", VAULT, (PERSON, LISTED, of_vault("value")), APPLICATIONS, DENIED),
    Asked("Auditor", "Query", REFERENCES, (keys("record#Billing"),), COMPANY),
    Asked("Auditor", "Query", REFERENCES, (keys("record#Support"),), COMPANY),
    Asked("Auditor", "GetItem", REFERENCES, (TOKEN,), COMPANY, NOT_ALLOWED),
    Asked("Auditor", "Query", REFERENCES, (keys("record#Billing"),), INTERNET, DENIED),
    Asked("Auditor", "DeleteItem", REFERENCES, (keys("record#Billing"),), COMPANY, NOT_ALLOWED),
    *(
        Asked(name, "GetItem", table, (LISTED,), COMPANY, decision)
        for name in ("Billing", "Support", "Shop", "Reader", "PrivacyOffice")
        for table, decision in ((VAULT, DENIED), (REFERENCES, NOT_ALLOWED))
    ),
]
# Role to the only function that it invokes.
CALLERS = {
    "Billing": "BillingDetokenize",
    "Support": "SupportDetokenize",
    "Shop": "Tokenize",
    "Reader": "Check",
    "PrivacyOffice": "Forget",
}


@pytest.fixture(scope="module")
def synthesized(checked: Callable[[str], Run]) -> Run:
    """Run `python -m examples.tokenization`."""
    return checked("examples/tokenization/__main__.py")


@pytest.fixture(scope="module")
def template(synthesized: Run) -> Template:
    return Template.read(synthesized.directory / "Tokenization.template.json")


@pytest.fixture(scope="module")
def deployed(template: Template) -> Deployed:
    return Deployed(template)


def test_no_finding_is_open(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 2 tables; ")


def test_each_waiver_of_the_example_has_an_approver_and_an_end(synthesized: Run) -> None:
    evidence = json.loads((synthesized.directory / "evidence.json").read_text(encoding="utf-8"))
    waived = [each for each in evidence["results"] if each["status"] == "waived" and not each["by_design"]]
    mine = [each for each in waived if not each["construct"].startswith("Tokenization/Network/")]
    assert {(each["waived_by"]["approved_by"], each["waived_by"]["expires"]) for each in mine} == {
        ("SEC-162", "2027-12-31")
    }
    assert len(mine) == 5 * len(FUNCTIONS)


@pytest.mark.parametrize(
    "asked", [TOKENIZE, DETOKENIZE, FORGET, OTHERS], ids=["tokenize", "detokenize", "forget", "others"]
)
def test_roles_may_do_what_they_need_and_no_more(deployed: Deployed, asked: list[Asked]) -> None:
    pairs = []
    for each in asked:
        endpoint = each.source if each.source in (SERVICE, APPLICATIONS) else ""
        source: Context = (
            {"aws:SourceVpce": deployed.ref("AWS::EC2::VPCEndpoint", endpoint)}
            if endpoint
            else {"aws:SourceIp": each.source}
        )
        request = Request(
            principal=deployed.arn("AWS::IAM::Role", f"{each.role}Role"),
            action=f"dynamodb:{each.action}",
            resource=deployed.arn("AWS::DynamoDB::GlobalTable", each.table),
            context={key: value for context in (source, *each.context) for key, value in context.items()},
        )
        pairs.append((deployed.policies(request, endpoint=endpoint), request))
    decided = zip(asked, decide(pairs), strict=True)
    assert [f"{each}: {decision}" for each, decision in decided if decision is not each.expected] == []


def test_each_caller_s_role_invokes_one_function(deployed: Deployed) -> None:
    pairs, expected = [], []
    for caller, own in CALLERS.items():
        for name in FUNCTIONS:
            request = Request(
                principal=deployed.arn("AWS::IAM::Role", f"{caller}Role"),
                action="lambda:InvokeFunction",
                resource=deployed.arn("AWS::Lambda::Function", f"{name}Function"),
            )
            pairs.append((deployed.policies(request), request))
            expected.append(ALLOWED if name == own else DENIED)
    assert decide(pairs) == expected


def test_each_table_has_a_key_an_endpoint_policy_and_a_perimeter_of_its_own(template: Template) -> None:
    tables = {name: template.properties("AWS::DynamoDB::GlobalTable", name) for name in (VAULT, REFERENCES)}
    assert {text(table["Replicas"][0]["SSESpecification"]["KMSMasterKeyId"]) for table in tables.values()} == {
        f"<{template.named('AWS::KMS::Key', f'{name}Key')}.Arn>" for name in tables
    }
    # Applications have no way to the vault, not even with permissions.
    through = {
        lane: json.dumps(template.properties("AWS::EC2::VPCEndpoint", lane)["PolicyDocument"])
        for lane in (SERVICE, APPLICATIONS)
    }
    names = {name: table["TableName"] for name, table in tables.items()}
    assert [names[VAULT] in through[lane] for lane in through] == [True, False]
    assert [names[REFERENCES] in through[lane] for lane in through] == [True, True]
    perimeters = {name: json.dumps(table["Replicas"][0]["ResourcePolicy"]) for name, table in tables.items()}
    assert ["203.0.113.0/24" in perimeters[name] for name in tables] == [False, True]


def test_functions_are_in_their_lane_and_know_the_names_that_they_need(template: Template) -> None:
    subnets = {
        subnet: tag["Value"]
        for subnet, resource in template.of_type("AWS::EC2::Subnet").items()
        for tag in resource["Properties"]["Tags"]
        if tag["Key"] == "aws-cdk:subnet-name"
    }
    for name in FUNCTIONS:
        function = template.properties("AWS::Lambda::Function", f"{name}Function")
        group = {subnets[subnet["Ref"]] for subnet in function["VpcConfig"]["SubnetIds"]}
        assert group == ({"web"} if name == "Check" else {"batch"})
        assert ("VAULT" in function["Environment"]["Variables"]) == (name != "Check")


def test_functions_hold_the_service_s_code_and_nothing_else(synthesized: Run, template: Template) -> None:
    (asset,) = {
        template.properties("AWS::Lambda::Function", f"{name}Function")["Code"]["S3Key"].removesuffix(".zip")
        for name in FUNCTIONS
    }
    folder = synthesized.directory / f"asset.{asset}"
    shipped = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    source = CHECKOUT / "examples/tokenization/service"
    assert shipped == {f"service/{file.name}" for file in source.glob("*.py")}


def test_items_of_both_tables_expire(template: Template) -> None:
    for name in (VAULT, REFERENCES):
        expiry = template.properties("AWS::DynamoDB::GlobalTable", name)["TimeToLiveSpecification"]
        assert expiry == {"AttributeName": "delete_at", "Enabled": True}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"per_minute": 0}, "per_minute is 0; allowed: a whole number from 1 on"),
        ({"per_minute": True}, "per_minute is True; allowed: a whole number from 1 on"),
        ({"per_minute": "60"}, "per_minute is '60'; allowed: a whole number from 1 on"),
        ({"purpose": ""}, "purpose is ''; allowed: 1 to 40 small letters"),
        # Purposes are a list with commas for the function.
        ({"purpose": "payment,contact"}, "purpose is 'payment,contact'; allowed: 1 to 40 small letters"),
    ],
)
def test_a_wrong_setting_of_a_caller_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Caller(**{"purpose": "payment", "per_minute": 60, **changes})


@pytest.mark.parametrize("names", [[], ["Shop"], ["Billing", "a#b"], [""]])
def test_wrong_names_of_callers_leave_no_stack(names: list[str]) -> None:
    app = App()
    callers = {name: Caller(purpose="payment", per_minute=60) for name in names}
    with pytest.raises(ValueError, match=r"^callers is \[.*\]; allowed: names of letters and digits"):
        TokenizationStack(app, "Tokenization", callers=callers, env=Environment(region="eu-central-1"))
    assert app.node.children == []
