"""Steps that try what the table's policy and a narrow grant deny."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.sandbox.connection import CannotContinueError
from examples.sandbox.report import Observation
from examples.sandbox.stack import OWN_TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from examples.sandbox.sandbox import Sandbox

_OWN = {"pk": {"S": OWN_TENANT}}
_OTHER = {"pk": {"S": "tenant-2"}}
_LISTED: dict[str, Any] = {
    "ProjectionExpression": "pk, #status",
    "ExpressionAttributeNames": {"#status": "status"},
}
# A new role is not known everywhere at once.
_ROLE_MINUTES = 3
_NOT_YET = ("AccessDenied", "AccessDeniedException")


def plain_http_is_denied(sandbox: Sandbox) -> Iterator[Observation]:
    """Ask for an item without TLS."""
    client = sandbox.aws.client("dynamodb", use_ssl=False)
    yield _denied("The table denies requests without TLS", lambda: client.get_item(TableName=sandbox.table, Key=_OWN))


def narrow_grants_hold(sandbox: Sandbox) -> Iterator[Observation]:
    """Ask as a role that may use one attribute of one tenant's item."""
    client, table = _tenant(sandbox), sandbox.table

    def own() -> dict[str, Any] | None:
        try:
            answer = client.get_item(TableName=table, Key=_OWN, ConsistentRead=True, **_LISTED)
        except ClientError as error:
            return None if _code(error) in _NOT_YET else {"error": _code(error)}
        return dict(answer.get("Item", {}))

    item = sandbox.aws.until(own, _ROLE_MINUTES) or {}
    yield Observation(
        "A role with a narrow grant reads listed attributes of its own item",
        item.keys() == {"pk", "status"},
        ", ".join(item) or "nothing",
    )
    yield _denied("That role cannot read the whole item", lambda: client.get_item(TableName=table, Key=_OWN))
    yield _denied(
        "That role cannot read another tenant's item", lambda: client.get_item(TableName=table, Key=_OTHER, **_LISTED)
    )
    yield _denied(
        "That role cannot read another tenant's item in a transaction",
        lambda: client.transact_get_items(
            TransactItems=[{"Get": {"TableName": table, "Key": key, **_LISTED}} for key in (_OWN, _OTHER)]
        ),
    )
    yield _denied("That role cannot scan", lambda: client.scan(TableName=table, **_LISTED))
    yield _denied(
        "A failed condition does not show that role the whole item",
        lambda: client.update_item(
            TableName=table,
            Key=_OWN,
            UpdateExpression="SET #status = :new",
            ConditionExpression="attribute_exists(#status) AND #status = :other",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":new": {"S": "new"}, ":other": {"S": "other"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        ),
    )


def _tenant(sandbox: Sandbox) -> Any:
    def assume() -> dict[str, Any] | None:
        try:
            answer = sandbox.aws.client("sts").assume_role(
                RoleArn=sandbox.outputs["TenantRoleArn"], RoleSessionName="sandbox", DurationSeconds=900
            )
        except ClientError as error:
            if _code(error) in _NOT_YET:
                return None
            raise
        return dict(answer["Credentials"])

    credentials = sandbox.aws.until(assume, _ROLE_MINUTES)
    if not credentials:
        raise CannotContinueError("the credentials may not assume the role of the narrow grant")
    return sandbox.aws.with_session(
        Session(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            region_name=sandbox.aws.region,
        )
    ).client("dynamodb")


def _denied(claim: str, call: Callable[[], object]) -> Observation:
    code = _error(call)
    return Observation(claim, code == "AccessDeniedException", code or "it was allowed")


def _error(call: Callable[[], object]) -> str:
    """Return the code of the error that a call fails with, or nothing."""
    try:
        call()
    except ClientError as error:
        return _code(error)
    return ""


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
