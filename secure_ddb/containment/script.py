"""What the runbooks do with the policies of a table and its stream. Part of the documents; AWS Systems Manager runs it.

Nothing but boto3 is there, and `saved_state.py`, which the documents put before it. Each function is the handler of a
step `aws:executeScript`.
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html
"""

from typing import Any

import boto3  # type: ignore[import-untyped]

from secure_ddb.containment.saved_state import load, save

Event = dict[str, str]
# ARN to the policy, or None, and its revision; and the revision of the quarantine's policy, once that is in place.
Policies = dict[str, dict[str, str | None]]

# With it DynamoDB attaches a policy only where there is none.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
NO_POLICY = "NO_POLICY"


def quarantine(event: Event, _context: object) -> dict[str, list[str]]:
    """Save the policies that the table and its stream have, then put those of the quarantine in their place.

    Started again, it puts the quarantine's policies in place again, and keeps what was saved first.
    """
    table = boto3.client("dynamodb").describe_table(TableName=event["table"])["Table"]
    wanted: dict[str, str] = {table["TableArn"]: event["tablePolicy"]}
    if "LatestStreamArn" in table:
        wanted[table["LatestStreamArn"]] = event["streamPolicy"]
    saved = _load(event)
    current = {arn: _read(arn) for arn in wanted}
    for arn, policy in wanted.items():
        earlier = saved.get(arn)
        is_quarantined = earlier is not None and ("quarantine" in earlier or current[arn]["policy"] == policy)
        if not is_quarantined:
            saved[arn] = dict(current[arn])
    # Before the first denial, so that there is a way back from every one.
    _save(event, saved)
    for arn, policy in wanted.items():
        saved[arn]["quarantine"] = _put(arn, policy, current[arn]["revision"])
        _save(event, saved)
    return {"quarantined": list(wanted)}


def release(event: Event, _context: object) -> dict[str, list[str]]:
    """Give table and stream exactly the policies that were saved, if they still have those of the quarantine."""
    saved = _load(event)
    if not saved:
        raise RuntimeError(f"Nothing is saved for the table {event['table']}: it is not in quarantine.")
    current = {arn: _read(arn) for arn in saved}
    # What an interrupted release has restored already is as it was saved.
    pending = [arn for arn in saved if current[arn]["policy"] != saved[arn]["policy"]]
    changed = [arn for arn in pending if current[arn]["revision"] != saved[arn].get("quarantine")]
    if changed:
        raise RuntimeError(
            f"Nothing was restored: the policy of {', '.join(changed)} was changed after the quarantine. CloudTrail "
            "shows who called PutResourcePolicy and DeleteResourcePolicy. The saved policies are in "
            f"s3://{event['bucket']}/{_key(event)}. Start the quarantine again, then the release."
        )
    for arn in pending:
        _restore(arn, saved[arn]["policy"], current[arn]["revision"])
    _save(event, {})
    return {"released": pending}


def _read(arn: str) -> dict[str, str | None]:
    client = boto3.client("dynamodb")
    try:
        found = client.get_resource_policy(ResourceArn=arn)
    except client.exceptions.PolicyNotFoundException:
        return {"policy": None, "revision": NO_POLICY}
    return {"policy": found["Policy"], "revision": found["RevisionId"]}


def _put(arn: str, policy: str, revision: str | None) -> str:
    client = boto3.client("dynamodb")
    try:
        put = client.put_resource_policy(ResourceArn=arn, Policy=policy, ExpectedRevisionId=revision)
    except client.exceptions.PolicyNotFoundException as error:
        raise RuntimeError(f"The policy of {arn} was changed at the same time. Start this runbook again.") from error
    return str(put["RevisionId"])


def _restore(arn: str, policy: str | None, revision: str | None) -> None:
    if policy is None:
        boto3.client("dynamodb").delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=revision)
    else:
        _put(arn, policy, revision)


def _key(event: Event) -> str:
    return f"{event['table']}.json"


def _load(event: Event) -> Policies:
    """Return what is saved; nothing, if the table is not in quarantine."""
    saved: Policies = load(event["bucket"], _key(event))
    return saved


def _save(event: Event, saved: Policies) -> None:
    unchanged: dict[str, Any] = dict(saved)
    save(event["bucket"], _key(event), event["execution"], unchanged)
