"""Resources that are in the new template no longer, or have another type there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.kinds import GLOBAL_TABLE, NESTED_STACK, TABLE
from secure_ddb.planning.definitions import condition_differs
from secure_ddb.planning.facts import facts_of
from secure_ddb.planning.fate import DELETION, IMPORT, REFACTOR, SAME_RESOURCE, fate_of, is_retained
from secure_ddb.planning.model import Cause, Effect, Finding, place_of
from secure_ddb.planning.names import chosen_name, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.facts import Facts
    from secure_ddb.planning.pairs import Pair

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_DELETION_POLICY = f"{_REFERENCE}/aws-attribute-deletionpolicy.html"
_GLOBAL_TABLE = f"{_REFERENCE}/aws-resource-dynamodb-globaltable.html"
# AWS documents it only as a message.
_TYPE_MESSAGE = "https://github.com/aws/aws-sam-cli/issues/6786"
_TABLES = {TABLE, GLOBAL_TABLE}


def changed_types(pair: Pair) -> Iterator[Finding]:
    """Yield each resource whose type changes, which CloudFormation refuses."""
    for old, new in pair.both():
        if old.type == new.type:
            continue
        tables = {old.type, new.type} == _TABLES
        warning = " AWS warns that the table may be deleted." if tables else ""
        yield Finding(
            effect=Effect.REFUSED,
            certain=True,
            cause=Cause.TYPE,
            **place_of(old),
            what=f"Its type changes to {new.type}, which CloudFormation refuses.",
            why=f"The type of a logical id is fixed: Update of resource type is not permitted.{warning}",
            steps=(
                f"Set {DELETION} to Retain, and deploy nothing else.",
                "Take the resource out of the template, and deploy.",
                f"Add it as {new.type} with the same name, and import it: {IMPORT}.",
            )
            if tables
            else ("Give the new resource another logical id and another name.",),
            source=_GLOBAL_TABLE if tables else _TYPE_MESSAGE,
        )


def removed(pair: Pair, renamed: Iterable[Resource]) -> Iterator[Finding]:
    """Yield each resource that an update removes from a stack, except those whose logical id changes."""
    explained = {id(each) for each in renamed}
    for resource in () if _is_kept_as_a_whole(pair) else pair.removed():
        facts = facts_of(resource.type)
        # Of a nested stack whose template is known, its resources are judged.
        known_nested = resource.type == NESTED_STACK and _nested_of(resource, pair) and not is_retained(resource)
        if facts and facts.stateful and id(resource) not in explained and not known_nested:
            known = resource.template.holds(resource.body.get("Condition")) is not None
            certain = "Condition" not in resource.body or known
            yield _removed(resource, facts, pair, certain=certain)
    for old, new in pair.both():
        facts = facts_of(old.type)
        if facts and facts.stateful and _may_go(old, new):
            yield _removed(old, facts, pair, certain=False)


def _is_kept_as_a_whole(pair: Pair) -> bool:
    """Return whether the nested stack itself is retained, and so all that is in it."""
    if pair.new is not None or pair.old is None or pair.old.parent is None:
        return False
    return is_retained(pair.old.parent.resources[pair.old.parent_resource])


def _nested_of(resource: Resource, pair: Pair) -> bool:
    return pair.old is not None and resource.logical_id in pair.old.nested


def _may_go(old: Resource, new: Resource) -> bool:
    """Return whether a condition that the update brings may take a resource out."""
    name = new.body.get("Condition")
    if name is None or new.template.holds(name) is True:
        return False
    return name != old.body.get("Condition") or condition_differs(name, old.template, new.template)


def _removed(resource: Resource, facts: Facts, pair: Pair, *, certain: bool) -> Finding:
    fate = fate_of(resource, facts, DELETION)
    named = chosen_name(resource) is not None and not fate.lost
    name = f"Its name {shown_name(resource)}".strip()
    taken = f" {name} stays taken: creating it again fails." if named else ""
    gone = "It is taken out of the template" if certain else "A condition may take it out of the template"
    new = " or ".join(_successors(resource, pair))
    others = f" {new} is new and of the same type, but to CloudFormation another resource, and empty." if new else ""
    keep = [SAME_RESOURCE.format(f"{new} is", resource.logical_id), REFACTOR] if new else []
    what = f"deletes it with {facts.holds}" if fate.lost else f"leaves it behind with {facts.holds}"
    return Finding(
        effect=Effect.LOST if fate.lost else Effect.LEFT_BEHIND,
        cause=Cause.REMOVED,
        **place_of(resource),
        certain=certain and fate.certain,
        what=f"CloudFormation {what}.{taken}",
        why=f"{gone}. {fate.reason}{others}",
        steps=(
            *keep,
            *((f"To keep it, set {DELETION} to Retain, and deploy nothing else.",) if fate.lost else ()),
            f"To have it in the stack again, import it: {IMPORT}.",
            f"If it shall go, first back up as much of {facts.holds} as is still needed.",
        ),
        source=_DELETION_POLICY,
    )


def _successors(resource: Resource, pair: Pair) -> list[str]:
    """Return new resources of the same type, which may be meant to be the same one."""
    if pair.old is None or pair.new is None:
        return []
    return [
        each.logical_id
        for each in pair.new.resources.values()
        if each.type == resource.type and each.logical_id not in pair.old.resources
    ]
