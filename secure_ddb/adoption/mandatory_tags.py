"""The mandatory tags of a `SecureTable`, as far as the tags of an existing table tell them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.classification import DataClassification
from secure_ddb.errors import InvalidArgumentError
from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS, require_tag_text

if TYPE_CHECKING:
    from secure_ddb.adoption.existing import ExistingTable

PLACEHOLDER = "REPLACE-ME"
_LONGEST_VALUE = 256
_CLASSIFICATION = "data_classification"


class MandatoryTags(NamedTuple):
    """Mandatory tags derived from a table's tags.

    Attributes:
        ownership: Argument of `Ownership` to its value, or to a placeholder.
        classification: What the code says; None leaves the default.
        said: Value of the table's own tag; empty if it has none.
        others: The tags that stay as they are.
        renamed: Keys that IAM takes for a mandatory one, because they differ only in case.
    """

    ownership: dict[str, str]
    classification: DataClassification | None
    said: str
    others: dict[str, str]
    renamed: dict[str, str]

    @property
    def missing(self) -> list[str]:
        """The arguments of `Ownership` that cannot be derived from the tags."""
        return [name for name, value in self.ownership.items() if value == PLACEHOLDER]


def mandatory_tags(table: ExistingTable) -> MandatoryTags:
    """Sort the tags of a table."""
    ours = asdict(DEFAULT_TAG_KEYS)
    by_lower = {key.lower(): (name, key) for name, key in ours.items()}
    found: dict[str, str] = {}
    others, renamed = {}, {}
    # The key as it is spelt here counts before one in another case.
    for key, value in sorted(table.tags, key=lambda tag: tag[0] not in ours.values()):
        name, mandatory = by_lower.get(key.lower(), ("", ""))
        if not name:
            others[key] = value
            continue
        found.setdefault(name, value)
        if key != mandatory:
            renamed[key] = mandatory
    ownership = {name: _usable(found.get(name, "")) for name in ours if name != _CLASSIFICATION}
    said = found.get(_CLASSIFICATION, "")
    return MandatoryTags(ownership, _classification(said), said, others, renamed)


def _usable(value: str) -> str:
    with suppress(InvalidArgumentError):
        require_tag_text("tag", value, _LONGEST_VALUE)
        return value
    return PLACEHOLDER


def _classification(said: str) -> DataClassification | None:
    level = next((each for each in DataClassification if each.value == said.lower()), None)
    # The default is CONFIDENTIAL. A restricted table needs a perimeter, which cannot be derived from the table.
    return level if level in {DataClassification.PUBLIC, DataClassification.INTERNAL} else None
