"""Two processes say of any input what one says, and where one of them fails nothing is said."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.audit_trail.verify import STDIN, InputError, Kind, open_lines, reader, verify_lines
from tests.audit.forms import FORMS
from tests.audit.strategies import PROPERTY
from tests.audit.trail import Environment, change, failure, flat, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CHECKOUT = Path(__file__).parents[2]
LAMBDA_S = '{"timestamp":"2026-11-21T20:14:39Z","level":"WARNING","message":"' + "a" * 500 + '"}'
TABLES = ("Orders", "Visits", "Users")


@pytest.fixture(autouse=True)
def _every_input_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LARGE", 0)


def said_of(paths: Sequence[Path], size: int | None = None) -> Any:
    """Return all that is said of an input: the report, or why there is none."""
    advanced: list[int] = []
    try:
        with open_lines(paths, advanced.append, size) as lines:
            return verify_lines(lines).to_dict(), sum(advanced)
    except (InputError, OSError) as error:
        return type(error), str(error)


def said_by_one_process(paths: Sequence[Path]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_start", lambda _: None)
        return said_of(paths)


def said_through_messages(paths: Sequence[Path]) -> Any:
    """Do in one process what two do, because a process for each example would take long."""
    sent = io.BytesIO(b"".join(map(pickle.dumps, reader._messages(map(str, paths)))))
    process = cast("Any", SimpleNamespace(stdout=sent, wait=lambda: 1, kill=lambda: None))
    assert reader._next(process) == reader._STARTED
    advanced: list[int] = []
    try:
        return verify_lines(reader._receive(process, advanced.append)).to_dict(), sum(advanced)
    except (InputError, OSError) as error:
        return type(error), str(error)


@st.composite
def inputs(draw: Callable[[st.SearchStrategy[Any]], Any]) -> list[bytes]:
    """Return files of some tables' lines, mixed, shuffled, altered, cut, in any forms."""
    data: st.DataObject = draw(st.data())
    sizes: list[list[int]] = draw(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=3))
    numbers = iter(range(1000))
    chains = []
    for table, batches in zip(TABLES, sizes, strict=False):
        environment = Environment()
        chains.append([environment.batch(change(next(numbers), table=table) for _ in range(size)) for size in batches])
    lines = interleaved(data, [flat(chain) for chain in chains])
    lines = [*lines, *draw(st.lists(st.sampled_from([LAMBDA_S, "x" * 300, failure("1"), failure(None), *lines])))]
    lines = draw(st.one_of(st.just(lines), st.permutations(lines)))
    for place in draw(st.lists(st.integers(0, len(lines) - 1), max_size=3)):
        line = lines[place]
        cut = draw(st.integers(0, len(line)))
        lines[place] = line[:cut] + draw(st.sampled_from(["", "0", "\u00e4", '"'])) + line[cut + 1 :]
    ends = sorted({*draw(st.lists(st.integers(0, len(lines)), max_size=2)), len(lines)})
    return [_file(draw, lines[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _file(draw: Callable[[st.SearchStrategy[Any]], Any], lines: list[str]) -> bytes:
    content = FORMS[draw(st.sampled_from(sorted(FORMS)))](lines)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        content = gzip.compress(content)
    return content[: len(content) - draw(st.sampled_from([0, 0, 0, 1, 30]))]


def written(folder: Path, files: Sequence[bytes]) -> list[Path]:
    for number, content in enumerate(files):
        (folder / f"{number}").write_bytes(content)
    return [folder]


@PROPERTY
@given(inputs(), st.sampled_from([1, 3, 500]))
def test_any_input_is_said_the_same_of(files: list[bytes], rows: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        paths = written(Path(folder), files)
        patch.setattr(reader, "_MOST_ROWS", rows)
        assert said_through_messages(paths) == said_by_one_process(paths)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Return the processes that have been started."""
    processes: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            processes.append(self)

    monkeypatch.setattr(reader, "Popen", Noted)
    return processes


def trail(lines: int, batch: int = 10) -> list[str]:
    environments = {table: Environment() for table in TABLES}
    return [
        line
        for number, start in enumerate(range(0, lines, batch))
        for line in environments[TABLES[number % 3]].batch(
            change(start + place, table=TABLES[number % 3]) for place in range(batch)
        )
    ]


LINES = trail(1200)


@pytest.mark.parametrize("compressed", [0, 1])
@pytest.mark.parametrize("form", FORMS)
def test_two_processes_say_the_same_of_every_form(
    started: list[subprocess.Popen[bytes]], tmp_path: Path, form: str, compressed: int
) -> None:
    altered = LINES[700].replace("MODIFY", "INSERT")
    halves = [[*LINES[:300], LAMBDA_S, *LINES[301:700]], [altered, *LINES[701:900], *reversed(LINES[900:])]]
    files = [FORMS[form](half) for half in halves]
    paths = written(tmp_path, [gzip.compress(file) if compressed else file for file in files])
    report, advanced = said_of(paths)
    assert len(started) == 1
    assert started[0].returncode is not None
    assert (report, advanced) == said_by_one_process(paths)
    assert advanced == sum(file.stat().st_size for file in tmp_path.iterdir())
    assert {finding["kind"] for finding in report["findings"]} >= {Kind.ALTERATION, Kind.GAP, Kind.REORDERING}
    (where,) = {each["where"] for each in report["findings"] if each["kind"] == Kind.ALTERATION} & {
        f"{tmp_path}/1:1",
        f"{tmp_path}/1:1, event 1",
        f"{tmp_path}/1:3, event 1",
    }
    assert where.startswith(f"{tmp_path}/1:")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress(FORMS["lines"](LINES))[:-50], id="a compressed file that is cut off"),
        pytest.param(FORMS["filter-log-events"](LINES)[:-100], id="a list that is cut off"),
        pytest.param(FORMS["filter-log-events"](LINES) + b"x", id="text after a list"),
        pytest.param(b"\x1f\x8bx", id="no compressed file"),
        pytest.param(None, id="no file that can be opened"),
    ],
)
def test_two_processes_fail_alike(
    started: list[subprocess.Popen[bytes]], tmp_path: Path, content: bytes | None
) -> None:
    if content is None:
        (tmp_path / "0").symlink_to(tmp_path / "0")
        paths = [tmp_path / "0"]
    else:
        paths = written(tmp_path, [FORMS["lines"](LINES), content])
    error, text = said_of(paths)
    assert len(started) == 1
    assert issubclass(error, InputError | OSError)
    assert str(tmp_path) in text
    assert (error, text) == said_by_one_process(paths)


def test_a_small_input_is_read_by_one_process(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reader, "_LARGE", 1000)
    paths = written(tmp_path, [FORMS["lines"](LINES)])
    assert said_of(paths, 999)[0]["intact"]
    assert started == []
    assert said_of(paths, 1000)[0]["intact"]
    assert len(started) == 1


def test_standard_input_that_was_replaced_is_read(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(FORMS["lines"](LINES))))
    assert said_of([STDIN])[0]["records"] == len(LINES)
    assert started == []


@pytest.mark.parametrize(
    "why", ["no program", "a program that does not start", "a program that does not run", "no path"]
)
def test_where_no_process_can_be_started_one_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    paths = written(tmp_path, [FORMS["lines"](LINES)])
    expected = said_by_one_process(paths)
    if why == "no path":
        monkeypatch.setattr(reader, "_PROGRAM", reader._PROGRAM.replace("secure_ddb", "no_such_package"))
    else:
        values = {
            "no program": None,
            "a program that does not start": str(tmp_path),
            "a program that does not run": "true",
        }
        monkeypatch.setattr(sys, "executable", values[why])
    assert said_of(paths) == expected
    assert ("no_such_package" in capfd.readouterr().err) is (why == "no path")


# What the other process does instead of what it should. It has sent that it has started, and the first lines.
FAULTS = {
    "ends without a word": ("os._exit(0)", 0),
    "is killed": ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
    "fails": ("raise MemoryError", 1),
    "is cut off": ("sys.stdout.buffer.write(pickle.dumps(['a' * 999])[:500]); sys.stdout.flush(); os._exit(0)", 0),
    "says something else": ("print('hello', flush=True); os._exit(0)", 0),
}
FAULTY = """
import itertools, os, pickle, sys
from secure_ddb.audit_trail.verify import reader
messages = reader._messages
def faulty(paths):
    yield from itertools.islice(messages(paths), 2)
    FAULT
reader._messages = faulty
reader.main(sys.argv[2:])
"""


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_said_if_the_process_does_not_come_to_its_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    program, status = FAULTS[fault]
    monkeypatch.setattr(
        reader,
        "_PROGRAM",
        "import json, sys; sys.path[:] = json.loads(sys.argv[1])" + FAULTY.replace("FAULT", program),
    )
    error, text = said_of(written(tmp_path, [FORMS["lines"](LINES)]))
    assert error is InputError
    assert text == f"the process that reads it ended early, with exit status {status}"


def test_the_process_ends_with_whoever_wanted_its_lines(started: list[subprocess.Popen[bytes]], tmp_path: Path) -> None:
    paths = written(tmp_path, [FORMS["lines"](trail(20_000))])

    def reads_one_line() -> Iterator[None]:
        with open_lines(paths, lambda _: None, None) as lines:
            next(lines)
            raise RuntimeError
        yield

    with pytest.raises(RuntimeError):
        next(reads_one_line())
    assert started[0].returncode == -signal.SIGKILL


def test_nothing_is_imported_from_the_current_folder(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    (tmp_path / "lines").write_bytes(FORMS["lines"](LINES))
    monkeypatch.chdir(tmp_path)
    assert said_of([Path("lines")])[0]["intact"]
    # It is killed where it has not come to its end after the last message.
    assert started[0].returncode in (0, -signal.SIGKILL)


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "secure_ddb.cli.main", "audit", "verify", *arguments],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background has them ignore Ctrl-C, which children would inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,  # noqa: PLW1509 - nothing else runs here
    )


needs_proc = pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux says what a process ignores")


@needs_proc
def test_standard_input_is_read_by_the_other_process() -> None:
    with command("--json", "-") as process:
        assert ignores_ctrl_c(child_of(process))
        output, errors = process.communicate("".join(f"{line}\n" for line in LINES), timeout=60)
    assert errors == ""
    assert json.loads(output)["records"] == len(LINES)
    assert process.returncode == 0


@needs_proc
def test_ctrl_c_ends_both_processes_and_nothing_is_said() -> None:
    with command("-") as process:
        assert process.stdin
        process.stdin.writelines(f"{line}\n" for line in LINES)
        process.stdin.flush()
        assert ignores_ctrl_c(child_of(process))
        os.killpg(process.pid, signal.SIGINT)
        # Both have these pipes, so they end when the last process is gone; standard input is still open.
        output = cast("io.TextIOWrapper", process.stdout).read()
        errors = cast("io.TextIOWrapper", process.stderr).read()
        assert process.wait(timeout=60) == 2
    assert output == ""
    assert errors == "Error: interrupted, the trail is not verified\n"


def within_a_minute(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while not (value := found()) and time.monotonic() < until:
        time.sleep(0.05)
    return value


def child_of(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return int(within_a_minute(lambda: children.read_text(encoding="utf-8")))


def ignores_ctrl_c(process: int) -> bool:
    """Return whether a process ignores Ctrl-C, as it does as soon as Python has started."""
    status = Path(f"/proc/{process}/status")
    ignored = re.compile(r"SigIgn:\s*(\w+)")

    def ignores() -> bool:
        found = ignored.search(status.read_text(encoding="utf-8"))
        return found is not None and bool(int(found[1], 16) >> (signal.SIGINT - 1) & 1)

    return bool(within_a_minute(ignores))
