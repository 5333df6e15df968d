"""What no rule can judge, because CloudFormation makes it of the template, or it stands in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from secure_ddb.cloudformation.kinds import NESTED_STACK
from secure_ddb.cloudformation.loops import LOOP, unrolled
from secure_ddb.cloudformation.values import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.evidence.places import Places
    from secure_ddb.landscape.assembly import Assembly

# What it adds are loops, which are judged, and functions, whose values are called unknown.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
_READ = "AWS::LanguageExtensions"
_MACRO = "Fn::Transform"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
_MODULE = "::MODULE"
_ELSEWHERE: Final = {
    NESTED_STACK: "the nested stack {} as one of this stack",
    "AWS::CloudFormation::StackSet": "what the stack set {} deploys",
    "AWS::Serverless::Application": "the application {} of AWS SAM",
    "AWS::Serverless::SimpleTable": "the table {} of AWS SAM",
}


def not_judged(assembly: Assembly, places: Places) -> Iterator[str]:
    """Yield a sentence for each part of the templates that no rule sees, with the file."""
    for template in assembly.templates:
        for what in _of_template(template):
            yield f"{places.file_of(template)}: not judged is {what}"


def _of_template(template: Template) -> Iterator[str]:
    for name in map(_named, as_list(template.body.get("Transform"))):
        if name != _READ:
            yield f"what the transform {name} makes of it"
    for resource in template.resources.values():
        if resource.type in _ELSEWHERE and resource.logical_id not in template.nested:
            yield _ELSEWHERE[resource.type].format(resource.logical_id)
        if resource.type.endswith(_MODULE):
            yield f"what the module {resource.logical_id} is made of"
    written = template.body.get("Resources")
    resources = unrolled(written) if isinstance(written, dict) else {}
    body: Mapping[str, Any] = {**template.body, "Resources": resources}
    for path in _paths(body):
        yield f"what {path} stands for"


def _paths(value: object, path: str = "") -> Iterator[str]:
    """Yield where a value has macros, and loops over what only the deployment knows."""
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
