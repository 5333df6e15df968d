"""Every threat model is complete: each element and flow has each kind of threat that applies to it, or a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.threats.applications import models
from tests.threats.model import SCHEMA, ModelError, State, read
from tests.threats.stride import problems

if TYPE_CHECKING:
    from pathlib import Path

    from tests.threats.model import ThreatModel

# Every kind of element, all of STRIDE, and each thing that can be done about a threat.
SMALL = """
title = "A shop"
about = "An attacker is after orders."
page = "docs/orders.md"
boundaries = [{ id = "account", name = "Account" }, { id = "vpc", name = "VPC", inside = "account" }]
elements = [
    { id = "buyer", name = "Buyer", kind = "external", boundary = "account", about = "Buys." },
    { id = "service", name = "Service", kind = "process", boundary = "vpc", about = "Sells." },
    { id = "table", name = "Table", kind = "store", boundary = "account", about = "Holds orders." },
]
flows = [
    { id = "buy", from = "buyer", to = "service", carries = "orders", by = "HTTPS." },
    { id = "write", from = "service", to = "table", carries = "orders", by = "HTTPS." },
]
not_applicable = [
    { kinds = "STRIDE", on = ["service"], reason = "It is small." },
    { kinds = "TRID", on = ["table"], reason = "It is empty." },
    { kinds = "ID", on = ["buy", "write"], reason = "They are short." },
]
threats = [
    { kind = "S", on = ["buyer"], threat = "Somebody else buys.", answer = "TLS.", rules = ["SecureDdb-ENC3"] },
    { kind = "R", on = ["buyer"], threat = "Nobody has bought.", accepted = "Nobody cares." },
    { kind = "T", on = ["buy", "write"], threat = "Orders change.", open = "TLS." },
]
"""


def planted(folder: Path, *changes: tuple[str, str]) -> ThreatModel:
    """Read the small model with changes."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "threats.toml"
    file.write_text(text, encoding="utf-8")
    return read(file, "orders")


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_nothing_is_left_out(model: ThreatModel) -> None:
    assert problems(model) == []


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_a_file_is_read(tmp_path: Path) -> None:
    model = planted(tmp_path)
    assert problems(model) == []
    assert [(each.state, each.reply) for each in model.threats] == [
        (State.ANSWERED, "TLS."),
        (State.ACCEPTED, "Nobody cares."),
        (State.OPEN, "TLS."),
    ]
    assert model.named(["write", "buyer", "buy"]) == "Buyer; flows 1, 2"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kinds = "STRIDE", on', 'kinds = "STIDE", on', "Repudiation on the process service is missing"),
        ('kinds = "TRID"', 'kinds = "TRD"', "Information disclosure on the store table is missing"),
        ('["buy", "write"], reason', '["buy"], reason', "Denial of service on the flow write is missing"),
        ('kind = "R"', 'kind = "S"', "Repudiation on the external buyer is missing"),
        ('kind = "R"', 'kind = "E"', "Elevation of privilege on the external buyer; allowed: Spoofing, Repudiation"),
        ('kinds = "TRID"', 'kinds = "TRIDE"', "Elevation of privilege on the store table; allowed: Tampering,"),
        ('["buy", "write"], threat', '["buy", "write", "table"], threat', "Tampering on the store table is not appl"),
        ('on = ["buyer"], threat = "Nob', 'on = ["buyer", "byer"], threat = "Nob', "byer is no element or flow"),
        ('from = "service"', 'from = "servise"', "flow write names servise; allowed: buyer, service, table"),
        (
            'kind = "process", boundary = "vpc"',
            'kind = "process", boundary = "vcp"',
            "element service is in vcp; allow",
        ),
        ('inside = "account"', 'inside = "vpc"', "boundary vpc is inside of vpc; allowed: a boundary before it"),
        ('{ id = "write"', '{ id = "buy"', "buy stands twice"),
        ('from = "service", to = "table"', 'from = "buyer", to = "service"', "element table has no flow"),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert any(each.startswith(problem) for each in problems(planted(tmp_path, (old, new))))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('answer = "TLS.", rules = ["SecureDdb-ENC3"]', 'answer = "TLS."', r"\$\.threats\[0\]"),
        (', accepted = "Nobody cares."', "", r"\$\.threats\[1\]"),
        (', open = "TLS."', ', open = "TLS.", accepted = "No."', r"\$\.threats\[2\]"),
        ('kind = "store"', 'kind = "shelf"', r"\$\.elements\[2\]\.kind: 'shelf' is not one of"),
        ('name = "Table"', "name = 'A \"table\"'", r"\$\.elements\[2\]\.name"),
        # Mermaid would take it for the end of a boundary.
        ('id = "table"', 'id = "end"', r"\$\.elements\[2\]\.id"),
        ('kinds = "TRID"', 'kinds = "DIRT"', r"\$\.not_applicable\[1\]\.kinds"),
        ('carries = "orders", by', 'carries = "orders", through', r"\$\.flows\[0\]"),
    ],
)
def test_a_file_that_does_not_follow_the_schema_is_refused(tmp_path: Path, old: str, new: str, place: str) -> None:
    with pytest.raises(ModelError, match=rf"^orders is no threat model:\n(.*\n)*{place}"):
        planted(tmp_path, (old, new))
