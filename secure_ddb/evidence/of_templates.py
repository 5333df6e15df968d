"""Evidence of templates that need not come from the AWS CDK."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Evidence, Location, PackFacts, Result, StackFacts
from secure_ddb.evidence.places import Places
from secure_ddb.evidence.results import result_of
from secure_ddb.rules.judge import PACK, judge
from secure_ddb.rules.names import NESTED_STACK
from secure_ddb.rules.reading import read_templates
from secure_ddb.rules.template_text import parse_template
from secure_ddb.rules.values import as_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.template import Template


def evidence_of_templates(contents: Mapping[Path, bytes], *, account: str = "", region: str = "") -> Evidence:
    """Judge templates together, as those of one app.

    Args:
        contents: File to what is in it. Of those that stand in a cloud assembly, what stands beside them is read too:
            accounts and Regions, the templates of nested stacks, and what was acknowledged.
        account: Where templates are deployed to of which nothing says it.
        region: Likewise.

    Raises:
        TemplateError: A file is no template.
    """
    written = {str(file): parse_template(content, str(file)) for file, content in contents.items()}

    def read(file: Path) -> dict[str, Any]:
        if str(file) not in written:
            written[str(file)] = parse_template(file.read_bytes(), str(file))
        return written[str(file)].body

    assembly = read_templates(contents, with_paths=True, read=read)
    for template in assembly.templates:
        template.account = template.account or account
        template.region = template.region or region
    places = Places(assembly, Path(), {})
    lines = {places.file_of(template): written[template.file].lines for template in assembly.templates}
    results = [result_of(judged, places) for judged in judge(assembly)]
    return Evidence(
        title=", ".join(map(str, contents)),
        judged_on=assembly.today,
        version=_version(),
        packs=(PackFacts(name=PACK, version=_version()),),
        stacks=tuple(_stack(template, places) for template in assembly.templates),
        tables=(),
        results=tuple(_located(result, lines) for result in results),
        controls=(),
        problems=tuple(_problems(assembly)),
    )


def _version() -> str:
    try:
        return version("secure-ddb")
    except PackageNotFoundError:
        # A checkout that is not installed.
        return ""


def _stack(template: Template, places: Places) -> StackFacts:
    return StackFacts(
        name=places.stack_of(template),
        template=places.file_of(template),
        account=template.account,
        region=template.region,
        resources=len(template.resources),
    )


def _located(result: Result, lines: Mapping[str, Mapping[str, int]]) -> Result:
    """Say on which line of its template a resource begins."""
    line = lines.get(result.template, {}).get(result.logical_id)
    return replace(result, location=Location(file=result.template, line=line)) if line else result


def _problems(assembly: Assembly) -> Iterator[str]:
    """Say what is not judged because it stands in no file."""
    for template in assembly.templates:
        for transform in as_list(template.body.get("Transform")):
            yield f"{template.file}: not judged is what the transform {_named(transform)} makes of it"
        for resource in template.resources.values():
            if resource.type == NESTED_STACK and resource.logical_id not in template.nested:
                yield f"{template.file}: not judged is the nested stack {resource.logical_id} as one of this stack"


def _named(transform: object) -> object:
    return transform.get("Name", "") if isinstance(transform, dict) else transform
