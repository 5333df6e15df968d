"""What an operator does about changes that could not be logged, as docs/audit-trail.md says: verify and replay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.table import Table


def audit(table: Table, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `secure-ddb audit`."""
    return subprocess.run(
        [sys.executable, "-m", "secure_ddb.cli.main", "audit", *arguments],
        env={**os.environ, **table.deployment.emulator.environment()},
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
    found = audit(table, "verify", str(log), *map(str, archived), *options)
    assert found.returncode in (0, 1), found.stdout + found.stderr
    report: dict[str, Any] = json.loads(found.stdout)
    return report
