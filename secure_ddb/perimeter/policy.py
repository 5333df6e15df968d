"""The policies of table and stream, which deny requests from outside of the perimeter (NET-4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.access.actions import BACK_UP, COPY_OF_ALL_ITEMS, DATA_PLANE, EXPORT, STREAM_POLICY, TABLE_POLICY
from secure_ddb.access.tls import deny_without_tls
from secure_ddb.errors import reject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment
    from secure_ddb.perimeter.settings import PerimeterSettings

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
LARGEST_POLICY = 20 * 1024
# A role's ARN with the longest name and some path; an endpoint's id is far shorter.
_LONGEST_TOKEN = 150
# In place of a role that is not made yet.
LONGEST_ARN = "x" * _LONGEST_TOKEN
_TOKEN = re.compile(r"\$\{Token\[[^]]*\]\}")


def table_policy(further: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the table's resource policy: it denies all requests without TLS, and those of further statements.

    The resource is `*`, which in a table's policy means the table and its indexes: naming the ARN of a table
    that CloudFormation has yet to name would be a cycle.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-examples.html
    """
    return _policy(TABLE_POLICY, further)


def stream_policy(further: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the resource policy of the table's stream, which the table's own policy does not cover.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-attach-resource-policy-streams.html
    """
    return _policy(STREAM_POLICY, further)


def table_statements(
    settings: PerimeterSettings,
    environment: StackEnvironment,
    endpoint_ids: Sequence[str],
    backup_roles: Sequence[str] = (),
    export_roles: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return the denials of the table's policy. None keeps the account's own principals from managing the table.

    AWS services pass when they act for themselves, and so do the roles that only AWS services can assume. A service
    that acts for its caller (`aws:ViaAWSService`) does not, because callers can choose such a service from anywhere.
    Exports, restores and backups are denied like reads, because they copy every item.
    https://github.com/aws-samples/data-perimeter-policy-examples

    Args:
        settings: The perimeter.
        environment: Where the table is.
        endpoint_ids: The endpoints that it is reached through.
        backup_roles: ARNs of roles that AWS Backup backs it up with, from AWS's own network.
        export_roles: ARNs of roles with which functions outside of the network export it. They reach no items.
    """
    network = _outside(settings, endpoint_ids)
    exempt = exempt_arns(settings, environment)
    items = [*DATA_PLANE, *COPY_OF_ALL_ITEMS]
    exports = []
    if export_roles:
        items.remove(EXPORT)
        exports = [_from_outside("DenyExportsFromOutsideTheNetwork", [EXPORT], network, [*exempt, *export_roles])]
    return [
        _from_outside("DenyItemsFromOutsideTheNetwork", items, network, exempt),
        *exports,
        _from_outside("DenyBackupsFromOutsideTheNetwork", list(BACK_UP), network, [*exempt, *backup_roles]),
        _by_outsiders(TABLE_POLICY, settings, environment),
    ]


def stream_statements(
    settings: PerimeterSettings,
    environment: StackEnvironment,
    consumers: Sequence[str] = (),
    endpoint_ids: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return the denials of the stream's policy.

    The table's gateway endpoints are no way in, because DynamoDB Streams has none.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html

    Args:
        settings: The perimeter.
        environment: Where the table is.
        consumers: ARNs of roles with which Lambda polls the stream, from AWS's own network.
        endpoint_ids: The interface endpoints that it is read through.
    """
    network, exempt = _outside(settings, endpoint_ids), [*exempt_arns(settings, environment), *consumers]
    return [
        _from_outside("DenyStreamFromOutsideTheNetwork", list(STREAM_POLICY), network, exempt),
        _by_outsiders(STREAM_POLICY, settings, environment),
    ]


def _policy(actions: Sequence[str], further: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [deny_without_tls(list(actions), "*"), *further]}


def _outside(settings: PerimeterSettings, endpoint_ids: Sequence[str]) -> dict[str, Any]:
    """Return the condition that a request comes neither through the endpoints nor from company networks."""
    through = {"StringNotEquals": {"aws:SourceVpce": list(endpoint_ids)}} if endpoint_ids else {}
    cidrs = list(settings.corporate_cidrs)
    return through | ({"NotIpAddress": {"aws:SourceIp": cidrs}} if cidrs else {})


def exempt_arns(settings: PerimeterSettings, environment: StackEnvironment) -> list[str]:
    """Return the ARNs of roles that pass from everywhere: exempt and service-linked ones."""
    service_linked = f"arn:{environment.partition}:iam::{environment.account}:role/aws-service-role/*"
    return [service_linked, *(role.role_arn for role in settings.exempt_roles)]


def _from_outside(sid: str, actions: list[str], network: dict[str, Any], exempt: list[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": "*",
        "Condition": network | {"ArnNotLike": {"aws:PrincipalArn": exempt}} | _BY_NO_SERVICE,
    }


def _by_outsiders(actions: Sequence[str], settings: PerimeterSettings, environment: StackEnvironment) -> dict[str, Any]:
    # The account's own principals pass, so that they can correct a mistaken organization.
    principals = {"aws:PrincipalAccount": environment.account}
    if settings.organization_id:
        principals["aws:PrincipalOrgID"] = settings.organization_id
    return {
        "Sid": "DenyPrincipalsFromOutside",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"StringNotEquals": principals} | _BY_NO_SERVICE,
    }


_BY_NO_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


_PERIMETER = "perimeter.exempt_roles, perimeter.corporate_cidrs or endpoints"


def require_room(policy: dict[str, Any], argument: str = "perimeter", fewer: str = _PERIMETER) -> None:
    """Reject a policy of table or stream that is larger than DynamoDB accepts, white space included.

    `argument` makes it long, and `fewer` names what to reduce.
    """
    length = length_of(json.dumps(policy))
    if length > LARGEST_POLICY:
        reject(argument, f"a policy of about {length} bytes", f"at most {LARGEST_POLICY} bytes: fewer {fewer}")


def length_of(text: str) -> int:
    """Return the length that a text may have once the values are known that it holds as tokens."""
    return len(_TOKEN.sub(LONGEST_ARN, text))
