"""The stack of the profiles has no open finding, and each user reaches only what the user's role is for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aws_cdk import App, Environment, Stack

from examples.web_identity.identities import OidcIdentities
from examples.web_identity.settings import ProfileSettings
from examples.web_identity.stack import ProfilesStack
from tests.policies.engine import Decision, Request, decide
from tests.policies.mutation import Case, score
from tests.policies.requests.row import attributes, keys, returning, select
from tests.policies.resolve import Deployed
from tests.synthesis.runs import CHECKOUT, Run, run
from tests.template import Template

if TYPE_CHECKING:
    from tests.policies.requests.row import Context

ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED
COGNITO = "cognito-identity.amazonaws.com"
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/id.example.com/workforce"
# What follows the table's ARN.
TABLE, INDEX, ANOTHER = "", "/index/by-department", "-2"
INTERNET: Context = {"aws:SourceIp": "198.51.100.7"}
COMPANY: Context = {"aws:SourceIp": "203.0.113.7"}
PLAIN: Context = {"aws:SecureTransport": "false"}
ALICE, BOB = "eu-central-1:alice", "eu-central-1:bob"
ALL_READ = attributes("identity", "record", "name", "job_title", "department", "phone", "address")
CONTACT = attributes("identity", "record", "phone", "address")
LISTED, EVERYTHING = select("SPECIFIC_ATTRIBUTES"), select("ALL_ATTRIBUTES")
OWN, OTHERS, SALES, LEGAL = keys(ALICE), keys(BOB), keys("sales"), keys("legal")
ITEM_READS, WHOLE_WRITES = ("GetItem", "BatchGetItem", "Query"), ("PutItem", "DeleteItem", "BatchWriteItem")


class Asked(NamedTuple):
    """A request of a role for an action of DynamoDB, in a session of Alice, who is of the department sales."""

    expected: Decision
    action: str
    context: tuple[Context, ...] = ()
    on: str = TABLE
    source: Context = INTERNET


# What employees and managers may do with their own items, and what neither may do with any.
OF_EVERYBODY = [
    *(Asked(ALLOWED, action, (OWN, LISTED, ALL_READ)) for action in ITEM_READS),
    *(Asked(ALLOWED, "UpdateItem", (OWN, CONTACT, returning(what))) for what in ("NONE", "UPDATED_NEW")),
    *(Asked(NOT_ALLOWED, action, (OTHERS, LISTED, ALL_READ)) for action in ITEM_READS),
    Asked(NOT_ALLOWED, "UpdateItem", (OTHERS, CONTACT, returning("NONE"))),
    # One of one's own and another's in one batch.
    Asked(NOT_ALLOWED, "BatchGetItem", (keys(ALICE, BOB), LISTED, ALL_READ)),
    Asked(NOT_ALLOWED, "UpdateItem", (keys(ALICE, BOB), CONTACT, returning("NONE"))),
    # No key at all, and keys that are nearly one's own.
    Asked(NOT_ALLOWED, "GetItem", (LISTED, ALL_READ)),
    *(Asked(NOT_ALLOWED, "GetItem", (keys(key), LISTED, ALL_READ)) for key in (f"{ALICE}2", ALICE.upper(), "*", "")),
    Asked(NOT_ALLOWED, "UpdateItem", (CONTACT, returning("NONE"))),
    # No attributes named, and another table.
    Asked(NOT_ALLOWED, "GetItem", (OWN, LISTED)),
    Asked(NOT_ALLOWED, "UpdateItem", (OWN, returning("NONE"))),
    Asked(NOT_ALLOWED, "GetItem", (OWN, LISTED, ALL_READ), ANOTHER),
    Asked(NOT_ALLOWED, "UpdateItem", (OWN, CONTACT, returning("NONE")), ANOTHER),
    # Pay and appraisals, also in a filter or a condition; whole items.
    *(Asked(NOT_ALLOWED, "GetItem", (OWN, LISTED, attributes(name))) for name in ("salary", "rating")),
    Asked(NOT_ALLOWED, "Query", (OWN, LISTED, attributes("name", "salary"))),
    Asked(NOT_ALLOWED, "GetItem", (OWN, EVERYTHING)),
    Asked(NOT_ALLOWED, "Query", (OWN, EVERYTHING, ALL_READ)),
    # What the personnel department says of them: a department would let another manager read, too.
    *(
        Asked(NOT_ALLOWED, "UpdateItem", (OWN, attributes("phone", name), returning("NONE")))
        for name in ("department", "job_title", "name", "salary", "rating")
    ),
    *(Asked(NOT_ALLOWED, "UpdateItem", (OWN, CONTACT, returning(what))) for what in ("ALL_OLD", "ALL_NEW")),
    *(Asked(NOT_ALLOWED, action, (OWN, CONTACT)) for action in WHOLE_WRITES),
    Asked(NOT_ALLOWED, "Scan", (LISTED, ALL_READ)),
    *(
        Asked(NOT_ALLOWED, action, (OWN, CONTACT))
        for action in ("PartiQLSelect", "PartiQLUpdate", "ConditionCheckItem")
    ),
    *(Asked(NOT_ALLOWED, action) for action in ("DescribeTable", "DeleteTable", "PutResourcePolicy")),
    # The perimeter lets them pass, its denial of requests without TLS does not.
    Asked(DENIED, "GetItem", (OWN, LISTED, ALL_READ, PLAIN)),
]
EMPLOYEE = [
    *OF_EVERYBODY,
    *(
        Asked(NOT_ALLOWED, "Query", (key, select(what)), INDEX)
        for key in (SALES, OWN)
        for what in ("ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
    ),
    Asked(NOT_ALLOWED, "Query", (SALES, LISTED, ALL_READ), INDEX),
]
MANAGER = [
    *OF_EVERYBODY,
    *(
        Asked(ALLOWED, "Query", (SALES, context), INDEX)
        for context in (EVERYTHING, select("ALL_PROJECTED_ATTRIBUTES"), attributes("name", "salary", "rating"))
    ),
    Asked(NOT_ALLOWED, "Query", (LEGAL, EVERYTHING), INDEX),
    Asked(NOT_ALLOWED, "Query", (keys("sales", "legal"), EVERYTHING), INDEX),
    Asked(NOT_ALLOWED, "Query", (EVERYTHING,), INDEX),
    Asked(NOT_ALLOWED, "Query", (OWN, EVERYTHING), INDEX),
    Asked(NOT_ALLOWED, "Scan", (EVERYTHING,), INDEX),
    # The index is read; the table itself stays that of each user.
    Asked(NOT_ALLOWED, "Query", (SALES, EVERYTHING)),
    Asked(NOT_ALLOWED, "UpdateItem", (SALES, attributes("rating"), returning("NONE"))),
    Asked(NOT_ALLOWED, "Query", (SALES, EVERYTHING), "/index/by-pay"),
    Asked(NOT_ALLOWED, "Query", (SALES, EVERYTHING), f"{ANOTHER}{INDEX}"),
    Asked(NOT_ALLOWED, "PartiQLSelect", (SALES, EVERYTHING), INDEX),
    Asked(DENIED, "Query", (SALES, EVERYTHING, PLAIN), INDEX),
]
PERSONNEL = [
    *(Asked(ALLOWED, action, source=COMPANY) for action in ("PutItem", "UpdateItem", "DeleteItem", "GetItem", "Scan")),
    *(Asked(DENIED, action) for action in ("PutItem", "GetItem", "Scan")),
]
ROLES = {"EmployeeRole": EMPLOYEE, "ManagerRole": MANAGER, "PersonnelRole": PERSONNEL}


OF_ALICE: Context = {f"{COGNITO}:sub": ALICE, "aws:PrincipalTag/department": "sales"}


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run `python -m examples.web_identity`."""
    folder = tmp_path_factory.mktemp("profiles")
    return run(CHECKOUT / "examples/web_identity/__main__.py", CHECKOUT, folder / "cdk.out")


@pytest.fixture(scope="module")
def of_cognito(synthesized: Run) -> Deployed:
    return Deployed(Template.read(synthesized.directory / "Profiles.template.json"))


@pytest.fixture(scope="module")
def of_provider() -> Deployed:
    """Return the profiles of users of another provider."""
    app = App()
    ProfilesStack(
        app,
        "Profiles",
        settings=ProfileSettings(company_networks=["203.0.113.0/24"]),
        identities=lambda stack: OidcIdentities(stack, "Identities", provider=PROVIDER, audience="profiles"),
        env=Environment(account="111122223333", region="eu-central-1"),
    )
    return Deployed(Template(app.synth().get_stack_by_name("Profiles").template))


def role_named(deployed: Deployed, name: str) -> str:
    """Return the ARN of a role by its construct id."""
    (arn,) = (arn for arn, logical_id in deployed.roles.items() if logical_id[:-8].endswith(name))
    return arn


def cases(deployed: Deployed, role: str, asked: list[Asked], session: Context) -> list[Case]:
    """Return the requests of a role with the policies that they meet."""
    table = deployed.arn("AWS::DynamoDB::GlobalTable", "Profiles")
    found = []
    for each in asked:
        request = Request(
            principal=role_named(deployed, role),
            action=f"dynamodb:{each.action}",
            resource=table + each.on,
            context={key: value for part in (session, each.source, *each.context) for key, value in part.items()},
        )
        found.append(Case(deployed.policies(request), request, each.expected))
    return found


def wrong(deployed: Deployed, role: str, asked: list[Asked], session: Context) -> list[str]:
    """Return the requests of a role that are decided otherwise than expected."""
    pairs = [(case.policies, case.request) for case in cases(deployed, role, asked, session)]
    return [f"{each}: {got}" for each, got in zip(asked, decide(pairs), strict=True) if got is not each.expected]


def test_no_finding_is_open(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 1 table; ")


@pytest.mark.parametrize("role", ROLES)
def test_roles_of_cognito_users_reach_only_what_is_theirs(of_cognito: Deployed, role: str) -> None:
    assert wrong(of_cognito, role, ROLES[role], {} if role == "PersonnelRole" else OF_ALICE) == []


@pytest.mark.parametrize("role", ROLES)
def test_roles_of_another_provider_s_users_reach_only_what_is_theirs(of_provider: Deployed, role: str) -> None:
    session: Context = {"id.example.com/workforce:sub": ALICE, "aws:PrincipalTag/department": "sales"}
    assert wrong(of_provider, role, ROLES[role], {} if role == "PersonnelRole" else session) == []


@pytest.mark.parametrize("role", ["EmployeeRole", "ManagerRole"])
def test_sessions_without_a_user_or_a_department_reach_nothing(of_cognito: Deployed, role: str) -> None:
    asked = [each._replace(expected=NOT_ALLOWED) for each in ROLES[role] if each.expected is ALLOWED]
    # One of another provider's, whose users have the same ids.
    sessions: list[Context] = [{}, {"id.example.com/workforce:sub": ALICE}]
    for session in sessions:
        assert wrong(of_cognito, role, asked, session) == []


@pytest.mark.parametrize("role", ["EmployeeRole", "ManagerRole"])
def test_no_permission_on_items_can_be_weakened_unnoticed(of_cognito: Deployed, role: str) -> None:
    (policy,) = of_cognito.identity_policies(role_named(of_cognito, role))
    # What grants allow with the table's key is the library's, and asked for in tests/policies.
    on_items = [each for each in policy["Statement"] if "dynamodb" in str(each["Action"])]
    document = {"Version": policy["Version"], "Statement": on_items}
    asked = [
        replace(case, policies=replace(case.policies, identity=(document,)))
        for case in cases(of_cognito, role, ROLES[role], OF_ALICE)
    ]
    scored = score(asked, {role: document})
    assert scored.mutants > 20
    assert scored.survivors == ()


def test_everybody_else_is_kept_out_from_the_internet_whatever_policies_allow(of_cognito: Deployed) -> None:
    table = of_cognito.arn("AWS::DynamoDB::GlobalTable", "Profiles")
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    pairs = []
    for name in ("Administrator", "ProfilesEmployeeRole", "IdentitiesEmployeeRole-2"):
        for action in ("GetItem", "Query", "Scan", "PutItem"):
            request = Request(
                principal=f"arn:aws:iam::111122223333:role/{name}",
                action=f"dynamodb:{action}",
                resource=table,
                context=INTERNET,
            )
            policies = of_cognito.policies(request)
            pairs.append((type(policies)(identity=(everything,), resource=policies.resource), request))
    assert set(decide(pairs)) == {DENIED}


POOL, OTHER_POOL = "eu-central-1:pool", "eu-central-1:11111111-2222-4333-8444-555555555555"
ASSUME = "sts:AssumeRoleWithWebIdentity"
OF_SALES: Context = {"aws:TagKeys": ["department"], "aws:RequestTag/department": "sales"}
NO_TAGS: Context = {}
NO_DEPARTMENT: Context = {"aws:TagKeys": ["team"], "aws:RequestTag/team": "sales"}
FURTHER: Context = {
    "aws:TagKeys": ["department", "job"],
    "aws:RequestTag/department": "sales",
    "aws:RequestTag/job": "managers",
}


def token(pool: str, method: str) -> Context:
    """Return what AWS STS reads in a token of an identity pool; the engine takes one method, AWS several."""
    return {f"{COGNITO}:aud": pool, f"{COGNITO}:amr": method}


SIGNED_IN = token(POOL, "authenticated")
# Who asks for the role of an employee or manager, and with what.
SIGN_INS: list[tuple[Decision, str, tuple[Context, ...]]] = [
    (ALLOWED, COGNITO, (SIGNED_IN, OF_SALES)),
    (NOT_ALLOWED, COGNITO, (token(POOL, "unauthenticated"), OF_SALES)),
    (NOT_ALLOWED, COGNITO, (token(OTHER_POOL, "authenticated"), OF_SALES)),
    (NOT_ALLOWED, COGNITO, ({f"{COGNITO}:amr": "authenticated"}, OF_SALES)),
    (NOT_ALLOWED, COGNITO, ({f"{COGNITO}:aud": POOL}, OF_SALES)),
    *((NOT_ALLOWED, COGNITO, (SIGNED_IN, tags)) for tags in (NO_TAGS, NO_DEPARTMENT, FURTHER)),
    (NOT_ALLOWED, "accounts.google.com", (SIGNED_IN, OF_SALES)),
    (NOT_ALLOWED, PROVIDER, (SIGNED_IN, OF_SALES)),
    (NOT_ALLOWED, "arn:aws:iam::111122223333:role/Administrator", (SIGNED_IN, OF_SALES)),
]


@pytest.mark.parametrize("role", ["EmployeeRole", "ManagerRole"])
def test_only_signed_in_users_of_the_identity_pool_get_a_role(of_cognito: Deployed, role: str) -> None:
    pool = of_cognito.ref("AWS::Cognito::IdentityPool", "Identities")
    asked = []
    for expected, who, contexts in SIGN_INS:
        context = {key: pool if value == POOL else value for part in contexts for key, value in part.items()}
        request = Request(principal=who, action=ASSUME, resource=role_named(of_cognito, role), context=context)
        asked.append(Case(of_cognito.policies(request), request, expected))
    decided = zip(asked, decide([(case.policies, case.request) for case in asked]), strict=True)
    assert [f"{case.request}: {decision}" for case, decision in decided if decision is not case.expected] == []
    scored = score(asked, {role: of_cognito.resource_policies[role_named(of_cognito, role)]})
    assert scored.mutants > 10
    # No other action has the keys of these conditions, and a department may have any name.
    assert [label.partition(": ")[2] for label in scored.survivors] == [
        "Statement[0].Action: sts:*",
        "Statement[0].Condition.StringLike.aws:RequestTag/department: any value",
    ]


def test_roles_of_another_provider_go_by_its_client_and_the_job(of_provider: Deployed) -> None:
    client = "id.example.com/workforce:aud"
    employee, manager = (
        {**FURTHER, client: "profiles", "aws:RequestTag/job": job} for job in ("employees", "managers")
    )
    asked: list[tuple[Decision, str, str, Context]] = [
        (ALLOWED, PROVIDER, "EmployeeRole", employee),
        (ALLOWED, PROVIDER, "ManagerRole", manager),
        (NOT_ALLOWED, PROVIDER, "ManagerRole", employee),
        (NOT_ALLOWED, PROVIDER, "ManagerRole", {**manager, client: "shop"}),
        (NOT_ALLOWED, PROVIDER, "ManagerRole", OF_SALES | {client: "profiles"}),
        (NOT_ALLOWED, PROVIDER.replace("workforce", "customers"), "ManagerRole", manager),
    ]
    pairs = []
    for _, who, role, context in asked:
        request = Request(principal=who, action=ASSUME, resource=role_named(of_provider, role), context=context)
        pairs.append((of_provider.policies(request), request))
    assert decide(pairs) == [expected for expected, *_ in asked]


def test_tags_of_a_session_are_held_to_the_same_conditions(of_cognito: Deployed) -> None:
    for role in ("EmployeeRole", "ManagerRole"):
        (statement,) = of_cognito.resource_policies[role_named(of_cognito, role)]["Statement"]
        assert statement["Action"] == [ASSUME, "sts:TagSession"]


def test_users_choose_neither_their_role_nor_their_department(of_cognito: Deployed) -> None:
    template = of_cognito.template
    pool = template.properties("AWS::Cognito::IdentityPool", "Identities")
    assert not pool["AllowUnauthenticatedIdentities"]
    assert not pool["AllowClassicFlow"]
    application = template.properties("AWS::Cognito::UserPoolClient", "Identities")
    assert application["WriteAttributes"] == ["name"]
    # Or it would not be in the token.
    assert "custom:department" in application["ReadAttributes"]
    assert template.properties("AWS::Cognito::UserPool", "Identities")["AdminCreateUserConfig"] == {
        "AllowAdminCreateUserOnly": True
    }
    tags = template.properties("AWS::Cognito::IdentityPoolPrincipalTag", "Identities")
    assert tags["PrincipalTags"] == {"department": "custom:department"}
    mappings = template.properties("AWS::Cognito::IdentityPoolRoleAttachment", "Identities")["RoleMappings"]
    assert [(each["Type"], each["AmbiguousRoleResolution"]) for each in mappings.values()] == [("Token", "Deny")]
    groups = template.of_type("AWS::Cognito::UserPoolGroup").values()
    # Who is in both is a manager.
    assert {each["Properties"]["GroupName"]: each["Properties"]["Precedence"] for each in groups} == {
        "employees": 20,
        "managers": 10,
    }


REFUSED = [
    ({"company_networks": []}, "company_networks"),
    ({"company_networks": "203.0.113.0/24"}, "company_networks"),
    ({"reads_per_second": 0}, "reads_per_second"),
    ({"writes_per_second": 2.5}, "writes_per_second"),
    ({"writes_per_second": True}, "writes_per_second"),
]


@pytest.mark.parametrize(("given", "field"), REFUSED)
def test_settings_that_cannot_be_right_are_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field} is .*; allowed: "):
        ProfileSettings(**{"company_networks": ["203.0.113.0/24"], **given})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"provider": "arn:aws:iam::111122223333:saml-provider/Company"}, "provider"),
        ({"provider": ""}, "provider"),
        ({"audience": ""}, "audience"),
    ],
)
def test_providers_that_cannot_be_right_are_refused_by_name(given: dict[str, str], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field} is .*; allowed: "):
        OidcIdentities(Stack(), "Identities", **{"provider": PROVIDER, "audience": "profiles", **given})
