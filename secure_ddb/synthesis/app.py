"""An app whose synth runs this library's rules, all cdk-nag packs and CDK's own validation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)

from secure_ddb.evidence.collect import collect, exit_status
from secure_ddb.evidence.summary import print_summary
from secure_ddb.evidence.write import write_evidence
from secure_ddb.rules.plugin import SecureDdbChecks

PACKS = (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)

CONTEXT = {
    # CDK's rules for every resource, as errors.
    "@aws-cdk/core:validateAgainstDefaultRules": True,
    # Errors and warnings that constructs annotate are findings like all others.
    "@aws-cdk/core:annotationsInValidationReport": True,
    # The summary says what was found, and its exit status; CDK would only raise an exception.
    "@aws-cdk/core:failSynthOnValidationErrors": False,
    # More than 500 resources are a finding of SecureDdb-OPS5 with a remedy, not an exception without evidence.
    "@aws-cdk/core:stackResourceLimit": 0,
}


def checked_app() -> App:
    """Make an app that is checked by `SecureDdbChecks`, all cdk-nag packs and CDK's own validation at synth.

    Run without the CDK CLI, it takes the context of `cdk.json` in the working directory and writes to `cdk.out`,
    as the CLI would make it do.
    """
    # So that findings name the line of Python on which a construct is made: CDK keeps it beside the templates.
    os.environ.setdefault("JSII_HOST_STACK_TRACES", "1")
    app = App(context={**_cdk_json_context(), **CONTEXT}, outdir=os.environ.get("CDK_OUTDIR", "cdk.out"))
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS), SecureDdbChecks())
    return app


def synthesize(app: App) -> int:
    """Synthesize the app, write evidence beside its templates, print a summary, and return the exit status.

    Returns:
        0 if every finding is fixed or waived and every check ran, otherwise 1.
    """
    directory = Path(app.synth().directory)
    evidence = collect(directory)
    write_evidence(evidence, directory)
    print_summary(evidence, directory)
    return exit_status(evidence)


def _cdk_json_context() -> dict[str, Any]:
    path = Path("cdk.json")
    if "CDK_CONTEXT_JSON" in os.environ or not path.exists():
        return {}
    context: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("context", {})
    return context
