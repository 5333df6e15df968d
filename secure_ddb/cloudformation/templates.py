"""All templates of one synth, and finding resources in them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.declared_tables import declared_tables
from secure_ddb.cloudformation.kinds import ALARM, ALIAS, GLOBAL_TABLE, KEY, KINDS, TABLE
from secure_ddb.cloudformation.values import at, resolve, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.scope import Scope
    from secure_ddb.cloudformation.template import Template

# How CDK hands a value to a stack of another Region.
_CROSS_REGION_WRITER = "Custom::CrossRegionExportWriter"


class Templates:
    """All templates of one synth, indexed."""

    def __init__(self, templates: Iterable[Template]) -> None:
        """Store the templates of stacks; those of nested stacks are found through their parents."""
        self.templates: list[Template] = []
        for template in templates:
            self._add(template)

    def _add(self, template: Template) -> None:
        template._all = self  # noqa: SLF001 - how a template finds what others export
        self.templates.append(template)
        for logical_id, nested in template.nested.items():
            nested.parent, nested.parent_resource = template, logical_id
            nested.account = nested.account or template.account
            nested.region = nested.region or template.region
            self._add(nested)

    @property
    def scopes(self) -> list[Template]:
        """The templates, as a template sees the others."""
        return self.templates

    @cached_property
    def by_type(self) -> dict[str, list[Resource]]:
        """Resource type to resources, tables among them that are declared elsewhere."""
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for template in self.templates:
            for resource in template.resources.values():
                found[resource.type].append(resource)
        elsewhere = [declared for template in self.templates for declared in declared_tables(template)]
        if elsewhere:
            # A template of the app says more of a table than its controls.
            known = {resource.arn for kind in (TABLE, GLOBAL_TABLE) for resource in found.get(kind, ())}
            found[GLOBAL_TABLE] += [declared for declared in elsewhere if declared.arn not in known]
        return found

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types."""
        return [resource for each in types for resource in self.by_type.get(each, ())]

    @cached_property
    def exports(self) -> dict[tuple[str, str, str], tuple[Scope, str]]:
        """Account, Region and name of an export to its template and output."""
        return {
            (template.account, template.region, str(resolve(output["Export"]["Name"], template))): (template, name)
            for template in self.templates
            for name, output in template.body.get("Outputs", {}).items()
            if "Export" in output
        }

    @cached_property
    def _written_to_other_regions(self) -> dict[str, tuple[Scope, Any]]:
        return {
            name: (writer.template, value)
            for writer in self.of_type(_CROSS_REGION_WRITER)
            for name, value in at(writer.body, "Properties", "WriterProps", "exports").items()
        }

    def from_other_region(self, name: str) -> Any:  # noqa: ANN401 - a value of a template
        """Return the values that CDK passes from a stack of another Region."""
        found = self._written_to_other_regions.get(name)
        return resolve(found[1], found[0]) if found else unknown(name)

    @cached_property
    def _identities(self) -> dict[str, list[Resource]]:
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        # Nothing refers to an alarm, and there are more of them than of all the others together.
        for kind in KINDS.keys() - {ALARM}:
            for resource in self.by_type.get(kind, ()):
                for text in dict.fromkeys(resource.identities()):
                    found[text].append(resource)
        return found

    def find(self, text: object, near: Resource, *types: str) -> Resource | None:
        """Return the resource of some types that a name, or an ARN, stands for.

        A bare name means a resource in the account and Region of the one that refers to it, `near`.
        """
        if not isinstance(text, str):
            return None
        for resource in self._identities.get(text, ()):
            if resource.type in types and (text.startswith("arn:") or _same_place(resource, near)):
                return resource
        return None

    def find_key(self, text: object, near: Resource) -> Resource | None:
        """Return the KMS key that an ARN, an id or an alias stands for."""
        found = self.find(text, near, ALIAS, KEY)
        if found is None or found.type == KEY:
            return found
        return self.find(found.properties.get("TargetKeyId"), found, KEY)


def _same_place(resource: Resource, other: Resource) -> bool:
    same = resource.template is other.template
    return same or (resource.account == other.account and resource.region == other.region)
