"""A table is restored to a moment before an incident, with another key, and compared with what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.emulator import ROOT

if TYPE_CHECKING:
    from tests.e2e.table import Table

COPY = "restored-orders"


def compare(minimal: Table, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the command as its users do."""
    done = subprocess.run(
        [sys.executable, "-m", "secure_ddb.cli.main", "compare-tables", minimal.name, COPY, "--json", *options],
        cwd=ROOT,
        env={**os.environ, **minimal.deployment.emulator.environment()},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.model_of_aws("global_tables.py")
@pytest.mark.proves("A restored table has the items of its source, and the comparison names what was changed since")
def test_a_table_is_restored_with_another_key_and_compared(minimal: Table) -> None:
    client = minimal.client("dynamodb")
    items = [{"pk": {"S": f"recovery-{number}"}, "total": {"N": str(number)}} for number in range(25)]
    for item in items:
        client.put_item(TableName=minimal.name, Item=item)
    time.sleep(1)
    key = minimal.client("kms").create_key(Description="for the recovered table")["KeyMetadata"]["Arn"]
    client.restore_table_to_point_in_time(
        SourceTableName=minimal.name,
        TargetTableName=COPY,
        RestoreDateTime=datetime.now(UTC),
        SSESpecificationOverride={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    # The emulator leaves the override out.
    client.update_table(TableName=COPY, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    assert client.describe_table(TableName=COPY)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == key
    status, comparison = compare(minimal)
    assert (status, comparison["equal"]) == (0, True)
    # The incident, in the table that stays.
    client.delete_item(TableName=minimal.name, Key={"pk": items[0]["pk"]})
    client.put_item(TableName=minimal.name, Item={**items[1], "total": {"N": "0.5"}})
    client.put_item(TableName=minimal.name, Item={"pk": {"S": "recovery-new"}})
    status, comparison = compare(minimal, "--keys")
    assert status == 1
    named = {(each["kind"], json.loads(each["item"])["pk"]["S"]) for each in comparison["first"]}
    assert named == {
        ("only in the second", "recovery-0"),
        ("different", "recovery-1"),
        ("only in the first", "recovery-new"),
    }
