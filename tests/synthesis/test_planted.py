"""Whatever is to be found in an app fails its synth, and is told; with CDK's own validation, as in test_app.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.synthesis.runs import CDK_VALIDATION, Run, run

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def planted_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run apps that have something to find, where there is no cdk.json."""
    folder = tmp_path_factory.mktemp("planted")
    return run(Path(__file__).parent / "planted.py", folder, folder)


@pytest.fixture(scope="module")
def planted(planted_run: Run) -> dict[str, dict[str, Any]]:
    """Return exit status and summary of each app that has something to find."""
    assert planted_run.output, planted_run.errors
    found: dict[str, dict[str, Any]] = json.loads(planted_run.output)
    return found


def test_finding_fails_the_synth_and_is_printed(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["unencrypted_topic"]
    assert run["status"] == 1
    assert "error AwsSolutions-SNS3 on Minimal/Planted/Resource: " in run["summary"]
    assert "Not OK: open findings outside of the tables; 5 open" in run["summary"]


def test_finding_with_a_waiver_passes_and_the_waiver_is_printed(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["waived_topic"]
    assert run["status"] == 0, run["summary"]
    assert run["summary"].startswith("No tables: no open findings")
    assert "5 findings: " in run["summary"]
    assert "carries no data (approved by SEC-7, expires 2099-12-31)" in run["summary"]


def test_waiver_that_waives_nothing_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["left_over"]
    assert run["status"] == 1
    assert "Not OK: open findings outside of the tables; 1 open" in run["summary"]
    assert "AwsSolutions::AwsSolutions-KMS5 is acknowledged, but there is no such finding" in run["summary"]


def test_waiver_that_has_run_out_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["run_out"]
    assert run["status"] == 1
    # Of each of four packs the finding, and its waiver.
    assert "Not OK: open findings outside of the tables; 8 open" in run["summary"]
    assert "SNSEncryptedKMS is acknowledged until 2020-12-31 (and 3 more)" in run["summary"]
    assert "PCI.DSS.321::PCI.DSS.321-SNSEncryptedKMS is acknowledged until 2020-12-31" in run["details"]


def test_finding_of_cdk_s_own_validation_fails_the_synth(planted_run: Run, planted: dict[str, dict[str, Any]]) -> None:
    run = planted["wrong_type"]
    assert run["status"] == 1
    assert "error F3012 on Minimal/Planted" in run["summary"]
    assert "Not OK: open findings outside of the tables; 1 open" in run["summary"]
    # Whoever reads CDK's report instead of the summary finds an error as well, and no warning.
    (plugin,) = planted_run.plugins("wrong_type")
    assert (plugin["pluginName"], plugin["conclusion"]) == (CDK_VALIDATION, "failure")


def test_error_that_a_construct_annotates_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["annotated"]
    assert run["status"] == 1
    assert "planted by hand" in run["summary"]


def test_pack_that_breaks_down_fails_the_synth(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["broken_down"]
    assert run["status"] == 1
    assert "problem: Broken broke down" in run["summary"]


def test_table_with_a_trail_of_its_own_has_no_open_finding(planted: dict[str, dict[str, Any]]) -> None:
    run = planted["own_trail"]
    assert run["status"] == 0, run["summary"]
    assert run["summary"].startswith("OK: no open findings in 1 table")
    assert "setting: audit.reads: a trail of the table's own" in run["details"]


@pytest.mark.parametrize("app", ["ephemeral", "ephemeral_trail"])
def test_ephemeral_table_has_no_open_finding(planted: dict[str, dict[str, Any]], app: str) -> None:
    assert planted[app]["status"] == 0, planted[app]["summary"]
    assert "accepted by design: AwsSolutions-S1" in planted[app]["details"]
    assert "NIST.800.53.R4-S3BucketDefaultLockEnabled" in planted[app]["details"]
    # It has neither.
    for claim in ("Object Lock keeps", "backed up"):
        assert claim not in planted[app]["details"]


def test_default_table_needs_no_acknowledgment_that_one_with_a_trail_does_not(planted_run: Run) -> None:
    by_default = set(acknowledged(planted_run, "by_default"))
    with_trail = set(acknowledged(planted_run, "own_trail"))
    assert by_default < with_trail
    assert {construct.split("/")[2] for _, construct in with_trail - by_default} == {"Trail", "TrailBucket"}


def acknowledged(run: Run, app: str) -> Iterator[tuple[str, str]]:
    """Yield rule and construct of each finding on the table of the stack Minimal that was acknowledged."""
    for _, violation, construct in run.waived(app):
        if construct.startswith("Minimal/Orders/"):
            yield violation["ruleName"], construct


def test_missing_acknowledgments_are_noticed_and_none_is_superfluous(planted_run: Run) -> None:
    expected = set(acknowledged(planted_run, "own_trail"))
    found = {
        (violation["ruleName"], construct["constructPath"])
        for plugin in planted_run.plugins("nothing_acknowledged")
        for violation in plugin["violations"]
        # Whether its key material is accepted, and who subscribed to the topic, a person shows.
        if violation["ruleName"] not in {"SecureDdb-DET11", "SecureDdb-ENC14"}
        for construct in violation["violatingConstructs"]
    }
    assert found == expected
    assert planted_run.status == 1
