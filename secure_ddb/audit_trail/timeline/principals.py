"""The sender of a request, by a CloudTrail record.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from typing import Any

_ROLE, _SESSION = ":role/", ":assumed-role/"
# What requests of AWS STS and IAM call the principal that they are about.
_ABOUT = ("roleArn", "roleName", "userName", "accessKeyId")


def who_sent(record: dict[str, Any]) -> str:
    """Return the sender, as exactly as the record names it."""
    identity = _identity(record)
    for name in ("arn", "invokedBy", "principalId", "type"):
        if isinstance(identity.get(name), str):
            return str(identity[name])
    return "unknown"


def concerns_principal(record: dict[str, Any], principals: frozenset[str]) -> bool:
    """Whether one of them sent the request, was assumed by it, or was changed by it."""
    return not principals.isdisjoint({*_senders(record), *_subjects(record)})


def names_of(arn: str) -> set[str]:
    """Return the possible names of a principal: its ARN, and name and ARN of a session's role."""
    return {arn, *_role_of_session(arn)}


def _senders(record: dict[str, Any]) -> set[str]:
    identity = _identity(record)
    context = identity.get("sessionContext")
    issuer = context.get("sessionIssuer") if isinstance(context, dict) else None
    names = _texts(identity, ("arn", "principalId", "accessKeyId", "userName", "invokedBy"))
    if isinstance(issuer, dict):
        names |= _texts(issuer, ("arn", "principalId", "userName"))
    return names | {_without_path(name) for name in names if _ROLE in name} | set(_role_of_session(identity.get("arn")))


def _subjects(record: dict[str, Any]) -> set[str]:
    request = record.get("requestParameters")
    if record.get("eventSource") not in ("sts.amazonaws.com", "iam.amazonaws.com") or not isinstance(request, dict):
        return set()
    names = _texts(request, _ABOUT)
    account = record.get("recipientAccountId")
    arns = {f"arn:aws:iam::{account}:role/{name}" for name in _texts(request, ("roleName",))}
    arns |= {f"arn:aws:iam::{account}:user/{name}" for name in _texts(request, ("userName",))}
    return names | arns | {_without_path(name) for name in names if _ROLE in name}


def _role_of_session(arn: object) -> tuple[str, ...]:
    """Return name and ARN of the role of a session's ARN, which has the role without its path."""
    if not isinstance(arn, str) or _SESSION not in arn:
        return ()
    before, _, after = arn.partition(_SESSION)
    name = after.partition("/")[0]
    return name, f"{before.replace(':sts:', ':iam:')}{_ROLE}{name}"


def _without_path(arn: str) -> str:
    before, _, path = arn.partition(_ROLE)
    return f"{before}{_ROLE}{path.rpartition('/')[2]}"


def _identity(record: dict[str, Any]) -> dict[str, Any]:
    identity = record.get("userIdentity")
    return identity if isinstance(identity, dict) else {}


def _texts(fields: dict[str, Any], names: tuple[str, ...]) -> set[str]:
    return {fields[name] for name in names if isinstance(fields.get(name), str)}
