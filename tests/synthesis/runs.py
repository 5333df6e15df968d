"""Processes that synthesize an app, and what they leave behind."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[2]
CDK_VALIDATION = "CloudFormation Validate"
KEPT = ("PATH", "HOME", "TMPDIR", "PYTHONPYCACHEPREFIX")


@dataclass(frozen=True)
class Run:
    """What became of a process that synthesized an app."""

    status: int
    output: str
    errors: str
    directory: Path

    def plugins(self, app: str = "") -> list[dict[str, Any]]:
        """Return what the checks found, by CDK's own account."""
        file = self.directory / app / "validation-report.json"
        plugins: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["pluginReports"]
        return plugins

    def violations(self, *, information: bool) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield plugin and violation of what was found, or of what is only information."""
        for plugin in self.plugins():
            for violation in plugin["violations"]:
                if (violation["severity"] == "info") is information:
                    yield plugin["pluginName"], violation

    def waived(self, app: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield plugin, violation and construct of each finding that was acknowledged."""
        for plugin in self.plugins(app):
            for violation in plugin.get("suppressedViolations", ()):
                for construct in violation["violatingConstructs"]:
                    yield plugin["pluginName"], violation, construct["constructPath"]


def cli_environment(**context: Any) -> dict[str, str]:
    """Return what CDK CLI 2.1148.1 adds to an app's environment, as `cdk list` did without any AWS configuration."""
    settings = {
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:enable-asset-metadata": True,
        "aws:cdk:version-reporting": True,
        "aws:cdk:bundling-stacks": [],
        "@aws-cdk/core:failSynthOnValidationErrors": False,
    }
    return {
        "CDK_CLI_ASM_VERSION": "55.0.0",
        "CDK_CLI_VERSION": "2.1148.1",
        "CDK_CONTEXT_JSON": json.dumps({**context, **settings}),
        "CDK_DEFAULT_REGION": "us-east-1",
        "FORCE_COLOR": "0",
    }


def run(script: Path, working_directory: Path, output: Path, *arguments: str, **environment: str) -> Run:
    # Only what Python and Node need, so that no setting of whoever runs the tests decides what is checked.
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    completed = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=working_directory,
        env={
            **kept,
            "PYTHONPATH": str(CHECKOUT),
            "CDK_OUTDIR": str(output),
            "COLUMNS": "400",
            "PYTHONUTF8": "1",
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    return Run(completed.returncode, completed.stdout, completed.stderr, output)


def run_once(script: str, folder: Path) -> Run:
    """Run a script of the checkout with every check, or return what became of it in another of the tests' processes.

    Args:
        script: Its path in the checkout.
        folder: What all these processes share.
    """
    name = script.replace("/", "-")
    result = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        # Until it is closed.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            ran = run(CHECKOUT / script, CHECKOUT, folder / name / "cdk.out")
            result.write_text(json.dumps([ran.status, ran.output, ran.errors]), encoding="utf-8")
        status, output, errors = json.loads(result.read_text(encoding="utf-8"))
    return Run(status, output, errors, folder / name / "cdk.out")
