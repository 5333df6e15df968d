"""Every way in which lines leave CloudWatch Logs gives the same lines, however the bytes arrive."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from secure_ddb.audit_trail.verify import Entry, InputError, event_list, find_files, read_entries, sources, text, verify
from secure_ddb.audit_trail.verify.text import Text
from tests.audit.forms import CONTROL, STREAM, delivered, listed, printed
from tests.audit.trail import Environment, change

_ENVIRONMENT = Environment()
# An attribute's name that looks like the place between two documents.
LINES = _ENVIRONMENT.batch([change(1), change(2, added={"}{": ["S", 1], "} \n": ["S", 2]})]) + _ENVIRONMENT.batch(
    [change(number) for number in range(3, 8)]
)
FOLDER = "2026-11-21-[$LATEST]0a1b"

PLAIN = "".join(f"{line}\n" for line in LINES).encode()
EXPORT = "".join(f"2026-11-21T20:14:39.123Z {line}\n" for line in LINES).encode()
DOCUMENTS = [delivered(LINES[:1]), CONTROL, delivered(LINES[1:3], first="owner"), delivered(LINES[3:])]
FORMATS = {
    "plain": PLAIN,
    "no newline at the end": PLAIN[:-1],
    "ends of lines and a mark as Windows has them": b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"),
    "empty lines between": PLAIN.replace(b"\n", b"\n\n"),
    "compressed": gzip.compress(PLAIN),
    "aws logs tail --format short": "".join(f"2026-11-21T20:14:39 {line}\n" for line in LINES).encode(),
    "export": EXPORT,
    "compressed export": gzip.compress(EXPORT),
    "aws logs tail": "".join(f"2026-11-21T20:14:39.123000+00:00 {STREAM} {line}\n" for line in LINES).encode(),
    "subscription": b"".join(gzip.compress(document.encode()) for document in DOCUMENTS),
    "subscription, compressed by Firehose": gzip.compress(b"".join(gzip.compress(d.encode()) for d in DOCUMENTS)),
    "subscription, decompressed": "".join(DOCUMENTS).encode(),
    "subscription, decompressed, in lines": "\n".join(DOCUMENTS).encode(),
    "filter-log-events": listed(LINES, 4).encode(),
    "filter-log-events in one line": listed(LINES, None).encode(),
    "filter-log-events --output text": printed(LINES).encode(),
}
STREAMLESS = 6


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


LIST = listed(LINES[:2], 4)
LIST_IN_ONE_LINE = listed(LINES[2:4], None)
OTHERS = {
    "plain": PLAIN.decode(),
    "export": EXPORT.decode(),
    "subscription": DOCUMENTS[0],
    "list": listed(LINES, 4),
    "list in one line": listed(LINES, None),
    "list whose token comes first": json.dumps({"nextToken": None, "events": json.loads(LIST)["events"]}),
}


@pytest.mark.parametrize("chunk", [1 << 18, 7])
@pytest.mark.parametrize(
    ("first", "between", "second"),
    [
        (first, between, second)
        for first in OTHERS
        for between in ("", "\n", "\r\n", " ", "\n\n")
        for second in OTHERS
        # A line of an export begins with its time, so it needs a line of its own.
        if "\n" in between or second != "export"
    ],
)
def test_one_form_after_another_is_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, first: str, second: str, between: str, chunk: int
) -> None:
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    content = OTHERS[first].rstrip("\n") + between + OTHERS[second]
    expected = [*entries(OTHERS[first].encode()), *entries(OTHERS[second].encode())]
    assert [(entry.text, entry.stream) for entry in entries(content.encode())] == [
        (entry.text, entry.stream) for entry in expected
    ]


def test_places_in_one_list_after_another_are_what_an_editor_shows() -> None:
    content = f"{LIST}\n{LIST_IN_ONE_LINE}\n{LINES[4]}\n"
    lines = LIST.count("\n")
    where = [entry.where for entry in entries(content.encode(), "a")]
    # Where the events begin; the first two lines are those of the document and of the list.
    assert [content.split("\n")[line - 1].strip() for line in (3, 10)] == ["{", "{"]
    assert where[:2] == ["a:3, event 1", "a:10, event 2"]
    assert where[2:] == [f"a:{lines + 2}, event 1", f"a:{lines + 2}, event 2", f"a:{lines + 3}"]


@pytest.mark.parametrize("chunk", [1 << 18, 7])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(f"{LIST}\nx\n", "a:{after}: text after a list of events that cannot be read: x", id="text"),
        pytest.param(
            f"{LIST}x\n", "a:{after}: text after a list of events that cannot be read: x", id="text in its line"
        ),
        pytest.param(f"{LIST}\n\n]\n", "a:{after1}: text after a list of events that cannot be read: ]", id="bracket"),
        pytest.param(
            f'{LIST}\n{{"a":1}}', 'a:{after}: text after a list of events that cannot be read: {{"a":1}}', id="JSON"
        ),
        pytest.param(f"{LIST}\n{LIST.rpartition(',')[0]},", "the list of events is cut off", id="cut off between"),
        pytest.param(f"{LIST}\n{LIST[:300]}", "not JSON: Unterminated string starting at", id="cut off in a string"),
        pytest.param(LIST.replace(": 2,", ": ,", 1), "a:3: a list of events that is not JSON: ", id="no JSON"),
        pytest.param(LIST.replace(" },\n", " }\n", 1), "not JSON: '{{' instead of ','", id="no comma"),
        pytest.param('{"events": 1}', "a:1: a list of events that is not JSON: '1' instead of '['", id="no list"),
        pytest.param('{"searchedLogStreams": []}', "a:1: a document without a list of events", id="no events"),
        pytest.param('{"events": [], "more": []}', "a:1: 'more' is unknown next to a list of events", id="member"),
        pytest.param('{"events": ' + "[" * 100_000, "a:1: a list of events that is nested too deeply", id="nested"),
    ],
)
def test_what_is_no_list_or_no_document_after_one_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, content: str, said: str, chunk: int
) -> None:
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    lines = LIST.count("\n")
    with pytest.raises(InputError) as raised:
        entries(content.encode(), "a")
    assert said.format(after=lines + 2, after1=lines + 3) in str(raised.value)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize(
    ("token", "remedy"),
    [
        ("nextToken", "nextToken says that there are more pages. Get all pages: `aws logs filter-log-events` does"),
        ("NextToken", "NextToken says that there are more pages. Get all pages: `aws logs filter-log-events` does"),
        ("nextForwardToken", "Get all pages with `aws logs filter-log-events`"),
        ("nextBackwardToken", "Get all pages with `aws logs filter-log-events`"),
    ],
)
def test_a_list_of_which_more_pages_exist_cannot_be_read(token: str, remedy: str, place: str) -> None:
    members = json.loads(LIST)
    members = members | {token: "eyJ"} if place == "after" else {token: "eyJ"} | members
    with pytest.raises(InputError) as raised:
        entries(json.dumps(members).encode(), "a")
    assert str(raised.value).startswith("a:1: ")
    assert remedy in str(raised.value)


def test_text_of_which_more_pages_exist_cannot_be_read() -> None:
    with pytest.raises(InputError, match=r"^a:9: NEXTTOKEN says that there are more pages\. Get all pages: "):
        entries(f"{printed(LINES)}NEXTTOKEN\teyJ\n".encode(), "a")


def test_events_of_lambda_printed_as_text_end_with_a_newline() -> None:
    platform = '{"time":"2026-11-21T20:14:39.123Z","type":"platform.start","record":{}}'
    found = entries(printed([f"{platform}\n", *LINES, f"{platform}\n"]).encode(), "a")
    assert [entry.text for entry in found] == [platform, *LINES, platform]
    assert [entry.line for entry in found][:2] == [1, 3]


def test_a_list_without_events_is_a_list() -> None:
    assert entries(b'{"events": [], "nextToken": null, "ResponseMetadata": {"a": 12}}') == []
    assert set(event_list._IGNORED) == {"searchedLogStreams", "ResponseMetadata"}


@pytest.mark.parametrize("cut", [1, 9, 200])
def test_a_file_that_ends_too_early_cannot_be_read(cut: int) -> None:
    with pytest.raises(InputError, match=r"^a\.gz: "):
        entries(gzip.compress(PLAIN)[:-cut], "a.gz")


def test_a_damaged_file_cannot_be_read() -> None:
    content = bytearray(gzip.compress(PLAIN))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(InputError, match=r"^a\.gz: "):
        entries(bytes(content), "a.gz")


@pytest.mark.parametrize(
    "content", [b"x" * 3000, b'{"events":[{' + b" " * 3000, b'{"events":[{"message":"' + b"x" * 3000]
)
def test_a_line_without_an_end_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sources, "_CHUNK", 50)
    monkeypatch.setattr(text, "LONGEST", 1000)
    advanced: list[int] = []
    with pytest.raises(
        InputError, match=r"^a:1: longer than 1,000 characters, the most that a line or event may have$"
    ):
        list(read_entries(io.BytesIO(content), "a", advanced.append))
    assert sum(advanced) <= 1_200


@pytest.mark.parametrize(
    ("before", "after"), [(b"", b"\n"), (b'{"events":[{"message":"', b'"}]}'), (b"", LINES[0].encode())]
)
def test_a_long_line_is_looked_at_a_few_times_only(
    monkeypatch: pytest.MonkeyPatch, before: bytes, after: bytes
) -> None:
    monkeypatch.setattr(sources, "_CHUNK", 50)
    looked_at = []
    grow = Text.grow

    def counted(self: Text) -> bool:
        looked_at.append(len(self.buffer) - self.start)
        return grow(self)

    monkeypatch.setattr(Text, "grow", counted)
    content = before + b"x" * 100_000 + after
    assert len(entries(content)) == 1
    # Looked at chunk by chunk, it would be a thousand times as much.
    assert sum(looked_at) < 4 * len(content)


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
