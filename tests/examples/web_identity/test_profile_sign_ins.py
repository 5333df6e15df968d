"""Who gets which role of the profiles, and what users cannot choose for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack

from examples.web_identity.identities import OidcIdentities
from examples.web_identity.settings import ProfileSettings
from tests.examples.web_identity.profile_users import COGNITO, PROVIDER, role_named
from tests.policies.engine import Decision, Request, decide
from tests.policies.mutation import Case, score

if TYPE_CHECKING:
    from tests.policies.requests.row import Context
    from tests.policies.resolve import Deployed

ALLOWED, NOT_ALLOWED = Decision.ALLOWED, Decision.IMPLICITLY_DENIED
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
