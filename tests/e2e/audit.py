"""What an operator does about changes that could not be logged, as docs/audit-trail.md says: verify and replay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator
    from tests.e2e.table import Table

_SECONDS = 120


def audit(emulator: Emulator, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `secure-ddb audit`."""
    return subprocess.run(
        [sys.executable, "-m", "secure_ddb.cli.main", "audit", *arguments],
        env={**os.environ, **emulator.environment()},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def verify(table: Table, folder: Path, *archived: Path, key: str = "") -> dict[str, Any]:
    """Download log and failure bucket, and return what a verification of them and of archived lines reports.

    With a key, AWS KMS is asked for the MACs.
    """
    log, listing, objects = folder / "lines.json", folder / "listing.json", folder / "objects"
    objects.mkdir(parents=True)
    log.write_text(json.dumps({"events": table.log_events()}), encoding="utf-8")
    client, bucket = table.client("s3"), table.resource("AuditFailureBucket")
    listed = client.list_object_versions(Bucket=bucket)
    if listed["IsTruncated"]:
        listed = client.get_paginator("list_object_versions").paginate(Bucket=bucket).build_full_result()
    listed.pop("ResponseMetadata", None)
    listing.write_text(json.dumps(listed, default=datetime.isoformat), encoding="utf-8")
    for version in listed.get("Versions", ()):
        target = objects / version["Key"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(client.get_object(Bucket=bucket, Key=version["Key"])["Body"].read())
    options = ["--failure-bucket", str(listing), "--from-beginning", "--json"]
    options += ["--failure-bucket", str(objects)] if listed.get("Versions") else []
    options += ["--origin-key", key] if key else []
    found = audit(table.deployment.emulator, "verify", str(log), *map(str, archived), *options)
    assert found.returncode in (0, 1), found.stdout + found.stderr
    report: dict[str, Any] = json.loads(found.stdout)
    return report


def kept(table: Table, count: int) -> list[dict[str, Any]]:
    """Return the objects of the failure bucket as soon as there are as many."""
    until = time.monotonic() + _SECONDS
    client, bucket = table.client("s3"), table.resource("AuditFailureBucket")
    while len(found := client.list_objects_v2(Bucket=bucket).get("Contents", [])) < count:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return list(found)


def written_together(table: Table, *items: dict[str, Any]) -> None:
    """Write items that reach the function in one batch."""
    client, mapping = table.client("lambda"), table.resource("AuditEventSource")
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    for item in items:
        table.client("dynamodb").put_item(TableName=table.name, Item=item)
    client.update_event_source_mapping(UUID=mapping, Enabled=True)
