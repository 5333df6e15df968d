"""The client signs in, reads and writes as IAM asks, and names the field at fault; in moto, which decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from examples.web_identity.client import Profiles, Session, sign_in
from examples.web_identity.fields import BY_DEPARTMENT, DEPARTMENT, OWNER, READ_BY_EMPLOYEES, RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, PROVIDER, TABLE = "eu-central-1", "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example", "Profiles"
FULL = {"name": "Alice", "job_title": "Clerk", DEPARTMENT: "sales", "phone": "1", "address": "2", "salary": 3}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Return a session of a user, and a table with items."""
    for name, value in {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        pools = boto3.client("cognito-identity", region_name=REGION)
        pool = pools.create_identity_pool(IdentityPoolName="Profiles", AllowUnauthenticatedIdentities=False)
        signed_in = sign_in(REGION, pool["IdentityPoolId"], PROVIDER, "token")
        table = boto3.resource("dynamodb", region_name=REGION).create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": OWNER, "KeyType": "HASH"}, {"AttributeName": RECORD, "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in (OWNER, RECORD, DEPARTMENT)
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": BY_DEPARTMENT,
                    "KeySchema": [
                        {"AttributeName": DEPARTMENT, "KeyType": "HASH"},
                        {"AttributeName": OWNER, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for owner, department in ((signed_in.user, "sales"), ("bob", "sales"), ("carol", "legal")):
            table.put_item(Item={**FULL, OWNER: owner, RECORD: "profile", DEPARTMENT: department})
        yield signed_in


def test_the_user_s_id_is_that_of_the_identity_pool(session: Session) -> None:
    assert session.user.startswith(f"{REGION}:")
    assert session.credentials["aws_session_token"]


def test_an_employee_reads_the_listed_attributes_of_the_own_item(session: Session) -> None:
    profiles = Profiles(session, TABLE)
    assert profiles.own().keys() == set(READ_BY_EMPLOYEES)
    assert profiles.own("another") == {}


@pytest.mark.parametrize("contact", [{"phone": "+49 30 1"}, {"address": "Here"}, {"phone": "2", "address": "There"}])
def test_an_employee_writes_contact_data_and_leaves_the_rest(session: Session, contact: dict[str, str]) -> None:
    profiles = Profiles(session, TABLE)
    profiles.reach_me_at(**contact)
    assert profiles.own() == {name: value for name, value in FULL.items() if name != "salary"} | contact


def test_a_manager_reads_all_pages_of_a_department(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = Profiles(session, TABLE)
    query = profiles._table.query
    monkeypatch.setattr(profiles._table, "query", lambda **arguments: query(**arguments, Limit=1))
    found = list(profiles.of_department("sales"))
    assert {item[OWNER] for item in found} == {session.user, "bob"}
    assert {item["salary"] for item in found} == {3}


CONTACT: list[tuple[dict[str, Any], str]] = [
    ({}, "contact is empty"),
    ({"salary": "9"}, "salary is not for employees to write"),
    ({"department": "legal"}, "department is not for employees to write"),
    ({"phone": ""}, "phone is a text of 0 characters"),
    ({"phone": " "}, "phone is a text of 1 characters"),
    ({"phone": "1" * 33}, "phone is a text of 33 characters"),
    ({"address": 5}, "address is of type int"),
    ({"phone": "1", "record": ""}, "record is a text of 0 characters"),
]


@pytest.mark.parametrize(("given", "message"), CONTACT)
def test_what_cannot_be_written_is_refused_by_name(session: Session, given: dict[str, Any], message: str) -> None:
    profiles = Profiles(session, TABLE)
    before = profiles.own()
    with pytest.raises(ValueError, match=f"^{message}; allowed: "):
        profiles.reach_me_at(**given)
    assert profiles.own() == before


@pytest.mark.parametrize("field", ["identity_pool_id", "provider", "id_token"])
def test_a_sign_in_without_a_field_is_refused_by_its_name(field: str) -> None:
    given = {"identity_pool_id": f"{REGION}:pool", "provider": PROVIDER, "id_token": "token", field: ""}
    with pytest.raises(ValueError, match=f"^{field} is a text of 0 characters; allowed: "):
        sign_in(REGION, **given)


def test_other_fields_are_refused_by_name(session: Session) -> None:
    with pytest.raises(ValueError, match=r"^table_name is"):
        Profiles(session, "")
    with pytest.raises(ValueError, match=r"^department is"):
        list(Profiles(session, TABLE).of_department(""))
