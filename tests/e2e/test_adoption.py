"""A table that boto3 has made is taken over by the steps that `secure-ddb adopt` prints, and keeps its items."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.deployment import Deployment, ended
from tests.e2e.emulator import ROOT

if TYPE_CHECKING:
    from tests.e2e.emulator import Emulator

NAME, STACK = "carts", "CartsTable"
ITEMS = [{"cart": {"S": f"C-{number}"}, "day": {"N": str(number)}} for number in range(25)]
# The import of the type, and most settings of it, are made by the model.
MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, platform_logs.py"


@dataclass(frozen=True)
class Adopted:
    """A table before and after the steps."""

    emulator: Emulator
    before: dict[str, Any]
    stages: dict[str, dict[str, Any]]
    code: str
    said: str

    def client(self, service: str = "dynamodb") -> Any:
        """Return a client for a service of the account."""
        return self.emulator.client(service)

    def table(self) -> dict[str, Any]:
        """Return what DynamoDB says of the table now."""
        found: dict[str, Any] = self.client().describe_table(TableName=NAME)["Table"]
        return found


def adopt(emulator: Emulator, folder: Path) -> tuple[str, str, dict[str, dict[str, Any]]]:
    """Run the command as its users do, and return what it prints and writes."""
    options = ["--table", NAME, "--output", str(folder / "stack.py"), "--stages", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "secure_ddb.cli.main", "adopt", *options],
        cwd=ROOT,
        env={**os.environ, **emulator.environment()},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    stages = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("[0-9]-*.json"))}
    return done.stdout, (folder / "stack.py").read_text(encoding="utf-8"), stages


def make_table(emulator: Emulator) -> dict[str, Any]:
    """Make a plain table with an index, a stream, an expiry, a tag and items."""
    client = emulator.client("dynamodb")
    client.create_table(
        TableName=NAME,
        AttributeDefinitions=[
            {"AttributeName": "cart", "AttributeType": "S"},
            {"AttributeName": "day", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "cart", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-day",
                "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "team", "Value": "carts"}],
    )
    client.update_time_to_live(TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    for item in ITEMS:
        client.put_item(TableName=NAME, Item=item)
    described: dict[str, Any] = client.describe_table(TableName=NAME)["Table"]
    return described


def import_command(said: str) -> dict[str, Any]:
    """Return the arguments of the command that makes the change set, as it is printed."""
    (line,) = (each for each in said.splitlines() if "create-change-set" in each)
    words = shlex.split(line)
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert options["--change-set-type"] == "IMPORT"
    return {
        "StackName": options["--stack-name"],
        "ChangeSetName": options["--change-set-name"],
        "ResourcesToImport": json.loads(options["--resources-to-import"]),
        "file": options["--template-body"].removeprefix("file://"),
    }


def import_table(emulator: Emulator, said: str, stages: dict[str, dict[str, Any]]) -> str:
    """Do what the import step says, and return the status that the stack ends in."""
    client, command = emulator.client("cloudformation"), import_command(said)
    body = json.dumps(stages[command.pop("file")])
    client.create_change_set(**command, ChangeSetType="IMPORT", TemplateBody=body)
    names = {name: command[name] for name in ("StackName", "ChangeSetName")}
    client.get_waiter("change_set_create_complete").wait(**names, WaiterConfig={"Delay": 1})
    client.execute_change_set(**names)
    return str(ended(client, STACK)["StackStatus"])


@pytest.fixture(scope="module")
def adopted(emulator: Emulator, folder: Path) -> Adopted:
    """Make a table, run the command, import, synthesize the printed code and deploy it."""
    here = folder / "adopt"
    here.mkdir()
    before = make_table(emulator)
    said, code, stages = adopt(emulator, here)
    assert import_table(emulator, said, stages) == "IMPORT_COMPLETE"
    synth = str(here / "cdk.out")
    exec(compile(code.replace('"cdk.out"', repr(synth)), "stack.py", "exec"), {"__name__": "stack"})  # noqa: S102
    Deployment(emulator, Path(synth)).deploy(STACK)
    return Adopted(emulator, before, stages, code, said)


@pytest.mark.model_of_aws(MODEL)
@pytest.mark.proves(
    "`secure-ddb adopt` reads a table that boto3 made; import and deployment keep table, stream and items"
)
def test_items_stay(adopted: Adopted) -> None:
    after = adopted.table()
    for name in ("TableId", "CreationDateTime", "LatestStreamArn", "KeySchema"):
        assert after[name] == adopted.before[name]
    found = adopted.client().scan(TableName=NAME)["Items"]
    assert sorted(found, key=lambda item: int(item["day"]["N"])) == ITEMS
    expiry = adopted.client().describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert [index["IndexName"] for index in after["GlobalSecondaryIndexes"]] == ["by-day"]


@pytest.mark.model_of_aws(MODEL)
@pytest.mark.proves("After that it has its own key, deletion protection, point-in-time recovery, its tags and ours")
def test_guarantees_are_added(adopted: Adopted) -> None:
    after = adopted.table()
    assert adopted.before.get("SSEDescription") is None
    assert after["SSEDescription"]["SSEType"] == "KMS"
    assert after["DeletionProtectionEnabled"] is True
    backups = adopted.client().describe_continuous_backups(TableName=NAME)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = adopted.client().list_tags_of_resource(ResourceArn=after["TableArn"])["Tags"]
    keys = {tag["Key"] for tag in tags if not tag["Key"].startswith("aws:")}
    assert keys == {"team", "Owner", "CostCenter", "Application", "Environment", "DataClassification"}


@pytest.mark.proves("The emulator's CloudFormation as it is does not import the type of a `SecureTable`'s table")
def test_the_bare_emulator_imports_no_global_table(bare: Emulator) -> None:
    make_table(bare)
    client, table = bare.client("cloudformation"), {"Type": "AWS::DynamoDB::GlobalTable", "DeletionPolicy": "Retain"}
    identifier = {"ResourceType": table["Type"], "LogicalResourceId": "T", "ResourceIdentifier": {"TableName": NAME}}
    change_set = client.create_change_set(
        StackName=STACK,
        ChangeSetName="adopt",
        ChangeSetType="IMPORT",
        ResourcesToImport=[identifier],
        TemplateBody=json.dumps({"Resources": {"T": {**table, "Properties": {"TableName": NAME}}}}),
    )
    found = client.describe_change_set(ChangeSetName=change_set["Id"])
    assert found["ExecutionStatus"] == "UNAVAILABLE"
    assert found["StatusReason"] == f"Resource import is not supported by this emulator for {table['Type']}"
