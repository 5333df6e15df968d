"""Comparing names with wildcards, as IAM does."""

from __future__ import annotations

import pytest

from secure_ddb.rules.wildcards import ANY_NAME, matches, overlaps


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


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", True),
        ("bucket/*", True),
        ("bucket/a", True),
        ("bucket/logs/x", True),
        ("bucke*", True),
        ("*/x", True),
        ("?ucket/x", True),
        ("bucket*x", True),
        ("bucket", False),
        ("bucket/", True),
        ("other/*", False),
        ("?/*", False),
        ("${?p}/*", False),
    ],
)
def test_a_pattern_may_be_for_some_names(pattern: str, *, expected: bool) -> None:
    assert overlaps(pattern, f"bucket/{ANY_NAME}") is expected


def test_a_pattern_for_a_name_is_for_all_of_it() -> None:
    assert overlaps("bucket/*", "bucket/x")
    assert not overlaps("bucket/x/*", "bucket/x")
