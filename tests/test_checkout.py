"""A checkout holds nothing of the machine on which it was made."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True, encoding="utf-8").stdout


def test_no_link_is_committed() -> None:
    # One to an environment elsewhere makes `make setup` fail: venv takes a dangling link for a file in its way.
    entries = [each.partition("\t") for each in git(ROOT, "ls-files", "--stage", "-z").split("\0") if each]
    assert [path for mode, _, path in entries if mode.startswith("120000")] == []


def test_environments_are_ignored_as_links_too(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    for name in (".venv", "node_modules"):
        (tmp_path / name).symlink_to("/nonexistent")
    assert git(tmp_path, "status", "--porcelain", "--untracked-files=all") == "?? .gitignore\n"
