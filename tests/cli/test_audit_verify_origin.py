"""`secure-ddb audit verify --origin-key` asks AWS KMS who wrote the lines, and says so, or says that it cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from secure_ddb.cli import audit_origin
from secure_ddb.cli.main import main
from tests.audit.aws import KEY_ID, mac_of
from tests.audit.trail import Environment, change

if TYPE_CHECKING:
    from pathlib import Path

OLD_KEY = "arn:aws:kms:eu-central-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
ANOTHER = "arn:aws:kms:eu-central-1:444455556666:key/1111abcd-12ab-34cd-56ef-1234567890ab"


def old_mac_of(message: bytes) -> bytes:
    return mac_of(b"old" + message)


class Kms:
    """AWS KMS with two HMAC keys, of which every caller may verify MACs unless there is an error."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: Exception | None = None

    def verify_mac(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(arguments["KeyId"])
        keys = {KEY_ID: mac_of, OLD_KEY: old_mac_of}
        assert arguments["MacAlgorithm"] == "HMAC_SHA_256"
        if self.error:
            raise self.error
        if arguments["KeyId"] not in keys:
            raise refusal("NotFoundException")
        if arguments["Mac"] != keys[arguments["KeyId"]](arguments["Message"]):
            raise refusal("KMSInvalidMacException")
        return {"KeyId": arguments["KeyId"], "MacValid": True, "MacAlgorithm": "HMAC_SHA_256"}


def refusal(code: str) -> Exception:
    error: Exception = ClientError({"Error": {"Code": code, "Message": "refused"}}, "VerifyMac")
    return error


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Kms:
    kms = Kms()
    monkeypatch.setattr(audit_origin, "connect_to_kms", lambda _key, _region, _profile: kms)
    return kms


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Return a file with two chains of three batches each, the first under the key that was replaced."""
    lines = []
    for number, key in enumerate((old_mac_of, mac_of)):
        environment = Environment(None, key)
        for start in (0, 5, 10):
            lines += environment.batch(change(20 * number + start + place) for place in range(5))
    path = tmp_path / "lines.json"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *map(str, arguments)])


def test_the_origin_is_verified_by_one_request_for_each_chain(kms: Kms, trail: Path) -> None:
    result = run(trail, "--origin-key", KEY_ID, "--origin-key", OLD_KEY)
    assert result.exit_code == 0
    printed = result.stdout.splitlines()
    assert "origin: 2 MACs verified by AWS KMS, 2 of them written by the audit function" in printed
    assert "origin verified: the audit function wrote every line of a change" in printed
    assert any(line.startswith("- A valid MAC shows that the audit function wrote a line") for line in printed)
    # Once for each key before anything is read; the key that fits comes first from then on.
    assert kms.calls == [KEY_ID, OLD_KEY, KEY_ID, OLD_KEY, OLD_KEY, KEY_ID]


def test_without_the_key_of_its_time_a_chain_is_a_finding(kms: Kms, trail: Path) -> None:
    result = run("--json", trail, "--origin-key", KEY_ID)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["finding_counts"]["origin"] == 3
    assert report["origin"] == {
        "verified": False,
        "macs": {"batches_without": 0, "first": "2026-11-21T20:14:43Z", "verified": 4, "right": 1},
    }
    assert set(kms.calls) == {KEY_ID}
    printed = run(trail, "--origin-key", KEY_ID).stdout
    assert "origin verified" not in printed
    assert f"origin: {trail}:5" in printed


def test_without_a_key_aws_is_not_asked_and_the_report_says_so(kms: Kms, trail: Path) -> None:
    result = run("--json", trail)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["origin"]["verified"] is False
    assert "not verified: origin" in run(trail).stdout
    assert kms.calls == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("AccessDeniedException"), "access denied; the credentials need kms:VerifyMac on the table's HMAC key"),
        (refusal("DisabledException"), "the key is disabled; enable it for the verification"),
        (refusal("ThrottlingException"), "An error occurred (ThrottlingException)"),
        (NoCredentialsError(), "there are no AWS credentials"),
    ],
)
def test_an_origin_that_cannot_be_verified_is_status_2(kms: Kms, trail: Path, error: Exception, said: str) -> None:
    kms.error = error
    result = run(trail, "--origin-key", KEY_ID)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"the origin cannot be verified with the key {KEY_ID}: {said}" in result.stderr
    assert result.stderr.rstrip().endswith("without --origin-key only the links are verified")


def test_a_key_that_is_not_there_is_status_2_before_anything_is_read(kms: Kms, trail: Path) -> None:
    result = run(trail, "--origin-key", KEY_ID, "--origin-key", ANOTHER)
    assert (result.exit_code, kms.calls) == (2, [KEY_ID, ANOTHER])
    assert "there is no such key in this account and Region" in result.stderr


def test_an_answer_that_does_not_come_while_verifying_is_status_2(
    kms: Kms, trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = kms.verify_mac

    def verify_mac(**arguments: Any) -> dict[str, Any]:
        if len(kms.calls) > 1:
            raise refusal("ThrottlingException")
        return answer(**arguments)

    monkeypatch.setattr(kms, "verify_mac", verify_mac)
    result = run(trail, "--origin-key", KEY_ID)
    assert (result.exit_code, result.stdout) == (2, "")


def test_without_a_region_the_command_says_so(trail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    result = run(trail, "--origin-key", "1234abcd-12ab-34cd-56ef-1234567890ab")
    assert result.exit_code == 2
    assert "no Region is set; pass --region" in result.stderr
