"""The command reads what an auditor gives it, says what it found, and its exit status says so too."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from secure_ddb.audit_trail.verify import sources, text
from secure_ddb.cli.main import main
from tests.audit.failed import BUCKET, KEY, failed_object, listing, stream_record
from tests.audit.trail import Environment, change, failure

CHECKOUT = Path(__file__).parents[2]
_ENVIRONMENT = Environment()
TRAIL = [line for start in (0, 5, 10) for line in _ENVIRONMENT.batch(change(start + number) for number in range(5))]
LAMBDA_S = '{"timestamp":"2026-11-21T20:14:39Z","level":"WARNING","message":"a","requestId":"1"}'


def run(*arguments: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *map(str, arguments)], input=stdin)


def as_json(*arguments: object, stdin: bytes = b"") -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run("--json", *arguments, stdin=stdin).stdout)
    return report


def text_of(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Return a folder with an intact trail in two files, of which the second is compressed."""
    folder = tmp_path / "trail"
    (folder / "later").mkdir(parents=True)
    (folder / "a").write_bytes(text_of(TRAIL[:7]))
    (folder / "later" / "b.gz").write_bytes(gzip.compress(text_of(TRAIL[7:])))
    return folder


def test_an_intact_trail_is_status_0(trail: Path) -> None:
    result = run(trail)
    assert result.exit_code == 0
    printed = result.stdout.splitlines()
    assert "table Orders, 15 lines" in printed
    assert "15 changes in 3 batches" in printed
    assert "made between 2026-11-21T20:14:39Z and 2026-11-21T20:14:53Z" in printed
    assert "1 chain started in the input, 0 continued from before it" in printed
    assert printed[-2] == "not checked: failure bucket; changes in it may be missing from the log"
    assert printed[-1] == "intact as far as checked: in the checked input, no line is missing or altered"
    assert any(line.startswith("- The failure bucket was not checked") for line in printed)
    assert any(line.startswith("- Chains that end in the input: 1.") for line in printed)
    assert any(line.startswith("- The origin was not verified. Links have no secret") for line in printed)
    assert printed[-3].startswith("not verified: origin; ")
    assert result.stderr == ""


def test_findings_are_status_1_and_are_named(trail: Path) -> None:
    lines = [TRAIL[0].replace("MODIFY", "INSERT"), *TRAIL[1:6], *TRAIL[7:], failure("f" * 32), LAMBDA_S, TRAIL[-1]]
    (trail / "a").write_bytes(text_of(lines))
    (trail / "later" / "b.gz").unlink()
    result = run(trail)
    assert result.exit_code == 1
    printed = result.stdout.splitlines()
    place = printed.index(f"alteration: {trail}/a:1")
    assert printed[place + 1].startswith(
        "  batch 100000000000047189201511000, place 0 of 5 lines: the link does not match"
    )
    assert f"gap: {trail}/a:6" in printed
    assert "  batch 100000000000047189201511005 of 5 lines: missing in places 1" in printed
    assert f"not logged: {trail}/a:15" in printed
    assert "1 copy: identical lines (overlapping exports)" in printed
    assert f"  {trail}/a:16: {LAMBDA_S}" in printed
    assert printed[-1] == "3 findings: alteration 1, gap 1, not logged 1"


def test_json_has_all_of_the_report(trail: Path) -> None:
    report = as_json(trail)
    assert report["intact"] is True
    assert report["records"] == 15
    assert report["tables"] == {"Orders": 15}
    assert report["chains"] == {"started": 1, "continued_from_before": 0, "ended": 1}
    assert report["first_created"] == "2026-11-21T20:14:39Z"
    assert report["finding_counts"] == {
        "alteration": 0,
        "gap": 0,
        "insertion": 0,
        "reordering": 0,
        "origin": 0,
        "not logged": 0,
        "not read": 0,
        "one Region only": 0,
    }
    assert report["failure_bucket"] == "not checked"
    (trail / "a").unlink()
    report = as_json(trail)
    assert report["intact"] is False
    place = f"{trail}/later/b.gz:1"
    text = "batch 100000000000047189201511005 of 5 lines: missing in places 0 to 1"
    assert report["findings"] == [{"kind": "gap", "where": place, "text": text}]
    assert any("edge of the exported period" in note for note in report["notes"])


def test_json_says_the_same_with_the_same_status(trail: Path) -> None:
    assert run("--json", trail).exit_code == 0
    assert run("--json", trail / "a").exit_code == 1


def test_files_are_read_in_the_order_given_and_standard_input_among_them(trail: Path) -> None:
    report = as_json("-", trail / "later", stdin=gzip.compress(text_of(TRAIL[:7])))
    assert (report["intact"], report["records"]) == (True, 15)
    assert as_json("-", stdin=text_of([*TRAIL[:3], "x"]))["findings"][0]["where"] == "standard input:4"


def test_one_table_of_several(trail: Path) -> None:
    (trail / "visits").write_bytes(text_of(Environment().batch([change(50, table="Visits")])))
    assert as_json(trail)["tables"] == {"Orders": 15, "Visits": 1}
    assert as_json("--table", "Visits", trail)["tables"] == {"Visits": 1}
    assert "15 lines about other tables, not checked" in run("--table", "Visits", trail).stdout


def test_a_chain_from_before_is_told_and_a_finding_where_nothing_is_before(trail: Path) -> None:
    (trail / "a").write_bytes(text_of(TRAIL[5:7]))
    result = run(trail)
    assert result.exit_code == 0
    assert "0 chains started in the input, 1 continued from before it" in result.stdout.splitlines()
    assert "- Chains that continue from a line outside the input: 1." in result.stdout
    result = run("--from-beginning", trail)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "1 finding: gap 1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["no-such-file"], "'no-such-file' does not exist"),
        (["--unknown", "-"], "No such option"),
        (["-"], "the input has no lines of an audit trail"),
        (["--table", "Visits", "-"], "the input has no lines of an audit trail about table Visits"),
    ],
)
def test_what_cannot_be_verified_is_status_2(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_file_that_cannot_be_read_to_its_end_is_status_2(trail: Path) -> None:
    content = (trail / "later" / "b.gz").read_bytes()
    (trail / "later" / "b.gz").write_bytes(content[:-20])
    result = run(trail)
    assert result.exit_code == 2
    assert "the trail cannot be verified, because the input cannot be read" in result.stderr
    assert "b.gz" in result.stderr
    assert result.stdout == ""


def test_text_of_the_input_is_printed_as_it_is() -> None:
    report = run("-", stdin=b"[bold]x[/bold] :secret: [/]\n\x1b[2J\n" + text_of(TRAIL)).stdout
    assert "  not JSON: [bold]x[/bold] :secret: [/]" in report
    assert r"  not JSON: '\x1b[2J'" in report


def test_findings_that_are_not_shown_are_counted() -> None:
    result = run("-", stdin=b"x\n" * 1234 + text_of(TRAIL))
    assert "alteration: 1,134 more" in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1] == "1,234 findings: alteration 1,234"


def listed(lines: list[str], **members: object) -> bytes:
    return json.dumps({"events": [{"message": line} for line in lines], **members}, indent=4).encode()


def test_all_documents_of_the_input_are_read() -> None:
    altered = [line.replace("MODIFY", "INSERT") for line in TRAIL[5:]]
    result = run("-", stdin=listed(TRAIL[:5]) + b"\n" + listed(altered))
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "10 findings: alteration 10"
    assert as_json("-", stdin=listed(TRAIL[:5]) + listed(TRAIL[5:]))["records"] == 15


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (listed(TRAIL, nextToken="eyJ"), "Get all pages"),
        (listed(TRAIL) + b"\nand so on", ": text after a list of events that cannot be read: and so on"),
        (listed(TRAIL)[:-20], ": a list of events that is not JSON: Unterminated string"),
        (text_of(["x" * 8_200, *TRAIL]), "standard input:1: longer than 8,000 characters"),
    ],
)
def test_input_that_is_not_all_there_or_is_something_else_is_status_2(
    monkeypatch: pytest.MonkeyPatch, stdin: bytes, said: str
) -> None:
    monkeypatch.setattr(sources, "_CHUNK", 100)
    monkeypatch.setattr(text, "LONGEST", 8_000)
    result = run("-", stdin=stdin)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["x", "y"], "only 2 lines of something else; the first, standard input:1: not JSON: x"),
        (['{"a": 1}'], "only 1 line of something else; the first, standard input:1: does not end with a link: {"),
        ([LAMBDA_S], "the input has no lines of an audit trail"),
        (["\x1b[2J"], r"not JSON: '\x1b[2J'"),
    ],
)
def test_input_without_a_line_of_a_trail_cannot_be_read(lines: list[str], said: str) -> None:
    result = run("-", stdin=text_of(lines))
    assert result.exit_code == 2
    assert "the input has no lines of an audit trail" in result.stderr
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "line", [TRAIL[0][:-60] + "}", TRAIL[0].replace('"batch":', '"catch":'), failure("1").replace("error", "errors")]
)
def test_a_damaged_line_of_a_trail_is_altered_and_not_something_else(line: str) -> None:
    assert run("-", stdin=text_of([line])).exit_code == 1


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Return a folder with a listing and two objects: changes 3 to 6, which are logged, and 15 to 79, which are not."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    (folder / "2026-11-21T20.14.39-a").write_bytes(failed_object(stream_record(number) for number in range(3, 7)))
    (folder / "2026-11-21T20.14.40-b").write_bytes(failed_object(stream_record(number) for number in range(15, 80)))
    (folder / "listing.json").write_bytes(listing("2026-11-21T20.14.39-a", "2026-11-21T20.14.40-b"))
    return folder


def test_changes_that_are_only_in_the_failure_bucket_are_findings(trail: Path, bucket: Path) -> None:
    result = run("--failure-bucket", bucket, trail)
    assert result.exit_code == 1
    printed = result.stdout.splitlines()
    assert f"failure bucket {BUCKET}: 2 objects; 69 changes, 65 of them not logged" in printed
    assert printed.count(f"not logged: {bucket}/2026-11-21T20.14.40-b") == 65
    first = f"the change {15:032x}, sequence number 100000000000047189201511015 of shard shardId-00000001"
    assert f"  {first}, is not in the log" in printed
    assert printed[-1] == "65 findings: not logged 65"
    assert "not checked" not in result.stdout


def test_json_names_every_change_that_is_missing(trail: Path, bucket: Path) -> None:
    (bucket / "2026-11-21T20.14.40-b").write_bytes(failed_object(stream_record(number) for number in range(15, 265)))
    report = as_json("--failure-bucket", bucket, trail)
    assert report["failure_bucket"] == {
        "names": [BUCKET],
        "objects": 2,
        "objects_of_other_tables": 0,
        "not_read": 0,
        "changes": 254,
        "not_logged": 250,
        "unchecked": "",
    }
    assert len(report["findings"]) == 250
    assert "not logged: 150 more" in run("--failure-bucket", bucket, trail).stdout.splitlines()


def test_a_failure_bucket_whose_changes_are_all_logged_makes_the_verdict_whole(trail: Path, bucket: Path) -> None:
    (bucket / "2026-11-21T20.14.40-b").unlink()
    (bucket / "listing.json").write_bytes(listing("2026-11-21T20.14.39-a"))
    result = run("--failure-bucket", bucket, trail)
    assert result.exit_code == 0
    assert f"failure bucket {BUCKET}: 1 object; 4 changes, 0 of them not logged" in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1] == (
        "intact: in the checked input, no line is missing or altered, and no change in the failure bucket "
        f"{BUCKET} is missing"
    )


def test_objects_without_a_listing_leave_the_rest_of_the_bucket_unchecked(trail: Path, bucket: Path) -> None:
    (bucket / "2026-11-21T20.14.40-b").unlink()
    (bucket / "listing.json").unlink()
    result = run("--failure-bucket", bucket, trail)
    assert result.exit_code == 0
    printed = result.stdout.splitlines()
    assert printed[-2] == (
        "not checked: failure bucket; other objects may be in it, also behind delete markers. List it with "
        "`aws s3api list-object-versions --bucket BUCKET --no-paginate`"
    )
    assert printed[-1] == "intact as far as checked: in the checked input, no line is missing or altered"


def test_objects_of_other_tables_only_leave_the_bucket_unchecked(trail: Path, bucket: Path) -> None:
    for name in ("2026-11-21T20.14.39-a", "2026-11-21T20.14.40-b"):
        (bucket / name).write_bytes(failed_object([stream_record(20)], table="Other"))
    result = run("--table", "Orders", "--failure-bucket", bucket, trail)
    assert result.exit_code == 0
    printed = result.stdout.splitlines()
    assert f"failure bucket {BUCKET}: 0 objects; 2 objects of other tables, not checked" in printed
    no_object = "no object of table Orders was given, only objects of other tables"
    assert printed[-2] == f"not checked: failure bucket {BUCKET}; {no_object}"
    assert printed[-1] == "intact as far as checked: in the checked input, no line is missing or altered"


def test_a_listing_without_a_name_is_said_to_name_no_bucket(trail: Path, tmp_path: Path) -> None:
    (tmp_path / "listing.json").write_bytes(b'{"Versions": [], "Prefix": ""}')
    printed = run("--failure-bucket", tmp_path / "listing.json", trail).stdout.splitlines()
    assert printed[-1].endswith("no change in the failure bucket (the listing does not name it) is missing")


@pytest.mark.parametrize(("keys", "status"), [((), 0), ((KEY,), 1)])
def test_a_listing_alone_shows_an_empty_bucket_and_nothing_else(
    trail: Path, tmp_path: Path, keys: tuple[str, ...], status: int
) -> None:
    (tmp_path / "listing.json").write_bytes(listing(*keys))
    result = run("--failure-bucket", tmp_path / "listing.json", trail)
    assert result.exit_code == status
    printed = result.stdout.splitlines()
    if keys:
        assert f"failure bucket {BUCKET}: 1 object, 1 of them not read" in printed
        assert f"not read: {KEY}" in printed
        assert any(line.endswith("is unknown until it is read") for line in printed)
        assert printed[-1] == "1 finding: not read 1"
    else:
        assert f"failure bucket {BUCKET}: 0 objects" in printed
        assert printed[-1].endswith(f"and no change in the failure bucket {BUCKET} is missing")


def test_a_failure_bucket_that_cannot_be_read_is_status_2(trail: Path, tmp_path: Path) -> None:
    (tmp_path / "listing.json").write_bytes(b"")
    result = run("--failure-bucket", tmp_path / "listing.json", trail)
    assert result.exit_code == 2
    assert "an empty file, which does not show that the bucket is empty" in result.stderr


def test_a_log_without_lines_whose_changes_are_all_in_the_failure_bucket_is_status_1(bucket: Path) -> None:
    assert run("--failure-bucket", bucket, "-", stdin=listed([])).exit_code == 1
    assert run("-", stdin=listed([])).exit_code == 2


def started(*arguments: str, stderr: int) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "secure_ddb.cli.main", "audit", "verify", "--json", *arguments]
    wide = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    return subprocess.run(command, cwd=CHECKOUT, env=wide, stdout=subprocess.PIPE, stderr=stderr, check=True)


def test_a_terminal_sees_a_bar_and_the_output_stays_clean(trail: Path) -> None:
    terminal, stderr = pty.openpty()
    try:
        finished = started(str(trail), stderr=stderr)
        os.set_blocking(terminal, False)
        bar = os.read(terminal, 100_000).decode()
    finally:
        os.close(terminal)
        os.close(stderr)
    size = (trail / "a").stat().st_size + (trail / "later" / "b.gz").stat().st_size
    assert json.loads(finished.stdout)["intact"]
    assert "verifying" in bar
    assert f"{size / 1000:.1f}/{size / 1000:.1f} kB" in bar


# The next test needs `secure_ddb/__init__.py` to load its names only when they are asked for (PEP 562).
def test_the_command_does_not_load_the_cdk() -> None:
    program = "import json, sys, secure_ddb.cli.main; print(json.dumps(sorted(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(finished.stdout)}
    assert "click" in loaded
    assert loaded.isdisjoint({"aws_cdk", "boto3", "botocore", "cdk_nag", "constructs", "jsii"})


@pytest.mark.parametrize("library", ["click", "rich"])
def test_without_its_libraries_the_command_says_how_to_get_them(library: str) -> None:
    program = f"import sys; sys.modules[{library!r}] = None; import secure_ddb.cli.main"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=False, encoding="utf-8"
    )
    assert finished.returncode == 2
    assert finished.stderr == "secure-ddb needs boto3, click, jinja2, pyyaml and rich: pip install 'secure-ddb[cli]'\n"
