"""The alias of a key, unique in a Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.errors import reject

if TYPE_CHECKING:
    from secure_ddb.context import StackEnvironment

# An alias has 256 characters, of which "alias/", a stack's name of 128 and a slash are gone; the end is a hash.
_LONGEST_ID = 121


def check_alias(stack_name: str) -> None:
    """Reject a stack name that would make an alias with the reserved beginning `alias/aws/`, in any case.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-create.html
    """
    if stack_name.lower() == "aws":
        reject(
            "name of the stack",
            stack_name,
            "another one, or an existing key (encryption.key): the key's alias would begin with alias/aws/, "
            "which AWS KMS reserves",
        )


def key_alias(environment: StackEnvironment, unique_id: str) -> str:
    """Return an alias for a key: stack and construct together are unique in a Region, as an alias has to be."""
    return f"alias/{environment.stack_name}/{unique_id[-_LONGEST_ID:]}"
