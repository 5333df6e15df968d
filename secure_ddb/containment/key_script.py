"""What the runbooks do with the policy of a table's key (IR-3). Part of the documents; AWS Systems Manager runs it.

Each function is the handler of a step `aws:executeScript`, and `script.py` says more about those.
"""

import json
from typing import Any

import boto3  # type: ignore[import-untyped]

from secure_ddb.containment.saved_state import load, save

Event = dict[str, Any]

# Grants of services, above all DynamoDB's, on which the table depends.
_OF_SERVICES = ".amazonaws.com"


def contain(event: Event, _context: object) -> dict[str, Any]:
    """Save the key's policy and grants, then add the denials to the policy.

    Started again, it puts the saved policy with the denials in place again, and keeps what was saved first.
    """
    key = _arn(event)
    saved = load(event["bucket"], _key(event))
    if not saved:
        saved = {"key": key, "policy": _read(key), "grants": _grants(key)}
        # Before the denials, so that there is a way back.
        save(event["bucket"], _key(event), event["execution"], saved)
    policy = json.loads(saved["policy"])
    contained = json.dumps(policy | {"Statement": [*policy["Statement"], *json.loads(event["denials"])]})
    saved["contained"] = contained
    save(event["bucket"], _key(event), event["execution"], saved)
    boto3.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=contained)
    others = [grant for grant in saved["grants"] if not grant.get("GranteePrincipal", "").endswith(_OF_SERVICES)]
    return {"contained": key, "grantsOfOthers": [grant.get("GrantId") for grant in others]}


def release(event: Event, _context: object) -> dict[str, Any]:
    """Give the key exactly the policy that was saved, if it still has the one with the denials."""
    saved = load(event["bucket"], _key(event))
    if not saved:
        raise RuntimeError(f"Nothing is saved for the key of the table {event['table']}: it is not contained.")
    key = saved["key"]
    current = json.loads(_read(key))
    # An interrupted release has restored it already.
    if current != json.loads(saved["policy"]):
        # KMS has no revisions, so the text is all that tells.
        if current != json.loads(saved.get("contained", "null")):
            raise RuntimeError(
                f"Nothing was restored: the policy of {key} was changed after the containment. CloudTrail shows who "
                f"called PutKeyPolicy. The saved policy is in s3://{event['bucket']}/{_key(event)}. Start the "
                "containment again, then the release."
            )
        boto3.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=saved["policy"])
    before = {grant.get("GrantId") for grant in saved["grants"]}
    added = [grant.get("GrantId") for grant in _grants(key) if grant.get("GrantId") not in before]
    save(event["bucket"], _key(event), event["execution"], {})
    return {"released": key, "grantsAddedMeanwhile": added}


def _read(key: str) -> str:
    return str(boto3.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])


def _grants(key: str) -> list[dict[str, Any]]:
    """Return the key's grants without their times, which only JSON's texts could hold."""
    pages = boto3.client("kms").get_paginator("list_grants").paginate(KeyId=key)
    grants = [each for page in pages for each in page["Grants"]]
    return [{name: value for name, value in grant.items() if name != "CreationDate"} for grant in grants]


def _key(event: Event) -> str:
    """Return where the state is: by the key's id, because several tables may have the same key."""
    return f"keys/{_arn(event).rpartition('/')[2]}.json"


def _arn(event: Event) -> str:
    """Return the ARN of the table's key, which stands where the table stands."""
    return str(event["keys"][event["tables"].index(event["table"])])
