"""Which streams an audit function reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Streams:
    """The streams that an audit function reads.

    Attributes:
        beginning: How their ARNs begin.
        arn: ARN of the one stream; empty where several tables share the function.
        key_arn: ARN of the key that encrypts it, where that is another one than the function's own.
    """

    beginning: str
    arn: str = ""
    key_arn: str = ""
