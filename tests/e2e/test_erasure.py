"""A person's items are erased from the tables of examples/erasure, and the audit trail proves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App
from click.testing import CliRunner

from examples.erasure import prove
from examples.erasure.erasing import Erasing, Place, Schema
from examples.erasure.stack import ErasureStack
from secure_ddb import SamlSignIn
from secure_ddb.cli.main import main
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.emulator import Emulator

STACK, REQUEST = "Erasure", "ERA-2026-0042"
COUNT = 12
# The model makes what CloudFormation of the emulator drops or refuses.
MODEL = "alarms.py, aliases.py, backup_selections.py, dropped_settings.py, global_tables.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)


class SharingTable(Table):
    """A table whose audit function is shared."""

    def resource(self, name: str) -> str:
        """Return the physical id of a resource of the table, or of what it shares, by its construct id."""
        if name.startswith("Audit"):
            return Table(self.deployment, self.stack, "Shared").resource(name)
        return super().resource(name)


@pytest.fixture(scope="module")
def synth(folder: Path) -> Path:
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "erasure"))
    sign_in = SamlSignIn(provider="arn:aws:iam::111122223333:saml-provider/Company", issuer="https://id.example.com")
    ErasureStack(app, STACK, sign_in=sign_in, env=ENVIRONMENT)
    return Path(app.synth().directory)


@pytest.fixture(scope="module")
def tables(emulator: Emulator, synth: Path) -> tuple[Table, Table]:
    """Deploy the stack of `python -m examples.erasure`, and write items of two persons."""
    deployment = Deployment(emulator, synth)
    template = deployment.template(STACK)
    # The emulator has no asymmetric keys. Nothing here is signed.
    of_keys = (each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::KMS::Key")
    (key,) = (each for each in of_keys if each.get("KeyUsage") == "SIGN_VERIFY")
    del key["KeySpec"], key["KeyUsage"]
    deployment.write_template(STACK, template)
    deployment.deploy(STACK)
    customers, orders = SharingTable(deployment, STACK, "Customers"), SharingTable(deployment, STACK, "Orders")
    client = customers.client("dynamodb")
    for number in range(COUNT):
        for person in ("anna", "ben"):
            named = {"person": {"S": person}, "iban": {"S": "DE89 3704 0044 0532 0130 00"}}
            client.put_item(TableName=customers.name, Item={**named, "record": {"S": f"r-{number}"}})
            client.put_item(TableName=orders.name, Item={**named, "order": {"S": f"{person}-{number}"}})
    return customers, orders


def exported(table: Table, file: Path, lines: int) -> dict[str, Any]:
    """Export the audit log once it has so many lines, and return what `secure-ddb audit verify` says of it."""
    assert len(table.wait_for_lines(lines)) == lines
    file.write_text(json.dumps({"events": table.log_events()}), encoding="utf-8")
    result = CliRunner().invoke(main, ["audit", "verify", str(file), "--from-beginning", "--json"])
    verified: dict[str, Any] = json.loads(result.stdout)
    return verified


@pytest.mark.proves(
    "A person's items are erased, by key and by index; the audit trail proves each deletion, names nobody, and is "
    "intact before and after"
)
def test_an_erasure_is_proven_by_the_trail(
    tables: tuple[Table, Table], synth: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    customers, orders = tables
    written = 4 * COUNT
    assert exported(customers, tmp_path / "before.json", written)["intact"]
    client = customers.client("dynamodb")
    for place in (Place(customers.name), Place(orders.name, "by-person")):
        erasing = Erasing(client, place, Schema.of(client, place), "anna", REQUEST)
        erasing.run()
        assert erasing.erased == COUNT
        left = client.scan(TableName=place.table, ConsistentRead=True)["Items"]
        assert {item["person"]["S"] for item in left} == {"ben"}
        assert len(left) == COUNT
    # A line for each mark and each deletion.
    after = tmp_path / "after.json"
    assert exported(customers, after, written + 4 * COUNT)["intact"]
    assert not any(text in after.read_text(encoding="utf-8") for text in ("anna", "DE89"))
    output = tmp_path / "report.json"
    options = ["--request", REQUEST, "--approved-by", "DPO-7", "--synth", str(synth), "--output", str(output)]
    options += [argument for table in tables for argument in ("--table", table.name)]
    result = CliRunner().invoke(prove.main, [str(after), *options])
    assert result.exit_code == 0, result.output
    report = json.loads(output.read_text(encoding="utf-8"))
    assert [table["erased"] for table in report["tables"]] == [COUNT, COUNT]
    assert all(table["copies"] for table in report["tables"])
    digest = report["tables"][0]["digests"][0]
    shown = CliRunner().invoke(main, ["audit", "timeline", str(after), "--digest", digest, "--json"])
    actions = [event["action"] for event in json.loads(shown.stdout)["events"]]
    assert actions == ["INSERT", "MODIFY", "REMOVE"]
    record_property("figure", f"{2 * COUNT} items erased, each with its deletion in a trail that is intact")
