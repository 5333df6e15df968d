"""Importing the construct is cheap: it loads what a table needs and nothing that only checks or tests need."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
HANDLER_FOLDER = CHECKOUT / "secure_ddb" / "audit_trail" / "handler"

# What a table is made of, and what CDK's own modules for these bring along. Each module more costs every app
# that imports the library up to half a second, so an addition here should be worth it.
TABLE_MODULES = {
    "aws_backup": "vault, plan and selection",
    "aws_cloudtrail": "the table's own trail",
    "aws_cloudwatch": "alarms",
    "aws_dynamodb": "the table",
    "aws_ec2": "gateway endpoints",
    "aws_events": "schedules of the backup plan",
    "aws_iam": "roles and policies",
    "aws_kms": "the key",
    "aws_lambda": "the audit function",
    "aws_logs": "the audit log",
    "aws_s3": "the bucket for what could not be logged",
    "aws_s3_assets": "the audit function's code",
    "aws_sns": "the alarm topic",
}
ALONG_WITH_THEM = {
    "aws_applicationautoscaling",
    "aws_codestarnotifications",
    "aws_ecr_assets",
}
NOT_LOADED = ("boto3", "botocore", "cdk_nag", "examples", "rich", "secure_ddb.synthesis", "tests")


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that importing a table loads."""
    program = "import json, sys; from secure_ddb import SecureTable; print(json.dumps(sorted(sys.modules)))"
    completed = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, check=True, encoding="utf-8"
    )
    return set(json.loads(completed.stdout))


def imports_of(path: Path, modules: set[str]) -> set[str]:
    """Return the modules of the package that a file names, those for type checking included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & modules


def test_no_modules_import_each_other() -> None:
    files = {
        ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (CHECKOUT / "secure_ddb").rglob("*.py")
    }
    # A package that collects names for others is imported with each of its modules.
    graph = {name: imports_of(path, set(files)) - {name} for name, path in files.items() if path.stem != "__init__"}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("name", NOT_LOADED)
def test_importing_a_table_does_not_load(loaded: set[str], name: str) -> None:
    assert "secure_ddb.table" in loaded
    assert name not in loaded


def test_importing_a_table_loads_only_the_cdk_modules_that_it_needs(loaded: set[str]) -> None:
    modules = {name.split(".")[1] for name in loaded if name.startswith("aws_cdk.aws_")}
    assert modules == TABLE_MODULES.keys() | ALONG_WITH_THEM


def test_handler_s_folder_holds_its_code_only() -> None:
    # The whole folder becomes the function's deployment package.
    held = {path.suffix for path in HANDLER_FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert held == {".py"}
    assert (HANDLER_FOLDER / "audit_trail" / "index.py").exists()


def test_handler_imports_the_standard_library_only() -> None:
    # Lambda installs nothing for it. What it has itself, boto3, is loaded inside of functions only.
    for file in HANDLER_FOLDER.rglob("*.py"):
        body = ast.parse(file.read_text(encoding="utf-8")).body
        imported = {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in body if isinstance(node, ast.ImportFrom) if node.level == 0}
        assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names), file.name
