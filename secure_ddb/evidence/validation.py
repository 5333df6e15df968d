"""The findings of other packs: cdk-nag, CDK's own validation, annotations. CDK writes them to validation-report.json.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Validations.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.json_schema import TEXT, TEXTS, Shape
from secure_ddb.evidence.files import AssemblyError, read_json
from secure_ddb.evidence.model import PackFacts, Result, Status
from secure_ddb.evidence.results import result_of
from secure_ddb.evidence.waivers import waived_by
from secure_ddb.judging.judge import PACK, Judged
from secure_ddb.judging.plugin_metadata import read_seen
from secure_ddb.rules.waivers import matching_nothing, waiver_superfluous
from secure_ddb.waivers.accepted_findings import is_accepted_by_design
from secure_ddb.waivers.stated_waiver import parse_waiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from secure_ddb.evidence.places import Place, Places
    from secure_ddb.judging.plugin_metadata import Seen
    from secure_ddb.landscape.assembly import Acknowledged
    from secure_ddb.rules.rule import Rule

REPORT_FILE = "validation-report.json"
_NONE_RAN = f"neither cdk-nag nor CDK's own validation ran, so only the rules of {PACK} are here"
_NO_REPORT = f"no {REPORT_FILE}: {_NONE_RAN}"
_NO_PACK = f"{REPORT_FILE} names no pack: {_NONE_RAN}"
# CDK's own rules, as its report names them.
CDK_VALIDATION = "CloudFormation Validate"
_NO_CDK_VALIDATION = "CDK's own validation did not run: CDK_VALIDATION was false in the environment"
# How cdk-nag names one of several findings of a rule.
_ONE_OF_SEVERAL = re.compile(r"(?P<rule>.+?)\[(?P<key>.+)\]", re.DOTALL)
# CDK puts this in front of an id without a pack. It drops the finding, and leaves no trace of it in its report.
_WITHOUT_PACK = "Annotation::"

_RESOURCE = Shape(dict, {"templatePath": TEXT, "logicalId": TEXT, "propertyPaths": TEXTS})
_CONSTRUCT = Shape(dict, {"constructPath": TEXT, "cloudFormationResource": _RESOURCE})
_VIOLATION = Shape(
    dict,
    {
        "ruleName": TEXT,
        "description": TEXT,
        "violatingConstructs": Shape(list, each=_CONSTRUCT),
        "severity": TEXT,
        "suggestedFix": TEXT,
        "reason": TEXT,
        "acknowledgedAt": TEXT,
    },
    frozenset({"ruleName", "description", "violatingConstructs"}),
)
_REPORT = Shape(
    dict,
    {
        "pluginName": TEXT,
        "pluginVersion": TEXT,
        "conclusion": TEXT,
        "violations": Shape(list, each=_VIOLATION),
        "suppressedViolations": Shape(list, each=_VIOLATION),
        "metadata": Shape(dict),
    },
    frozenset({"pluginName", "conclusion", "violations"}),
)
_REPORTS = Shape(dict, {"pluginReports": Shape(list, each=_REPORT)}, frozenset({"pluginReports"}))


@dataclass(frozen=True, kw_only=True)
class Validation:
    """The content of the report.

    Attributes:
        packs: The other packs that ran.
        seen: The facts that our own plugin recorded, once for each time that it ran.
        problems: Why the report is not complete.
        reports: The report of each other pack, as CDK writes it.
    """

    packs: tuple[PackFacts, ...] = ()
    seen: tuple[Seen, ...] = ()
    problems: tuple[str, ...] = ()
    reports: tuple[dict[str, Any], ...] = ()

    @property
    def around(self) -> list[Acknowledged]:
        """The acknowledgments on the app or on stages, each once."""
        return list(dict.fromkeys(each for seen in self.seen for each in seen.around))

    @property
    def violations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Pack and finding, those that were acknowledged included."""
        for report in self.reports:
            for violation in (*report["violations"], *report.get("suppressedViolations", ())):
                yield report["pluginName"], violation


def read_validation(directory: Path) -> Validation:
    """Read the report of a cloud assembly.

    Raises:
        AssemblyError: It cannot be read.
    """
    file = directory / REPORT_FILE
    if not file.exists():
        return Validation(problems=(_NO_REPORT,))
    reports: list[dict[str, Any]] = read_json(file, _REPORTS)["pluginReports"]
    seen = tuple(
        _seen(report, f"{file} cannot be read: pluginReports.{position}.metadata")
        for position, report in enumerate(reports)
        if report["pluginName"] == PACK
    )
    problems = [_broken_down(report) for report in reports if not _succeeded(report)]
    if not all(each.cdk_validation for each in seen):
        problems.append(_NO_CDK_VALIDATION)
    others = tuple(report for report in reports if report["pluginName"] != PACK)
    return Validation(packs=tuple(_packs(others, seen)), seen=seen, problems=tuple(problems), reports=others)


def _seen(report: dict[str, Any], where: str) -> Seen:
    try:
        return read_seen(report.get("metadata", {}))
    except (TypeError, ValueError) as error:
        raise AssemblyError(f"{where} is not as {PACK} writes it") from error


def _succeeded(report: dict[str, Any]) -> bool:
    """Return whether a pack came to an end. With all its findings acknowledged one still concludes with success."""
    return report["conclusion"] != "failure" or bool(report["violations"])


def _broken_down(report: dict[str, Any]) -> str:
    why = report.get("metadata", {}).get("error") or "CDK does not say why"
    return f"{report['pluginName']} broke down, so its lack of findings means nothing: {why}"


def _packs(reports: tuple[dict[str, Any], ...], seen: Sequence[Seen]) -> Iterator[PackFacts]:
    """Yield the packs in the report, and those that CDK left out of it because they found nothing."""
    was_off = not all(each.cdk_validation for each in seen)
    reported = dict.fromkeys(report["pluginName"] for report in reports)
    for name in reported:
        of_pack = [report for report in reports if report["pluginName"] == name]
        version = next((report["pluginVersion"] for report in of_pack if report.get("pluginVersion")), "")
        yield PackFacts(name=name, version=version, succeeded=all(map(_succeeded, of_pack)))
    alongside = [name for each in seen for name in each.alongside]
    for name in dict.fromkeys([*alongside, *([CDK_VALIDATION] if was_off else [])]):
        if name not in reported:
            ran = name != CDK_VALIDATION or not was_off
            yield PackFacts(name=name, succeeded=ran, ran=ran)


def results_of(validation: Validation, places: Places, today: date) -> Iterator[Result]:
    """Yield the findings of the other packs, once for each construct."""
    for pack, violation in validation.violations:
        # One that concerns no construct is a finding nevertheless.
        for construct in violation["violatingConstructs"] or [{}]:
            yield _result(pack, violation, construct, places, today)


def _result(pack: str, violation: dict[str, Any], construct: dict[str, Any], places: Places, today: date) -> Result:
    named = _ONE_OF_SEVERAL.fullmatch(violation["ruleName"])
    rule = named["rule"] if named else violation["ruleName"]
    waiver = parse_waiver(violation.get("reason", ""))
    # A waiver without a reason waives nothing, and neither does one after its last day, which CDK does not know.
    waived = bool(violation.get("reason")) and (waiver.expires is None or waiver.expires >= today)
    acknowledged_at = violation.get("acknowledgedAt", "")
    accepted = is_accepted_by_design(f"{pack}::{rule}", violation.get("reason", ""))
    return Result(
        pack=pack,
        rule=rule,
        status=Status.WAIVED if waived else Status.NOT_MET,
        title=violation["description"],
        severity=violation.get("severity", ""),
        key=named["key"] if named else "",
        property_path=", ".join(construct.get("cloudFormationResource", {}).get("propertyPaths", ())),
        remedy=violation.get("suggestedFix", ""),
        waived_by=waived_by([waiver], acknowledged_at) if waived else None,
        by_design=waived and accepted and places.is_part_of_table(acknowledged_at),
        **vars(_place(construct, places)),
    )


def _place(construct: dict[str, Any], places: Places) -> Place:
    path = construct.get("constructPath", "")
    if path:
        return places.of_construct(path)
    resource = construct.get("cloudFormationResource", {})
    file, logical_id = resource.get("templatePath", ""), resource.get("logicalId", "")
    found = places.of_template(file, logical_id) if file else None
    return found or places.of_construct("/".join(filter(None, (file, logical_id))))


def superfluous_waivers(
    acknowledged: Sequence[Acknowledged], validation: Validation, places: Places
) -> Iterator[Result]:
    """Yield a finding for each acknowledgment of another pack's finding that CDK applied to nothing."""
    if validation.problems:
        # A pack that broke down or did not run might have had the finding.
        return
    applied = {
        (violation.get("acknowledgedAt"), violation.get("acknowledgedId"))
        for report in validation.reports
        for violation in report.get("suppressedViolations", ())
    }
    for each in acknowledged:
        told = not each.of_our_rules and not each.id.startswith(_WITHOUT_PACK)
        if told and (each.construct, each.id) not in applied:
            yield result_of(Judged(waiver_superfluous, matching_nothing(each)), places)


def unknown_rules(validation: Validation, rules: Sequence[Rule]) -> Iterator[str]:
    """Yield that the synth asked rules of a company that are not among those that are asked now."""
    known = {rule.id for rule in rules}
    asked = dict.fromkeys(name for seen in validation.seen for name in seen.own_rules)
    missing = [name for name in asked if name not in known]
    if missing:
        yield f"the synth also checked {', '.join(missing)}, which are not known here: name their module with --rules"


def no_pack_ran(validation: Validation, *, has_findings: bool) -> Iterator[str]:
    """Yield that the report names no pack, if our own would be named.

    CDK leaves out packs without findings, so an empty report alone does not show that none ran.

    Args:
        validation: The report.
        has_findings: Whether our rules have another verdict than met on any resource of the templates.
    """
    if has_findings and not (validation.reports or validation.seen or validation.problems):
        yield _NO_PACK


def of_another_synth(validation: Validation, places: Places, *, stacks: int, judged: int) -> Iterator[str]:
    """Yield why the report cannot be of these templates, if it is not."""
    paths = {
        construct["constructPath"]
        for _, violation in validation.violations
        for construct in violation["violatingConstructs"]
        if construct.get("constructPath")
    }
    unknown = sorted(path for path in paths if not places.is_of_app(path))
    if unknown:
        yield f"{REPORT_FILE} may be of another synth: no stack here has {', '.join(unknown)}"
    # One that ran for a stage alone saw less.
    if [each.stacks for each in validation.seen] == [stacks] and validation.seen[0].judged != judged:
        yield (
            f"{REPORT_FILE} may be of another synth or another version of this library: {PACK} said "
            f"{validation.seen[0].judged} things there and says {judged} of the templates here"
        )
