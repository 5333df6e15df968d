"""What other packs found: cdk-nag, CDK's own validation, annotations. CDK writes it to validation-report.json.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Validations.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.accepted_findings import is_accepted_by_design
from secure_ddb.evidence.model import PackFacts, Result, Status
from secure_ddb.evidence.plugin_reports import plugin_reports
from secure_ddb.evidence.waivers import waived_by
from secure_ddb.judging.judge import PACK
from secure_ddb.judging.plugin_metadata import read_seen
from secure_ddb.stated_waiver import parse_waiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from secure_ddb.evidence.places import Place, Places
    from secure_ddb.judging.plugin_metadata import Seen
    from secure_ddb.landscape.assembly import Acknowledged

REPORT_FILE = "validation-report.json"
_NONE_RAN = f"neither cdk-nag nor CDK's own validation ran, so only the rules of {PACK} are here"
_NO_REPORT = f"no {REPORT_FILE}: {_NONE_RAN}"
_NO_PACK = f"{REPORT_FILE} names no pack: {_NONE_RAN}"
# CDK's own rules, as its report names them.
CDK_VALIDATION = "CloudFormation Validate"
_NO_CDK_VALIDATION = "CDK's own validation did not run: CDK_VALIDATION was false in the environment"
# How cdk-nag names one of several findings of a rule.
_ONE_OF_SEVERAL = re.compile(r"(?P<rule>.+?)\[(?P<key>.+)\]", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What stands in the report.

    Attributes:
        packs: The other packs that ran.
        seen: What our own plugin saw, once for each time that it ran.
        problems: Why it is not all that there should be.
        reports: What each other pack found, as CDK writes it.
    """

    packs: tuple[PackFacts, ...]
    seen: tuple[Seen, ...]
    problems: tuple[str, ...]
    reports: tuple[dict[str, Any], ...]

    @property
    def around(self) -> list[Acknowledged]:
        """What was acknowledged on the app or on stages, each once."""
        return list(dict.fromkeys(each for seen in self.seen for each in seen.around))


def read_validation(directory: Path) -> Validation:
    """Read the report of a cloud assembly.

    Raises:
        AssemblyError: It cannot be read.
    """
    file = directory / REPORT_FILE
    if not file.exists():
        return Validation(packs=(), seen=(), problems=(_NO_REPORT,), reports=())
    reports = plugin_reports(file)
    seen = tuple(read_seen(report.get("metadata") or {}) for report in reports if report["pluginName"] == PACK)
    problems = [_broken_down(report) for report in reports if not _succeeded(report)]
    if not all(each.cdk_validation for each in seen):
        problems.append(_NO_CDK_VALIDATION)
    others = tuple(report for report in reports if report["pluginName"] != PACK)
    return Validation(packs=tuple(_packs(others, seen)), seen=seen, problems=tuple(problems), reports=others)


def _succeeded(report: dict[str, Any]) -> bool:
    """Tell whether a pack came to an end. With all its findings acknowledged one still concludes with success."""
    return report["conclusion"] != "failure" or bool(report["violations"])


def _broken_down(report: dict[str, Any]) -> str:
    why = (report.get("metadata") or {}).get("error") or "CDK does not say why"
    return f"{report['pluginName']} broke down, so that it found nothing says nothing: {why}"


def _packs(reports: tuple[dict[str, Any], ...], seen: Sequence[Seen]) -> Iterator[PackFacts]:
    """Yield the packs in the report, and those that CDK left out of it because they found nothing."""
    was_off = not all(each.cdk_validation for each in seen)
    for name in dict.fromkeys(report["pluginName"] for report in reports):
        of_pack = [report for report in reports if report["pluginName"] == name]
        version = next((report["pluginVersion"] for report in of_pack if report.get("pluginVersion")), "")
        yield PackFacts(name=name, version=version, succeeded=all(map(_succeeded, of_pack)))
    reported = {report["pluginName"] for report in reports}
    alongside = [name for each in seen for name in each.alongside]
    for name in dict.fromkeys([*alongside, *([CDK_VALIDATION] if was_off else [])]):
        if name not in reported:
            ran = name != CDK_VALIDATION or not was_off
            yield PackFacts(name=name, succeeded=ran, ran=ran)


def results_of(validation: Validation, places: Places, today: date) -> Iterator[Result]:
    """Yield what the other packs found, once for each construct."""
    for report in validation.reports:
        for violation in (*report["violations"], *report.get("suppressedViolations", ())):
            # One that concerns no construct is a finding nevertheless.
            for construct in violation["violatingConstructs"] or [{}]:
                yield _result(report["pluginName"], violation, construct, places, today)


def _result(pack: str, violation: dict[str, Any], construct: dict[str, Any], places: Places, today: date) -> Result:
    named = _ONE_OF_SEVERAL.fullmatch(violation["ruleName"])
    place = _place(construct, places)
    reason = _holding(violation.get("reason", ""), today)
    resource = construct.get("cloudFormationResource") or {}
    rule = named["rule"] if named else violation["ruleName"]
    acknowledged_at = violation.get("acknowledgedAt", "")
    return Result(
        pack=pack,
        rule=rule,
        # A waiver without a reason waives nothing.
        status=Status.WAIVED if reason else Status.NOT_MET,
        title=violation["description"],
        severity=violation.get("severity", ""),
        key=named["key"] if named else "",
        template=place.template,
        stack=place.stack,
        logical_id=place.logical_id,
        resource_type=place.resource_type,
        property_path=", ".join(resource.get("propertyPaths", ())),
        construct=place.construct,
        tables=place.tables,
        remedy=violation.get("suggestedFix", ""),
        waived_by=waived_by([parse_waiver(reason)], acknowledged_at) if reason else None,
        by_design=places.is_beside_table(acknowledged_at) and is_accepted_by_design(f"{pack}::{rule}", reason),
        location=place.location,
    )


def _holding(reason: str, today: date) -> str:
    """Return why a finding is acknowledged; nothing after its last day, which CDK does not know."""
    end = parse_waiver(reason).expires
    return reason if end is None or end >= today else ""


def _place(construct: dict[str, Any], places: Places) -> Place:
    resource = construct.get("cloudFormationResource") or {}
    path = construct.get("constructPath", "")
    if path:
        return places.of_construct(path)
    file, logical_id = resource.get("templatePath", ""), resource.get("logicalId", "")
    found = places.of_template(file, logical_id) if file else None
    return found or places.of_construct("/".join(filter(None, (file, logical_id))))


def no_pack_ran(validation: Validation, *, said: bool) -> Iterator[str]:
    """Yield that the report names no pack, if our own would be named.

    CDK leaves out packs without any finding, so that an empty report alone is no sign of it.

    Args:
        validation: The report.
        said: Whether our rules say anything but met of the templates.
    """
    if said and not (validation.reports or validation.seen or validation.problems):
        yield _NO_PACK


def of_another_synth(validation: Validation, places: Places, *, stacks: int, judged: int) -> Iterator[str]:
    """Yield why the report cannot be of these templates, if it is not."""
    unknown = {
        construct["constructPath"]
        for report in validation.reports
        for violation in (*report["violations"], *report.get("suppressedViolations", ()))
        for construct in violation["violatingConstructs"]
        if construct.get("constructPath") and not places.is_of_app(construct["constructPath"])
    }
    if unknown:
        yield f"{REPORT_FILE} may be of another synth: no stack here has {', '.join(sorted(unknown))}"
    # One that ran for a stage alone saw less.
    if [each.stacks for each in validation.seen] == [stacks] and validation.seen[0].judged != judged:
        yield (
            f"{REPORT_FILE} may be of another synth or another version of this library: {PACK} said "
            f"{validation.seen[0].judged} things there and says {judged} of the templates here"
        )
