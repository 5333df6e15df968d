"""Resources that CloudFormation replaces because a property changes that can only be set when one is created.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation.kinds import BACKUP_VAULT, EVENT_SOURCE, TABLE
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.planning.changes import Change, changes, value_at
from secure_ddb.planning.facts import Facts, facts_of
from secure_ddb.planning.fate import REPLACEMENT, fate_of
from secure_ddb.planning.model import Cause, Effect, Finding, place_of
from secure_ddb.planning.names import NAME_TYPE, keeps_its_name, name_property, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.pairs import Pairs

_BEHAVIOURS = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html"
)
_ATTRIBUTES = "AttributeDefinitions"
# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_OF_EVENT_SOURCE = (
    "Deploy while nothing is written.",
    "With StartingPosition TRIM_HORIZON the new one reads the changes of 24 hours again, with LATEST it misses some.",
)
_VAULT_KEY = "EncryptionKeyArn"
# A vault that holds recovery points cannot be deleted.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html#delete-a-vault
_OF_VAULT_KEY = (
    (
        "Recovery points cannot be moved, and need not be: they stay in the old vault until their retention ends, and "
        "are restored from there. Keep the old key for as long."
    ),
    "After the deployment start a backup into the new vault: aws backup start-backup-job.",
    "Delete the old vault when its last recovery point has expired.",
)


class Replacement(NamedTuple):
    """A resource that an update replaces.

    Attributes:
        old: The resource as it is deployed.
        new: The same one after the update.
        facts: The facts about its type.
        changes: Why it is replaced.
        certain: Whether it is certain.
    """

    old: Resource
    new: Resource
    facts: Facts
    changes: tuple[Change, ...]
    certain: bool


def replacements(pairs: Pairs) -> list[Replacement]:
    """Return the replaced resources, including those that refer to one."""
    left = [
        (old, new, facts)
        for pair in pairs.pairs
        for old, new in pair.both()
        if old.type == new.type and (facts := facts_of(old.type))
    ]
    found = [each for old, new, facts in left for each in _by_itself(old, new, facts)]
    done = {id(each.new) for each in found}
    new_ones = found
    while new_ones:
        left = [each for each in left if id(each[1]) not in done]
        # One whose name stays is refused, so nothing that refers to it changes.
        causes = [each for each in new_ones if not keeps_its_name(each.old, each.new)]
        new_ones = [each for old, new, facts in left for each in _through(old, new, facts, causes)]
        found += new_ones
        done |= {id(each.new) for each in new_ones}
    return found


def _by_itself(old: Resource, new: Resource, facts: Facts) -> Iterator[Replacement]:
    fixed = [*changes(old, new, facts.create_only), *_edited_attributes(old, new)]
    conditional = [
        each._replace(
            certain=False,
            difference=f"{each.difference}, which replaces the resource unless it can be changed in place",
        )
        for each in changes(old, new, facts.conditional_create_only)
    ]
    if fixed or conditional:
        certain = any(each.certain for each in fixed)
        yield Replacement(old, new, facts, (*fixed, *conditional), certain)


def _edited_attributes(old: Resource, new: Resource) -> Iterator[Change]:
    """Yield the attributes of a table that get another type, which replaces it although its schema does not say so.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
    """
    if old.type == TABLE:
        before, after = (
            {
                at(each, "AttributeName"): at(each, "AttributeType")
                for each in as_list(table.properties.get(_ATTRIBUTES))
            }
            for table in (old, new)
        )
        for name in before.keys() & after.keys():
            if before[name] != after[name]:
                yield Change(_ATTRIBUTES, True, f"The attribute {name} gets another type")


def _through(old: Resource, new: Resource, facts: Facts, causes: Iterable[Replacement]) -> Iterator[Replacement]:
    """Yield a replacement if an immutable property refers to a replaced resource."""
    found = []
    for path in facts.create_only:
        text = json.dumps(value_at(new.properties, path.split("/")), ensure_ascii=False)
        for cause in causes:
            start = f"${{{cause.new.template.key}.{cause.new.logical_id}"
            if f"{start}}}" in text or f"{start}." in text:
                difference = f"{path.replace('/', '.')} refers to {cause.new.logical_id}, which is replaced"
                found.append(Change(path, cause.certain, difference))
    if found:
        yield Replacement(old, new, facts, tuple(found), any(each.certain for each in found))


def finding_of(replacement: Replacement) -> Finding | None:
    """Return the finding on a replacement, or None if nothing is lost and nothing refused."""
    if keeps_its_name(replacement.old, replacement.new):
        return _refused(replacement)
    return _replaced(replacement) if replacement.facts.stateful else None


def reasons(replacement: Replacement) -> str:
    """Return why a resource is replaced, in sentences."""
    differences = " ".join(f"{each.difference}." for each in replacement.changes)
    fixed = {each.path for each in replacement.changes} & {*replacement.facts.create_only}
    return (
        f"{differences} {' and '.join(sorted(fixed))} can only be set when a resource is created."
        if fixed
        else differences
    )


def _refused(replacement: Replacement) -> Finding:
    old, facts = replacement.old, replacement.facts
    name = shown_name(old) or "the same"
    new_key = _has_other_key(replacement)
    steps = (
        "Leave the property as it is.",
        *(["Or give the vault another name together with the other key. A SecureTable does so."] if new_key else []),
        f"Or add a second one under another logical id and {name_property(old.type)}; keep the old one for now.",
        *(_OF_VAULT_KEY if new_key else _in_stages(facts)[1:]),
    )
    return Finding(
        effect=Effect.REFUSED,
        cause=Cause.NAMED,
        **place_of(old),
        certain=replacement.certain,
        what=f"CloudFormation has to replace it, and cannot: its name stays {name}.",
        why=f"{reasons(replacement)} A replacement is created before the old one is deleted, and the name is taken.",
        steps=steps,
        source=NAME_TYPE,
    )


def _has_other_key(replacement: Replacement) -> bool:
    """Tell whether it is a backup vault that gets another key."""
    return replacement.old.type == BACKUP_VAULT and _VAULT_KEY in {each.path for each in replacement.changes}


def _steps(replacement: Replacement, keep: Iterable[str]) -> tuple[str, ...]:
    if replacement.old.type == EVENT_SOURCE:
        return _OF_EVENT_SOURCE
    return (*keep, *(_OF_VAULT_KEY if _has_other_key(replacement) else _in_stages(replacement.facts)))


def _in_stages(facts: Facts) -> list[str]:
    return [
        "Add a second one with the new values under another logical id, and keep the old one in the template.",
        *([f"Move {facts.holds} to the new one."] if facts.stateful else []),
        "Let everything that uses the old one use the new one. Then take the old one out.",
    ]


def _replaced(replacement: Replacement) -> Finding:
    old, new, facts = replacement.old, replacement.new, replacement.facts
    fate = fate_of(old, facts, REPLACEMENT, new)
    what = "CloudFormation creates a new, empty one"
    if fate.lost:
        what += f" and deletes the old one with {facts.holds}."
    else:
        what += f". The old one stays with {facts.holds}, outside of the stack."
    keep = [f"First set {REPLACEMENT} and DeletionPolicy to Retain, and deploy nothing else."] if fate.lost else []
    return Finding(
        effect=Effect.LOST if fate.lost else Effect.REPLACED,
        cause=Cause.REPLACED,
        **place_of(old),
        certain=replacement.certain and fate.certain,
        what=what,
        why=f"{reasons(replacement)} {fate.reason}",
        steps=_steps(replacement, keep),
        source=_BEHAVIOURS,
    )
