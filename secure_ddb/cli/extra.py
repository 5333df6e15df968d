"""The libraries of the extra `cli`, and the hint where they are missing."""

from __future__ import annotations

HINT = "secure-ddb needs boto3, click, jinja2, pyyaml and rich: pip install 'secure-ddb[cli]'"

_LIBRARIES = ("boto3", "botocore", "click", "jinja2", "markupsafe", "rich", "yaml")


def is_missing(error: ImportError) -> bool:
    """Whether an import failed because the extra is not installed."""
    return error.name is not None and error.name.partition(".")[0] in _LIBRARIES
