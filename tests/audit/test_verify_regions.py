"""The logs of a table's Regions are compared: a change that only one of them has is found, and nothing else is."""

from __future__ import annotations

import json
from copy import deepcopy
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.settings import read_settings
from secure_ddb.audit_trail.verify import Kind, Report
from secure_ddb.cli.main import main
from tests.audit.checks import golden
from tests.audit.trail import Environment, change, kinds, verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HERE, WEST = "eu-central-1", "eu-west-1"
START = 1_795_292_079
HOUR = 3600
# Digests of items, which both Regions make under one key.
ITEMS = [f"{number}" * 43 for number in range(3)]

# A change of an item: seconds after the start, number of the item, and what it did to the size of one attribute.
Made = tuple[int, int, tuple[int | None, int | None]]
SIZES: list[tuple[int | None, int | None]] = [(None, 1), (1, 2), (2, 3), (3, 4)]
# Each item changes every two minutes; the last change is hours after the others, so that none of them is recent.
CHANGES: list[Made] = [
    *((120 * step + item, item, sizes) for step, sizes in enumerate(SIZES) for item in range(3)),
    (HOUR * 5, 0, (4, 5)),
]


def log(region: str, changes: list[Made], *, delay: int = 0, first: int = 0, **other: Any) -> list[str]:
    """Return the log of a Region, in batches of four lines."""
    fields = [
        change(
            first + number,
            region=region,
            created=START + seconds + delay,
            key=other.get("key", ITEMS[item]),
            added={"a": ["S", sizes[1]]} if sizes[0] is None else ...,
            removed={"a": ["S", sizes[0]]} if sizes[1] is None else ...,
            changed={"a": ["S", sizes[0], "S", sizes[1]]} if None not in sizes else ...,
            action="INSERT" if sizes[0] is None else "REMOVE" if sizes[1] is None else "MODIFY",
        )
        for number, (seconds, item, sizes) in enumerate(changes)
    ]
    environment = Environment()
    return [line for at in range(0, len(fields), 4) for line in environment.batch(fields[at : at + 4])]


def compared(here: list[Made], west: list[Made], **other: Any) -> Report:
    lines = [*log(HERE, here), *log(WEST, west, delay=1, first=1000, **other)]
    return verified(lines, compare_regions=True)


def only(report: Report) -> list[str]:
    assert kinds(report) <= {Kind.ONE_REGION}
    return [finding.text for finding in report.findings]


def test_logs_with_the_same_changes_have_no_finding() -> None:
    report = compared(CHANGES, CHANGES)
    assert report.intact
    assert report.regions is not None
    assert report.regions.regions == {"Orders": [HERE, WEST]}
    assert (report.regions.items, report.regions.combined, report.regions.before, report.regions.recent) == (3, 0, 0, 0)


@pytest.mark.parametrize("missing", range(1, len(CHANGES) - 1))
@pytest.mark.parametrize("region", [HERE, WEST])
def test_a_change_that_one_log_lacks_is_found(missing: int, region: str) -> None:
    fewer = CHANGES[:missing] + CHANGES[missing + 1 :]
    report = compared(fewer, CHANGES) if region == HERE else compared(CHANGES, fewer)
    (text,) = only(report)
    seconds, item, _ = CHANGES[missing]
    assert text.startswith(f"only {WEST if region == HERE else HERE} has the ")
    assert ITEMS[item] in text
    minutes, rest = divmod(39 + seconds + (region == HERE), 60)
    assert f"20:{14 + minutes}:{rest:02}Z" in text


def test_an_item_that_one_log_does_not_have_at_all_is_found() -> None:
    assert len(only(compared(CHANGES, [each for each in CHANGES if each[1] != 1]))) == len(SIZES)


def test_a_change_with_another_effect_is_found_in_both_logs() -> None:
    other = [*CHANGES[:3], (120, 0, (1, 7)), *CHANGES[4:]]
    found = only(compared(CHANGES, other))
    assert [text.split(" has ")[0] for text in found] == [f"only {HERE}", f"only {WEST}"]


def test_a_log_that_starts_later_lacks_nothing_from_before() -> None:
    report = compared(CHANGES, CHANGES[5:])
    assert only(report) == []
    assert report.regions is not None
    assert report.regions.before == 5


def test_a_log_that_ends_earlier_lacks_what_came_later() -> None:
    assert len(only(compared([*CHANGES, (HOUR * 6, 1, (4, 5))], CHANGES))) == 0
    assert len(only(compared([*CHANGES, (HOUR * 6, 1, (4, 5)), (HOUR * 7, 1, (5, 6))], CHANGES))) == 1


def test_what_was_made_last_may_be_on_its_way() -> None:
    report = compared([*CHANGES, (HOUR * 5 + 5, 1, (4, 5))], CHANGES)
    assert only(report) == []
    assert report.regions is not None
    assert report.regions.recent == 1


def test_repeated_lines_are_no_difference() -> None:
    here, west = log(HERE, CHANGES), log(WEST, CHANGES, first=1000)
    # Exports that overlap, and a batch that Lambda delivered once more.
    again = log(WEST, CHANGES[:4], first=1000)
    assert again == west[:4]
    twice = Environment().batch([change(1000, **_fields(west[0]))])
    report = verified([*here, *again, *west, *twice], compare_regions=True)
    assert (report.copies, report.duplicates) == (4, 1)
    assert only(report) == []


def _fields(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(line)
    return dict.fromkeys(change(0), ...) | {
        name: value for name, value in fields.items() if name not in ("batch", "previous", "link")
    }


def test_changes_that_replication_has_combined_are_counted_and_no_finding() -> None:
    quick: list[Made] = [(1, 0, (None, 1)), (2, 0, (1, 2)), (3, 0, (2, 3)), *CHANGES[-1:]]
    report = compared(quick, [(1, 0, (None, 3)), *CHANGES[-1:]])
    assert only(report) == []
    assert report.regions is not None
    assert report.regions.combined == 4


def test_changes_that_replication_combines_only_over_a_longer_time_are_found() -> None:
    ends = CHANGES[1:2], CHANGES[-1:]
    slow: list[Made] = [*ends[0], (10, 0, (None, 1)), (71, 0, (1, 2)), *ends[1]]
    assert len(only(compared(slow, [*ends[0], (71, 0, (None, 2)), *ends[1]]))) == 3


def test_an_item_that_was_there_for_a_moment_may_be_combined_to_nothing() -> None:
    moment: list[Made] = [(HOUR, 2, (4, None)), (HOUR + 1, 2, (None, 4))]
    report = compared([*CHANGES, *moment], CHANGES)
    assert only(report) == []
    assert report.regions is not None
    assert report.regions.combined == 2


def test_changes_that_differ_do_not_pass_for_combined_ones() -> None:
    """The other log says that there was a state in between, so it has to have the change that led to it."""
    quick: list[Made] = [(1, 0, (None, 1)), (2, 0, (1, 2)), (3, 0, (2, 3)), *CHANGES[-1:]]
    assert len(only(compared(quick, [quick[0], *quick[2:]]))) == 1


GROUPS = st.lists(st.integers(1, 4), min_size=2, max_size=12)


def combined(groups: list[int]) -> tuple[list[Made], list[Made]]:
    """Return changes of an item every ten seconds, and the same as replication may combine them, in such groups."""
    made: list[Made] = [(5 + 10 * number, 0, (number or None, number + 1)) for number in range(sum(groups))]
    replicated: list[Made] = []
    first = 0
    for size in groups:
        replicated.append((5 + 10 * (first + size - 1), 0, (first or None, first + size)))
        first += size
    return made, replicated


@settings(deadline=None, max_examples=60)
@given(groups=GROUPS, swapped=st.booleans())
def test_however_replication_combines_changes_of_a_minute_nothing_is_found(groups: list[int], swapped: bool) -> None:  # noqa: FBT001
    logs = combined(groups)
    here, west = logs[::-1] if swapped else logs
    end: list[Made] = [(HOUR * 5, 1, (1, 2))]
    assert only(compared([(0, 2, (1, 2)), *here, *end], [(0, 2, (1, 2)), *west, *end])) == []


@settings(deadline=None, max_examples=60)
@given(groups=GROUPS, data=st.data())
def test_a_change_that_is_missing_is_found_among_combined_ones(groups: list[int], data: st.DataObject) -> None:
    here, west = combined(groups)
    missing = data.draw(st.integers(0, len(west) - 1))
    end: list[Made] = [(HOUR * 5, 1, (1, 2))]
    report = compared([(0, 2, (1, 2)), *here, *end], [(0, 2, (1, 2)), *west[:missing], *west[missing + 1 :], *end])
    assert only(report)


@pytest.mark.parametrize("missing", [1, 30, 58])
def test_of_changes_that_look_alike_the_one_without_a_counterpart_at_its_time_is_found(missing: int) -> None:
    alike: list[Made] = [(120 * number, 0, (4, 4)) for number in range(60)]
    end: list[Made] = [(HOUR * 5, 0, (4, 5))]
    (finding,) = compared([*alike, *end], [*alike[:missing], *alike[missing + 1 :], *end]).findings
    assert finding.where == f"lines:{missing + 1}"


def test_logs_whose_digests_are_of_different_keys_cannot_be_compared() -> None:
    report = compared(CHANGES, CHANGES, key="x" * 43)
    (text,) = only(report)
    assert text.startswith(f"no item is in the logs of both {HERE} and {WEST}")


def test_three_regions_are_compared_with_each_other() -> None:
    south = "eu-west-3"
    lines = [*log(HERE, CHANGES), *log(WEST, CHANGES, first=1000), *log(south, CHANGES[:3] + CHANGES[4:], first=2000)]
    found = only(verified(lines, compare_regions=True))
    assert [text.split(" has ")[0] for text in found] == [f"only {HERE}", f"only {WEST}"]
    assert all(text.endswith(f"in the log of {south}") for text in found)


def test_without_being_asked_to_compare_the_report_says_that_it_did_not() -> None:
    report = verified([*log(HERE, CHANGES), *log(WEST, CHANGES[:3], first=1000)])
    assert report.intact
    assert report.regions is None
    assert any("--compare-regions" in note for note in report.notes())


def run(folder: Path, *options: str) -> Any:
    return CliRunner().invoke(main, ["audit", "verify", str(folder), *options])


def test_the_command_compares_the_logs_of_a_folder(tmp_path: Path) -> None:
    for region, lines in ((HERE, log(HERE, CHANGES)), (WEST, log(WEST, CHANGES[:3] + CHANGES[4:], first=1000))):
        (tmp_path / region).mkdir()
        (tmp_path / region / "lines").write_text("".join(f"{line}\n" for line in lines))
    result = run(tmp_path, "--compare-regions")
    assert result.exit_code == 1
    printed = result.stdout.splitlines()
    assert f"Regions of table Orders: {HERE}, {WEST}" in printed
    assert f"one Region only: {tmp_path}/{HERE}/lines:4" in printed
    assert run(tmp_path).exit_code == 0
    as_json = json.loads(run(tmp_path, "--compare-regions", "--json").stdout)
    assert as_json["finding_counts"]["one Region only"] == 1
    assert as_json["regions"]["items"] == 3


def test_the_command_refuses_to_compare_one_region(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("\n".join(log(HERE, CHANGES)))
    result = run(tmp_path, "--compare-regions")
    assert result.exit_code == 2
    assert "lines of one Region only" in result.stderr


def written(region: str, secret_of: Callable[[str], bytes]) -> list[str]:
    """Return the log that the audit function of a Region writes of the same three changes."""
    table = f"arn:aws:dynamodb:{region}:111122223333:table/Visits/stream/"
    variables = {"STREAMS": table, "HMAC_KEY_ID": region}
    settings = read_settings(variables, lambda key_id, _message: secret_of(key_id))
    lines: list[str] = []
    link = None
    for number, name in enumerate(("insert", "modify", "remove")):
        record = deepcopy(golden(name))
        record |= {"eventID": f"{region}-{number}", "eventSourceARN": f"{table}2026-01-01T00:00:00.000"}
        record["dynamodb"]["SequenceNumber"] = f"{len(region)}{number:020}"
        batch = write_batch([record], settings, None, link)
        lines, link = [*lines, *batch.lines], batch.link
    return lines


def test_functions_whose_keys_have_the_same_material_write_logs_that_can_be_compared() -> None:
    """As a multi-Region key and its replica have: AWS KMS answers both with the same MAC."""
    report = verified([*written(HERE, lambda _: b"s" * 32), *written(WEST, lambda _: b"s" * 32)], compare_regions=True)
    assert report.intact
    assert report.regions is not None
    assert report.regions.items == len({json.loads(line)["key"] for line in written(HERE, lambda _: b"s" * 32)})


def test_functions_with_keys_of_their_own_write_logs_that_cannot() -> None:
    def own(key_id: str) -> bytes:
        return sha256(key_id.encode()).digest()

    (text,) = only(verified([*written(HERE, own), *written(WEST, own)], compare_regions=True))
    assert text.startswith("no item is in the logs of both")
