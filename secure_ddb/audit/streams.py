"""Which streams an audit function reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Streams:
    """The streams that an audit function reads.

    Attributes:
        beginning: How their ARNs begin.
        arn: ARN of the one stream; empty where several tables share the function.
    """

    beginning: str
    arn: str = ""
