"""Secrets are found before they are committed, by the settings of this repository and by those that the docs show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
HOOK = Path(sys.executable).with_name("detect-secrets-hook")
EXAMPLE = ROOT / "examples" / "secret_scanning"
# Of the form of real ones; written in pieces, or this file would be refused.
SECRETS = {
    "an access key of AWS": "AKIA" + "ZQ3DRTUVWXY2MNOP",
    "a token of GitHub": "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3hJ5",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


def of_this_repository() -> list[str]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    (entry,) = (hook["entry"] for hook in hooks if hook["id"] == "detect-secrets")
    return [str(ROOT / each) if each.startswith(".secrets") else each for each in entry.split()[1:]]


def of_the_example() -> list[str]:
    (repository,) = yaml.safe_load((EXAMPLE / "pre-commit.yaml").read_text(encoding="utf-8"))["repos"]
    arguments: list[str] = repository["hooks"][0]["args"]
    return arguments


def scan(file: Path, arguments: list[str]) -> int:
    return subprocess.run([HOOK, *arguments, file.name], cwd=file.parent, check=False, capture_output=True).returncode


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("arguments", [of_this_repository(), of_the_example()], ids=["repository", "example"])
def test_secret_is_refused(tmp_path: Path, secret: str, arguments: list[str]) -> None:
    file = tmp_path / "settings.py"
    file.write_text(f'value = "{SECRETS[secret]}"\n', encoding="utf-8")
    assert scan(file, arguments) == 1


def test_hashes_of_a_template_are_no_secrets(tmp_path: Path) -> None:
    template = ROOT / "tests" / "upgrade" / "minimal.json"
    file = tmp_path / "template.json"
    file.write_bytes(template.read_bytes())
    assert scan(file, of_the_example()) == 0


def test_pipeline_scans_as_the_hook_does() -> None:
    jobs = yaml.safe_load((EXAMPLE / "github.yaml").read_text(encoding="utf-8"))["jobs"]
    (command,) = (step["run"] for step in jobs["secrets"]["steps"] if "detect-secrets-hook" in step.get("run", ""))
    assert command.endswith(" ".join(of_the_example()))
