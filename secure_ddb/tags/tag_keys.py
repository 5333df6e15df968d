"""The keys of the mandatory tags (OPS-1), which a company may choose. Nothing here loads CDK."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from constructs import Construct

    from secure_ddb.table_evidence import TableEvidence

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_LONGEST_KEY = 128
_ALLOWED = re.compile(r"[\w +\-=.:/@]*", re.UNICODE)
# In the context of an app, of a stage, or of `cdk.json`.
_CONTEXT = "secure-ddb:tag-keys"
# Before the key, in the settings that a table states about itself.
_SETTING = "tag_keys."
_DEFAULT = " (default "


def require_tag_text(argument: str, value: str, longest: int) -> None:
    """Reject the key or the value of a tag that AWS does not accept for every service; tokens pass."""
    require_type(argument, value, str)
    if is_token(value):
        return
    if not value.strip():
        reject(argument, value, f"1 to {longest} characters")
    if len(value) > longest:
        reject(argument, value, f"at most {longest} characters, not {len(value)}")
    if value.lower().startswith("aws:"):
        reject(argument, value, "text that does not start with 'aws:', which AWS reserves")
    if not _ALLOWED.fullmatch(value):
        reject(argument, value, "letters, digits, spaces and + - = . _ : / @")


@dataclass(frozen=True, kw_only=True)
class TagKeys:
    """The keys of the mandatory tags, where a company has its own.

    Attributes:
        owner: Key of the tag with the owner.
        cost_center: Key of the tag with the cost centre.
        application: Key of the tag with the application.
        environment: Key of the tag with the environment.
        data_classification: Key of the tag with the data classification.

    Raises:
        InvalidArgumentError: A key is empty, longer than 128 characters, starts with `aws:`, has a character that AWS
            does not allow in every service's tags, or equals another one but for its case, which IAM refuses.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """

    owner: str = "Owner"
    cost_center: str = "CostCenter"
    application: str = "Application"
    environment: str = "Environment"
    data_classification: str = "DataClassification"

    def __post_init__(self) -> None:
        """Reject keys that AWS does not accept."""
        seen: dict[str, str] = {}
        for name, key in asdict(self).items():
            argument = f"{_SETTING}{name}"
            require_tag_text(argument, key, _LONGEST_KEY)
            if is_token(key):
                reject(argument, key, "a key that is known at synth")
            if key != key.strip():
                reject(argument, key, "no leading or trailing space")
            if key.lower() in seen:
                reject(argument, key, f"a key that differs from that of {seen[key.lower()]} in more than case")
            seen[key.lower()] = name

    def apply_to(self, scope: Construct) -> None:
        """Use these keys for all tables and endpoints of an app or a stage.

        It is the same as the context `secure-ddb:tag-keys` in `cdk.json`, with the names of these attributes.

        Args:
            scope: An App or a Stage that is still empty: CDK takes no context afterwards.

        Raises:
            InvalidArgumentError: There is something in it already.
        """
        allowed = "an App or a Stage with nothing in it yet: apply TagKeys before adding stacks"
        require_interface("scope", scope, "node", allowed)
        if children := scope.node.children:
            ids = ", ".join(child.node.id for child in children)
            reject("scope", f"{type(scope).__name__} that already contains {ids}", allowed)
        scope.node.set_context(_CONTEXT, asdict(self))

    @classmethod
    def of(cls, scope: Construct) -> TagKeys:
        """Return the keys that were chosen for a scope, or the defaults.

        Raises:
            InvalidArgumentError: The context has something else, or a key that cannot be used.
        """
        chosen = scope.node.try_get_context(_CONTEXT)
        if chosen is None:
            return DEFAULT_TAG_KEYS
        names = {field.name for field in fields(cls)}
        if not isinstance(chosen, dict) or not chosen.keys() <= names:
            reject(f"context {_CONTEXT}", chosen, f"an object with {', '.join(sorted(names))} or some of them")
        return cls(**chosen)

    def check(self, evidence: TableEvidence) -> None:
        """Record the keys that differ from the default."""
        for name, key in asdict(self).items():
            evidence.compare(f"{_SETTING}{name}", key, getattr(DEFAULT_TAG_KEYS, name))


DEFAULT_TAG_KEYS = TagKeys()


def stated_keys(settings: dict[str, str]) -> TagKeys | None:
    """Return the keys that a table states among its settings; None if it states none. Refuse unusable ones."""
    stated = {
        field.name: settings[f"{_SETTING}{field.name}"].partition(_DEFAULT)[0]
        for field in fields(TagKeys)
        if f"{_SETTING}{field.name}" in settings
    }
    return TagKeys(**stated) if stated else None
