"""What the CDK CLI passes to an app, and which part of the verdict it takes over.

https://docs.aws.amazon.com/cdk/v2/guide/context.html
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secure_ddb.errors import reject

if TYPE_CHECKING:
    from aws_cdk import App

# False: the caller reads validation-report.json, shows it and decides. The CLI always passes that, from 2.1148 on at
# the latest, the first version that reads the assemblies of aws-cdk-lib 2.275.
# https://github.com/aws/aws-cdk/pull/37909, https://github.com/aws/aws-cdk-cli/pull/1650
CALLER_REPORTS = "@aws-cdk/core:failSynthOnValidationErrors"
_SETTINGS, _LOOKUPS = "cdk.json", "cdk.context.json"


def runs_app() -> bool:
    """Return whether the CDK CLI runs this process."""
    return "CDK_CONTEXT_JSON" in os.environ


def decides_on_findings(app: App) -> bool:
    """Return whether the CDK CLI fails a command over an error in the validation report, so that the app need not."""
    return runs_app() and app.node.try_get_context(CALLER_REPORTS) is False


def context_in_place_of_cli() -> dict[str, Any]:
    """Return the context that the CLI would pass, so that an app makes the same templates without it.

    It comes from `cdk.json` and `cdk.context.json` in the working directory, as far as they exist.

    Raises:
        InvalidArgumentError: One of them, or the context in `cdk.json`, is not a JSON object.
    """
    settings = _read(_SETTINGS)
    context = settings.get("context", {})
    if not isinstance(context, dict):
        reject(f"context in {_SETTINGS}", context, "a JSON object")
    return {
        **_read(_LOOKUPS),
        **context,
        "aws:cdk:enable-path-metadata": settings.get("pathMetadata", True),
        "aws:cdk:enable-asset-metadata": settings.get("assetMetadata", True),
        "aws:cdk:version-reporting": settings.get("versionReporting", True),
        CALLER_REPORTS: False,
    }


def _read(file: str) -> dict[str, Any]:
    path = Path(file)
    if not path.exists():
        return {}
    content, problem = path.read_bytes(), ""
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        problem = f" ({error})"
    # Outside of the `except`, or Python would print the parser's stack trace along.
    if problem or not isinstance(found, dict):
        reject(file, content.decode(errors="replace"), f"a JSON object{problem}")
    return found
