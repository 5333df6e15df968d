"""Names that were chosen in a template, and new resources whose creation fails because their name is taken.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.kinds import (
    ALARM,
    ANY_KIND,
    BUCKET,
    COMPOSITE_ALARM,
    GLOBAL_TABLE,
    KINDS,
    MANAGED_POLICY,
    ROLE,
    TABLE,
    USER,
)
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.planning.changes import changes
from secure_ddb.planning.fate import DELETION, IMPORT, REFACTOR, SAME_RESOURCE, is_retained, protected
from secure_ddb.planning.model import Cause, Effect, Finding, place_of

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.pairs import Pairs

NAME_TYPE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html"
_REFACTORING = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html"
_SHARED = {GLOBAL_TABLE: TABLE, COMPOSITE_ALARM: ALARM}
# Of all Regions of an account, and of buckets of all accounts.
_OF_ALL_REGIONS = {BUCKET, MANAGED_POLICY, ROLE, USER}


def name_property(kind: str) -> str:
    """Return the property that sets a name, or an empty string."""
    return KINDS.get(kind, ANY_KIND).name


def chosen_name(resource: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return the name that was chosen, or None if CloudFormation makes one."""
    return resource.properties.get(name_property(resource.type))


def shown_name(resource: Resource) -> str:
    """Return the name that was chosen as it is written in a sentence; empty if only the deployment knows it."""
    name = chosen_name(resource)
    return "" if name is None or "${" in str(name) else str(name)


def keeps_its_name(old: Resource, new: Resource) -> bool:
    """Return whether a name is set and certainly stays the same."""
    return chosen_name(old) is not None and not changes(old, new, [name_property(old.type)])


def taken_names(pairs: Pairs) -> list[tuple[Resource, Finding]]:
    """Return each resource that is new and wants a name that is taken, after the resource that has the name."""
    holders: defaultdict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for template in pairs.before.templates:
        for resource in template.resources.values():
            holders[_key(resource)].append(resource)
    kept = {id(new) for pair in pairs.pairs for old, new in pair.both() if keeps_its_name(old, new)}
    here = {id(pair.new) for pair in pairs.pairs}
    found = []
    for template in pairs.after.templates:
        for resource in template.resources.values():
            key = () if id(resource) in kept else _key(resource)
            holder = next((each for each in holders[key] if not _same_place(each, resource)), None) if key else None
            if holder is not None:
                # In another stack the name is free again if that stack is deployed first and deletes it.
                same = holder.template.name == template.name and id(template) in here
                found.append((holder, _taken(resource, holder, certain=same or _stays(holder, pairs))))
    return found


def _stays(holder: Resource, pairs: Pairs) -> bool:
    """Return whether a resource certainly outlives the update, in its stack or outside of it."""
    for pair in pairs.pairs:
        if pair.old is holder.template:
            new = pair.new.resources.get(holder.logical_id) if pair.new is not None else None
            gone = new is None or not keeps_its_name(holder, new)
            return not gone or is_retained(holder) or protected(holder)
    # Its stack is no part of the update.
    return True


def _taken(resource: Resource, holder: Resource, *, certain: bool) -> Finding:
    same_stack = holder.template.name == resource.template.name
    place = holder.logical_id if same_stack else f"{holder.logical_id} of the stack {holder.template.name}"
    return Finding(
        effect=Effect.REFUSED,
        cause=Cause.NAME_TAKEN,
        **place_of(resource),
        certain=certain,
        what=f"Its creation fails: {place} already has the {name_property(resource.type)} {chosen_name(resource)}.",
        why="To CloudFormation another logical id or stack is another resource. It creates the new one before it "
        f"deletes the old one, and with {DELETION} Retain the old one keeps the name even then.",
        steps=(
            SAME_RESOURCE.format("both are", holder.logical_id),
            REFACTOR,
            f"Or set {DELETION} to Retain, and deploy. Take it out, and deploy. Then import it: {IMPORT}.",
            "If they are two resources, give the new one another name.",
        ),
        source=_REFACTORING if same_stack else NAME_TYPE,
    )


def _same_place(one: Resource, other: Resource) -> bool:
    """Return whether two resources have the same logical id in the same stack."""
    first, second = ((each.template.name, each.logical_id, each.account, each.region) for each in (one, other))
    return first == second


def _key(resource: Resource) -> tuple[str, ...]:
    name = chosen_name(resource)
    if not isinstance(name, str) or is_unknown(name):
        return ()
    kind = _SHARED.get(resource.type, resource.type)
    if kind == BUCKET:
        return kind, name
    return (kind, name, resource.account, "" if kind in _OF_ALL_REGIONS else resource.region)
