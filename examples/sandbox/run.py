"""The order of the steps, and the way back."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from examples.sandbox.access import narrow_grants_hold, plain_http_is_denied
from examples.sandbox.alarms import failures_alarm
from examples.sandbox.audit_trail import changes_are_logged, failures_are_kept
from examples.sandbox.backup import empty_vault, no_backup_is_left, table_is_backed_up
from examples.sandbox.connection import CannotContinueError
from examples.sandbox.deployment import create_stack, delete_stack
from examples.sandbox.report import Observation, Report
from examples.sandbox.sandbox import Sandbox
from examples.sandbox.stack import synthesize
from examples.sandbox.staging import create_bucket, delete_bucket, upload
from secure_ddb.audit_trail.replay import ReplayError
from secure_ddb.cli.aws import in_one_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from examples.sandbox.connection import Aws

    Step = Callable[[Sandbox], Iterator[Observation]]

STEPS: tuple[Step, ...] = (
    changes_are_logged,
    plain_http_is_denied,
    narrow_grants_hold,
    failures_are_kept,
    failures_alarm,
    table_is_backed_up,
)


class Cleanup:
    """What has to be deleted, in the order in which it was created."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._todo: list[tuple[str, Callable[[], None]]] = []

    def add(self, what: str, delete: Callable[[], None]) -> None:
        """Remember how to delete something."""
        self._todo.append((what, delete))

    def pending(self) -> list[str]:
        """Return the existing resources."""
        return [what for what, _ in reversed(self._todo)]

    def run(self) -> list[str]:
        """Delete in reverse order, and return what could not be deleted."""
        remains = []
        for what, delete in reversed(self._todo):
            try:
                delete()
            except Exception as error:  # noqa: BLE001 - the rest has to be deleted nevertheless
                remains.append(f"{what}: {_reason(error)}")
            except KeyboardInterrupt:
                remains.append(f"{what}: interrupted")
        return remains


def run(aws: Aws, account: str, *, keep: bool, say: Callable[[str], None]) -> Report:
    """Deploy, try every step, and delete everything, also after a failure or Ctrl-C.

    Args:
        aws: The account and Region.
        account: The account's id.
        keep: Leave everything there.
        say: Prints what happens.
    """
    report, cleanup = Report(), Cleanup()
    table = ""
    with _stopping(report):
        sandbox = _deploy(aws, account, cleanup, say)
        table = sandbox.table
        report.observations.append(Observation("CloudFormation creates the stack", seen=True))
        for step in STEPS:
            say(_title(step))
            _try(step, sandbox, report)
    if keep:
        report.kept = cleanup.pending()
        return report
    say("deleting everything")
    report.remains = cleanup.run()
    with _stopping(report):
        if table and not report.remains:
            report.observations.append(Observation("CloudFormation deletes the stack and its buckets", seen=True))
            report.observations += no_backup_is_left(aws, table)
    return report


def _deploy(aws: Aws, account: str, cleanup: Cleanup, say: Callable[[str], None]) -> Sandbox:
    suffix = token_hex(4)
    stack, bucket = f"SecureDdbSandbox-{suffix}", f"secure-ddb-sandbox-{account}-{suffix}"
    with tempfile.TemporaryDirectory() as directory:
        synthesized = synthesize(Path(directory), stack, account, aws.region, bucket)
        cleanup.add(f"bucket {bucket}", lambda: delete_bucket(aws, bucket))
        say(f"uploading to {bucket}")
        create_bucket(aws, bucket)
        template_url = upload(aws, bucket, synthesized)
    cleanup.add(f"stack {stack}", lambda: delete_stack(aws, stack))
    say(f"creating the stack {stack}")
    outputs = create_stack(aws, stack, template_url)
    vault = outputs["VaultName"]
    cleanup.add(f"recovery points in {vault}", lambda: empty_vault(aws, vault))
    return Sandbox(aws, stack, outputs)


def _try(step: Step, sandbox: Sandbox, report: Report) -> None:
    """Collect the observations of a step. After a failure, the other steps still run."""
    try:
        for observation in step(sandbox):
            report.observations.append(observation)
    except Exception as error:  # noqa: BLE001 - the other steps do not depend on it
        report.observations.append(Observation(_title(step), False, _reason(error)))


@contextmanager
def _stopping(report: Report) -> Iterator[None]:
    """Write into the report why the run ends early."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, everything has to be deleted
        report.stopped = _reason(error)
    except KeyboardInterrupt:
        report.stopped = "interrupted"


def _title(step: Step) -> str:
    return step.__name__.replace("_", " ").capitalize()


def _reason(error: Exception) -> str:
    known = isinstance(error, (BotoCoreError, ClientError, CannotContinueError, ReplayError))
    return in_one_sentence(error) if known else repr(error)
