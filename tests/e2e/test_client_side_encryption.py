"""The payroll of examples/client_side_encryption runs: items are encrypted and found, and no log shows their values."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.client_side_encryption.application import open_keys, open_payroll
from examples.client_side_encryption.client.errors import AlteredItemError
from examples.client_side_encryption.stack import PayrollStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.client_side_encryption.client.table import EncryptedTable
    from tests.e2e.emulator import Emulator

STACK = "Payroll"
# The model makes the stack's alarms on metric math and its backup selections. This file answers ReEncrypt itself.
pytestmark = pytest.mark.model_of_aws("alarms.py, aliases.py, backup_selections.py, global_tables.py, platform_logs.py")
IBAN = "DE89370400440532013000"
ANNA = {"company": "acme", "employee": "E-1", "name": "Anna", "iban": IBAN, "salary": 5204711, "department": "Sales"}
KEY = {"company": "acme", "employee": "E-1"}
# Long enough not to be in a time or a sequence number by chance.
HIDDEN = ("Anna", IBAN, "5204711", "5304711")


@dataclass(frozen=True)
class Service:
    """The deployed payroll."""

    payroll: Table
    keys: Table
    items: EncryptedTable

    def stored(self) -> dict[str, Any]:
        """Return Anna's item as it is in the table."""
        key = {name: {"S": value} for name, value in KEY.items()}
        found: dict[str, Any] = self.payroll.client("dynamodb").get_item(TableName=self.payroll.name, Key=key)["Item"]
        return found


@pytest.fixture(scope="module")
def service(emulator: Emulator, folder: Path) -> Service:
    """Deploy the stack of `python -m examples.client_side_encryption`, and make a branch key."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "payroll"))
    PayrollStack(app, STACK, reported=["acme"], env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    payroll, key_store = Table(deployment, STACK, "Payroll"), Table(deployment, STACK, "Keys")
    dynamodb, kms = emulator.client("dynamodb"), emulator.client("kms")
    answer_re_encrypt(kms)
    root = kms.describe_key(KeyId=Table(deployment, STACK, "Root").resource("Key"))["KeyMetadata"]["Arn"]
    keys = open_keys(dynamodb, kms, table=key_store.name, root_key_arn=root)
    keys.create("acme")
    return Service(payroll, key_store, open_payroll(dynamodb, table=payroll.name, keys=keys))


def answer_re_encrypt(kms: Any) -> None:
    """Answer ReEncrypt with Decrypt and Encrypt, because the emulator does not have it."""
    asked: dict[str, Any] = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.update(params)

    def answer(**_: Any) -> tuple[Any, dict[str, Any]]:
        source, target = (f"{side}EncryptionContext" for side in ("Source", "Destination"))
        plaintext = kms.decrypt(
            KeyId=asked["SourceKeyId"], CiphertextBlob=asked["CiphertextBlob"], EncryptionContext=asked[source]
        )["Plaintext"]
        key = asked["DestinationKeyId"]
        made = kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=asked[target])
        return SimpleNamespace(status_code=200), {
            "CiphertextBlob": made["CiphertextBlob"],
            "SourceKeyId": asked["SourceKeyId"],
            "KeyId": made["KeyId"],
        }

    kms.meta.events.register("provide-client-params.kms.ReEncrypt", note)
    kms.meta.events.register("before-call.kms.ReEncrypt", answer)


@pytest.mark.proves("An item that is encrypted by the client comes back, is found by its account number, and changes")
def test_items(service: Service) -> None:
    service.items.put(ANNA)
    assert service.items.get(KEY) == ANNA
    assert list(service.items.search("iban", IBAN, "acme")) == [ANNA]
    service.items.change(KEY, {"salary": 5304711})
    assert list(service.items.query("acme")) == [ANNA | {"salary": 5304711}]
    assert not [value for value in HIDDEN if value in str(service.stored())]


@pytest.mark.proves("An item that is encrypted by the client is not returned after a signed attribute was altered")
def test_altered(service: Service) -> None:
    service.items.put(ANNA | {"employee": "E-2"})
    dynamodb = service.payroll.client("dynamodb")
    dynamodb.update_item(
        TableName=service.payroll.name,
        Key={"company": {"S": "acme"}, "employee": {"S": "E-2"}},
        UpdateExpression="SET department = :board",
        ExpressionAttributeValues={":board": {"S": "Board"}},
    )
    with pytest.raises(AlteredItemError):
        service.items.get(KEY | {"employee": "E-2"})


def lines_of_item_with(table: Table, attribute: str) -> list[dict[str, Any]]:
    """Return the two lines of an item: one with an attribute that was added, and the next of the same item."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        lines = [json.loads(line) for line in table.lines()]
        keys = {line["key"] for line in lines if attribute in line.get("added", {})}
        found = [line for line in lines if line["key"] in keys]
        if len(found) == 2:
            return found
        time.sleep(0.1)
    pytest.fail(f"the audit log has no two lines of an item with {attribute}")


@pytest.mark.proves("The audit trail shows of encrypted attributes only one name and the size of all of them together")
def test_audit(service: Service, record_property: Callable[[str, object], None]) -> None:
    # An attribute that no other item has, to tell its lines from those of the other tests.
    service.items.put(ANNA | {"employee": "E-3", "viewed_at": "2026-01-15"})
    service.items.change(KEY | {"employee": "E-3"}, {"salary": 5304711})
    made, changed = lines_of_item_with(service.payroll, "viewed_at")
    sealed = len(service.stored()["sealed"]["B"])
    assert set(made["added"]) == {"department", "viewed_at", "iban_digest", "sealed", "signed"}
    assert made["added"]["iban_digest"] == ["S", 4]
    # Each write makes another message, so the trail does not tell which encrypted attribute it was for.
    assert set(changed["changed"]) == {"sealed"}
    events = [*service.payroll.log_events(), *service.keys.log_events()]
    assert not [value for value in HIDDEN if value in json.dumps(events)]
    record_property("figure", f"{len(events):,} events of both tables' audit logs show no value; {sealed} bytes sealed")
