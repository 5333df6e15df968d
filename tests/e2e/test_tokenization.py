"""The token service of examples/tokenization runs: tokens are made, used and deleted, and its changes are logged."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.tokenization.stack import Caller, TokenizationStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.emulator import Emulator

STACK = "Tokenization"
# The model makes the stack's alarms on metric math, its backup selections and parts of its network.
MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, placeholders.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)

CALLERS = {
    "Billing": Caller(purpose="payment", per_minute=1_000),
    "Support": Caller(purpose="contact", per_minute=3),
}
IBAN = "DE89 3704 0044 0532 0130 00"
AT_A_TIME = 8


@dataclass(frozen=True)
class Service:
    """The deployed token service."""

    vault: Table
    references: Table

    def call(self, function: str, **fields: Any) -> dict[str, Any]:
        """Invoke a function, by its construct id, and return its answer."""
        resources = self.vault.deployment.resources(STACK)
        (name,) = (physical for logical, physical in resources.items() if logical[:-8] == f"{function}Function")
        answer = self.vault.client("lambda").invoke(FunctionName=name, Payload=json.dumps(fields).encode())
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def token(self, person: str, kind: str = "reusable", value: str = IBAN, purpose: str = "payment") -> str:
        """Return a token."""
        life = {} if kind == "reusable" else {"valid_seconds": 600}
        return str(self.call("Tokenize", person=person, value=value, purpose=purpose, kind=kind, **life)["token"])

    def value(self, token: str, caller: str = "Billing") -> str:
        """Return the value of a token, or the field at fault."""
        answer = self.call(f"{caller}Detokenize", token=token, user="anna")
        return str(answer.get("value") or answer["error"]["field"])


@pytest.fixture(scope="module")
def service(emulator: Emulator, folder: Path) -> Service:
    """Deploy the stack of `python -m examples.tokenization`, with other rates."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "tokenization"))
    TokenizationStack(app, STACK, callers=CALLERS, env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    return Service(Table(deployment, STACK, "Vault"), Table(deployment, STACK, "References"))


@pytest.mark.proves(
    "A reusable token is the same each time, a one-time token is used once, neither for another purpose"
)
def test_kinds(service: Service) -> None:
    reusable, once = service.token("P-1"), service.token("P-1", "one-time")
    assert service.token("P-1") == reusable
    assert [service.value(each) for each in (reusable, reusable, once, once)] == [IBAN, IBAN, IBAN, "token"]
    assert service.value(reusable, "Support") == "token"
    assert service.call("Check", token=reusable)["valid"]
    assert not service.call("Check", token=once)["valid"]


@pytest.mark.proves(
    f"{AT_A_TIME} requests at a time make one reusable token, and get the value of a one-time token once"
)
def test_requests_at_a_time(service: Service) -> None:
    once = service.token("P-2", "one-time")
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        tokens = list(threads.map(lambda _: service.token("P-2", value="new"), range(AT_A_TIME)))
        values = list(threads.map(lambda _: service.value(once), range(AT_A_TIME)))
    assert len(set(tokens)) == 1
    assert Counter(values) == {IBAN: 1, "token": AT_A_TIME - 1}


@pytest.mark.proves("A caller gets as many values in a minute as its rate allows; the next request names the caller")
def test_rate(service: Service) -> None:
    token = service.token("P-3", value="anna@example.com", purpose="contact")
    # The test may begin at the end of a minute.
    answers = [service.value(token, "Support") for _ in range(2 * 3 + 1)]
    assert "caller" in answers
    assert set(answers) == {"anna@example.com", "caller"}


@pytest.mark.proves("Deleting a person's data makes all tokens of the person meaningless, and those of others stay")
def test_deletion(service: Service) -> None:
    tokens = [service.token("P-4", kind) for kind in ("one-time", "expiring", "reusable")]
    other = service.token("P-5")
    assert service.call("Forget", person="P-4") == {"deleted": 3, "has_more": False}
    assert [service.value(each) for each in (*tokens, other)] == ["token"] * 3 + [IBAN]
    asked = {"person": "P-4", "value": IBAN, "purpose": "payment", "kind": "reusable"}
    assert service.call("Tokenize", **asked)["error"]["field"] == "person"


@pytest.mark.proves("The audit log has a line for the record of each value that is given out, and never the value")
def test_audit(service: Service, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    token = service.token("P-6", value="FR76 3000 6000 0112 3456 7890 189")
    before = set(service.references.lines())
    assert service.value(token).startswith("FR76")
    lines = [json.loads(line) for line in service.references.wait_for_lines(len(before) + 3) if line not in before]
    assert any("outcome" in line.get("added", {}) for line in lines if line["action"] == "INSERT")
    events = [*service.vault.log_events(), *service.references.log_events()]
    exported = json.dumps(events)
    assert not any(shown in exported for shown in ("FR76", IBAN, "anna@example.com"))
    (tmp_path / "events.json").write_text(exported, encoding="utf-8")
    record_property("figure", f"{len(events):,} events of both tables' audit logs show no value")
