"""The mandatory tags (OPS-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from aws_cdk import Tags

from secure_ddb.errors import reject, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_LONGEST_VALUE = 256
_ALLOWED = re.compile(r"[\w +\-=.:/@]*", re.UNICODE)


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Who answers and pays for a table. Each field becomes a tag on every taggable resource.

    Attributes:
        owner: Whom to call; tag `Owner`.
        cost_center: Who pays; tag `CostCenter`.
        application: What the table belongs to; tag `Application`.
        environment: Where it runs, such as `prod`; tag `Environment`.

    Raises:
        InvalidArgumentError: A value is empty, longer than 256 characters, starts with `aws:`, or has a
            character that AWS does not allow in every service's tags.
    """

    owner: str
    cost_center: str
    application: str
    environment: str

    def __post_init__(self) -> None:
        """Check every value against what AWS accepts."""
        for field in fields(self):
            _check(f"ownership.{field.name}", getattr(self, field.name))

    def tags(self) -> dict[str, str]:
        """Return the tags: key to value."""
        return {
            "Owner": self.owner,
            "CostCenter": self.cost_center,
            "Application": self.application,
            "Environment": self.environment,
        }


def add_tags(scope: Construct, values: Mapping[str, str]) -> None:
    """Tag everything in a scope: key to value."""
    # On this scope and not above: CDK visits everything below a tag once for each tag.
    tags = Tags.of(scope)
    for key, value in values.items():
        tags.add(key, value)


def _check(argument: str, value: str) -> None:
    require_type(argument, value, str)
    if is_token(value):
        return
    if not value.strip():
        reject(argument, value, f"1 to {_LONGEST_VALUE} characters")
    if len(value) > _LONGEST_VALUE:
        reject(argument, value, f"at most {_LONGEST_VALUE} characters, not {len(value)}")
    if value.lower().startswith("aws:"):
        reject(argument, value, "a value that does not start with 'aws:', which AWS reserves")
    if not _ALLOWED.fullmatch(value):
        reject(argument, value, "letters, digits, spaces and + - = . _ : / @")
