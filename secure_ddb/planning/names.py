"""Names that were chosen in a template. Two resources of a kind cannot have the same one.

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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.template import Template

_SHARED = {GLOBAL_TABLE: TABLE, COMPOSITE_ALARM: ALARM}
# Of all Regions of an account, and of buckets of all accounts.
_OF_ALL_REGIONS = {BUCKET, MANAGED_POLICY, ROLE, USER}


def name_property(kind: str) -> str:
    """Return the property with which a name is chosen; empty if there is none."""
    return KINDS.get(kind, ANY_KIND).name


def chosen_name(resource: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return the name that was chosen, or None if CloudFormation makes one."""
    return resource.properties.get(name_property(resource.type))


def shown_name(resource: Resource) -> str:
    """Return the name that was chosen as it is written in a sentence; empty if only the deployment knows it."""
    name = chosen_name(resource)
    return "" if name is None or "${" in str(name) else str(name)


def keeps_its_name(old: Resource, new: Resource) -> bool:
    """Tell whether a name was chosen that surely stays the same."""
    return chosen_name(old) is not None and not changes(old, new, [name_property(old.type)])


class TakenNames:
    """The names that are taken before an update."""

    def __init__(self, templates: Iterable[Template]) -> None:
        """Take the templates as they are deployed."""
        self._holders: defaultdict[tuple[str, ...], list[Resource]] = defaultdict(list)
        for template in templates:
            for resource in template.resources.values():
                key = _key(resource)
                if key:
                    self._holders[key].append(resource)

    def holder(self, resource: Resource) -> Resource | None:
        """Return another deployed resource that has the name of a resource, if that is certain."""
        holders = self._holders.get(_key(resource), [])
        return next((each for each in holders if not same_place(each, resource)), None)


def same_place(one: Resource, other: Resource) -> bool:
    """Tell whether two resources have the same logical id in the same stack."""
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
