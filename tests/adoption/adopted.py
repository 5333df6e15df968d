"""Tables to take over, the code run, and how its template differs from the table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from secure_ddb.adoption.as_global_table import global_table_properties
from secure_ddb.adoption.from_template import table_in_template
from secure_ddb.cloudformation.template import Template

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from secure_ddb.adoption.existing import ExistingTable
    from secure_ddb.adoption.model import Adoption

REGION = "eu-central-1"
ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KINESIS = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/changes"
# What lists of objects are told apart by.
_NAMES = ("IndexName", "AttributeName", "Key", "Region", "Sid")


def read(text: str, *, region: str = REGION, account: str = ACCOUNT, **arguments: str) -> ExistingTable:
    """Return the table of a template in YAML."""
    body = yaml.safe_load(text)
    return table_in_template(Template(name="old.yaml", body=body, region=region, account=account), **arguments)


def of_properties(kind: str = "AWS::DynamoDB::Table", **properties: Any) -> ExistingTable:
    """Return the table with a partition key and these properties."""
    properties = {
        "TableName": "orders",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        **properties,
    }
    return read(json.dumps({"Resources": {"Orders": {"Type": kind, "Properties": properties}}}))


def synthesized(adoption: Adoption, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the code as a user does, and return the template that it writes."""
    monkeypatch.setenv("CDK_DEFAULT_REGION", REGION)
    # CDK's process was started elsewhere, and takes a relative path from there.
    code = adoption.code.replace('App(outdir="cdk.out")', f"App(outdir={str(folder)!r})")
    assert code != adoption.code
    exec(compile(code, "stack.py", "exec"), {"__name__": "stack"})  # noqa: S102 - what is tested
    body: dict[str, Any] = json.loads((folder / f"{adoption.stack}.template.json").read_text("utf-8"))
    return body


def differing(adoption: Adoption, template: dict[str, Any]) -> set[str]:
    """Return the properties of the table that the code's template has otherwise than the table itself."""
    resource = template["Resources"][adoption.logical_id]
    assert resource["Type"] == "AWS::DynamoDB::GlobalTable"
    before, after = (_flat(each) for each in (global_table_properties(adoption.table), resource["Properties"]))
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _flat(properties: dict[str, Any]) -> dict[str, Any]:
    replica, *others = properties["Replicas"]
    own = {name: _sorted(value) for name, value in properties.items() if name != "Replicas"}
    of_replica = {f"Replicas.{name}": _sorted(value) for name, value in replica.items() if name != "Region"}
    return {**own, **of_replica, **({"Replicas": others} if others else {})}


def _sorted(value: Any) -> Any:
    """Return lists of objects by what tells them apart, because their order means nothing, that of keys excepted."""
    if isinstance(value, dict):
        return {key: _sorted(each) for key, each in value.items() if each != []}
    if isinstance(value, list) and value and isinstance(value[0], dict) and "KeyType" not in value[0]:
        name = next((each for each in _NAMES if each in value[0]), "")
        return {str(each.get(name)): _sorted(each) for each in value}
    return sorted(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value


def said(adoption: Adoption) -> set[str]:
    """Return the properties that the differences name."""
    return {name for each in adoption.differences for name in each.properties}
