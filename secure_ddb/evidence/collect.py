"""All that a cloud assembly shows, collected."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.cloudformation.template_text import check_template
from secure_ddb.cloudformation.written_template import TemplateError, Written
from secure_ddb.evidence.backups import known_backups
from secure_ddb.evidence.catalogue.load import load_catalogues
from secure_ddb.evidence.controls import controls_of
from secure_ddb.evidence.cost import cost_of
from secure_ddb.evidence.files import AssemblyError, stack_templates
from secure_ddb.evidence.library import library_version
from secure_ddb.evidence.locations import read_locations
from secure_ddb.evidence.model import Evidence, Status
from secure_ddb.evidence.places import Places
from secure_ddb.evidence.results import in_order, not_judged, our_pack, result_of
from secure_ddb.evidence.tables import stacks_of, tables_of
from secure_ddb.evidence.validation import (
    no_pack_ran,
    of_another_synth,
    read_validation,
    results_of,
    superfluous_waivers,
    unknown_rules,
)
from secure_ddb.judging.judge import PACK, judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Severity, Verdict, severities_from

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from secure_ddb.evidence.catalogue.load import Catalogue
    from secure_ddb.evidence.model import Result
    from secure_ddb.landscape.assembly import Acknowledged, Assembly
    from secure_ddb.rules.rule import Rule

_NAMED_STACKS = 3


def collect(
    directory: Path,
    *,
    rules: tuple[Rule, ...] = RULES,
    catalogues: Sequence[Catalogue] | None = None,
    today: date | None = None,
    backups: Sequence[dict[str, Any]] = (),
) -> Evidence:
    """Judge the templates of a cloud assembly, and read the findings of other packs from the synth.

    Args:
        directory: The cloud assembly, such as `cdk.out`.
        rules: The rules to judge by: those of this library and then a company's own, as `with_own_rules` returns them.
        catalogues: The catalogues of controls; those of this library unless given.
        today: The day for which waivers are judged; the current one unless given.
        backups: AWS Backup's data on tables, from `read_backups`.

    Raises:
        AssemblyError: The directory is no cloud assembly, or cannot be read as one.
    """
    files = stack_templates(directory)
    validation = read_validation(directory)
    try:
        assembly, digests = _read(files, validation.around)
        places = Places(assembly, directory, read_locations(directory))
    except (ShapeError, TemplateError) as error:
        raise AssemblyError(str(error)) from error
    except FileNotFoundError as error:
        raise AssemblyError(f"{error.filename} is missing, although a file next to it names it") from error
    assembly.today = today or assembly.today
    judged = judge(assembly, rules)
    results = in_order(
        [
            *(result_of(each, places) for each in judged),
            *results_of(validation, places, assembly.today),
            *superfluous_waivers(assembly.acknowledged, validation, places),
        ]
    )
    known = known_backups(assembly, places, backups)
    tables = tables_of(assembly, places, known.by_table)
    has_findings = any(judgement.verdict is not Verdict.MET for _, judgement in judged)
    missing_pack = no_pack_ran(validation, has_findings=has_findings)
    # Without some of the rules, fewer verdicts are no sign of another synth.
    unknown = tuple(unknown_rules(validation, rules))
    another = () if unknown else of_another_synth(validation, places, stacks=len(files), judged=len(judged))
    return Evidence(
        title=_title(assembly),
        judged_on=assembly.today,
        version=library_version(),
        packs=(our_pack(judged, rules), *validation.packs),
        stacks=stacks_of(assembly, places, digests),
        tables=tables,
        results=results,
        controls=controls_of(load_catalogues(rules) if catalogues is None else catalogues, results, tables),
        problems=(
            *validation.problems,
            *missing_pack,
            *another,
            *unknown,
            *(f"backups of {each} were given, and no table of the app has this name" for each in known.not_found),
            *not_judged(assembly, places),
        ),
        cost=cost_of(assembly),
    )


def _read(files: Sequence[Path], around: Sequence[Acknowledged]) -> tuple[Assembly, dict[str, str]]:
    """Read templates, with the digest of each by its `Template.file`."""
    digests: dict[str, str] = {}

    def read(file: Path) -> dict[str, Any]:
        content = file.read_bytes()
        digests[str(file)] = sha256(content).hexdigest()
        try:
            body: dict[str, Any] = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise AssemblyError(f"{file} is no JSON: {error}") from error
        check_template(Written(body, {}), str(file))
        return body

    return read_templates(files, around=around, with_paths=True, read=read), digests


def open_results(evidence: Evidence) -> list[Result]:
    """Return the open findings."""
    return [result for result in evidence.results if result.status is Status.NOT_MET]


def exit_status(evidence: Evidence, fail_on: Severity | None = Severity.LOW) -> int:
    """Return 0 if there is no open finding for which to fail and the evidence is complete, otherwise 1.

    Args:
        evidence: The evidence.
        fail_on: The lowest severity for which to fail. Findings of other packs, whose severities are others, count
            unless it is None.
    """
    failing = {severity.value for severity in severities_from(fail_on)}
    found = (each for each in open_results(evidence) if failing and (each.pack != PACK or each.severity in failing))
    return 1 if evidence.problems or any(found) else 0


def _title(assembly: Assembly) -> str:
    names = [template.name for template in assembly.templates if template.parent is None]
    further = len(names) - _NAMED_STACKS
    return ", ".join(names[:_NAMED_STACKS]) + (f" and {further} more" if further > 0 else "")
