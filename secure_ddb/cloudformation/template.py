"""The template of a stack, and known facts of its deployment."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.conditions import condition_holds
from secure_ddb.cloudformation.kinds import partition
from secure_ddb.cloudformation.loops import unrolled
from secure_ddb.cloudformation.resource import Resource
from secure_ddb.cloudformation.values import ABSENT, ACCOUNT, REGION, resolve, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.cloudformation.scope import OtherStacks

# How CDK hands a value to a stack of another Region.
# https://docs.aws.amazon.com/cdk/v2/guide/resources.html#resource-stack
_CROSS_REGION_READER = "Custom::CrossRegionExportReader"


@dataclass(kw_only=True, eq=False)
class Template:
    """A stack's template and known facts of its deployment.

    Attributes:
        name: The stack's construct path, or any name that no other template has.
        body: The template as it was written.
        file: Where it stands.
        stack_name: Name of the stack; empty if only the deployment knows it.
        account: Where it is deployed to; empty if only the deployment knows it.
        region: Likewise.
        termination_protection: Whether the stack has it; None if no manifest says so.
        nested: Logical id of an `AWS::CloudFormation::Stack` to its template.
        parent: The template around a nested stack.
        conditions: Assumed values of conditions.
        parameters: Assumed values of parameters.
        resolved: Marshalled values to resolved ones.
    """

    name: str
    body: Mapping[str, Any]
    file: str = ""
    stack_name: str = ""
    account: str = ""
    region: str = ""
    termination_protection: bool | None = None
    nested: dict[str, Template] = field(default_factory=dict)
    parent: Template | None = None
    parent_resource: str = ""
    _all: OtherStacks | None = None
    conditions: Mapping[str, bool] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    _holds: dict[str, bool | None] = field(default_factory=dict, init=False, repr=False)
    resolved: dict[bytes, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def key(self) -> str:
        """A name of the template for placeholders, without colons and slashes."""
        return self.name.replace("/", "-").replace(":", "-") or "Template"

    @property
    def _resources(self) -> Mapping[str, Any]:
        resources = self.body.get("Resources")
        return unrolled(resources) if isinstance(resources, dict) else {}

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """Logical id to resource."""
        return {
            logical_id: Resource(self, logical_id, body)
            for logical_id, body in self._resources.items()
            if isinstance(body, dict) and self.holds(body.get("Condition")) is not False
        }

    def type_of(self, logical_id: str) -> str:
        """Return the type of a resource, or an empty string."""
        return self.resources[logical_id].type if logical_id in self.resources else ""

    @property
    def declared(self) -> int:
        """How many resources it declares, those with conditions included."""
        return len(self._resources)

    @cached_property
    def size(self) -> int:
        """How many bytes it has as it is deployed; without a file, as few as it can have."""
        with suppress(OSError):
            return Path(self.file).stat().st_size if self.file else self._least_size
        return self._least_size

    @property
    def _least_size(self) -> int:
        return len(json.dumps(self.body, ensure_ascii=False, separators=(",", ":"), default=str).encode())

    def holds(self, condition: object) -> bool | None:
        """Return whether a condition holds; None if only the deployment knows."""
        if not isinstance(condition, str):
            return None
        if condition in self.conditions:
            return self.conditions[condition]
        if condition not in self._holds:
            self._holds[condition] = condition_holds(condition, self)
        return self._holds[condition]

    def unknown_conditions(self, condition: object) -> frozenset[tuple[str, str]]:
        """Return the unknown ones of a resource's condition and those of the nested stacks around it.

        Each is the template's name and the condition's.
        """
        around: frozenset[tuple[str, str]] = frozenset()
        if self.parent is not None:
            stack = self.parent.body["Resources"][self.parent_resource]
            around = self.parent.unknown_conditions(stack.get("Condition"))
        if isinstance(condition, str) and self.holds(condition) is None:
            return around | {(self.name, condition)}
        return around

    def assuming(
        self, conditions: Mapping[str, bool] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> Template:
        """Return a copy, without nested stacks, in which more is assumed of conditions and parameters."""
        # What a nested stack's conditions ask for may be passed by the template around it, so that this one stays.
        return replace(
            self,
            nested={},
            _all=None,
            conditions={**self.conditions, **(conditions or {})},
            parameters={**self.parameters, **(parameters or {})},
        )

    def is_passed(self, name: str) -> bool:
        """Return whether the template around a nested stack passes a parameter."""
        return self.parent is not None and name in self._passed(self.parent)

    def _passed(self, parent: Template) -> Mapping[str, Any]:
        properties = parent.body["Resources"][self.parent_resource].get("Properties", {})
        passed = properties.get("Parameters", {}) if isinstance(properties, dict) else {}
        return passed if isinstance(passed, dict) else {}

    @cached_property
    def pseudo_parameters(self) -> dict[str, Any]:
        """The values of the pseudo parameters."""
        region = self.region or REGION
        suffix = ".cn" if region.startswith("cn-") else ""
        return {
            "AWS::AccountId": self.account or ACCOUNT,
            "AWS::NoValue": ABSENT,
            "AWS::NotificationARNs": unknown(f"{self.key}.NotificationARNs"),
            "AWS::Partition": partition(region),
            "AWS::Region": region,
            "AWS::StackId": unknown(f"{self.key}.StackId"),
            "AWS::StackName": self.stack_name or f"${{{self.key}.StackName}}",
            "AWS::URLSuffix": f"amazonaws.com{suffix}",
        }

    def reference(self, name: str) -> Any:  # noqa: ANN401 - a value of a template
        """Return the value of a `Ref`. A default is not a value: the deployment may give another."""
        if name in self.pseudo_parameters:
            return self.pseudo_parameters[name]
        # A condition refers to parameters while it is not known yet which resources there are.
        if name not in self.body.get("Parameters", {}):
            return self.resources[name].ref if name in self.resources else ABSENT
        if name in self.parameters:
            return self.parameters[name]
        if self.parent is not None and self.is_passed(name):
            return resolve(self._passed(self.parent)[name], self.parent)
        return unknown(f"{self.key}.{name}")

    def attribute(self, logical_id: str, name: str) -> Any:  # noqa: ANN401 - a value of a template
        """Return the value of an `Fn::GetAtt`."""
        nested = self.nested.get(logical_id)
        if nested is not None and name.startswith("Outputs."):
            return nested.output(name.removeprefix("Outputs."))
        if logical_id not in self.resources:
            return ABSENT
        if self.resources[logical_id].type == _CROSS_REGION_READER and self._all:
            return self._all.from_other_region(name)
        return self.resources[logical_id].attribute(name)

    def output(self, name: str) -> Any:  # noqa: ANN401 - a value of a template
        """Return the value of an output."""
        outputs = self.body.get("Outputs", {})
        return resolve(outputs[name]["Value"], self) if name in outputs else unknown(f"{self.key}.Outputs.{name}")

    def imported(self, name: object) -> Any:  # noqa: ANN401 - a value of a template
        """Return the value that another stack of the same account and Region exports under a name."""
        exports = self._all.exports if self._all else {}
        found = exports.get((self.account, self.region, str(name)))
        return found[0].output(found[1]) if found else unknown(f"Import.{name}")

    def output_of(self, argument: object) -> Any:  # noqa: ANN401 - a value of a template
        """Return an output of another stack, by the stack's name."""
        if not isinstance(argument, dict):
            return unknown(argument)
        name, output, region = (argument.get(each, "") for each in ("StackName", "OutputName", "Region"))
        for template in self._all.scopes if self._all else ():
            if template.stack_name == name and (not region or template.region == region):
                return template.output(str(output))
        return unknown(f"Output.{name}.{output}")
