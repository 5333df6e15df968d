"""People of an identity provider manage the table in its sessions only, and its MFA is a claim (IAM-4, CS-10)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, Fn, PhysicalName, Stack
from aws_cdk.aws_iam import AccountRootPrincipal, ManagedPolicy, Role

from secure_ddb import IdentityProviderMfa, InvalidArgumentError
from secure_ddb.context import StackEnvironment, stack_environment
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.table_evidence import MFA
from tests.refusals import table
from tests.template import Template

if TYPE_CHECKING:
    from secure_ddb import SecureTable

ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Orders")
IAM = "arn:aws:iam::111122223333"
SAML, OIDC = f"{IAM}:saml-provider/Company", f"{IAM}:oidc-provider/id.example.com/workforce"
COMPANY = IdentityProviderMfa(provider=SAML, issuer="https://id.example.com/saml", stated_by="SEC-151")
WORKFORCE = IdentityProviderMfa(provider=OIDC, stated_by="SEC-152")
OPERATORS = IdentityProviderMfa(permission_set="Operators", stated_by="SEC-153")


def test_name_qualifier_is_the_one_that_aws_documents() -> None:
    # BASE64 ( SHA1 ( "https://example.com/saml" + "123456789012" + "/MySAMLIdP" ) ), here by OpenSSL:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    mfa = IdentityProviderMfa(
        provider="arn:aws:iam::123456789012:saml-provider/MySAMLIdP", issuer="https://example.com/saml", stated_by="X"
    )
    value = {"saml:namequalifier": ["1uAJanUnBc2XeUkHURMht+xam2c="]}
    assert mfa.conditions(ENVIRONMENT) == ({"StringEquals": value}, {"StringNotEquals": value})


def test_provider_of_openid_connect_is_told_by_its_arn_or_its_issuer() -> None:
    value = {"aws:FederatedProvider": [OIDC, "id.example.com/workforce"]}
    assert WORKFORCE.conditions(ENVIRONMENT) == ({"StringEquals": value}, {"StringNotEquals": value})


def test_permission_set_is_told_by_the_role_that_identity_center_makes() -> None:
    roles = f"{IAM}:role/aws-reserved/sso.amazonaws.com"
    suffix = "AWSReservedSSO_Operators_????????????????"
    value = {"aws:PrincipalArn": [f"{roles}/{suffix}", f"{roles}/*/{suffix}"]}
    assert OPERATORS.conditions(ENVIRONMENT) == ({"ArnLike": value}, {"ArnNotLike": value})


MACHINES = [
    "token.actions.githubusercontent.com",
    "token.actions.githubusercontent.com/example",
    "gitlab.com",
    "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    "agent.buildkite.com",
    "oidc.circleci.com/org/00000000-0000-0000-0000-000000000000",
    "app.terraform.io",
    "api.bitbucket.org/2.0/workspaces/example/pipelines-config/identity/oidc",
]


@pytest.mark.parametrize("issuer", MACHINES)
def test_provider_of_pipelines_or_workloads_is_refused(issuer: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        IdentityProviderMfa(provider=f"{IAM}:oidc-provider/{issuer}", stated_by="SEC-151")
    assert raised.value.argument == f"{MFA}.provider"
    assert raised.value.allowed.startswith("a provider that people sign in to")


@pytest.mark.parametrize(
    "issuer", ["gitlab.com.example.com", "gitlab.example.com", "oidc.example.com/eks", "eks.example.com"]
)
def test_provider_with_a_similar_name_is_accepted(issuer: str) -> None:
    assert IdentityProviderMfa(provider=f"{IAM}:oidc-provider/{issuer}", stated_by="SEC-151").provider


OF_ANOTHER = "arn:aws:iam::444455556666"


@pytest.mark.parametrize(
    "mfa",
    [
        IdentityProviderMfa(provider=f"{OF_ANOTHER}:saml-provider/Company", issuer="x", stated_by="SEC-151"),
        IdentityProviderMfa(provider=f"{OF_ANOTHER}:oidc-provider/id.example.com", stated_by="SEC-151"),
    ],
)
def test_provider_of_another_account_is_refused(mfa: IdentityProviderMfa) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        granted(mfa)
    assert (raised.value.argument, raised.value.value) == (f"{MFA}.provider", mfa.provider)
    assert raised.value.allowed == "a provider of account 111122223333"


def test_provider_of_a_stack_without_an_account_may_be_of_any() -> None:
    unknown = StackEnvironment(partition="aws", region="eu-central-1", account=Aws.ACCOUNT_ID, stack_name="Orders")
    COMPANY.require_usable(ManagedPolicy(Stack(), "Policy"), unknown)


@pytest.mark.parametrize(
    "name", [None, PhysicalName.GENERATE_IF_NEEDED, Fn.import_value("Name")], ids=["none", "generated", "imported"]
)
def test_policy_that_a_permission_set_cannot_name_is_refused(name: str | None) -> None:
    made = table()
    with pytest.raises(InvalidArgumentError) as raised:
        made.grant_control_plane(ManagedPolicy(Stack.of(made), "Policy", managed_policy_name=name), mfa=OPERATORS)
    assert raised.value.argument == "grantee"
    assert raised.value.allowed.startswith("a ManagedPolicy(..., managed_policy_name=...)")


def test_role_that_no_permission_set_signs_in_to_is_refused() -> None:
    made = table()
    role = Role(Stack.of(made), "Role", assumed_by=AccountRootPrincipal())
    with pytest.raises(InvalidArgumentError, match=r"allowed: a ManagedPolicy\("):
        made.grant_control_plane(role, mfa=OPERATORS)


def granted(*claims: IdentityProviderMfa) -> tuple[SecureTable, list[list[dict[str, Any]]]]:
    """Return a table and the statements that a policy has for each claim."""
    made = table()
    stack = Stack.of(made)
    policies = [
        ManagedPolicy(stack, f"Policy{number}", managed_policy_name=f"Manage{number}") for number in range(len(claims))
    ]
    for policy, mfa in zip(policies, claims, strict=True):
        made.grant_control_plane(policy, mfa=mfa)
    return made, [stack.resolve(policy.document)["Statement"] for policy in policies]


@pytest.mark.parametrize("mfa", [COMPANY, WORKFORCE, OPERATORS])
def test_no_statement_speaks_of_the_mfa_that_such_a_session_cannot_have(mfa: IdentityProviderMfa) -> None:
    made, (statements,) = granted(mfa)
    assert "MultiFactorAuth" not in str(statements)
    allowed, denied, items = statements
    assert [each["Effect"] for each in statements] == ["Allow", "Deny", "Deny"]
    conditions = Stack.of(made).resolve([*mfa.conditions(stack_environment(made))])
    assert [allowed["Condition"], denied["Condition"]] == conditions
    assert "Condition" not in items


def metadata(made: SecureTable) -> dict[str, Any]:
    app = made.node.root
    assert isinstance(app, App)
    resource = Template(app.synth().get_stack_by_name("Test").template).only("AWS::DynamoDB::GlobalTable")
    found: dict[str, Any] = resource["Metadata"]["SecureTable"]
    return found


def test_claims_are_in_the_template_once_each() -> None:
    made, _ = granted(COMPANY, OPERATORS, COMPANY)
    assert metadata(made)["claims"] == {
        MFA: f"{SAML} asks for MFA (stated by SEC-151); "
        "IAM Identity Center, permission set Operators, asks for MFA (stated by SEC-153)"
    }


def test_evidence_shows_the_claim_and_never_meets_the_control() -> None:
    made, _ = granted(COMPANY)
    app = made.node.root
    assert isinstance(app, App)
    evidence = collect(Path(app.synth().directory))
    (control,) = (each for each in evidence.controls if each.id == "CS-10")
    assert control.status is Status.NOT_VERIFIABLE
    assert [claim.endswith("(stated by SEC-151)") for claim in control.claims] == [True]
    (result,) = (each for each in evidence.results if each.rule == "SecureDdb-IAM6")
    assert result.status is Status.NOT_VERIFIABLE
    assert result.detail.endswith(f"; claimed, not verified: {SAML} asks for MFA (stated by SEC-151)")


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"provider": SAML, "issuer": "x", "stated_by": " "}, "stated_by", "a text that a security reviewer can act on"),
    ({"provider": OIDC, "stated_by": Aws.ACCOUNT_ID}, "stated_by", "a text that a security reviewer can act on"),
    ({}, "provider", "the ARN of a provider in IAM, or permission_set"),
    (
        {"provider": SAML.replace("aws", "aws-cn", 1), "issuer": "x"},
        "provider",
        "arn:aws:iam::ACCOUNT:saml-provider/NAME",
    ),
    ({"provider": OIDC.replace("aws", "aws-cn", 1)}, "provider", "arn:aws:iam::ACCOUNT:saml-provider/NAME or"),
    ({"provider": f"{IAM}:role/Operator"}, "provider", "arn:aws:iam::ACCOUNT:saml-provider/NAME or"),
    ({"provider": f"{IAM}:saml-provider/*", "issuer": "x"}, "provider", "arn:aws:iam::ACCOUNT:saml-provider/NAME or"),
    ({"provider": f"{IAM}:oidc-provider/*"}, "provider", "arn:aws:iam::ACCOUNT:saml-provider/NAME or"),
    ({"provider": f"{IAM}:oidc-provider/id.example.com/${{aws:userid}}"}, "provider", "arn:aws:iam::ACCOUNT:saml"),
    ({"provider": SAML}, "issuer", "str"),
    ({"provider": SAML, "issuer": ""}, "issuer", "a text that a security reviewer can act on"),
    ({"provider": OIDC, "issuer": "https://id.example.com"}, "issuer", "only without an OpenID Connect provider"),
    ({"permission_set": "Oper*"}, "permission_set", "1 to 32 letters, digits and"),
    ({"permission_set": "O" * 33}, "permission_set", "1 to 32 letters, digits and"),
    ({"permission_set": 7}, "permission_set", "str"),
    ({"permission_set": "Operators", "provider": SAML}, "provider", "only without permission_set"),
    ({"permission_set": "Operators", "issuer": "x"}, "issuer", "only without permission_set"),
]


@pytest.mark.parametrize(("arguments", "argument", "allowed"), REFUSED)
def test_what_aws_could_not_tell_a_session_by_is_refused(
    arguments: dict[str, Any], argument: str, allowed: str
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        IdentityProviderMfa(**{"stated_by": "SEC-151", **arguments})
    assert raised.value.argument == f"{MFA}.{argument}"
    assert raised.value.allowed.startswith(allowed)


def test_grant_takes_no_other_claim() -> None:
    made = table()
    with pytest.raises(InvalidArgumentError, match="mfa is True; allowed: IdentityProviderMfa"):
        made.grant_control_plane(ManagedPolicy(Stack.of(made), "Policy"), mfa=True)  # type: ignore[arg-type]
