"""Changes that cannot be logged are kept in the failure bucket, found by a verification, and replayed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.sandbox.audit_trail import poison_attributes
from tests.e2e.audit import audit, kept, verify, written_together
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.orders import orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator

pytestmark = pytest.mark.model_of_aws("aliases.py, delivery.py, environments.py, mappings.py, platform_logs.py")


@pytest.fixture(scope="module")
def table(emulator: Emulator, folder: Path) -> Table:
    """Return a table of its own, as some of its changes cannot be logged."""
    deployment = Deployment(emulator, assembly(folder / "failures", "Failures", orders))
    deployment.deploy("Failures")
    made = Table(deployment, "Failures")
    # A verification refuses a log without any line.
    made.changes(lambda: None, 0)
    return made


@pytest.mark.proves(
    "The rest of a batch behind a change that cannot be logged is kept with it, found missing, and replayed"
)
def test_rest_of_a_batch(table: Table, tmp_path: Path) -> None:
    before = verify(table, tmp_path / "before")
    written_together(
        table,
        {"pk": {"S": "before"}},
        {"pk": {"S": "too long"}, **poison_attributes()},
        {"pk": {"S": "behind"}},
    )
    kept(table, before["failure_bucket"]["objects"] + 1)
    missing = verify(table, tmp_path / "missing")
    assert missing["records"] == before["records"] + 1
    assert missing["finding_counts"]["not logged"] == before["finding_counts"]["not logged"] + 2
    replay = audit(table.deployment.emulator, "replay", table.name)
    assert "1 change logged" in replay.stdout, replay.stdout + replay.stderr
    # It still cannot be logged.
    assert replay.returncode == 1
    replayed = verify(table, tmp_path / "replayed")
    assert replayed["finding_counts"]["not logged"] == before["finding_counts"]["not logged"] + 1


@pytest.mark.proves(
    "While the digest key is disabled nothing is logged, each change is kept by itself, and a replay logs all"
)
def test_function_that_fails(table: Table, tmp_path: Path) -> None:
    before = verify(table, tmp_path / "before")
    keys, key = table.client("kms"), table.resource("AuditDigestKey")
    keys.disable_key(KeyId=key)
    written_together(table, {"pk": {"S": "first"}}, {"pk": {"S": "second"}})
    kept(table, before["failure_bucket"]["objects"] + 2)
    keys.enable_key(KeyId=key)
    missing = verify(table, tmp_path / "missing")
    assert missing["records"] == before["records"]
    assert missing["finding_counts"]["not logged"] == before["finding_counts"]["not logged"] + 2
    audit(table.deployment.emulator, "replay", table.name)
    replayed = verify(table, tmp_path / "replayed")
    assert replayed["finding_counts"] == before["finding_counts"]
    assert replayed["records"] == before["records"] + 2


@pytest.mark.model_of_aws("aliases.py, delivery.py, dropped_settings.py, mappings.py, platform_logs.py")
@pytest.mark.proves("A locked version in the failure bucket cannot be deleted, not even by the account's root")
def test_locked_version(table: Table) -> None:
    written_together(table, {"pk": {"S": "too long"}, **poison_attributes()})
    client, bucket = table.client("s3"), table.resource("AuditFailureBucket")
    key = kept(table, 1)[0]["Key"]
    (version,) = client.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
    retention = client.get_object_retention(Bucket=bucket, Key=key)["Retention"]
    assert retention["Mode"] == "GOVERNANCE"
    assert retention["RetainUntilDate"] - version["LastModified"] > timedelta(days=364)
