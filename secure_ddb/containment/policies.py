"""The policies that a table and its stream have during a quarantine (IR-1). Plain data; nothing here loads CDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, STREAM_POLICY, TABLE_POLICY
from secure_ddb.access.tls import deny_without_tls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

CHANGE_POLICY = ("dynamodb:DeleteResourcePolicy", "dynamodb:PutResourcePolicy")
# What shows no item stays allowed, so that inventories and deployments see the table. So do backups: each is evidence,
# and the account's backup plan goes on.
_READ_OR_BACK_UP = ("dynamodb:Describe", "dynamodb:Get", "dynamodb:List", "dynamodb:CreateBackup")
CHANGE_TABLE = tuple(
    action for action in CONTROL_PLANE if action not in CHANGE_POLICY and not action.startswith(_READ_OR_BACK_UP)
)
# Denying the first breaks adding and removing replicas; the second sets capacity, and cannot read items.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
_REPLICATION = "replication.dynamodb.amazonaws.com"
_SCALING = "dynamodb.application-autoscaling.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Exempt:
    """Who is not denied, by ARN.

    Attributes:
        responders: Roles that investigate; the quarantine denies them nothing but requests without TLS.
        automation: The role of the runbooks, which changes policies.
        stream_readers: Roles that go on reading the stream, above all that of the audit function.
    """

    responders: Sequence[str]
    automation: str
    stream_readers: Sequence[str]


def quarantine_of_table(exempt: Exempt, environment: StackEnvironment) -> dict[str, Any]:
    """Return the table's policy during a quarantine.

    It takes the place of the table's own, so that nothing in that one that is part of the incident goes on. The root
    user may remove it, by this policy as by DynamoDB, which lets it do so whatever a policy says.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html
    """
    replication, scaling = (_service_linked(service, environment) for service in (_REPLICATION, _SCALING))
    responders = list(exempt.responders)
    return _policy(
        deny_without_tls(list(TABLE_POLICY), "*"),
        _deny("QuarantineItems", [*DATA_PLANE, *COPY_OF_ALL_ITEMS], [*responders, replication]),
        _deny("QuarantineSettings", CHANGE_TABLE, [*responders, replication, scaling]),
        _deny("QuarantinePolicy", CHANGE_POLICY, [*responders, exempt.automation, environment.account_root]),
    )


def quarantine_of_stream(exempt: Exempt) -> dict[str, Any]:
    """Return the policy of the table's stream during a quarantine: it still has all changes of the last 24 hours.

    AWS lists no other actions for the policies of streams, so changes of that policy are not denied there.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
    """
    readers = [*exempt.responders, *exempt.stream_readers]
    return _policy(deny_without_tls(list(STREAM_POLICY), "*"), _deny("QuarantineStream", STREAM_POLICY, readers))


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _deny(sid: str, actions: Sequence[str], exempt: Sequence[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": list(exempt)}},
    }


def _service_linked(service: str, environment: StackEnvironment) -> str:
    return f"arn:{environment.partition}:iam::{environment.account}:role/aws-service-role/{service}/*"
