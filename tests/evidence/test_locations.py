"""Constructs are found where the user's code makes them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Stage
from aws_cdk.aws_sns import Topic

from secure_ddb import SecureTable
from secure_ddb.evidence.locations import read_locations
from secure_ddb.evidence.model import Location
from secure_ddb.synthesis import checked_app
from tests.orders import OWNERSHIP, PK

HERE = Path(__file__)
NO_USER_CODE = "(no user code in 10 frames, use --stack-trace-limit to capture more)"


def assembly(directory: Path, metadata: dict[str, Any], *, beside: bool = True) -> Path:
    """Write a cloud assembly with one stack, whose metadata is beside the manifest or in it."""
    directory.mkdir(exist_ok=True)
    stack: dict[str, Any] = {"type": "aws:cloudformation:stack"}
    if beside:
        stack["additionalMetadataFile"] = "Orders.metadata.json"
        (directory / "Orders.metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    else:
        stack["metadata"] = metadata
    artifacts = {"Orders": stack, "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    (directory / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return directory


def made(*frames: str) -> list[dict[str, Any]]:
    return [
        {"type": "aws:cdk:logicalId", "data": "Table", "trace": ["new Table (/x/logical.ts:1:1)"]},
        {"type": "example", "data": ["of somebody else (other.ts:99:1)"]},
        {"type": "aws:cdk:creationStack", "data": list(frames)},
    ]


@pytest.mark.parametrize("beside", [True, False])
def test_frames_of_typescript_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, beside: bool) -> None:
    monkeypatch.chdir(tmp_path)
    frames = (
        "...new TableV22 in aws-cdk-lib...",
        f"make ({tmp_path}/lib/orders/stack.ts:1:1)",
        f"new OrdersStack ({tmp_path}/lib/orders.ts:15:5)",
        "...node internals...",
    )
    found = read_locations(assembly(tmp_path / "cdk.out", {"/Orders/Table/Resource": made(*frames)}, beside=beside))
    assert found["Orders/Table/Resource"] == Location(file="lib/orders/stack.ts", line=1)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("new Orders (/elsewhere/lib/orders.ts:12:5)", Location(file="orders.ts", line=12)),
        ("/elsewhere/lib/orders.js:12:5", Location(file="orders.js", line=12)),
        ("<anonymous> (file:///elsewhere/app.mjs:4:1)", Location(file="app.mjs", line=4)),
        ("<module> (infra/app.py:7)", Location(file="infra/app.py", line=7)),
        ("    at new Orders (lib/orders.ts:3:1)", Location(file="lib/orders.ts", line=3)),
        ("...jsii runtime, node internals...", None),
        (NO_USER_CODE, None),
        ("Module._compile (node:internal/modules/cjs/loader:1872:14)", None),
        ("new Wrapped (/work/node_modules/wrapped/lib/table.js:3:9)", None),
        ("__init__ (/work/.venv/lib/python3.11/site-packages/wrapped/table.py:3)", None),
        (f"create_table ({HERE.parents[2] / 'secure_ddb' / 'dynamodb_table.py'}:70)", None),
    ],
)
def test_frames_name_a_place_of_the_user_or_none(tmp_path: Path, frame: str, expected: Location | None) -> None:
    found = read_locations(assembly(tmp_path, {"/Orders/Table": made(frame)}))
    assert found.get("Orders/Table") == expected


def test_the_first_frame_of_the_user_counts(tmp_path: Path) -> None:
    frames = (NO_USER_CODE, "f (/x/site-packages/a.py:1)", "make (b.py:2)", "<module> (app.py:3)")
    assert read_locations(assembly(tmp_path, {"/A": made(*frames)}))["A"] == Location(file="b.py", line=2)


def test_a_construct_without_place_takes_that_of_everything_below(tmp_path: Path) -> None:
    metadata = {
        "/Orders": made("a (app.py:1)"),
        "/Orders/Table/Key/Resource": made("a (app.py:2)"),
        "/Orders/Table/Table/Resource": made("a (app.py:2)"),
        "/Orders/Both/One": made("a (app.py:3)"),
        "/Orders/Both/Other": made("a (app.py:4)"),
        "/Orders/Both/None": [{"type": "aws:cdk:logicalId", "data": "None"}],
    }
    found = read_locations(assembly(tmp_path, metadata))

    def line(construct: str) -> int:
        place = found.get(construct)
        return place.line if place else 0

    assert line("Orders") == 1
    assert line("Orders/Table") == 2
    assert line("Orders/Both/Other") == 4
    assert line("Orders/Both") == 0
    assert line("Orders/Both/None") == 0
    assert line("Others/Table") == 0


def synthesized(directory: Path) -> dict[str, Location]:
    app = App(outdir=str(directory))
    environment = Environment(account="111122223333", region="eu-central-1")
    stack = Stack(Stage(app, "Prod"), "Orders", env=environment)
    SecureTable(stack, "Table", partition_key=PK, ownership=OWNERSHIP)
    Topic(stack, "Topic")
    app.synth()
    return read_locations(directory)


def test_python_is_found_when_jsii_is_told_to_say_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_HOST_STACK_TRACES", "1")
    found = synthesized(tmp_path)
    lines = HERE.read_text(encoding="utf-8").splitlines()
    for construct, code in {
        "Prod/Orders/Table": "SecureTable(",
        "Prod/Orders/Table/Key/Resource": "SecureTable(",
        "Prod/Orders/Topic/Resource": "Topic(",
        "Prod/Orders": "stack = Stack(",
    }.items():
        place = found[construct]
        assert place.file == HERE.relative_to(Path.cwd()).as_posix()
        assert lines[place.line - 1].strip().startswith(code), construct


def test_python_is_not_found_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSII_HOST_STACK_TRACES", raising=False)
    assert synthesized(tmp_path) == {}


def test_templates_do_not_say_where_code_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    templates = []
    for traces in ("0", "1"):
        monkeypatch.setenv("JSII_HOST_STACK_TRACES", traces)
        synthesized(tmp_path / traces)
        (file,) = (tmp_path / traces).rglob("*.template.json")
        templates.append(file.read_text(encoding="utf-8"))
    assert templates[0] == templates[1]


def test_a_checked_app_tells_jsii_to_unless_it_is_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_HOST_STACK_TRACES", "0")
    checked_app()
    assert os.environ["JSII_HOST_STACK_TRACES"] == "0"
    monkeypatch.delenv("JSII_HOST_STACK_TRACES")
    checked_app()
    assert os.environ["JSII_HOST_STACK_TRACES"] == "1"
