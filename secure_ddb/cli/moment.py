"""Moments as arguments of commands: a date, or a date and time, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import click

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S"])


def in_utc(_context: click.Context, _parameter: click.Parameter, moment: datetime | None) -> datetime | None:
    """Return a moment as one in UTC."""
    return None if moment is None else moment.replace(tzinfo=UTC)
