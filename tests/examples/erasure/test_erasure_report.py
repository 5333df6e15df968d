"""The report says what the trail proves, until when copies last by the templates' settings, and is signed if proven."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_kinesis import Stream
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from examples.erasure import prove
from examples.erasure.copies import copies
from examples.erasure.stack import OWNERSHIP, ErasureStack
from secure_ddb import (
    ArchiveSettings,
    AuditSettings,
    DataClassification,
    ExpiredItems,
    PerimeterSettings,
    SamlSignIn,
    SecureTable,
    TableTrail,
)
from secure_ddb.cloudformation.template import Template as RulesTemplate
from secure_ddb.landscape.assembly import Assembly
from tests.audit.trail import Environment as Writer
from tests.audit.trail import change
from tests.examples.erasure.people_tables import REGION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from click.testing import Result

HERE = Environment(account="111122223333", region=REGION)
REQUEST = "ERA-2026-0042"
KEY = f"arn:aws:kms:{REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
# When the last deletion of `trail` was made.
DELETED = "2026-11-21"


class Synth(NamedTuple):
    """The synthesized stack."""

    folder: Path
    customers: str
    orders: str


@pytest.fixture(scope="module")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    folder = tmp_path_factory.mktemp("synth")
    app = App(outdir=str(folder))
    sign_in = SamlSignIn(provider="arn:aws:iam::111122223333:saml-provider/Company", issuer="https://id.example.com")
    ErasureStack(app, "Erasure", sign_in=sign_in, env=HERE)
    template = app.synth().get_stack_by_name("Erasure").template
    names = {
        logical_id: resource["Properties"]["TableName"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::GlobalTable"
    }
    of = {logical_id[:-8]: name for logical_id, name in names.items()}
    return Synth(folder, of["CustomersTable"], of["OrdersTable"])


def marked(number: int, table: str, digest: str, **other: Any) -> dict[str, Any]:
    clear = {"erasure": [None, {"S": REQUEST}]}
    return change(number, table=table, key=digest * 43, changed=..., clear=clear, **other)


def removed(number: int, table: str, digest: str, **other: Any) -> dict[str, Any]:
    clear = {"erasure": [{"S": REQUEST}, None]}
    return change(number, table=table, key=digest * 43, action="REMOVE", added=..., changed=..., clear=clear, **other)


def trail(synth: Synth, *more: dict[str, Any]) -> list[str]:
    """Return lines of both tables: an erasure of two customers' items and an order, among other changes."""
    orders, customers = synth.orders, synth.customers
    changes = [
        change(1, table=customers),
        marked(2, customers, "a"),
        marked(3, customers, "b"),
        removed(4, customers, "a"),
        change(5, table=orders, key="d" * 43),
        removed(6, customers, "b"),
        marked(7, orders, "c"),
        removed(8, orders, "c"),
        *more,
    ]
    return Writer().batch(changes)


def run(synth: Synth, tmp_path: Path, lines: Sequence[str], *options: str) -> tuple[Result, dict[str, Any]]:
    """Write the report, and return it."""
    exported, report = tmp_path / "lines.json", tmp_path / "report.json"
    exported.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    report.unlink(missing_ok=True)
    tables = [argument for name in (synth.customers, synth.orders) for argument in ("--table", name)]
    fixed = ["--request", REQUEST, "--approved-by", "DPO-7", "--synth", str(synth.folder), "--output", str(report)]
    result = CliRunner().invoke(prove.main, [str(exported), *fixed, *tables, *options])
    return result, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}


def test_what_the_trail_has_of_the_request_is_proven(synth: Synth, tmp_path: Path) -> None:
    result, report = run(synth, tmp_path, trail(synth))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{synth.customers}: 2 items deleted, 0 only marked, 0 written again",
        f"{synth.orders}: 1 item deleted, 0 only marked, 0 written again",
        "the trail is intact; the erasure is proven",
    ]
    customers, orders = report["tables"]
    assert (customers["erased"], customers["digests"]) == (2, ["a" * 43, "b" * 43])
    assert (orders["erased"], orders["last_deletion"][:10]) == (1, DELETED)
    assert report["proven"]
    assert report["trail"] == {"intact": True, "origin_verified": False, "records": 8, "findings": {}}
    assert (report["request"], report["approved_by"]) == (REQUEST, "DPO-7")


def gone_by(table: dict[str, Any], where: str) -> str | None:
    (until,) = (each["gone_by"] for each in table["copies"] if where in each["where"])
    return until[:10] if until else None


def test_the_report_says_until_when_copies_last(synth: Synth, tmp_path: Path) -> None:
    _, report = run(synth, tmp_path, trail(synth))
    customers, orders = report["tables"]
    assert gone_by(customers, "stream") == "2026-11-22"
    assert gone_by(customers, "point-in-time recovery") == "2026-12-26"
    assert gone_by(customers, "rule Weekly") == "2026-12-26"
    assert gone_by(customers, "rule Monthly") == "2027-11-21"
    assert gone_by(customers, "audit log") == "2027-12-26"
    # Nothing deletes from the failure bucket, so somebody has to look.
    assert gone_by(customers, "failure bucket") is None
    # Exported for 30 days, deleted a day later, and possible for 35 days.
    assert gone_by(orders, "exports") == "2027-01-26"
    assert not any("exports" in each["where"] for each in customers["copies"])
    assert any("restored" in each for each in report["look_for"])


def test_copies_of_a_table_with_everything_are_known() -> None:
    app = App()
    stack = Stack(app, "Everything", env=HERE)
    table = SecureTable(
        stack,
        "Table",
        partition_key=Attribute(name="person", type=AttributeType.STRING),
        ownership=OWNERSHIP,
        classification=DataClassification.RESTRICTED,
        perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
        time_to_live_attribute="delete_at",
        audit=AuditSettings(reads=TableTrail(), archive=ArchiveSettings(retention=Duration.days(800))),
    )
    ExpiredItems(stack, "Expired", tables={"all": table}, retention=Duration.days(90), ownership=OWNERSHIP)
    body = app.synth().get_stack_by_name("Everything").template
    assembly = Assembly([RulesTemplate(name="Everything", body=body, region=REGION)])
    (only,) = assembly.tables
    found = {each.where.rsplit(" ", 1)[0]: each for each in copies(assembly, only)}
    assert found["archive of the audit log"].days == 802
    assert found["items that expired"].days == 91.5
    log_files = found["CloudTrail's log files"]
    assert log_files.holds == "keys of items in clear"
    assert log_files.days is not None
    assert {each.where.rsplit(" ", 1)[1] for each in found.values() if "rule" in each.where} == {"Monthly"}


@pytest.mark.parametrize(("where", "hours", "days"), [("here", None, 1), ("here", 168, 7), ("elsewhere", None, None)])
def test_kinesis_streams_are_known_if_they_are_in_a_template(where: str, hours: int | None, days: float | None) -> None:
    app = App()
    stack = Stack(app, "Streaming", env=HERE)
    retention = Duration.hours(hours) if hours else None
    arn = f"arn:aws:kinesis:{REGION}:111122223333:stream/changes"
    own = Stream(stack, "Changes", retention_period=retention)
    given = own if where == "here" else Stream.from_stream_arn(stack, "Elsewhere", arn)
    key = Attribute(name="person", type=AttributeType.STRING)
    SecureTable(stack, "Table", partition_key=key, ownership=OWNERSHIP, kinesis_stream=given)
    assembly = Assembly([RulesTemplate(name="Streaming", body=app.synth().get_stack_by_name("Streaming").template)])
    (only,) = assembly.tables
    assert [each.days for each in copies(assembly, only) if "Kinesis" in each.where] == [days]


@pytest.mark.parametrize(
    ("more", "field"),
    [(marked(9, "", "e"), "not_deleted"), (change(9, key="a" * 43, action="INSERT", changed=...), "written_again")],
)
def test_an_item_that_is_there_is_named_by_its_digest(
    synth: Synth, tmp_path: Path, more: dict[str, Any], field: str
) -> None:
    result, report = run(synth, tmp_path, trail(synth, {**more, "table": synth.customers}))
    assert result.exit_code == 1
    assert report["tables"][0][field] == [more["key"]]
    assert not report["proven"]
    assert result.stdout.endswith("the erasure is not proven, and the report not signed\n")


def test_an_item_that_was_written_again_and_erased_again_is_proven(synth: Synth, tmp_path: Path) -> None:
    again = change(9, table=synth.customers, key="a" * 43, action="INSERT", changed=...)
    lines = trail(synth, again, marked(10, synth.customers, "a"), removed(11, synth.customers, "a"))
    result, report = run(synth, tmp_path, lines)
    assert result.exit_code == 0
    assert report["tables"][0]["erased"] == 2


def test_the_erasure_of_another_request_proves_nothing(synth: Synth, tmp_path: Path) -> None:
    lines = [line.replace(REQUEST, f"{REQUEST}-1") for line in trail(synth)]
    result, report = run(synth, tmp_path, lines)
    assert result.exit_code == 1
    assert report["tables"][0]["erased"] == 0


def test_a_trail_that_lacks_a_line_proves_nothing(synth: Synth, tmp_path: Path) -> None:
    lines = trail(synth)
    del lines[4]
    result, report = run(synth, tmp_path, lines)
    assert result.exit_code == 1
    assert "the trail is not intact" in result.stdout
    assert report["trail"]["findings"]


def test_a_table_that_no_template_has_is_refused(synth: Synth, tmp_path: Path) -> None:
    result, report = run(synth._replace(orders="no-table"), tmp_path, trail(synth))
    assert result.exit_code == 2
    assert f"no template has the table no-table; allowed: {synth.customers}" in result.stderr
    assert report == {}


class Signing:
    """AWS KMS as its API is documented: it signs a digest as it is. moto computes a digest of it first.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
    """

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.signed = 0

    def sign(self, *, KeyId: str, Message: bytes, MessageType: str, SigningAlgorithm: str) -> dict[str, bytes]:  # noqa: N803
        assert (KeyId, MessageType, SigningAlgorithm, len(Message)) == (KEY, "DIGEST", "ECDSA_SHA_256", 32)
        self.signed += 1
        return {"Signature": self._key.sign(Message, ec.ECDSA(Prehashed(SHA256())))}

    def public_key(self) -> bytes:
        """Return it as GetPublicKey does."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Signing:
    signing = Signing()
    monkeypatch.setattr(prove, "connect_to_kms", lambda *_: signing)
    return signing


def test_openssl_verifies_the_signature_of_a_report(synth: Synth, tmp_path: Path, kms: Signing) -> None:
    result, _ = run(synth, tmp_path, trail(synth), "--sign-with", KEY)
    assert result.exit_code == 0
    (tmp_path / "key.der").write_bytes(kms.public_key())
    key_file, signature = ["-verify", "key.der", "-keyform", "DER"], ["-signature", "report.json.sig"]
    command = ["openssl", "dgst", "-sha256", *key_file, *signature, "report.json"]
    verified = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert verified.stdout == "Verified OK\n", verified.stderr
    (tmp_path / "report.json").write_text("{}", encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode


def test_what_is_not_proven_is_not_signed(synth: Synth, tmp_path: Path, kms: Signing) -> None:
    result, report = run(synth, tmp_path, trail(synth)[:-1], "--sign-with", KEY)
    assert result.exit_code == 1
    assert not report["proven"]
    assert kms.signed == 0
    assert not (tmp_path / "report.json.sig").exists()
