"""Comparing names with wildcards, as IAM does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.iam.wildcards import ANY_NAME, OTHER_ACCOUNT, for_every_name, like, matches, resource_like

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth


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
        ("bucke*", True),
        ("bucket/a", None),
        ("bucket/?", None),
        ("bucket/logs/x", None),
        ("*/x", None),
        ("?ucket/x", None),
        ("bucket*x", None),
        ("bucket/", None),
        ("bucket", False),
        ("other/*", False),
        ("?/*", False),
        ("${?p}/*", None),
    ],
)
def test_a_pattern_may_be_for_some_names(pattern: str, *, expected: Truth) -> None:
    assert resource_like(pattern, f"bucket/{ANY_NAME}") is expected
    assert matches(pattern, for_every_name(f"bucket/{ANY_NAME}")) is (expected is True)


def test_a_pattern_for_a_name_is_for_all_of_it() -> None:
    assert resource_like("bucket/*", "bucket/x") is True
    assert resource_like("bucket/x/*", "bucket/x") is False
    assert for_every_name("bucket/x") == "bucket/x"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        # What a placeholder is called says nothing.
        ("*prod*", "${prod-Stack.Orders}", None),
        ("*prod*", "${?prod}", None),
        ("Stack-*", "${Stack.Orders}", None),
        ("?", "${?p}", None),
        ("orders", "${Stack.Orders}", False),
        ("${Stack.Orders}/*", "${Stack.Orders}/x", True),
        ("${Stack.Orders}", "${Stack.Payments}", False),
        ("orders/*", "${Stack.Orders}/x", False),
        ("o*/x", "${Stack.Orders}/x", None),
        ("*:x", "${Stack.Orders}", False),
        ("*:x", "${Stack.Orders.Arn}", None),
        ("${Stack.StackName}-x", "prod-x", None),
        ("${?p}x", "${?p}y", False),
        ("${?p}x", "${?q}x", None),
        ("${?p}-${?q}", "a-b", None),
        ("${?p}-${?q}", "ab", False),
        ("${AWS.AccountId}", "111122223333", None),
        ("${AWS.AccountId}", "orders", False),
        ("${AWS.Region}", "EU", False),
        ("${AWS.AccountId}", OTHER_ACCOUNT, False),
        ("111122223333", OTHER_ACCOUNT, None),
        ("a?", "a${?p}", None),
        ("a*b", "c${?p}b", False),
        ("*", "", True),
        ("", "${?p}", None),
    ],
)
def test_what_is_not_known_may_match(pattern: str, text: str, expected: Truth) -> None:
    assert like(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("arn:aws:dynamodb:*:*:table/x", True),
        # An asterisk at the end of a part may match beyond the colon, and no other may.
        ("arn:aws:dynamodb:*:table/x", True),
        ("arn:aws:dynamodb:*", True),
        ("arn:aws:dynamodb:eu*1:table/x", None),
        ("arn:aws:dynamodb:eu*1:*:table/x", True),
        ("arn:aws:dynamodb:us-*:table/x", False),
    ],
)
def test_parts_of_an_arn_are_compared_one_by_one(pattern: str, expected: Truth) -> None:
    assert resource_like(pattern, "arn:aws:dynamodb:eu-central-1:1:table/x") is expected
