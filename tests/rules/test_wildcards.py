"""Comparing names with wildcards, as IAM does."""

from __future__ import annotations

import pytest

from secure_ddb.rules.wildcards import matches


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "anything", True),
        ("kms:Get*", "kms:GetKeyPolicy", True),
        ("kms:?et", "kms:Get", True),
        ("kms:Get", "kms:GetKeyPolicy", False),
        ("a[b]*", "a[b]c", True),
        ("a[b]*", "abc", False),
        ("${?p}*", "${?p}x", True),
        ("${?p}", "${xp}", False),
    ],
)
def test_patterns_match_as_iam_s_do(pattern: str, text: str, expected: bool) -> None:  # noqa: FBT001
    assert matches(pattern, text) is expected
