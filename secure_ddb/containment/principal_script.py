"""What the runbooks do with a role or user that leaked (IR-4). Part of the documents; AWS Systems Manager runs it.

Each function is the handler of a step `aws:executeScript`, and `script.py` says more about those.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import boto3  # type: ignore[import-untyped]

from secure_ddb.containment.saved_state import load, save

Event = dict[str, Any]

CONTAINED = "SecureDdbContained"
# The console of IAM calls its policy like that, and replaces it when sessions are revoked once more.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
REVOKED = "AWSRevokeOlderSessions"


def contain(event: Event, _context: object) -> dict[str, Any]:
    """Save what a principal may do, then deny it everything: in all sessions, those to come included."""
    found = _describe(event)
    if found["arn"] in event["exempt"]:
        raise RuntimeError(
            f"{found['arn']} is not contained: it is a responder, or it runs runbooks or the audit trail."
        )
    # What was saved first, before the first denial, is what there was.
    if not load(event["bucket"], _key(event)):
        save(event["bucket"], _key(event), event["execution"], found)
    _put(event, CONTAINED, {"Sid": "Contained", "Effect": "Deny", "Action": "*", "Resource": "*"})
    for key in _active_keys(event):
        boto3.client("iam").update_access_key(UserName=event["name"], AccessKeyId=key, Status="Inactive")
    return {"contained": found["arn"]}


def release(event: Event, _context: object) -> dict[str, Any]:
    """End the denial, but for sessions that began before now: whoever stole one keeps nothing of it.

    Of a user's access keys only those that are named become active again, because one of them has leaked.
    """
    saved = load(event["bucket"], _key(event))
    if not saved:
        raise RuntimeError(f"Nothing is saved for the {event['kind'].lower()} {event['name']}: it is not contained.")
    wanted = event.get("keys", [])
    if unknown := sorted(set(wanted) - set(saved.get("activeKeys", []))):
        raise RuntimeError(f"Nothing was released: these access keys were not active before: {', '.join(unknown)}.")
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    older = {"DateLessThan": {"aws:TokenIssueTime": now}}
    # First, so that no old session works in between.
    _put(event, REVOKED, {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": older})
    client = boto3.client("iam")
    # An interrupted release has deleted it already.
    with suppress(client.exceptions.NoSuchEntityException):
        _call(event, "delete_{}_policy", PolicyName=CONTAINED)
    for key in wanted:
        client.update_access_key(UserName=event["name"], AccessKeyId=key, Status="Active")
    found = _describe(event)
    changed = sorted(name for name in saved if name != "activeKeys" and saved[name] != found.get(name))
    save(event["bucket"], _key(event), event["execution"], {})
    return {"released": found["arn"], "sessionsRevokedBefore": now, "changedMeanwhile": changed}


def _describe(event: Event) -> Event:
    """Return what a principal is and may do, without what the runbooks have added."""
    kind = event["kind"]
    fields = _call(event, "get_{}")[kind]
    names = [name for name in _pages(event, "list_{}_policies", "PolicyNames") if name not in (CONTAINED, REVOKED)]
    attached = _pages(event, "list_attached_{}_policies", "AttachedPolicies")
    described = {
        "arn": fields["Arn"],
        "id": fields[f"{kind}Id"],
        "trust": fields.get("AssumeRolePolicyDocument"),
        "boundary": fields.get("PermissionsBoundary"),
        "inline": {name: _call(event, "get_{}_policy", PolicyName=name)["PolicyDocument"] for name in names},
        "attached": sorted(each["PolicyArn"] for each in attached),
    }
    if kind == "User":
        groups = boto3.client("iam").get_paginator("list_groups_for_user").paginate(UserName=event["name"])
        described["groups"] = sorted(each["Arn"] for page in groups for each in page["Groups"])
        described["activeKeys"] = _active_keys(event)
    # As it comes back from the bucket.
    plain: Event = json.loads(json.dumps(described, default=str))
    return plain


def _active_keys(event: Event) -> list[str]:
    if event["kind"] != "User":
        return []
    pages = boto3.client("iam").get_paginator("list_access_keys").paginate(UserName=event["name"])
    keys = [each for page in pages for each in page["AccessKeyMetadata"]]
    return sorted(each["AccessKeyId"] for each in keys if each["Status"] == "Active")


def _put(event: Event, name: str, statement: Event) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    _call(event, "put_{}_policy", PolicyName=name, PolicyDocument=document)


def _call(event: Event, operation: str, **request: str) -> Any:  # noqa: ANN401 - boto3 has no types
    call = getattr(boto3.client("iam"), operation.format(event["kind"].lower()))
    return call(**{f"{event['kind']}Name": event["name"]}, **request)


def _pages(event: Event, operation: str, member: str) -> list[Any]:
    paginator = boto3.client("iam").get_paginator(operation.format(event["kind"].lower()))
    return [each for page in paginator.paginate(**{f"{event['kind']}Name": event["name"]}) for each in page[member]]


def _key(event: Event) -> str:
    return f"{event['kind'].lower()}s/{event['name']}.json"
