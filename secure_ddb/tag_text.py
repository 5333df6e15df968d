"""What AWS accepts as the key or the value of a tag."""

from __future__ import annotations

import re

from secure_ddb.errors import reject, require_type
from secure_ddb.tokens import is_token

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_ALLOWED = re.compile(r"[\w +\-=.:/@]*", re.UNICODE)


def require_tag_text(argument: str, value: str, longest: int) -> None:
    """Refuse the key or the value of a tag that AWS does not accept for every service; tokens pass.

    Raises:
        InvalidArgumentError: It is empty, too long, reserved, or has a character that is not allowed.
    """
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
