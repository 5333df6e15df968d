"""CONTRIBUTING.md shows how to add a part; applied to a copy of the package, it works and takes four files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = Path(__file__).parent / "adding_a_part"
NEW_FILES = {"scans.py": "secure_ddb/scans.py", "scans_checks.py": "tests/test_scans.py"}
# What the test of the part imports.
HELPERS = ("orders.py", "template.py")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the package to which the part is added."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "secure_ddb", folder / "secure_ddb", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests").mkdir()
    for name in HELPERS:
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    for source, target in NEW_FILES.items():
        shutil.copy(EXAMPLE / source, folder / target)
    for diff in re.findall(r"^```diff\n(.*?)^```", text(), re.DOTALL | re.MULTILINE):
        command = ["git", "apply", "-"]
        subprocess.run(command, cwd=folder, input=diff, check=True, encoding="utf-8")
    return folder


def text() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_part_s_own_test_passes(copy: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_scans.py"]
    completed = subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False, encoding="utf-8")
    assert "3 passed" in completed.stdout, completed.stdout + completed.stderr


def test_a_part_takes_four_files(copy: Path) -> None:
    files = [path.relative_to(copy) for path in copy.rglob("*.py")]
    changed = [path for path in files if not _is_as_before(copy, path)]
    assert sorted(map(str, changed)) == [
        "secure_ddb/__init__.py",
        "secure_ddb/scans.py",
        "secure_ddb/table.py",
        "tests/test_scans.py",
    ]


def test_what_is_shown_is_what_is_tried() -> None:
    for source in NEW_FILES:
        assert (EXAMPLE / source).read_text(encoding="utf-8") in text(), source


def _is_as_before(copy: Path, path: Path) -> bool:
    original = ROOT / path
    return original.exists() and original.read_bytes() == (copy / path).read_bytes()
