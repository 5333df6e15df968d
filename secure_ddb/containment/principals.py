"""The runbooks for a role or user that leaked: everything denied, and given back (IR-4). Plain data.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from secure_ddb.containment.documents import WAIT, document, publish_step, script_step
from secure_ddb.containment.permissions import allow, state_statements, switch_alarm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment

Kind = Literal["Role", "User"]

METRIC, DIMENSION = "PrincipalContained", "Principal"
_SCRIPT = "principal_script.py"

_READ = ("Get{}", "Get{}Policy", "List{}Policies", "ListAttached{}Policies")
_CHANGE = ("Delete{}Policy", "Put{}Policy")
_KEYS_OF_USER = ("iam:ListAccessKeys", "iam:ListGroupsForUser")


def contain_document(
    kind: Kind, names: Sequence[str], role_arn: str, bucket: str, exempt: Sequence[str]
) -> dict[str, Any]:
    """Return the runbook that denies a role or user everything.

    Args:
        kind: Whether it is for roles or for users.
        names: The tables or principals that it can be started for.
        role_arn: ARN of the role that it runs as.
        bucket: Name of the bucket for saved state.
        exempt: ARNs of roles that it always refuses.
    """
    payload = {**_payload(kind, bucket), "exempt": list(exempt)}
    steps = [script_step("Deny", _SCRIPT, "contain", payload), _publish("RaiseAlarm", kind, 1)]
    description = f"Saves the policies of a {kind.lower()}, and denies all its actions in every session."
    return document(description, {kind: _parameter(kind, names)}, role_arn, steps)


def release_document(kind: Kind, names: Sequence[str], role_arn: str, bucket: str) -> dict[str, Any]:
    """Return the runbook that ends it, but for sessions from before; arguments as of `contain_document`."""
    parameters: dict[str, Any] = {kind: _parameter(kind, names)}
    payload: dict[str, Any] = _payload(kind, bucket)
    if kind == "User":
        what = "IDs of the user's access keys to activate again; not the one that leaked."
        parameters["Keys"] = {"type": "StringList", "description": what, "default": []}
        payload["keys"] = "{{ Keys }}"
    steps = [WAIT, script_step("Restore", _SCRIPT, "release", payload), _publish("EndAlarm", kind, 0)]
    description = f"Restores the policies of a {kind.lower()}, and revokes the sessions started before."
    return document(description, parameters, role_arn, steps)


def principal_statements(
    environment: StackEnvironment,
    *,
    roles: Sequence[tuple[str, str]],
    users: Sequence[tuple[str, str]],
    exempt: Sequence[str],
    bucket_arn: str,
    key_arn: str,
) -> list[dict[str, Any]]:
    """Return the permissions of the role that the runbooks run as.

    Who may change a role's inline policies can give it any permission, so these are no others than the named ones.

    Args:
        environment: Where the runbooks are.
        roles: Names and ARNs of the roles that can be contained.
        users: Those of the users.
        exempt: ARNs of roles that are never changed.
        bucket_arn: ARN of the bucket for saved state.
        key_arn: ARN of the bucket's key.
    """
    objects = [f"{bucket_arn}/roles/{name}.json" for name, _ in roles]
    objects += [f"{bucket_arn}/users/{name}.json" for name, _ in users]
    changes = [*_actions("Role", _CHANGE), *_actions("User", _CHANGE)]
    statements = [
        {"Sid": "NeverContain", "Effect": "Deny", "Action": changes, "Resource": list(exempt)},
        *state_statements(environment, objects=objects, bucket_arn=bucket_arn, key_arn=key_arn),
        switch_alarm(),
    ]
    if roles:
        actions = _actions("Role", (*_READ, *_CHANGE))
        statements.append(allow("ContainRoles", actions, [arn for _, arn in roles]))
    if users:
        actions = [*_actions("User", (*_READ, *_CHANGE)), *_KEYS_OF_USER, "iam:UpdateAccessKey"]
        statements.append(allow("ContainUsers", actions, [arn for _, arn in users]))
    return statements


def _parameter(kind: Kind, names: Sequence[str]) -> dict[str, Any]:
    return {"type": "String", "description": f"Name of the {kind.lower()}.", "allowedValues": list(names)}


def _payload(kind: Kind, bucket: str) -> dict[str, Any]:
    return {"kind": kind, "name": f"{{{{ {kind} }}}}", "bucket": bucket}


def _publish(name: str, kind: Kind, value: int) -> dict[str, Any]:
    return publish_step(name, METRIC, {DIMENSION: f"{{{{ {kind} }}}}"}, value)


def _actions(kind: Kind, names: Sequence[str]) -> list[str]:
    return sorted(f"iam:{name.format(kind)}" for name in names)
