"""What the extra `cli` brings, and what to say without it."""

from __future__ import annotations

HINT = "secure-ddb needs click, rich and boto3: pip install 'secure-ddb[cli]'"

_LIBRARIES = ("boto3", "botocore", "click", "rich")


def is_missing(error: ImportError) -> bool:
    """Whether an import failed because the extra is not installed."""
    return error.name is not None and error.name.partition(".")[0] in _LIBRARIES
