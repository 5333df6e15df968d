"""Text of a finding without the placeholders that rules compare."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import without_punctuation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.template import Template

_PLACEHOLDER = re.compile(r"\$\{(\??)([^}]*)\}")
_OF_AWS = "AWS."
_UNKNOWN = "(known only at deployment)"
# Keys of a stack, in addition to its resources and parameters.
_OF_STACK = ("NotificationARNs", "StackId", "StackName")


class Readable:
    """Writes placeholders as `Fn::Sub` does: `${Table.Arn}`, `${AWS::AccountId}`."""

    def __init__(self, templates: Iterable[Template]) -> None:
        """Store the templates that placeholders may be of."""
        self._templates = list(templates)

    def write(self, text: str) -> str:
        """Return a text without internal placeholders."""
        # Most texts have none.
        return _PLACEHOLDER.sub(self._written, text) if "${" in text else text

    def _written(self, match: re.Match[str]) -> str:
        is_unknown, inside = match.groups()
        if inside.startswith(_OF_AWS):
            return f"${{AWS::{inside.removeprefix(_OF_AWS)}}}"
        for template, begin in self._begins:
            name = inside.removeprefix(begin)
            if name in _OF_STACK and name != inside:
                return f"${{AWS::{name}}}"
            if name != inside and _names(template, name):
                return f"${{{name}}}"
        return _UNKNOWN if is_unknown else match[0]

    @cached_property
    def _begins(self) -> list[tuple[Template, str]]:
        """Each template with how its placeholders begin; those of a nested stack begin like those around it."""
        pairs = [
            (template, f"{key}.")
            for template in self._templates
            for key in dict.fromkeys((template.key, without_punctuation(template.key)))
        ]
        return sorted(pairs, key=lambda pair: len(pair[1]), reverse=True)


def _names(template: Template, name: str) -> bool:
    """Return whether a template has a parameter or a resource of this name, or whose attribute this is."""
    first = name.partition(".")[0]
    sections = (template.body.get(section) for section in ("Parameters", "Resources"))
    return first in template.resources or any(isinstance(each, dict) and first in each for each in sections)
