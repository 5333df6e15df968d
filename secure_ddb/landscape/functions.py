"""AWS Lambda functions, however they are named, and their log groups."""

from __future__ import annotations

import re
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
# A function may be named without the beginning of its ARN, or by account and name alone.
# https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
_REGION, _ACCOUNT = r"[a-z]{2}(?:-[a-z]+)+-\d|\$\{AWS\.Region\}", r"\d{12}|\$\{AWS\.AccountId\}"
_PARTIAL = re.compile(rf"(?:({_REGION}):)?(?:({_ACCOUNT}):)?(?:function:)?([^:]+)(?::[^:]+)?")


class Functions:
    """The functions of the templates."""

    def __init__(self, templates: Templates) -> None:
        """Take the templates."""
        self._templates = templates

    def of(self, mapping: Resource) -> Resource | None:
        """Return the function that a mapping, an alias, a version or a permission is about; a pipe is about none."""
        return self.named(mapping.properties.get("FunctionName"), mapping)

    def named(self, text: object, near: Resource) -> Resource | None:
        """Return the function that a name or an ARN stands for, with or without an alias or a version."""
        text, near = self.behind_aliases(text, near)
        found = self._templates.find(text, near, kinds.FUNCTION)
        return found or self._templates.find(_without_alias(str(text), near), near, kinds.FUNCTION)

    def behind_aliases(self, text: object, near: Resource) -> tuple[object, Resource]:
        """Return what an alias or a version is of, and who says so."""
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


def _without_alias(text: str, near: Resource) -> str:
    """Return a function's name, or its whole ARN, without an alias or a version."""
    found = _PARTIAL.fullmatch(text)
    if not found:
        return text.rpartition(":")[0]
    region, account, name = found.groups()
    if not (region or account):
        return name
    region = region or near.region
    return f"arn:{kinds.partition(region)}:lambda:{region}:{account or near.account}:function:{name}"
