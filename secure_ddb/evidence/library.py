"""Which version of this library wrote evidence."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def library_version() -> str:
    """Return the version of this library; empty in a checkout that is not installed."""
    try:
        return version("secure-ddb")
    except PackageNotFoundError:
        return ""
