"""The rules as a validation plugin of the AWS CDK: `Validations.of(app).add_plugins(SecureDdbChecks())`."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import jsii
from aws_cdk import (
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Validations,
)

from secure_ddb.errors import require_type
from secure_ddb.judging.judge import PACK, judge
from secure_ddb.judging.own_rules import with_own_rules
from secure_ddb.judging.plugin_metadata import seen_by_plugin
from secure_ddb.judging.reading import acknowledged_at, read_templates
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Severity, Verdict, severities_from
from secure_ddb.rules.waivers import waiver_expired, waiver_superfluous

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from types import ModuleType

    from aws_cdk import IPolicyValidationContext
    from constructs import IConstruct

    from secure_ddb.judging.judge import Judged
    from secure_ddb.landscape.assembly import Acknowledged
    from secure_ddb.rules.rule import Judgement, Rule

# With another severity CDK would forget a finding's weight as soon as any other one is acknowledged, and let it pass.
_ERROR = "error"
# CDK does not accept an acknowledgment of these.
_FATAL = "fatal"
# Shown, and never a reason to fail.
_INFO = "info"


@jsii.implements(IPolicyValidationPlugin)
class SecureDdbChecks:
    """Checks every DynamoDB table in the app.

    Violations fail the synth. Results that cannot be verified, and waived guarantees of a `SecureTable`, are in
    the report as information.
    """

    def __init__(
        self,
        *,
        rules: Sequence[Rule | ModuleType] = (),
        fail_on: Severity | None = Severity.LOW,
        alongside: Sequence[str] = (),
    ) -> None:
        """Check with the rules of this library, and with others.

        Args:
            rules: A company's own rules, or modules with such rules: docs/own-rules.md.
            fail_on: The lowest severity of a violation that fails the synth; lower ones are in the report as
                information. With None, nothing fails it.
            alongside: The names of the packs that are added to the app as well, so that evidence can say that they ran.

        Raises:
            InvalidArgumentError: A rule, or the severity, cannot be accepted.
        """
        if fail_on is not None:
            require_type("fail_on", fail_on, Severity, "a Severity, or None")
        self.rules = with_own_rules(rules)
        self.fail_on = fail_on
        self._alongside = tuple(alongside)

    @property
    def name(self) -> str:
        """The part of a finding's name in front of `::`."""
        return PACK

    @property
    def version(self) -> None:
        """None: the version of this library is that of its rules."""

    @property
    def rule_ids(self) -> list[str]:
        """The rules."""
        return [rule.id for rule in self.rules]

    @property
    def own_rule_ids(self) -> list[str]:
        """The rules that are not of this library."""
        return [rule.id for rule in self.rules[len(RULES) :]]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Judge the templates of the app."""
        stacks = context.stack_templates
        around = list(_acknowledged_around(context.app_construct, [stack.stack_construct_path for stack in stacks]))
        assembly = read_templates((Path(stack.template_path) for stack in stacks), around=around)
        judged = judge(assembly, self.rules)
        # CDK drops a report without a violation, and nothing else holds what was acknowledged on the app or a stage.
        violations = list(violations_of(judged, self.fail_on)) or [_kept(each) for each in around]
        counts = Counter(judgement.verdict.value for _, judgement in judged)
        return PolicyValidationPluginReport(
            success=not any(violation.severity in {_ERROR, _FATAL} for violation in violations),
            violations=violations,
            metadata={
                **{verdict.value: str(counts[verdict.value]) for verdict in Verdict},
                **seen_by_plugin(around, stacks=len(stacks), alongside=self._alongside, own_rules=self.own_rule_ids),
            },
        )


def violations_of(judged: Iterable[Judged], fail_on: Severity | None = Severity.LOW) -> Iterator[PolicyViolation]:
    """Yield everything but results that are met, as CDK's report can show it: equal findings of a rule together."""
    failing = severities_from(fail_on)
    rules = {rule.id: rule for rule, _ in judged}
    grouped: defaultdict[tuple[str, ...], list[PolicyViolatingResource]] = defaultdict(list)
    for rule, judgement in judged:
        if judgement.verdict is not Verdict.MET:
            # CDK compares exact names, so a finding that was acknowledged with its key is named with it.
            name = judgement.acknowledgment.partition("::")[2] or rule.id
            about = (rule.id, name, judgement.detail, judgement.verdict.value, judgement.reason)
            grouped[*about, _severity(rule, judgement, failing)].append(_violating_resource(judgement))
    for (rule_id, name, detail, verdict, reason, severity), resources in grouped.items():
        rule = rules[rule_id]
        yield PolicyViolation(
            rule_name=name,
            description=f"{rule.headline(Verdict(verdict))}: {detail}",
            fix=f"{rule.remedy} {rule.source}",
            severity=severity,
            violating_resources=resources,
            rule_metadata={
                "verdict": verdict,
                "severity": rule.severity.value,
                "requirements": ", ".join(rule.requirements),
                "controls": ", ".join(rule.controls),
                # CDK says why what was acknowledged in it was.
                **({"reason": reason} if severity == _INFO and verdict == Verdict.WAIVED.value else {}),
            },
        )


def _kept(acknowledged: Acknowledged) -> PolicyViolation:
    return PolicyViolation(
        rule_name=waiver_superfluous.id,
        description=f"{acknowledged.id} is acknowledged here; whether that is needed, `secure-ddb report` tells",
        severity=_INFO,
        violating_resources=[PolicyViolatingResource(locations=[], construct_path=acknowledged.construct)],
    )


def _severity(rule: Rule, judgement: Judgement, failing: Collection[Severity]) -> str:
    if judgement.verdict is Verdict.WAIVED:
        # CDK moves what was acknowledged to its suppressed violations, with its reason.
        return _ERROR if judgement.acknowledgment else _INFO
    if judgement.verdict in (Verdict.NOT_VERIFIABLE, Verdict.MANUAL) or rule.severity not in failing:
        return _INFO
    # An acknowledgment that has run out no longer holds, which CDK does not know.
    return _FATAL if judgement.acknowledgment or rule in (waiver_expired, waiver_superfluous) else _ERROR


def _violating_resource(judgement: Judgement) -> PolicyViolatingResource:
    locations = [judgement.path] if judgement.path else []
    if judgement.resource is None:
        return PolicyViolatingResource(locations=locations, construct_path=judgement.construct)
    resource = judgement.resource
    if resource.construct_path:
        return PolicyViolatingResource(locations=locations, construct_path=resource.construct_path)
    return PolicyViolatingResource(
        locations=locations, resource_logical_id=resource.logical_id, template_path=resource.template.file
    )


def _acknowledged_around(app: IConstruct, stacks: Sequence[str]) -> Iterator[Acknowledged]:
    """Yield acknowledgements on the app or on a stage, whose metadata CDK writes to no file."""
    yield from _acknowledged_on(app)
    stages: dict[str, IConstruct] = {"": app}
    for stack in stacks:
        names = stack.split("/")[:-1]
        for length in range(1, len(names) + 1):
            path, parent = "/".join(names[:length]), stages.get("/".join(names[: length - 1]))
            found = parent.node.try_find_child(names[length - 1]) if parent and path not in stages else None
            if found is not None:
                stages[path] = found
                yield from _acknowledged_on(found)


def _acknowledged_on(construct: IConstruct) -> Iterator[Acknowledged]:
    for entry in construct.node.metadata:
        if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
            yield from acknowledged_at(construct.node.path, entry.data)
