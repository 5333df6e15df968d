"""The runbooks that deny the use of a table's key, and give it back (IR-3). Plain data; nothing here loads CDK.

The key stays enabled, and AWS services may go on using it: DynamoDB archives a table whose key it cannot use for seven
days, and needs its grants to keep the table. docs/containment.md says more.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ArchivalSummary.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.containment.documents import (
    DIMENSION,
    TABLE,
    WAIT,
    document,
    publish_step,
    script_step,
    table_parameter,
)
from secure_ddb.containment.permissions import allow, state_statements, switch_alarm
from secure_ddb.encryption.key_actions import ADMINISTRATION, USE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from secure_ddb.context import StackEnvironment

METRIC = "KeyContained"
_SCRIPT = "key_script.py"

GRANTS = ("kms:CreateGrant", "kms:RetireGrant", "kms:RevokeGrant")
# What only shows something stays allowed, so that inventories and deployments see the key.
_READ = ("kms:Describe", "kms:Get", "kms:List")
_OF_POLICY = ("kms:DeleteImportedKeyMaterial", "kms:ImportKeyMaterial", "kms:ReplicateKey", "kms:UpdatePrimaryRegion")
CHANGES = tuple(
    sorted({*_OF_POLICY, *(each for each in ADMINISTRATION if not each.startswith(_READ) and each not in GRANTS)})
)
USES = tuple(action for action in USE if not action.startswith(_READ))


def denials(responders: Sequence[str], automation: str, environment: StackEnvironment) -> list[dict[str, Any]]:
    """Return the statements added to a key's policy while it is contained.

    An explicit denial counts also for those who have a grant.
    https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html

    Args:
        responders: ARNs of the roles that go on using the key.
        automation: ARN of the role that the runbooks run as.
        environment: Where the key is.
    """
    service_roles = f"arn:{environment.partition}:iam::{environment.account}:role{SERVICE_ROLE_PATH}*"
    return [
        # Services assume these roles for the audit trail, its archive and backups, all of which go on.
        _deny("ContainedUse", USES, [*responders, service_roles]),
        # Revoking DynamoDB's grants makes the table inaccessible; a new grant would be a way back for an attacker.
        _deny("ContainedGrants", GRANTS, [*responders, service_roles]),
        _deny("ContainedPolicy", CHANGES, [*responders, automation, environment.account_root]),
    ]


def contain_document(keys: Mapping[str, str], role_arn: str, bucket: str, statements: str) -> dict[str, Any]:
    """Return the runbook that denies the use of a table's key.

    Args:
        keys: Name of each table that it can be started for, to the ARN of its key.
        role_arn: ARN of the role that it runs as.
        bucket: Name of the bucket for saved state.
        statements: The denials, as JSON.
    """
    deny = script_step("Deny", _SCRIPT, "contain", {**_payload(keys, bucket), "denials": statements})
    steps = [deny, publish_step("RaiseAlarm", METRIC, {DIMENSION: TABLE}, 1)]
    description = "Saves the policy of a table's key, and denies its use to everyone except responders and services."
    return document(description, {"Table": table_parameter(list(keys))}, role_arn, steps)


def release_document(keys: Mapping[str, str], role_arn: str, bucket: str) -> dict[str, Any]:
    """Return the runbook that gives a table's key its policy back; arguments as of `contain_document`."""
    restore = script_step("Restore", _SCRIPT, "release", _payload(keys, bucket))
    steps = [WAIT, restore, publish_step("EndAlarm", METRIC, {DIMENSION: TABLE}, 0)]
    description = "Restores the policy that a table's key had before the containment."
    return document(description, {"Table": table_parameter(list(keys))}, role_arn, steps)


def key_statements(
    environment: StackEnvironment, *, keys: Mapping[str, str], bucket_arn: str, key_arn: str
) -> list[dict[str, Any]]:
    """Return the permissions of the role that the runbooks run as: policies of these keys, and no use of them.

    Args:
        environment: Where the keys are.
        keys: Id of each key to its ARN.
        bucket_arn: ARN of the bucket for saved state.
        key_arn: ARN of the bucket's key.
    """
    objects = [f"{bucket_arn}/keys/{key_id}.json" for key_id in keys]
    return [
        allow("ChangeKeyPolicies", ["kms:GetKeyPolicy", "kms:ListGrants", "kms:PutKeyPolicy"], list(keys.values())),
        *state_statements(environment, objects=objects, bucket_arn=bucket_arn, key_arn=key_arn),
        switch_alarm(),
    ]


def _payload(keys: Mapping[str, str], bucket: str) -> dict[str, Any]:
    # Two lists, because a name that CloudFormation makes cannot be a name in JSON.
    return {"table": TABLE, "tables": list(keys), "keys": list(keys.values()), "bucket": bucket}


def _deny(sid: str, actions: Sequence[str], exempt: Sequence[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Resource": "*",
        # Services have no aws:PrincipalArn, which alone would deny them: DynamoDB's grants, logs, topics and trails.
        "Condition": {
            "ArnNotLike": {"aws:PrincipalArn": list(exempt)},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
