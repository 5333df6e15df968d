"""What the table's own policy denies to requests from outside of its perimeter (NET-4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.actions import COPY_OF_ALL_ITEMS, DATA_PLANE, TABLE_POLICY
from secure_ddb.errors import reject
from secure_ddb.tls import deny_without_tls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment
    from secure_ddb.perimeter.settings import PerimeterSettings

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
LARGEST_POLICY = 20 * 1024
# A role's ARN with the longest name and some path; an endpoint's id is far shorter.
_LONGEST_TOKEN = 150
_TOKEN = re.compile(r"\$\{Token\[[^]]*\]\}")


def table_policy(further: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the table's resource policy: no request without TLS, whoever sends it, and what else it denies.

    The resource is `*`, which in a table's policy means the table and its indexes: naming the ARN of a table
    that CloudFormation has yet to name would be a cycle.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-examples.html
    """
    return {"Version": "2012-10-17", "Statement": [deny_without_tls(list(TABLE_POLICY), "*"), *further]}


def perimeter_statements(
    settings: PerimeterSettings, environment: StackEnvironment, endpoint_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Return what the table's policy denies. Nothing in it denies the account's own principals to manage the table.

    AWS services pass, acting for themselves or for somebody, and so do the roles that only AWS services can assume.
    Exports and restores are denied like reads, because they hand out every item.
    https://github.com/aws-samples/data-perimeter-policy-examples
    """
    inside: dict[str, Any] = {}
    if endpoint_ids:
        inside["StringNotEquals"] = {"aws:SourceVpce": list(endpoint_ids)}
    if settings.corporate_cidrs:
        inside["NotIpAddress"] = {"aws:SourceIp": list(settings.corporate_cidrs)}
    service_linked = f"arn:{environment.partition}:iam::{environment.account}:role/aws-service-role/*"
    exempt = [service_linked, *(role.role_arn for role in settings.exempt_roles)]
    principals = {"aws:PrincipalAccount": environment.account}
    if settings.organization_id:
        principals["aws:PrincipalOrgID"] = settings.organization_id
    return [
        {
            "Sid": "DenyItemsFromOutsideTheNetwork",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": [*DATA_PLANE, *COPY_OF_ALL_ITEMS],
            "Resource": "*",
            "Condition": inside
            | {
                "ArnNotLike": {"aws:PrincipalArn": exempt},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
            },
        },
        {
            # The account's own principals pass, so that a mistaken organization locks out nobody who could mend it.
            "Sid": "DenyPrincipalsFromOutside",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": list(TABLE_POLICY),
            "Resource": "*",
            "Condition": {
                "StringNotEquals": principals,
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        },
    ]


def require_room(policy: dict[str, Any]) -> None:
    """Refuse a table policy that DynamoDB would refuse for its size, which counts white space as well.

    Raises:
        InvalidArgumentError: It is larger than 20 KB, values that are not known yet counted as long as they may be.
    """
    length = length_of(json.dumps(policy))
    if length > LARGEST_POLICY:
        allowed = (
            f"at most {LARGEST_POLICY} bytes: fewer perimeter.exempt_roles, perimeter.corporate_cidrs or endpoints"
        )
        reject("perimeter", f"a table policy of about {length} bytes", allowed)


def length_of(text: str) -> int:
    """Return how long a text may become when values are in it that are not known yet."""
    return len(_TOKEN.sub("x" * _LONGEST_TOKEN, text))
