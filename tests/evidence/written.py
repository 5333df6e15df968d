"""Cloud assemblies on disk, written by hand: what CDK would write, and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.validation import REPORT_FILE

if TYPE_CHECKING:
    from pathlib import Path

Body = dict[str, Any]

KEY: Body = {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}}
# A table that lacks everything.
BARE: Body = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "bare"}}


def table_with(classification: str = "", **resource: Any) -> Body:
    """Return a table with a tag and with what a SecureTable states in its metadata."""
    tags = [{"Key": "Owner", "Value": "restricted"}]
    tags += [{"Key": "DataClassification", "Value": classification}] if classification else []
    replicas = [{"Region": "eu-central-1", "Tags": tags}]
    return {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"Replicas": replicas}, **resource}


def write(folder: Path, name: str, content: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def assembly(folder: Path, stacks: dict[str, Body], *, acknowledged: Body | None = None) -> Path:
    """Write a cloud assembly.

    Args:
        folder: Where to.
        stacks: Construct path of each stack to its resources; one with a slash is in a stage.
        acknowledged: Construct path to what was acknowledged there.
    """
    artifacts: dict[Path, Body] = {folder: {}}
    for path, resources in stacks.items():
        stage = path.rpartition("/")[0].replace("/", "-")
        inside = folder / f"assembly-{stage}" if stage else folder
        if stage:
            artifacts[folder][inside.name] = {
                "type": "cdk:cloud-assembly",
                "properties": {"directoryName": inside.name},
            }
        name = path.replace("/", "")
        artifacts.setdefault(inside, {})[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-central-1",
            "displayName": path,
            "properties": {"templateFile": f"{name}.template.json"},
            "metadata": _metadata(path, resources, acknowledged or {}),
        }
        write(inside, f"{name}.template.json", {"Resources": resources})
    for inside, found in artifacts.items():
        write(inside, "manifest.json", {"artifacts": found})
    return folder


def _metadata(path: str, resources: Body, acknowledged: Body) -> Body:
    found = {f"/{path}/{name}": [{"type": "aws:cdk:logicalId", "data": name}] for name in resources}
    for construct, rules in acknowledged.items():
        if f"{construct}/".startswith(f"{path}/"):
            found.setdefault(f"/{construct}", []).append({"type": "aws:cdk:acknowledged-rules", "data": rules})
    return found


def violation(rule: str, *paths: str, **values: Any) -> Body:
    constructs = [{"constructPath": path} for path in paths]
    return {"ruleName": rule, "description": f"{rule} wants more", "violatingConstructs": constructs, **values}


def plugin(*violations: Body, suppressed: tuple[Body, ...] = (), **values: Any) -> Body:
    conclusion = "failure" if violations else "success"
    report = {"pluginName": "Pack", "conclusion": conclusion, "violations": list(violations)}
    return {**report, **({"suppressedViolations": list(suppressed)} if suppressed else {}), **values}


def validation_report(folder: Path, *plugins: Body) -> None:
    write(folder, REPORT_FILE, {"pluginReports": list(plugins)})
