"""The sandbox script runs to its end, and sees on the emulator what the emulator does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from examples.sandbox.connection import Aws
from examples.sandbox.run import run
from tests.e2e.emulator import ACCOUNT, Emulator

if TYPE_CHECKING:
    from boto3 import Session  # type: ignore[import-untyped]

NOT_ON_THE_EMULATOR = {
    # It takes every request.
    "The table denies requests without TLS",
    "That role cannot read the whole item",
    "That role cannot read another tenant's item",
    "That role cannot read another tenant's item in a transaction",
    "That role cannot scan",
    "A failed condition does not show that role the whole item",
    # It names log groups in its own way.
    "CloudFormation begins the log group's name with the stack's name",
    # It has no recovery points; without one, the step ends early.
    "Table is backed up",
}
MODEL = (
    "alarms.py, aliases.py, backup_selections.py, delivery.py, dropped_settings.py, environments.py, global_tables.py, "
    "mappings.py, metrics.py, placeholders.py, platform_logs.py, template_urls.py"
)


class Connection(Aws):
    """The emulator as an account. It answers soon, so the script's pauses are short."""

    def __init__(self, session: Session, address: str) -> None:
        super().__init__(session, lambda _: time.sleep(0.1))
        self._address = address

    def client(self, service: str, **options: Any) -> Any:
        return self.session.client(service, **{**options, "endpoint_url": self._address})

    def with_session(self, session: Session) -> Aws:
        return Connection(session, self._address)


@pytest.mark.proves("`python -m examples.sandbox` tries every step, sees 19 of its claims, and deletes everything")
@pytest.mark.model_of_aws(MODEL)
def test_the_sandbox_script_runs_to_its_end(emulator: Emulator) -> None:
    report = run(Connection(emulator.session, emulator.address), ACCOUNT, keep=False, say=lambda _: None)
    assert (report.stopped, report.remains) == ("", [])
    assert {each.claim for each in report.observations if not each.seen} == NOT_ON_THE_EMULATOR
    assert sum(each.seen for each in report.observations) == 19
