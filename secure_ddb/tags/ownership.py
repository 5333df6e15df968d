"""The mandatory tags (OPS-1)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from aws_cdk import Tags

from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS, TagKeys, require_tag_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_LONGEST_VALUE = 256


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """The owner and cost centre of a table. Each field becomes a tag on every taggable resource.

    The keys below are the defaults; `TagKeys` changes them for an app or a stage.

    Attributes:
        owner: The contact; tag `Owner`.
        cost_center: The cost centre; tag `CostCenter`.
        application: The application of the table; tag `Application`.
        environment: Its stage, such as `prod`; tag `Environment`.

    Raises:
        InvalidArgumentError: A value is empty, longer than 256 characters, starts with `aws:`, or has a
            character that AWS does not allow in every service's tags.
    """

    owner: str
    cost_center: str
    application: str
    environment: str

    def __post_init__(self) -> None:
        """Reject values that AWS does not accept."""
        for field in fields(self):
            require_tag_text(f"ownership.{field.name}", getattr(self, field.name), _LONGEST_VALUE)

    def tags(self, keys: TagKeys = DEFAULT_TAG_KEYS) -> dict[str, str]:
        """Return the tags: key to value."""
        return {getattr(keys, field.name): getattr(self, field.name) for field in fields(self)}


def add_tags(scope: Construct, values: Mapping[str, str]) -> None:
    """Tag everything in a scope: key to value."""
    # On this scope and not above: CDK visits everything below a tag once for each tag.
    tags = Tags.of(scope)
    for key, value in values.items():
        tags.add(key, value)
