"""MACs: lines that the audit function did not write are found, although their links are right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.settings import read_settings
from secure_ddb.audit_trail.verify import Kind
from secure_ddb.audit_trail.verify.report import MOST_SHOWN
from tests.audit import checks
from tests.audit.aws import KEY_ID, MAC, STREAMS, is_mac, mac_of
from tests.audit.strategies import PROPERTY, records
from tests.audit.trail import Environment, change, flat, interleaved, verified, with_mac

if TYPE_CHECKING:
    from secure_ddb.audit_trail.verify import Report
    from tests.audit.checks import Record

ANY_TRAIL = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=3)


def signed(sizes: list[int], start: int = 0, previous: str | None = None) -> list[list[str]]:
    """Return the batches of an environment that writes MACs."""
    environment = Environment(previous, mac_of)
    return _written(environment, sizes, start)


def forged(sizes: list[int], start: int = 900, previous: str | None = None) -> list[list[str]]:
    """Return batches whose links are right; their MACs are of another key."""
    return _written(Environment(previous, lambda message: mac_of(b"another key" + message)), sizes, start)


def _written(environment: Environment, sizes: list[int], start: int) -> list[list[str]]:
    starts = [start + sum(sizes[:place]) for place in range(len(sizes))]
    return [
        environment.batch(change(first + place) for place in range(size))
        for first, size in zip(starts, sizes, strict=True)
    ]


def link_of_last(chain: list[list[str]]) -> str:
    link: str = json.loads(chain[-1][-1])["link"]
    return link


def without_mac(line: str) -> str:
    fields = json.loads(line)
    fields.pop("link_mac", None)
    return json.dumps(fields, separators=(",", ":"))


def places(report: Report) -> list[str]:
    return [finding.where for finding in report.findings if finding.kind is Kind.ORIGIN]


@PROPERTY
@given(sizes=ANY_TRAIL, data=st.data())
def test_what_the_function_wrote_is_verified_by_one_mac_a_chain(sizes: list[list[int]], data: st.DataObject) -> None:
    chains = [flat(signed(batches, 100 * number)) for number, batches in enumerate(sizes)]
    report = verified(interleaved(data, chains), from_beginning=True, verify_mac=is_mac)
    assert report.findings == []
    assert report.origin_verified
    assert report.origin is not None
    assert (report.origin.verified, report.origin.right) == (len(sizes), len(sizes))


def test_without_a_key_links_are_intact_and_the_origin_is_not_verified() -> None:
    report = verified(flat(signed([2, 3])))
    assert report.intact
    assert not report.origin_verified
    assert report.origin is None
    assert any(note.startswith("The origin was not verified") for note in report.notes())


@PROPERTY
@given(genuine=st.lists(st.integers(1, 3), min_size=1, max_size=4), sizes=st.lists(st.integers(1, 3), min_size=1))
def test_forged_batches_that_continue_a_chain_are_found_where_they_begin(genuine: list[int], sizes: list[int]) -> None:
    chain = signed(genuine)
    added = forged(sizes, previous=link_of_last(chain))
    assert verified(flat([*chain, *added])).intact
    report = verified(flat([*chain, *added]), verify_mac=is_mac)
    assert report.counts == {Kind.ORIGIN: len(sizes)}
    assert report.origin is not None
    # The first batch before them is genuine, which covers the others.
    assert (report.origin.verified, report.origin.right) == (len(sizes) + 1, 1)


@pytest.mark.parametrize("forged_chain", [forged([2, 1]), forged([2, 1], previous="A" * 43)])
def test_a_forged_chain_beside_genuine_ones_is_found(forged_chain: list[list[str]]) -> None:
    report = verified(flat([*signed([2]), *forged_chain, *signed([1], 50)]), verify_mac=is_mac)
    assert report.counts[Kind.ORIGIN] == 2
    assert sorted(places(report)) == ["lines:4", "lines:5"]


def test_genuine_lines_with_links_computed_anew_are_found() -> None:
    lines = signed([2, 1])
    environment = Environment(None, mac_of)
    altered = environment.batch([change(0, action="REMOVE", added=..., changed=...), change(1)])
    # The MAC that was there is the only one to be had.
    altered[-1] = without_mac(altered[-1])[:-1] + f',"link_mac":"{json.loads(lines[0][-1])["link_mac"]}"}}'
    assert verified(altered).intact
    assert verified(altered, verify_mac=is_mac).counts == {Kind.ORIGIN: 1}


def test_a_batch_without_a_mac_is_found_where_the_table_has_others() -> None:
    lines = flat(signed([2, 1, 1]))
    lines[2] = without_mac(lines[2])
    for options in ({}, {"verify_mac": is_mac}):
        report = verified(lines, **options)
        assert (report.counts, places(report)) == ({Kind.ORIGIN: 1}, ["lines:3"])
        assert not report.intact
        assert any(note.startswith("Batches without a MAC: 1. The oldest with one") for note in report.notes())


def test_a_forged_chain_without_macs_in_a_trail_that_has_them_is_found() -> None:
    chain = [without_mac(line) for line in flat(forged([2, 1]))]
    assert verified([*flat(signed([1])), *chain]).counts == {Kind.ORIGIN: 2}


def test_of_many_batches_without_a_mac_all_are_counted() -> None:
    chain = [without_mac(line) for line in flat(forged([1] * (MOST_SHOWN + 5)))]
    report = verified([*flat(signed([1])), *chain])
    assert report.counts == {Kind.ORIGIN: MOST_SHOWN + 5}
    assert len(report.findings) == MOST_SHOWN


def test_a_trail_without_macs_is_intact_and_cannot_be_verified() -> None:
    lines = [without_mac(line) for line in flat(signed([2, 1]))]
    assert verified(lines).intact
    assert verified(lines, verify_mac=is_mac).counts == {Kind.ORIGIN: 2}


def test_another_table_may_log_without_macs() -> None:
    other = Environment().batch([change(1, table="Visits", key=..., keys={"id": {"S": "a"}}, event_id="e" * 32)])
    report = verified([*flat(signed([1])), *other])
    assert report.intact
    assert verified([*flat(signed([1])), *other], table="Orders", verify_mac=is_mac).origin_verified


@pytest.mark.parametrize("mac", ["A" * 43, "A" * 42 + "B", "A" * 42])
def test_an_altered_mac_is_found(mac: str) -> None:
    lines = flat(signed([2]))
    lines[-1] = without_mac(lines[-1])[:-1] + f',"link_mac":"{mac}"}}'
    assert not verified(lines, verify_mac=is_mac).intact


def test_a_mac_in_another_line_than_the_last_is_an_alteration() -> None:
    lines = flat(signed([2]))
    lines[0] = with_mac(lines[0], json.loads(lines[0])["link"], mac_of)
    assert verified(lines, verify_mac=is_mac).counts == {Kind.ALTERATION: 1}


def test_a_batch_that_is_cut_off_before_its_mac_is_a_gap() -> None:
    report = verified(flat(signed([2, 3]))[:-1], verify_mac=is_mac)
    assert report.counts == {Kind.GAP: 1}
    assert not report.origin_verified


def test_the_batch_before_an_altered_one_is_verified_by_itself() -> None:
    first, second = forged([1]), signed([2], 5)
    # Names the forged batch, which its link contradicts.
    second[0][0] = second[0][0].replace('"previous":null', f'"previous":"{link_of_last(first)}"')
    report = verified(flat([*first, *second]), verify_mac=is_mac)
    assert report.counts == {Kind.ALTERATION: 1, Kind.ORIGIN: 1}
    assert places(report) == ["lines:1"]


def test_a_chain_that_was_logged_twice_is_verified_once() -> None:
    lines = flat(signed([2, 1]))
    report = verified([*lines, *lines], verify_mac=is_mac)
    assert report.origin_verified
    assert report.copies == 3


def test_a_copy_with_a_wrong_mac_does_not_hide_the_right_one() -> None:
    (line,) = flat(signed([1]))
    wrong = without_mac(line)[:-1] + f',"link_mac":"{"A" * 43}"}}'
    assert verified([wrong, line], verify_mac=is_mac).origin_verified


@PROPERTY
@given(chosen=st.lists(records, min_size=1, max_size=3), forgery=records, data=st.data())
def test_no_chosen_records_yield_a_mac_for_a_link_that_the_function_did_not_write(
    chosen: list[list[Record]], forgery: list[Record], data: st.DataObject
) -> None:
    """What an attacker gets who may invoke the function with any records, and write any lines into its log."""
    asked: list[bytes] = []

    def ask_mac(_key: str, message: bytes) -> bytes:
        asked.append(message)
        return mac_of(message)

    settings = read_settings({"HMAC_KEY_ID": KEY_ID, "STREAMS": STREAMS}, ask_mac)
    assert settings.mac_of is not None
    previous, output = None, ""
    for batch in chosen:
        written = write_batch(batch, settings, None, previous)
        written.add_mac(settings.mac_of)
        previous = written.link
        output += "".join(f"{line}\n" for line in written.lines)
    lines = checks.read(output)
    last = [line for line in lines if line["batch"][1] == line["batch"][2] - 1]
    # AWS KMS is asked for the secret once, and for the MACs of links that were written; no record chooses a message.
    assert asked == [
        b"secure_ddb audit key digest 1",
        *(f"secure_ddb audit link 1\n{line['link']}".encode() for line in last),
    ]
    # Whatever a line shows of these MACs is none of a forged link, and the secret is not shown.
    obtained = {value for line in lines for value in (line["key"], line.get("link_mac")) if value}
    ending = data.draw(st.sampled_from((None, *(line["link"] for line in last))))
    unsigned = write_batch([{**record, "eventID": "forged"} for record in forgery], settings, None, ending)
    link = unsigned.link
    assert link is not None
    assert link not in {line["link"] for line in lines}
    assert [mac for mac in obtained if is_mac(link, mac)] == []
    assert checks.url_safe(MAC) not in output
    # A key digest is no MAC of a link, nor the other way round.
    assert [line for line in lines if is_mac(line["link"], line["key"])] == []
