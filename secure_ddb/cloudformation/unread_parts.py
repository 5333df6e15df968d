"""Parts of a template that nothing here reads: CloudFormation makes them, or they are in another template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from secure_ddb.cloudformation.kinds import NESTED_STACK
from secure_ddb.cloudformation.loops import LOOP, unrolled
from secure_ddb.cloudformation.values import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.cloudformation.template import Template

# It adds loops, which are read, and functions, whose values count as unknown.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
_READ = "AWS::LanguageExtensions"
_MACRO = "Fn::Transform"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
_MODULE = "::MODULE"
_ELSEWHERE: Final = {
    NESTED_STACK: "the nested stack {} as one of this stack",
    "AWS::CloudFormation::StackSet": "the templates of the stack set {}",
    "AWS::Serverless::Application": "the application {} of AWS SAM",
    "AWS::Serverless::SimpleTable": "the table {} of AWS SAM",
}


def unread_parts(template: Template) -> Iterator[str]:
    """Yield each part as a noun, such as `the output of the transform AWS::Include`."""
    for name in map(_named, as_list(template.body.get("Transform"))):
        if name != _READ:
            yield f"the output of the transform {name}"
    for resource in template.resources.values():
        if resource.type in _ELSEWHERE and resource.logical_id not in template.nested:
            yield _ELSEWHERE[resource.type].format(resource.logical_id)
        if resource.type.endswith(_MODULE):
            yield f"the resources of the module {resource.logical_id}"
    written = template.body.get("Resources")
    resources = unrolled(written) if isinstance(written, dict) else {}
    body: Mapping[str, Any] = {**template.body, "Resources": resources}
    for path in _paths(body):
        yield f"the value of {path}"


def _paths(value: object, path: str = "") -> Iterator[str]:
    """Yield where a value has macros, and loops over values that only the deployment knows."""
    if isinstance(value, dict):
        for name, inner in value.items():
            place = f"{path}.{name}" if path else str(name)
            if name == _MACRO:
                yield f"{place} ({_named(inner)})"
            elif str(name).startswith(LOOP):
                yield place
            elif isinstance(inner, dict | list):
                yield from _paths(inner, place)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if isinstance(inner, dict | list):
                yield from _paths(inner, f"{path}.{position}")


def _named(transform: object) -> object:
    return transform.get("Name", "") if isinstance(transform, dict) else transform
