"""The statement that every resource policy of this library begins with (CS-2, ENC-3)."""

from __future__ import annotations

from typing import Any


def deny_without_tls(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    """Return a statement that denies requests without TLS, of all principals.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
    """
    return {
        "Sid": "DenyRequestsWithoutTls",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
