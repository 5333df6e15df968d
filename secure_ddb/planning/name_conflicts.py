"""New resources whose creation fails because their name is taken.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.planning.fate import DELETION, is_retained, protected
from secure_ddb.planning.model import Cause, Effect, Finding
from secure_ddb.planning.names import TakenNames, chosen_name, keeps_its_name, name_property
from secure_ddb.planning.steps import IMPORT, REFACTOR, SAME_RESOURCE

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.pairs import Pairs

_NAME_TYPE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html"
_REFACTORING = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html"


def taken_names(pairs: Pairs) -> list[tuple[Resource, Finding]]:
    """Return each resource that is new and wants a name that is taken, after the resource that has the name."""
    taken = TakenNames(pairs.before.templates)
    kept = {id(new) for pair in pairs.pairs for old, new in pair.both() if keeps_its_name(old, new)}
    here = {id(pair.new) for pair in pairs.pairs}
    found = []
    for template in pairs.after.templates:
        for resource in template.resources.values():
            holder = None if id(resource) in kept else taken.holder(resource)
            if holder is not None:
                # In another stack the name is free again if that stack is deployed first and deletes it.
                same = holder.template.name == template.name and id(template) in here
                found.append((holder, _taken(resource, holder, certain=same or _stays(holder, pairs))))
    return found


def _stays(holder: Resource, pairs: Pairs) -> bool:
    """Tell whether a resource surely outlives the update, in its stack or outside of it."""
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
        certain=certain,
        cause=Cause.NAME_TAKEN,
        stack=resource.template.name,
        logical_id=resource.logical_id,
        resource_type=resource.type,
        what=f"Its creation fails: {place} already has the {name_property(resource.type)} {chosen_name(resource)}.",
        why="To CloudFormation another logical id or stack is another resource. It creates the new one before it "
        f"deletes the old one, and with {DELETION} Retain the old one keeps the name even then.",
        steps=(
            SAME_RESOURCE.format("both are", holder.logical_id),
            REFACTOR,
            f"Or set {DELETION} to Retain, and deploy. Take it out, and deploy. Then import it: {IMPORT}.",
            "If they are two resources, give the new one another name.",
        ),
        source=_REFACTORING if same_stack else _NAME_TYPE,
    )
