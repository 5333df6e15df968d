"""AWS Lambda functions, however they are named, and their log groups."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates

# The one that AWS Lambda uses unless told otherwise.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
_DEFAULT_LOG_GROUP = "/aws/lambda/"


class Functions:
    """The functions of the templates."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates

    def of(self, mapping: Resource) -> Resource | None:
        """Return the function that a mapping, an alias, a version or a permission is about; a pipe is about none."""
        return self.named(mapping.properties.get("FunctionName"), mapping)

    def named(self, text: object, near: Resource) -> Resource | None:
        """Return the function that a name or an ARN stands for, with or without an alias or a version."""
        text, near = self.behind_aliases(text, near)
        found = self._templates.find(text, near, kinds.FUNCTION)
        return found or self._templates.find(str(text).rpartition(":")[0], near, kinds.FUNCTION)

    def behind_aliases(self, text: object, near: Resource) -> tuple[object, Resource]:
        """Return the function that an alias or a version names, and the resource that names it last."""
        seen = set()
        # One that names itself is refused only at deployment.
        while (alias := self._aliases.get(str(text))) and alias not in seen:
            seen.add(alias)
            text, near = alias.properties.get("FunctionName"), alias
        return text, near

    @cached_property
    def _aliases(self) -> dict[str, Resource]:
        return {each.ref: each for each in self._templates.of_type(kinds.FUNCTION_ALIAS, kinds.FUNCTION_VERSION)}

    def log_group_of(self, function: Resource) -> Resource | None:
        """Return the log group that a function writes to, if it is in the templates."""
        chosen = at(function.properties, "LoggingConfig", "LogGroup")
        return self._templates.find(chosen or f"{_DEFAULT_LOG_GROUP}{function.name}", function, kinds.LOG_GROUP)
