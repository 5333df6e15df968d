"""What a synth found, read from the cloud assembly."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secure_ddb.rules.rule import Verdict
from secure_ddb.table_evidence import METADATA_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk.cx_api import CloudAssembly

REPORT_FILE = "validation-report.json"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule that a construct breaks.

    Attributes:
        rule: Name of the rule.
        construct: Path of the construct, or the template's resource where CDK knows no construct.
        description: What the rule demands.
        reason: Why it was waived; empty if it was not.
        verifiable: Whether the template shows it; if not, it may be fine.
    """

    rule: str
    construct: str
    description: str
    reason: str = ""
    verifiable: bool = True


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What a template says about a table.

    Attributes:
        name: Logical id.
        classification: Value of its tag, or `unknown`.
        evidence: What its `SecureTable` had to say.
    """

    name: str
    classification: str
    evidence: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StackReport:
    """What is in a stack and what was found there."""

    path: str
    template_file: Path
    resources: int
    tables: Sequence[TableFacts]
    findings: list[Finding] = field(default_factory=list)
    waived: list[Finding] = field(default_factory=list)
    not_verifiable: list[Finding] = field(default_factory=list)

    def take(self, finding: Finding) -> None:
        """Put a finding where it belongs."""
        kind = self.waived if finding.reason else self.findings if finding.verifiable else self.not_verifiable
        kind.append(finding)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a synth found.

    Attributes:
        directory: The cloud assembly.
        stacks: One report for each stack.
        elsewhere: Findings that belong to no stack, such as a plugin that failed, waived or not.
    """

    directory: Path
    stacks: Sequence[StackReport]
    elsewhere: Sequence[Finding]

    @property
    def findings(self) -> list[Finding]:
        """Everything that is neither fixed nor waived."""
        open_elsewhere = (finding for finding in self.elsewhere if not finding.reason and finding.verifiable)
        return [*chain.from_iterable(stack.findings for stack in self.stacks), *open_elsewhere]

    @property
    def waived(self) -> list[Finding]:
        """Everything that was waived."""
        waived_elsewhere = (finding for finding in self.elsewhere if finding.reason)
        return [*chain.from_iterable(stack.waived for stack in self.stacks), *waived_elsewhere]


def read_report(assembly: CloudAssembly) -> Report:
    """Read templates and findings of a synthesized app."""
    directory = Path(assembly.directory)
    stacks = [
        stack_report(artifact.hierarchical_id, Path(artifact.template_full_path))
        for artifact in assembly.stacks_recursively
    ]
    return Report(directory=directory, stacks=stacks, elsewhere=_read_findings(directory, stacks))


def _read_findings(directory: Path, stacks: Sequence[StackReport]) -> list[Finding]:
    """Give each finding to its stack; return those that belong to none, checks that did not run among them."""
    file = directory / REPORT_FILE
    if not file.exists():
        return [Finding(rule=REPORT_FILE, construct="", description="No check ran: CDK wrote no report")]
    elsewhere = assign_findings(stacks, json.loads(file.read_text(encoding="utf-8"))["pluginReports"])
    if os.environ.get("CDK_VALIDATION") == "false":
        description = "CDK's own validation did not run: CDK_VALIDATION is false in the environment"
        elsewhere.append(Finding(rule="CDK_VALIDATION", construct="", description=description))
    return elsewhere


def stack_report(path: str, template_file: Path) -> StackReport:
    """Read a stack's template."""
    resources = json.loads(template_file.read_text(encoding="utf-8")).get("Resources", {})
    return StackReport(
        path=path, template_file=template_file, resources=len(resources), tables=list(_tables(resources))
    )


def assign_findings(stacks: Sequence[StackReport], plugins: Sequence[dict[str, Any]]) -> list[Finding]:
    """Give each finding of the plugins to its stack; return those that belong to none."""
    elsewhere: list[Finding] = []
    for plugin in plugins:
        # With all its violations waived a plugin still concludes with success; this one broke down.
        if plugin["conclusion"] == "failure" and not plugin["violations"]:
            elsewhere.append(Finding(rule=plugin["pluginName"], construct="", description="The check itself failed"))
        for finding in _findings([*plugin["violations"], *plugin.get("suppressedViolations", ())]):
            stack = _stack_of(finding.construct, stacks)
            if stack is not None:
                stack.take(finding)
            else:
                elsewhere.append(finding)
    return elsewhere


def _findings(violations: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for violation in violations:
        # What is neither met nor not met is information, which only SecureDdbChecks reports.
        metadata = violation.get("ruleMetadata") or {}
        for construct in violation["violatingConstructs"]:
            yield Finding(
                rule=violation["ruleName"],
                construct=construct.get("constructPath") or _resource_path(construct),
                description=violation["description"],
                reason=violation.get("reason") or metadata.get("reason", ""),
                verifiable=metadata.get("verdict") != Verdict.NOT_VERIFIABLE.value,
            )


def _resource_path(construct: dict[str, Any]) -> str:
    """Return `template file/logical id`, for findings whose construct CDK does not know."""
    resource = construct.get("cloudFormationResource") or {}
    return "/".join(filter(None, (resource.get("templatePath"), resource.get("logicalId"))))


def _stack_of(construct: str, stacks: Sequence[StackReport]) -> StackReport | None:
    for stack in stacks:
        if stack.template_file.name in construct.split("/"):
            return stack
    owners = [stack for stack in stacks if construct == stack.path or construct.startswith(f"{stack.path}/")]
    # A stack inside a stage has the longer path.
    return max(owners, key=lambda stack: len(stack.path), default=None)


def _tables(resources: dict[str, Any]) -> Iterator[TableFacts]:
    for name, resource in resources.items():
        if resource["Type"] != "AWS::DynamoDB::GlobalTable":
            continue
        tags = chain.from_iterable(replica.get("Tags", ()) for replica in resource["Properties"]["Replicas"])
        classification = next((tag["Value"] for tag in tags if tag["Key"] == "DataClassification"), "unknown")
        evidence = resource.get("Metadata", {}).get(METADATA_KEY, {})
        yield TableFacts(name=name, classification=classification, evidence=evidence)
