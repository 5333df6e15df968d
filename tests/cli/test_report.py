"""The command writes evidence, prints its summary, and its exit status says what is open."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secure_ddb.cli.main import main
from secure_ddb.evidence.validation import REPORT_FILE
from secure_ddb.evidence.write import WRITERS
from tests.evidence.written import BARE, KEY, assembly, plugin, validation_report, violation

CHECKOUT = Path(__file__).parents[2]

FILES = ("evidence.html", "evidence.json", "evidence.csv", "evidence.sarif")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)], env={"COLUMNS": "300"})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A cloud assembly without tables, in which every check ran and found nothing."""
    directory = assembly(tmp_path / "cdk.out", {"Orders": {"Key": KEY}})
    validation_report(directory, plugin())
    return directory


def test_nothing_open_is_status_0_and_evidence_is_written(directory: Path) -> None:
    result = run(directory)

    assert result.exit_code == 0
    assert result.stdout.startswith("No tables: no open findings")
    assert result.stdout.splitlines()[-1] == (
        f"Details: {directory / 'evidence.html'}, or: secure-ddb report --details {directory}"
    )
    assert result.stderr == ""
    assert {path.name for path in directory.glob("evidence.*")} == set(FILES)
    evidence = json.loads((directory / "evidence.json").read_text(encoding="utf-8"))
    assert evidence["title"] == "Orders"


def test_what_was_written_before_is_written_anew(directory: Path) -> None:
    run(directory)
    first = {name: (directory / name).read_bytes() for name in FILES}

    run(directory)

    assert {name: (directory / name).read_bytes() for name in FILES} == first


def test_findings_of_our_rules_are_status_1(directory: Path) -> None:
    assembly(directory, {"Orders": {"Table": BARE}})

    result = run(directory)

    assert result.exit_code == 1
    assert result.stdout.startswith("Not OK: the table has open findings")
    assert "high SecureDdb-BAK3[eu-central-1] on Orders/Table: " in result.stdout


def test_findings_of_other_packs_are_status_1(directory: Path) -> None:
    validation_report(directory, plugin(violation("AwsSolutions-KMS5", "Orders/Key")))

    result = run(directory)

    assert result.exit_code == 1
    assert "AwsSolutions-KMS5 on Orders/Key" in result.stdout


def test_synth_without_checks_is_status_1_and_says_what_did_not_run(directory: Path) -> None:
    (directory / REPORT_FILE).unlink()

    result = run(directory)

    assert result.exit_code == 1
    assert "neither cdk-nag nor CDK's own validation ran" in result.stdout
    assert (directory / "evidence.json").exists()


def test_directory_is_cdk_out_unless_named(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(directory.parent)

    result = run()

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "Details: cdk.out/evidence.html, or: secure-ddb report --details cdk.out"


def test_details_are_printed_on_request(directory: Path) -> None:
    assembly(directory, {"Orders": {"Table": BARE}})

    short, long = run(directory), run("--details", directory)

    assert "finding: SecureDdb-BAK3[eu-central-1] on Orders/Table" in long.stdout
    assert "finding: " not in short.stdout
    assert long.stdout.splitlines()[:2] == short.stdout.splitlines()[:2]
    assert long.stdout.splitlines()[-1] == f"Details: {directory / 'evidence.html'}"


def test_directory_that_is_not_there_is_status_2(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere")

    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: the cloud assembly cannot be read: there is no directory {tmp_path / 'nowhere'}\n"
    )


def test_directory_that_is_no_cloud_assembly_is_status_2_and_nothing_is_written(tmp_path: Path) -> None:
    result = run(tmp_path)

    assert result.exit_code == 2
    assert "is no cloud assembly, which a synth writes" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_directory_that_cannot_be_written_is_status_2(directory: Path) -> None:
    (directory / "evidence.sarif").mkdir()
    (directory / "evidence.html").write_text("before", encoding="utf-8")

    result = run(directory)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (f"Error: the evidence cannot be written: {directory / 'evidence.sarif'} is a directory\n")
    assert {path.name for path in directory.glob("*evidence*")} == {"evidence.html", "evidence.sarif"}
    assert (directory / "evidence.html").read_text(encoding="utf-8") == "before"


def test_evidence_is_replaced_whole_or_not_at_all(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_down(*_: object) -> str:
        raise OSError("no space left on device")

    (directory / "evidence.html").write_text("before", encoding="utf-8")
    monkeypatch.setitem(WRITERS, "evidence.sarif", breaks_down)

    result = run(directory)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "the evidence cannot be written" in result.stderr
    assert [path.name for path in directory.glob("*evidence*")] == ["evidence.html"]
    assert (directory / "evidence.html").read_text(encoding="utf-8") == "before"


def test_command_needs_neither_cdk_nor_node(directory: Path) -> None:
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('aws_cdk', 'constructs', 'jsii', 'cdk_nag')));"
        f"from secure_ddb.cli.main import main; main(['report', {str(directory)!r}])"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=False, encoding="utf-8"
    )

    assert (finished.returncode, finished.stderr) == (0, "")
