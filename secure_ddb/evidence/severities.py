"""Severities of all packs, in one order."""

from __future__ import annotations

SEVERITIES = ("critical", "high", "error", "medium", "warning", "low", "info")


def severity_rank(name: str) -> int:
    """Return a number by which severities are sorted, the worst first; an unknown one comes last."""
    return SEVERITIES.index(name) if name in SEVERITIES else len(SEVERITIES)
