"""`audit verify` and `audit timeline` take lines about reads, and no change passes for one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from secure_ddb.audit_trail.timeline import Timeline, Wanted, read_timeline
from secure_ddb.audit_trail.verify import Entry, Kind, Report, verify
from secure_ddb.cli.audit_report import print_report
from tests.audit.aws import is_mac, mac_of
from tests.audit.checks import VALIDATOR
from tests.audit.trail import Environment, change, linked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

DIGEST = "q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM"
OTHER = "A1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM"
SESSION = "arn:aws:sts::111122223333:assumed-role/OrderService/get-order"


def read(number: int, **other: object) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "schema": 1,
        "event_id": f"R{number}/Orders/0",
        "table": "Orders",
        "region": "eu-central-1",
        "action": "Query",
        "request_id": f"R{number}",
        "created": 1795292079 + number,
        "principal": SESSION,
        "items": 1,
        "attributes": ["note", "pk"],
        "item_keys": [DIGEST],
        **other,
    }
    return {name: value for name, value in fields.items() if value is not ...}


def reads(*lines: dict[str, Any]) -> list[str]:
    """Return a batch of lines."""
    link, texts = "", []
    for place, fields in enumerate(lines):
        ending: dict[str, Any] = {"batch": ["4711", place, len(lines)]} | ({} if place else {"previous": None})
        text, link = linked(link, fields | ending)
        texts.append(text)
    return texts


def verified(lines: Iterable[str], **arguments: Any) -> Report:
    return verify((Entry(line, line=place) for place, line in enumerate(lines, 1)), **arguments)


def test_reads_are_counted_by_themselves() -> None:
    report = verified([*reads(read(0), read(1)), *Environment().batch([change(0)])], from_beginning=True)
    assert (report.intact, report.reads, report.records, report.batches) == (True, 2, 1, 2)
    assert report.tables == {"Orders": 3}
    assert report.to_dict()["reads"] == 2


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda lines: [lines[0], lines[1].replace("note", "nose"), lines[2]], Kind.ALTERATION),
        (lambda lines: [lines[0], lines[2]], Kind.GAP),
        (lambda lines: [lines[1], lines[0], lines[2]], Kind.REORDERING),
        (lambda lines: [*lines, lines[2].replace('"items":1', '"items":2')], Kind.ALTERATION),
    ],
)
def test_damage_is_found(damage: Callable[[list[str]], list[str]], kind: Kind) -> None:
    assert kind in verified(damage(reads(read(0), read(1), read(2)))).counts


@pytest.mark.parametrize(
    "fields",
    [
        {"request_id": ...},
        {"principal": ""},
        {"items": -1},
        {"items": True},
        {"item_keys": ["short"]},
        {"item_keys": [DIGEST, {"pk": {"S": "a"}}]},
        {"item_keys": [{}]},
        {"attributes": [1]},
        {"attributes": ...},
        {"on_behalf_of": ""},
        {"piece": [0]},
        {"unknown_keys": "1"},
        {"key": DIGEST},
        {"cause": "request"},
        {"value": "secret text"},
    ],
)
def test_other_lines_are_no_reads(fields: dict[str, Any]) -> None:
    lines = reads(read(0, **fields))
    assert verified(lines).counts == {Kind.ALTERATION: 1}
    assert not VALIDATOR.is_valid(json.loads(lines[0]))


@pytest.mark.parametrize(
    "fields",
    [
        {"item_keys": []},
        {"item_keys": [{"pk": {"S": "a"}, "sk": {"N": "1"}}]},
        {"on_behalf_of": "u1", "index": "ByBuyer", "unknown_keys": 2, "attributes_left_out": 3, "piece": [1, 2]},
    ],
)
def test_these_are(fields: dict[str, Any]) -> None:
    lines = reads(read(0, **fields))
    assert verified(lines, from_beginning=True).intact
    assert VALIDATOR.is_valid(json.loads(lines[0]))


def test_reads_need_no_mac_beside_changes_with_one() -> None:
    signed = Environment(mac_of=mac_of).batch([change(0)])
    lines = [*signed, *reads(read(0))]
    assert verified(lines).intact
    report = verified(lines, verify_mac=is_mac)
    assert report.origin_verified
    assert report.batches_without_mac == 0


@pytest.mark.parametrize("place", [0, 1])
def test_a_change_among_reads_needs_a_mac(place: int) -> None:
    forged = [read(0)]
    forged.insert(place, change(1))
    signed = Environment(mac_of=mac_of).batch([change(0)])
    report = verified([*signed, *reads(*forged)], verify_mac=is_mac)
    assert report.counts == {Kind.ORIGIN: 1}


def test_the_report_says_what_reads_show() -> None:
    console = Console(width=200, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    print_report(verified(reads(read(0)), from_beginning=True), console)
    text = console.export_text()
    assert "0 changes and 1 read in 1 batch" in text
    assert "intact as far as checked" in text
    assert "The application writes them" in text
    assert "failure bucket" not in text
    console.file.close()


def timeline(folder: Path, wanted: Wanted, *lines: dict[str, Any]) -> Timeline:
    (folder / "reads").write_text("".join(f"{line}\n" for line in reads(*lines)), encoding="utf-8")
    return read_timeline([folder / "reads"], wanted)


def test_a_timeline_says_who_read_an_item(tmp_path: Path) -> None:
    lines = [
        read(0, action="GetItem", on_behalf_of="u1"),
        read(1, item_keys=[OTHER]),
        read(2, item_keys=[], unknown_keys=3),
        read(3, item_keys=[OTHER, DIGEST]),
    ]
    found = timeline(tmp_path, Wanted(digests=frozenset([DIGEST])), *lines)
    assert [(event.action, event.who, event.is_possible) for event in found] == [
        ("read by GetItem", f"{SESSION} for u1", False),
        ("read by Query", SESSION, False),
    ]
    assert found.notes.possible == 1
    possible = timeline(tmp_path, Wanted(digests=frozenset([DIGEST]), with_possible=True), *lines)
    assert [event.is_possible for event in possible] == [False, True, False]


@pytest.mark.parametrize("name", [SESSION, "OrderService", "arn:aws:iam::111122223333:role/OrderService", "u1"])
def test_a_timeline_says_what_a_principal_or_a_user_read(tmp_path: Path, name: str) -> None:
    lines = [read(0, on_behalf_of="u1"), read(1, principal="arn:aws:iam::111122223333:user/other")]
    found = timeline(tmp_path, Wanted(principals=frozenset([name])), *lines)
    assert [event.id for event in found] == ["R0/Orders/0"]


def test_a_timeline_leaves_out_other_tables_and_times(tmp_path: Path) -> None:
    assert timeline(tmp_path, Wanted(table="Others"), read(0)).count == 0
    assert timeline(tmp_path, Wanted(until=1795292079), read(0)).count == 0
