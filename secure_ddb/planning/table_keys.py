"""Tables that get another key in place, and the roles that would be denied meanwhile.

DynamoDB asks AWS KMS in the name of its caller, and CloudFormation updates the table before the policies that refer to
it. So roles have to be allowed to use both keys beforehand.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from secure_ddb.cloudformation.kinds import (
    GLOBAL_TABLE,
    GROUP,
    GROUP_POLICY,
    MANAGED_POLICY,
    POLICY,
    ROLE,
    ROLE_POLICY,
    TABLE,
    USER,
    USER_POLICY,
)
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.planning.changes import values_differ
from secure_ddb.planning.model import Cause, Effect, Finding, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.pairs import Pairs

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicassespecification.html
_USAGE: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
_WITH_POLICIES = {GROUP, GROUP_POLICY, MANAGED_POLICY, POLICY, ROLE, ROLE_POLICY, USER, USER_POLICY}
_MOST_NAMED = 5


class _Keys(NamedTuple):
    """The key of a table, or of its replica in a Region, before and after the update."""

    region: str
    before: object
    after: object


def other_keys(pairs: Pairs) -> Iterator[Finding]:
    """Yield each table that gets another customer managed key."""
    for pair in pairs.pairs:
        for old, new in pair.both():
            changed = [each for each in _keys(old, new) if values_differ(each.before, each.after) is not False]
            if changed:
                yield _finding(new, changed, pairs)


def _keys(old: Resource, new: Resource) -> Iterator[_Keys]:
    if old.type == new.type == TABLE:
        before, after = (at(each.properties, "SSESpecification", "KMSMasterKeyId") for each in (old, new))
        found = {"": (before, after)}
    elif old.type == new.type == GLOBAL_TABLE:
        before, after = (_by_region(each) for each in (old, new))
        found = {region: (key, after[region]) for region, key in before.items() if region in after}
    else:
        return
    for region, (one, other) in found.items():
        # A key that is chosen for the first time is what adopting a table is about.
        if one is not None and other is not None:
            yield _Keys(region, one, other)


def _by_region(table: Resource) -> dict[str, Any]:
    replicas = as_list(table.properties.get("Replicas"))
    return {str(at(each, "Region")): at(each, "SSESpecification", "KMSMasterKeyId") for each in replicas}


def _finding(table: Resource, changed: list[_Keys], pairs: Pairs) -> Finding:
    regions = " and ".join(filter(None, (each.region for each in changed)))
    late = [policy for each in changed for policy in _only_old_key(each, pairs)]
    where = f" in {regions}" if regions else ""
    prepare = (
        (
            "Leave this update for now. First let the roles use both keys, and leave the table on the old one, of a "
            "SecureTable by EncryptionSettings(key=OLD, other_keys=[NEW]). Deploy all stacks and apps that use it."
        ),
        "Then exchange both: EncryptionSettings(key=NEW, other_keys=[OLD]), and deploy again.",
    )
    return Finding(
        effect=Effect.OTHER_KEY,
        certain=any(values_differ(each.before, each.after) for each in changed),
        cause=Cause.KEY,
        **place_of(table),
        what=f"The table stays with its items, and gets another key{where}.",
        why="DynamoDB changes the key in place. Backups, log events and objects from before stay under the old key. "
        f"{_said(late)}",
        steps=(
            *(prepare if late else ()),
            "Wait until aws dynamodb describe-table shows the new key in SSEDescription, with the status ENABLED.",
            (
                "Keep the old key enabled until the last backup, log event and object from before has expired. "
                "docs/replacing-a-key.md of secure_ddb says what that is, and for how long."
            ),
        ),
        source=_USAGE,
    )


def _only_old_key(keys: _Keys, pairs: Pairs) -> Iterator[str]:
    """Yield the deployed policies that name the old key, and not yet the new one."""
    before, after = (json.dumps(each, ensure_ascii=False).strip('"') for each in (keys.before, keys.after))
    for template in pairs.before.templates:
        for resource in template.resources.values():
            if resource.type in _WITH_POLICIES:
                text = json.dumps(resource.properties, ensure_ascii=False)
                if before in text and after not in text:
                    yield resource.logical_id


def _said(late: list[str]) -> str:
    if not late:
        return "No deployed policy of these templates names the old key alone."
    named = ", ".join(late[:_MOST_NAMED]) + (f" and {len(late) - _MOST_NAMED} more" if late[_MOST_NAMED:] else "")
    allow = "policy names" if len(late) == 1 else "policies name"
    until = "Their roles are denied until they are updated, too."
    return f"{len(late)} {allow} the old key and not the new one: {named}. {until}"
