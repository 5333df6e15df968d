"""The profiles of examples/web_identity run: users sign in, and their clients read and write the table themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.web_identity.client import Profiles, Session, sign_in
from examples.web_identity.identities import CognitoIdentities
from examples.web_identity.settings import ProfileSettings
from examples.web_identity.stack import ProfilesStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from tests.e2e.emulator import Emulator

STACK = "Profiles"
# The model makes the stack's alarms on metric math and its backup selections. What users may do, nothing here decides.
pytestmark = pytest.mark.model_of_aws("alarms.py, aliases.py, backup_selections.py, global_tables.py, platform_logs.py")


@pytest.fixture(scope="module")
def table(emulator: Emulator, folder: Path) -> Table:
    """Deploy the stack of `python -m examples.web_identity`."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "web-identity"))
    ProfilesStack(
        app,
        STACK,
        settings=ProfileSettings(company_networks=["203.0.113.0/24"]),
        identities=lambda stack: CognitoIdentities(stack, "Identities"),
        env=ENVIRONMENT,
    )
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    return Table(deployment, STACK, "Profiles")


def physical_id(table: Table, start: str) -> str:
    """Return the physical id of the one resource of users whose construct id begins so."""
    resources = table.deployment.resources(STACK)
    (found,) = (name for logical_id, name in resources.items() if logical_id[:-8] == f"Identities{start}")
    return found


@pytest.fixture
def signed_in(table: Table, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return the session of a user; clients of boto3 talk to the emulator."""
    for name, value in table.deployment.emulator.environment().items():
        monkeypatch.setenv(name, value)
    region = table.deployment.emulator.region
    provider = f"cognito-idp.{region}.amazonaws.com/{physical_id(table, 'UserPool')}"
    return sign_in(region, physical_id(table, "IdentityPool"), provider, "a token of the user pool")


def put(table: Table, owner: str, **attributes: str) -> None:
    """Write an item as the personnel department does."""
    item = {"identity": owner, "record": "profile", "salary": "5000", **attributes}
    table.client("dynamodb").put_item(TableName=table.name, Item={name: {"S": text} for name, text in item.items()})


@pytest.mark.proves(
    "A user who signs in to the identity pool reads the own item and changes contact data, from the client"
)
def test_own_item(table: Table, signed_in: Session) -> None:
    put(table, signed_in.user, name="Alice", department="sales")
    profiles = Profiles(signed_in, table.name)
    profiles.reach_me_at(phone="+49 30 1", address="Here")
    assert profiles.own() == {"name": "Alice", "department": "sales", "phone": "+49 30 1", "address": "Here"}


@pytest.mark.proves("The index of departments has the items of one department, with all attributes")
def test_department(table: Table, signed_in: Session) -> None:
    for owner, department in (("bob", "legal"), ("carol", "legal"), ("dave", "audit")):
        put(table, owner, department=department)
    # An item that a user made has no department, and is in the index of none.
    Profiles(signed_in, table.name).reach_me_at("another", phone="1")
    found = list(Profiles(signed_in, table.name).of_department("legal"))
    assert {(item["identity"], item["salary"]) for item in found} == {("bob", "5000"), ("carol", "5000")}


@pytest.mark.proves(
    "The identity pool has no guests and no classic flow, and its roles and tags are those of the stack"
)
def test_identity_pool(table: Table) -> None:
    pool: dict[str, Any] = {"IdentityPoolId": physical_id(table, "IdentityPool")}
    client = table.client("cognito-identity")
    described = client.describe_identity_pool(**pool)
    assert not described["AllowUnauthenticatedIdentities"]
    assert not described["AllowClassicFlow"]
    (mapping,) = client.get_identity_pool_roles(**pool)["RoleMappings"].values()
    assert (mapping["Type"], mapping["AmbiguousRoleResolution"]) == ("Token", "Deny")
    users = physical_id(table, "UserPool")
    provider = f"cognito-idp.{table.deployment.emulator.region}.amazonaws.com/{users}"
    tags = client.get_principal_tag_attribute_map(**pool, IdentityProviderName=provider)
    assert tags["PrincipalTags"] == {"department": "custom:department"}
    groups = table.client("cognito-idp").list_groups(UserPoolId=users)["Groups"]
    iam = table.client("iam")
    assert {group["GroupName"]: group["RoleArn"] for group in groups} == {
        f"{role.lower()}s": iam.get_role(RoleName=physical_id(table, f"{role}Role"))["Role"]["Arn"]
        for role in ("Employee", "Manager")
    }


@pytest.mark.proves("The audit log has a line for each change of a user, with the attributes' names and no values")
def test_audit(table: Table, signed_in: Session) -> None:
    Profiles(signed_in, table.name).reach_me_at("audited", phone="+49 30 777", address="Secret Street")
    table.wait_for_line(lambda line: {"address", "phone"} <= line.get("added", {}).keys())
    assert not any(value in line for line in table.lines() for value in ("+49 30 777", "Secret Street"))
