"""What runs on a user's machine: signs in to the identity pool, and reads and writes profiles in DynamoDB itself.

IAM decides what a user reaches. The checks here only catch typing errors; they protect nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]

from examples.web_identity.fields import (
    BY_DEPARTMENT,
    DEPARTMENT,
    OWNER,
    READ_BY_EMPLOYEES,
    RECORD,
    WRITTEN_BY_EMPLOYEES,
    require_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = {"phone": 32, "address": 256}


@dataclass(frozen=True, kw_only=True)
class Session:
    """A user's session.

    Attributes:
        user: Id of the user, which is the partition key of the user's items.
        credentials: Arguments of a boto3 client.
    """

    user: str
    credentials: Mapping[str, str]


def sign_in(region: str, identity_pool_id: str, provider: str, id_token: str) -> Session:
    """Exchange the token of the user pool for credentials, by the enhanced flow.

    Args:
        region: Where the pools are.
        identity_pool_id: Id of the identity pool.
        provider: `cognito-idp.REGION.amazonaws.com/USER_POOL_ID`.
        id_token: What the user pool returned after the sign-in.

    Raises:
        ValueError: A field is empty or no text; the message names it.
        botocore.exceptions.ClientError: Amazon Cognito refuses the token, or the user is in no group.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
    """
    for name, value in (("identity_pool_id", identity_pool_id), ("provider", provider), ("id_token", id_token)):
        require_text(name, value)
    client = boto3.client("cognito-identity", region_name=region)
    logins = {provider: id_token}
    user = client.get_id(IdentityPoolId=identity_pool_id, Logins=logins)["IdentityId"]
    found = client.get_credentials_for_identity(IdentityId=user, Logins=logins)["Credentials"]
    return Session(
        user=user,
        credentials={
            "region_name": region,
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretKey"],
            "aws_session_token": found["SessionToken"],
        },
    )


class Profiles:
    """The table, as a user's session reaches it."""

    def __init__(self, session: Session, table_name: str) -> None:
        """Store the session and the table's name."""
        require_text("table_name", table_name)
        self._user = session.user
        self._table = boto3.resource("dynamodb", **session.credentials).Table(table_name)

    def own(self, record: str = "profile") -> dict[str, Any]:
        """Return the user's own item, without attributes that employees may not see, or an empty one."""
        require_text(RECORD, record)
        found = self._table.get_item(Key={OWNER: self._user, RECORD: record}, **_projection(READ_BY_EMPLOYEES))
        item: dict[str, Any] = found.get("Item", {})
        return item

    def reach_me_at(self, record: str = "profile", **contact: str) -> None:
        """Change how the user can be reached.

        Args:
            record: Which of the user's items.
            contact: `phone`, `address` or both.

        Raises:
            ValueError: A field is not one of them, or is empty or too long; the message names it.
        """
        require_text(RECORD, record)
        if not contact:
            raise ValueError(f"contact is empty; allowed: {' and '.join(WRITTEN_BY_EMPLOYEES)}")
        for name, value in contact.items():
            if name not in _LONGEST:
                raise ValueError(f"{name} is not for employees to write; allowed: {', '.join(WRITTEN_BY_EMPLOYEES)}")
            require_text(name, value, _LONGEST[name])
        self._table.update_item(
            Key={OWNER: self._user, RECORD: record},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in contact),
            ExpressionAttributeNames={f"#{name}": name for name in contact},
            ExpressionAttributeValues={f":{name}": value for name, value in contact.items()},
        )

    def of_department(self, department: str) -> Iterator[dict[str, Any]]:
        """Yield the items of a department's employees, for its manager.

        Raises:
            ValueError: The department is empty or no text.
            botocore.exceptions.ClientError: It is not the department of the user, or the user is no manager.
        """
        require_text(DEPARTMENT, department)
        query: dict[str, Any] = {
            "IndexName": BY_DEPARTMENT,
            "KeyConditionExpression": "#department = :department",
            "ExpressionAttributeNames": {"#department": DEPARTMENT},
            "ExpressionAttributeValues": {":department": department},
        }
        while True:
            page = self._table.query(**query)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _projection(names: list[str]) -> dict[str, Any]:
    # IAM refuses requests that do not list what they want.
    return {
        "ProjectionExpression": ", ".join(f"#{name}" for name in names),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
    }
