"""Every way in which lines leave CloudWatch Logs gives the same lines, however the bytes arrive."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from secure_ddb.audit.verify import Entry, InputError, find_files, read_entries, sources, verify
from tests.audit.trail import Environment, change

_ENVIRONMENT = Environment()
# An attribute's name that looks like the place between two documents.
LINES = _ENVIRONMENT.batch([change(1), change(2, added={"}{": ["S", 1], "} \n": ["S", 2]})]) + _ENVIRONMENT.batch(
    [change(number) for number in range(3, 8)]
)
STREAM = "2026/11/21/[$LATEST]0a1b"
FOLDER = "2026-11-21-[$LATEST]0a1b"
CONTROL = '{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","logEvents":[]}'


def delivered(lines: list[str], kind: str = "DATA_MESSAGE", first: str = "messageType") -> str:
    document = {
        "messageType": kind,
        "owner": "111122223333",
        "logGroup": "Orders",
        "logStream": STREAM,
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": str(number), "timestamp": 1, "message": line} for number, line in enumerate(lines)],
    }
    document = {first: document[first]} | document
    return json.dumps(document, separators=(",", ":"))


def listed(lines: list[str], indent: int | None) -> str:
    events = [
        {"logStreamName": STREAM, "timestamp": 1, "message": line + "\n", "ingestionTime": 2, "eventId": "3"}
        for line in lines
    ]
    return json.dumps({"events": events, "searchedLogStreams": []}, indent=indent)


PLAIN = "".join(f"{line}\n" for line in LINES).encode()
EXPORT = "".join(f"2026-11-21T20:14:39.123Z {line}\n" for line in LINES).encode()
DOCUMENTS = [delivered(LINES[:1]), CONTROL, delivered(LINES[1:3], first="owner"), delivered(LINES[3:])]
FORMATS = {
    "plain": PLAIN,
    "no newline at the end": PLAIN[:-1],
    "ends of lines and a mark as Windows has them": b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"),
    "empty lines between": PLAIN.replace(b"\n", b"\n\n"),
    "compressed": gzip.compress(PLAIN),
    "export": EXPORT,
    "compressed export": gzip.compress(EXPORT),
    "subscription": b"".join(gzip.compress(document.encode()) for document in DOCUMENTS),
    "subscription, compressed by Firehose": gzip.compress(b"".join(gzip.compress(d.encode()) for d in DOCUMENTS)),
    "subscription, decompressed": "".join(DOCUMENTS).encode(),
    "subscription, decompressed, in lines": "\n".join(DOCUMENTS).encode(),
    "filter-log-events": listed(LINES, 4).encode(),
    "filter-log-events in one line": listed(LINES, None).encode(),
}
STREAMLESS = 5


def entries(content: bytes, path: str = f"{FOLDER}/000000.gz") -> list[Entry]:
    return list(read_entries(io.BytesIO(content), path))


@pytest.mark.parametrize("chunk", [1 << 18, 1000, 7])
@pytest.mark.parametrize("name", FORMATS)
def test_each_format_gives_the_same_lines(monkeypatch: pytest.MonkeyPatch, name: str, chunk: int) -> None:
    # filter-log-events is recognized by the first bytes, so a chunk has to hold them.
    monkeypatch.setattr(sources, "_CHUNK", max(chunk, 20))
    found = entries(FORMATS[name])
    assert [entry.text for entry in found] == LINES
    stream = None if name in list(FORMATS)[:STREAMLESS] else FOLDER
    assert {entry.stream for entry in found} == {stream}
    assert verify(found, from_beginning=True).intact


def test_places_are_what_an_editor_shows() -> None:
    assert [entry.where for entry in entries(PLAIN, "a")] == [f"a:{number}" for number in range(1, 8)]
    where = [entry.where for entry in entries(FORMATS["subscription, decompressed, in lines"], "a")]
    assert where == ["a:1, event 1", "a:3, event 1", "a:3, event 2", *(f"a:4, event {place}" for place in range(1, 5))]


@pytest.mark.parametrize(
    "content",
    [
        DOCUMENTS[0].replace("DATA_MESSAGE", "DATA_MASSAGE"),
        DOCUMENTS[0].replace('"message":', '"massage":'),
        DOCUMENTS[0].replace('"logEvents"', '"logEvent"'),
        DOCUMENTS[0].replace(json.dumps(LINES[0]), "7"),
        DOCUMENTS[0][:-9],
        listed(LINES, 4).replace('"message"', '"massage"', 1),
        listed(LINES, 4).replace('"ingestionTime": 2', '"ingestionTime": ', 1),
        listed(LINES, 4)[: len(listed(LINES, 4)) // 2],
        EXPORT.decode().replace("2026-11-21T20:14:39.123Z ", "2026-11-21T20:14:39.123Z", 1),
        PLAIN.decode().replace("{", "\ufffd", 1),
    ],
)
def test_what_cannot_be_read_is_left_to_be_a_finding(content: str) -> None:
    report = verify(entries(content.encode()))
    assert any("not JSON" in finding.text or "a link" in finding.text for finding in report.findings)


def test_a_byte_that_is_no_text_is_an_alteration() -> None:
    report = verify(entries(PLAIN.replace(b"note", b"no\xffte", 1)))
    assert [finding.where for finding in report.findings] == [f"{FOLDER}/000000.gz:1"]


@pytest.mark.parametrize("cut", [1, 9, 200])
def test_a_file_that_ends_too_early_cannot_be_read(cut: int) -> None:
    with pytest.raises(InputError, match=r"^a\.gz: "):
        entries(gzip.compress(PLAIN)[:-cut], "a.gz")


def test_a_damaged_file_cannot_be_read() -> None:
    content = bytearray(gzip.compress(PLAIN))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(InputError, match=r"^a\.gz: "):
        entries(bytes(content), "a.gz")


@pytest.mark.parametrize("content", [b"x" * 300, b'{"events":[{' + b" " * 300])
def test_a_line_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sources, "_CHUNK", 50)
    monkeypatch.setattr(sources, "_LONGEST", 100)
    with pytest.raises(InputError, match=r"^a: a line of more than 100 characters$"):
        entries(content, "a")


def test_what_cloudwatch_puts_beside_an_export_is_no_part_of_it() -> None:
    assert entries(b"Permission Check Successful", "export/aws-logs-write-test") == []
    assert entries(b"Permission Check Successful", "export/other") != []
    assert entries(PLAIN, "export/aws-logs-write-test") != []


def test_progress_counts_the_bytes_of_the_file() -> None:
    content = gzip.compress(PLAIN)
    advanced: list[int] = []
    list(read_entries(io.BytesIO(content), "a.gz", advanced.append))
    assert sum(advanced) == len(content)


def test_files_below_folders_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a/c/3", "z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = find_files([tmp_path / "z", tmp_path, Path("-")])
    names = [tmp_path / name for name in ("z", "a/c/3", "b/1", "b/2", "z")]
    assert found == [*names, Path("-")]
