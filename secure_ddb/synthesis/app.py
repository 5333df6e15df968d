"""An app whose synth runs this library's rules, all cdk-nag packs and CDK's own validation."""

from __future__ import annotations

import os
from pathlib import Path

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
from secure_ddb.evidence.console import summary_console
from secure_ddb.evidence.summary import print_summary
from secure_ddb.evidence.validation import CDK_VALIDATION
from secure_ddb.evidence.write import write_evidence
from secure_ddb.judging.plugin import SecureDdbChecks
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli, decides_on_findings, runs_app

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
    # More than 500 resources are a finding of SecureDdb-OPS5 with a remedy, not an exception without evidence.
    "@aws-cdk/core:stackResourceLimit": 0,
}

# CDK warns about references between stacks where an app has not chosen. It is what CDK does then.
# https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/README.md#reference-strength
_UNLESS_CHOSEN = {"@aws-cdk/core:defaultCrossStackReferences": "strong"}


def checked_app() -> App:
    """Make an app that is checked by `SecureDdbChecks`, all cdk-nag packs and CDK's own validation at synth.

    Without the CDK CLI, it takes the context from `cdk.json` and `cdk.context.json` in the working directory and writes
    to `cdk.out`, as the CLI would make it do: both make the same templates.
    """
    # So that findings name the line of Python on which a construct is made: CDK keeps it beside the templates.
    os.environ.setdefault("JSII_HOST_STACK_TRACES", "1")
    chosen = {} if runs_app() else context_in_place_of_cli()
    context = {**_UNLESS_CHOSEN, **chosen, **CONTEXT}
    app = App(context=context, outdir=os.environ.get("CDK_OUTDIR", "cdk.out"))
    packs = [pack(app) for pack in PACKS]
    names = [*(pack.name for pack in packs), CDK_VALIDATION]
    Validations.of(app).add_plugins(*packs, SecureDdbChecks(alongside=names))
    return app


def synthesize(app: App) -> int:
    """Synthesize the app, write evidence beside its templates, print a summary, and return the exit status.

    If the CDK CLI runs the app, the summary goes to standard error, because standard output belongs to the command, and
    the CLI decides on findings: with one open, it refuses to deploy and works on `cdk list` and `cdk destroy`.

    Returns:
        0 if every finding is fixed or waived and every check ran, otherwise 1. For the CDK CLI, 0 if every check ran.
    """
    directory = Path(app.synth().directory)
    evidence = collect(directory)
    write_evidence(evidence, directory)
    print_summary(evidence, directory, summary_console(to_errors=runs_app()))
    return int(bool(evidence.problems)) if decides_on_findings(app) else exit_status(evidence)
