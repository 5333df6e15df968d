"""Roles that people assume through an identity provider (IAM-6). Who can, tests/policies shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from secure_ddb import (
    AuditorRole,
    InvalidArgumentError,
    LeadingKeys,
    OidcSignIn,
    OperatorRole,
    ReaderRole,
    SamlSignIn,
    SecureTable,
    SharedResources,
    permissions_boundary,
)
from tests.orders import OWNERSHIP, PK, orders
from tests.template import Template, as_list, text

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Environment(account="111122223333", region="eu-central-1")
SAML_ARN = "arn:aws:iam::111122223333:saml-provider/Company"
OIDC_ARN = "arn:aws:iam::111122223333:oidc-provider/id.example.com"
ISSUER = "https://id.example.com/saml"
COMPANY = SamlSignIn(provider=SAML_ARN, issuer=ISSUER)


def template_of(fill: Callable[[Stack], object]) -> Template:
    app = App()
    fill(Stack(app, "Test", env=HERE))
    return Template(app.synth().get_stack_by_name("Test").template)


def role(**arguments: Any) -> dict[str, Any]:
    """Return the properties of a reader's role."""
    template = template_of(lambda stack: ReaderRole(stack, "Readers", **{"sign_in": COMPANY, **arguments}))
    return template.properties("AWS::IAM::Role", "Readers")


def test_sessions_last_an_hour_unless_chosen_otherwise() -> None:
    assert role()["MaxSessionDuration"] == 3600
    assert role(session_duration=Duration.hours(12))["MaxSessionDuration"] == 43200


@pytest.mark.parametrize("duration", [Duration.minutes(59), Duration.hours(13), Duration.millis(3_600_500)])
def test_sessions_that_iam_does_not_know_are_refused(duration: Duration) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^session_duration is .*; allowed: 1 to 12 hours$"):
        role(session_duration=duration)


def test_role_has_its_boundary_and_name() -> None:
    def fill(stack: Stack) -> None:
        boundary = ManagedPolicy(stack, "Boundary", document=PolicyDocument.from_json(permissions_boundary()))
        ReaderRole(stack, "Readers", sign_in=COMPANY, permissions_boundary=boundary, role_name="orders-readers")

    properties = template_of(fill).properties("AWS::IAM::Role", "Readers")
    assert text(properties["PermissionsBoundary"]).startswith("<Boundary")
    assert properties["RoleName"] == "orders-readers"


def test_boundary_is_a_managed_policy() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"^permissions_boundary is .*; allowed: an aws_iam\.IManagedPolicy$"
    ):
        role(permissions_boundary="arn:aws:iam::111122223333:policy/boundary")


def test_tags_are_passed_only_where_the_provider_sends_them() -> None:
    def actions(sign_in: SamlSignIn | OidcSignIn) -> list[str]:
        return [each["Action"] for each in role(sign_in=sign_in)["AssumeRolePolicyDocument"]["Statement"]]

    assert actions(COMPANY) == ["sts:AssumeRoleWithSAML"]
    tagged = SamlSignIn(provider=SAML_ARN, issuer=ISSUER, session_tags={"tenant": "*"})
    assert actions(tagged) == ["sts:AssumeRoleWithSAML", "sts:TagSession"]


def test_each_table_has_a_policy_of_its_own() -> None:
    def fill(stack: Stack) -> None:
        readers = ReaderRole(stack, "Readers", sign_in=COMPANY)
        for name in ("Orders", "Invoices"):
            table = SecureTable(stack, name, partition_key=PK, ownership=OWNERSHIP, table_name=name.lower())
            readers.read(table, leading_keys=LeadingKeys.principal_tag("tenant"))

    template = template_of(fill)
    policies = {name: each for name, each in template.of_type("AWS::IAM::ManagedPolicy").items() if "Readers" in name}
    assert len(policies) == 2
    for policy in policies.values():
        assert [text(each) for each in policy["Properties"]["Roles"]] == [
            f"<{template.named('AWS::IAM::Role', 'Readers')}>"
        ]
        first = policy["Properties"]["PolicyDocument"]["Statement"][0]
        assert "ForAllValues:StringEquals" in first["Condition"]


def test_operators_get_no_items_and_the_table_claims_their_mfa() -> None:
    template = template_of(
        lambda stack: OperatorRole(stack, "Ops", sign_in=COMPANY, mfa_stated_by="S-1").manage(orders(stack))
    )
    policy = template.properties("AWS::IAM::ManagedPolicy", "Ops")["PolicyDocument"]["Statement"]
    assert [each["Effect"] for each in policy] == ["Allow", "Deny", "Deny"]
    metadata = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert metadata["claims"] == {"grant_control_plane.mfa": f"{SAML_ARN} asks for MFA (stated by S-1)"}


def test_auditors_read_tables_and_shared_resources() -> None:
    def fill(stack: Stack) -> None:
        auditors = AuditorRole(stack, "Auditors", sign_in=COMPANY)
        auditors.audit(orders(stack))
        auditors.audit(SharedResources(stack, "Shared", ownership=OWNERSHIP))

    policies = template_of(fill).of_type("AWS::IAM::ManagedPolicy")
    for name in ("AuditorsTestOrders", "AuditorsTestShared"):
        (policy,) = (each for key, each in policies.items() if key.startswith(name))
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        assert {"logs:FilterLogEvents", "kms:VerifyMac"} <= {
            one for each in statements for one in as_list(each["Action"])
        }


@pytest.mark.parametrize("stated_by", ["", " ", None])
def test_operators_need_somebody_who_states_their_mfa(stated_by: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^mfa_stated_by is "):
        template_of(lambda stack: OperatorRole(stack, "Ops", sign_in=COMPANY, mfa_stated_by=stated_by))


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "SAML provider that is none": (
        lambda: SamlSignIn(provider=OIDC_ARN, issuer=ISSUER),
        r"^sign_in\.provider is .*; allowed: arn:aws:iam::ACCOUNT:saml-provider/NAME$",
    ),
    "OpenID Connect provider that is none": (
        lambda: OidcSignIn(provider=SAML_ARN, audience="orders"),
        r"^sign_in\.provider is .*; allowed: arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH$",
    ),
    "provider for machines": (
        lambda: OidcSignIn(
            provider="arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            audience="sts.amazonaws.com",
        ),
        "^sign_in.provider is .* a provider that people sign in to",
    ),
    "no issuer": (lambda: SamlSignIn(provider=SAML_ARN, issuer=""), r"^sign_in\.issuer is ''"),
    "no audience": (lambda: OidcSignIn(provider=OIDC_ARN, audience=" "), r"^sign_in\.audience is ' '"),
    "tags as a list": (
        lambda: SamlSignIn(provider=SAML_ARN, issuer=ISSUER, session_tags=["job"]),  # type: ignore[arg-type]
        r"^sign_in\.session_tags is \['job'\]; allowed: a mapping of tag keys to values$",
    ),
    "tag without a value": (
        lambda: OidcSignIn(provider=OIDC_ARN, audience="orders", session_tags={"job": ""}),
        r"^sign_in\.session_tags is ''",
    ),
    "tag that is too long": (
        lambda: OidcSignIn(provider=OIDC_ARN, audience="orders", session_tags={"j" * 129: "reader"}),
        r"^sign_in\.session_tags is .*at most 128 characters$",
    ),
    "provider of another account": (
        lambda: role(sign_in=SamlSignIn(provider=SAML_ARN.replace("1111", "4444"), issuer=ISSUER)),
        r"^sign_in\.provider is .*; allowed: a provider of account 111122223333$",
    ),
    "no sign-in": (lambda: role(sign_in=SAML_ARN), r"^sign_in is .*; allowed: SamlSignIn or OidcSignIn$"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_sign_ins_that_cannot_work_are_refused(name: str) -> None:
    make, message = REFUSED[name]
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_nothing_is_open_in_cdk_nag() -> None:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    table = orders(stack)
    OperatorRole(stack, "Ops", sign_in=COMPANY, mfa_stated_by="SEC-151").manage(table)
    ReaderRole(stack, "Readers", sign_in=COMPANY).read(table)
    AuditorRole(stack, "Auditors", sign_in=COMPANY).audit(table)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
    # It would raise.
    app.synth()
