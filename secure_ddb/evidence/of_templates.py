"""Evidence of templates that need not come from the AWS CDK."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.template_text import parse_template
from secure_ddb.evidence.library import library_version
from secure_ddb.evidence.model import Evidence, Location, Result
from secure_ddb.evidence.places import Places
from secure_ddb.evidence.results import not_judged, our_pack, result_of
from secure_ddb.evidence.tables import stacks_of
from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from secure_ddb.rules.rule import Rule


def evidence_of_templates(
    contents: Mapping[Path, bytes], *, account: str = "", region: str = "", rules: Sequence[Rule] = RULES
) -> Evidence:
    """Judge templates together, as those of one app.

    Args:
        contents: File to content. Of files in a cloud assembly, their accounts and Regions, the templates of nested
            stacks, and acknowledgments are read as well.
        account: Of templates whose account is not known otherwise.
        region: Likewise.
        rules: The rules to judge by.

    Raises:
        TemplateError: A file is no template.
        ShapeError: Another file of a cloud assembly is no JSON or of another shape.
    """
    written = {str(file): parse_template(content, str(file)) for file, content in contents.items()}

    digests = {str(file): sha256(content).hexdigest() for file, content in contents.items()}

    def read(file: Path) -> dict[str, Any]:
        if str(file) not in written:
            content = file.read_bytes()
            digests[str(file)] = sha256(content).hexdigest()
            written[str(file)] = parse_template(content, str(file))
        return written[str(file)].body

    assembly = read_templates(contents, with_paths=True, read=read)
    for template in assembly.templates:
        template.account = template.account or account
        template.region = template.region or region
    places = Places(assembly, Path(), {})
    lines = {places.file_of(template): written[template.file].lines for template in assembly.templates}
    judged = judge(assembly, rules)
    results = [result_of(each, places) for each in judged]
    return Evidence(
        title=", ".join(map(str, contents)),
        judged_on=assembly.today,
        version=library_version(),
        packs=(our_pack(judged, rules),),
        stacks=stacks_of(assembly, places, digests),
        tables=(),
        results=tuple(_located(result, lines) for result in results),
        controls=(),
        problems=tuple(not_judged(assembly, places)),
    )


def _located(result: Result, lines: Mapping[str, Mapping[str, int]]) -> Result:
    """Add the line of the template on which the resource begins."""
    line = lines.get(result.template, {}).get(result.logical_id)
    return replace(result, location=Location(file=result.template, line=line)) if line else result
