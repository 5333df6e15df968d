"""An app whose synth runs this library's rules, all cdk-nag packs and CDK's own validation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import App, Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)

from secure_ddb.errors import reject, require_type
from secure_ddb.evidence.collect import collect, exit_status
from secure_ddb.evidence.console import summary_console
from secure_ddb.evidence.summary import print_summary
from secure_ddb.evidence.validation import CDK_VALIDATION
from secure_ddb.evidence.write import write_evidence
from secure_ddb.judging.plugin import SecureDdbChecks
from secure_ddb.rules.rule import Severity
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli, decides_on_findings, runs_app

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from aws_cdk import IPolicyValidationPlugin

    from secure_ddb.rules.rule import Rule

    Pack = IPolicyValidationPlugin | Callable[[App], IPolicyValidationPlugin]

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


class _CheckedApp(App):
    """An app that knows by which rules it is checked, for the evidence."""

    checks: SecureDdbChecks


def checked_app(
    *,
    packs: Sequence[Pack] = PACKS,
    rules: Sequence[Rule | ModuleType] = (),
    fail_on: Severity | None = Severity.LOW,
) -> App:
    """Make an app that is checked by `SecureDdbChecks`, other rule packs and CDK's own validation at synth.

    Without the CDK CLI, it takes the context from `cdk.json` and `cdk.context.json` in the working directory and writes
    to `cdk.out`, as the CLI would make it do: both make the same templates.

    Args:
        packs: The other packs: plugins such as `HIPAASecurityChecks()`, or classes that take the app. All of cdk-nag,
            unless given.
        rules: A company's own rules, or modules with such rules: docs/own-rules.md.
        fail_on: The lowest severity of a violation of the rules of `SecureDdbChecks` that fails the synth. With
            None, findings of other packs do not fail `synthesize` either.

    Raises:
        InvalidArgumentError: A pack, a rule or the severity cannot be accepted.
    """
    require_type("packs", packs, (list, tuple), "a list of rule packs, such as [HIPAASecurityChecks()]")
    # So that findings name the line of Python on which a construct is made: CDK keeps it next to the templates.
    os.environ.setdefault("JSII_HOST_STACK_TRACES", "1")
    chosen = {} if runs_app() else context_in_place_of_cli()
    context = {**_UNLESS_CHOSEN, **chosen, **CONTEXT}
    app = _CheckedApp(context=context, outdir=os.environ.get("CDK_OUTDIR", "cdk.out"))
    plugins = [_plugin(pack, app) for pack in packs]
    names = [*(plugin.name for plugin in plugins), CDK_VALIDATION]
    app.checks = SecureDdbChecks(rules=rules, fail_on=fail_on, alongside=names)
    Validations.of(app).add_plugins(*plugins, app.checks)
    return app


def _plugin(pack: Pack, app: App) -> IPolicyValidationPlugin:
    kind = pack if isinstance(pack, type) else type(pack)
    if not hasattr(kind, "validate"):
        reject("packs", pack, "rule packs, such as HIPAASecurityChecks or HIPAASecurityChecks()")
    return cast("IPolicyValidationPlugin", cast("Any", pack)(app) if isinstance(pack, type) else pack)


def synthesize(app: App, checks: SecureDdbChecks | None = None) -> int:
    """Synthesize the app, write evidence next to its templates, print a summary, and return the exit status.

    If the CDK CLI runs the app, the summary goes to standard error, because standard output belongs to the command, and
    the CLI decides on findings: with one open, it refuses to deploy and works on `cdk list` and `cdk destroy`.

    Args:
        app: The app.
        checks: The plugin that was added to it, if it is not of `checked_app`; needed for a company's own rules.

    Returns:
        0 if every finding for which to fail is fixed or waived and every check ran, otherwise 1. For the CDK CLI, 0 if
        every check ran.
    """
    checks = checks or (app.checks if isinstance(app, _CheckedApp) else SecureDdbChecks())
    directory = Path(app.synth().directory)
    evidence = collect(directory, rules=checks.rules)
    write_evidence(evidence, directory, checks.rules)
    print_summary(evidence, directory, summary_console(to_errors=runs_app()))
    return int(bool(evidence.problems)) if decides_on_findings(app) else exit_status(evidence, checks.fail_on)
