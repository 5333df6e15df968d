"""What a grant's partition keys can be, and that nothing among them means something else to IAM (IAM-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Token

from secure_ddb import InvalidArgumentError, LeadingKeys

if TYPE_CHECKING:
    from collections.abc import Callable

TAG = "letters, digits, spaces and _ . : / = + - @"
CLAIM = "provider:claim, such as accounts.google.com:sub"
LITERAL = "known at synth, without ${, * and ?"
TOKEN = Token.as_string({"Ref": "Key"})
tag, claim, values = LeadingKeys.principal_tag, LeadingKeys.web_identity, LeadingKeys.values

# Who is called; with what; the argument that the error names; what it allows.
REFUSED: list[tuple[Callable[[Any], LeadingKeys], Any, str, str]] = [
    *((tag, key, "key", TAG) for key in ("", " ", " a", "a" * 129, "a}", "${a}", "a*", "a?", "a,'b'", "łódź", "a\n")),
    *((tag, key, "key", "not starting with aws:") for key in ("aws:a", "AWS:a")),
    *((tag, key, "key", "str") for key in (None, 5, b"a", ["tenant"])),
    (tag, TOKEN, "key", TAG),
    *((claim, name, "claim", CLAIM) for name in ("", "sub", "google:sub", "accounts.google.com", "example.com:")),
    *((claim, name, "claim", CLAIM) for name in ("aws:userid", "aws:PrincipalTag/a", "www.amazon.com:user_id}")),
    *((claim, name, "claim", CLAIM) for name in ("https://example.com:sub", "example.com:*", "*.com:sub", ".com:sub")),
    *((claim, name, "claim", CLAIM) for name in ("example.com:sub\n", "${example.com:sub}", "example.com:a, 'b'")),
    *((claim, name, "claim", "str") for name in (None, 5, b"a.com:b")),
    (claim, TOKEN, "claim", CLAIM),
    *((values, given, "values", "a list of partition keys") for given in (None, "alice", b"alice", 5, {"alice"})),
    (values, [], "values", "at least one partition key"),
    (values, ["alice", 5], "values[1]", "str"),
    *((values, ["alice", key], "values[1]", "1 to 2048 bytes") for key in ("", " ", "a" * 2049, "ä" * 1025)),
    *((values, ["alice", key], "values[1]", LITERAL) for key in ("${aws:userid}", "a${", "*", "a?", TOKEN)),
    *((values, [key], "values[0]", "U+0020 to U+00FF") for key in ("łódź", "a\nb", "a\x00")),
    (values, ["alice", "bob", "alice"], "values[2]", "stand once"),
    (LeadingKeys, ("${aws:userid}",), "claim", CLAIM),
    (LeadingKeys, ("${aws:PrincipalTag/a}b}",), "key", TAG),
    (LeadingKeys, ("${aws:PrincipalTag/a}", "b"), "allowed[0]", LITERAL),
    (LeadingKeys, ("a*",), "allowed[0]", LITERAL),
    (LeadingKeys, (), "allowed", "at least one partition key"),
    (LeadingKeys, "alice", "allowed", "what LeadingKeys' class methods make"),
]


@pytest.mark.parametrize(
    ("maker", "given", "argument", "allowed"), REFUSED, ids=lambda value: "a token" if value is TOKEN else None
)
def test_keys_that_iam_would_read_otherwise_are_refused(
    maker: Callable[[Any], LeadingKeys], given: Any, argument: str, allowed: str
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        maker(given)
    assert raised.value.argument == argument
    assert allowed in raised.value.allowed


@pytest.mark.parametrize("key", ["tenant", "a", "a" * 128, "Cost Centre", "team:name/a=b+c-d@e.f_g", "größe"])
def test_tag_of_the_principal_becomes_a_variable(key: str) -> None:
    assert tag(key).allowed == (f"${{aws:PrincipalTag/{key}}}",)


@pytest.mark.parametrize(
    "name",
    [
        "www.amazon.com:user_id",
        "graph.facebook.com:id",
        "accounts.google.com:sub",
        "cognito-identity.amazonaws.com:sub",
        "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:sub",
    ],
)
def test_claim_of_the_web_identity_becomes_a_variable(name: str) -> None:
    assert claim(name).allowed == (f"${{{name}}}",)


@pytest.mark.parametrize("given", [["alice"], ("alice", "bob"), ["a" * 2048], ["a b$c{d}", "ä"]])
def test_values_stay_as_they_are(given: Any) -> None:
    assert values(given).allowed == tuple(given)
