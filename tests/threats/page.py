"""Writes docs/threats/, a page for each threat model and their index: `python -m tests.threats.page`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.markdown import anchor, table
from tests.threats.applications import FILE, models
from tests.threats.diagram import diagram
from tests.threats.links import rule_file, rules
from tests.threats.model import ROOT, State
from tests.threats.stride import ASKED, KINDS, kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.threats.model import Threat, ThreatModel

PAGES = ROOT / "docs" / "threats"
UP = "../../"
INDEX = """# Threats

Threats to the table and to each application, by STRIDE: each external entity, process, data store and flow is checked
for the threats that [apply to its kind](https://learn.microsoft.com/en-us/archive/msdn-magazine/2006/november/uncover-security-design-flaws-using-the-stride-approach):

| Kind | Spoofing | Tampering | Repudiation | Information disclosure | Denial of service | Elevation of privilege |
| --- | --- | --- | --- | --- | --- | --- |
| External entity | yes | | yes | | | |
| Process | yes | yes | yes | yes | yes | yes |
| Data store | | yes | yes | yes | yes | |
| Flow | | yes | | yes | yes | |

A threat is *answered* by a rule, a requirement, a test or a page of AWS, *accepted* with a reason, or **open** with a
way to close it. Kinds that do not apply have a reason. Tests refuse missing threats, dead links, rules that the
application does not meet, and resources that belong to no element. A policy engine decides what an attacker can achieve
from each position around a table: [by position](../threat-model.md).
"""
WRITTEN = "Written by `python -m tests.threats.page`"


def index() -> str:
    """Return the list of all pages in Markdown."""
    rows = [
        (f"[{each.title}]({file_name(each)})", *(str(len(_in_state(each, state))) for state in State))
        for each in models()
    ]
    open_ = [_open(each, threat) for each in models() for threat in _in_state(each, State.OPEN)]
    parts = [
        INDEX,
        table(("Model", "Answered", "Accepted", "Open"), rows),
        "",
        f"{WRITTEN} from the file `{FILE}` of each application and",
        f"[that of the table]({UP}tests/threats/table.toml);",
        f"[how to add one]({UP}CONTRIBUTING.md#adding-an-application).",
        "",
        "## What is open",
        "",
        "What administrators, operators and the code of the audit function can do to any table is listed",
        "[by position](../threat-model.md#what-is-open). Additional open threats:",
        "",
        *(open_ or ["Nothing."]),
    ]
    return "\n".join(parts) + "\n"


def _open(model: ThreatModel, threat: Threat) -> str:
    link = f"{file_name(model)}#{anchor(KINDS[threat.kind])}"
    return f"- [{model.title}]({link}): {threat.threat} *To close it:* {threat.reply}"


def page(model: ThreatModel) -> str:
    """Return the page of a threat model in Markdown."""
    counts = ", ".join(f"{len(_in_state(model, state))} {state.name.lower()}" for state in State)
    numbers = _numbers(model)
    parts = [
        f"# Threats: {model.title[0].lower()}{model.title[1:]}",
        f"{model.about} [What it does]({_from_here(model.page)}), and [how to read this](README.md).",
        f"{len(model.threats)} threats: {counts}. {WRITTEN} from [its file]({UP}{source(model)}).",
        "## Data flow",
        diagram(model),
        "Boxes are external entities, rounded boxes processes, cylinders data stores, dashed lines trust boundaries.",
        table(("Element", "Kind", "Boundary", "What it is", *KINDS), _elements(model, numbers)),
        table(("Flow", "From", "To", "Carries", "By", *"TID"), _flows(model, numbers)),
        *(part for kind in KINDS for part in _of_kind(model, kind, numbers)),
        "## Not applicable",
        table(("Kinds", "On", "Why"), _not_applicable(model)),
    ]
    return "\n\n".join(parts) + "\n"


def file_name(model: ThreatModel) -> str:
    """Return the name of a model's page."""
    return f"{model.name.replace('_', '-')}.md"


def source(model: ThreatModel) -> str:
    """Return the file of a model, from the root."""
    return "tests/threats/table.toml" if model.name == "table" else f"examples/{model.name}/{FILE}"


def write(folder: Path = PAGES) -> None:
    """Write all pages, and delete those of models that are gone."""
    folder.mkdir(exist_ok=True)
    wanted = pages()
    for file in folder.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return the text of each page by its file's name."""
    return {"README.md": index()} | {file_name(each): page(each) for each in models()}


def _in_state(model: ThreatModel, state: State) -> list[Threat]:
    return [threat for threat in model.threats if threat.state is state]


def _numbers(model: ThreatModel) -> dict[Threat, str]:
    """Return what each threat is called: its kind, and its number among those."""
    counted: dict[str, int] = defaultdict(int)
    numbers = {}
    for threat in model.threats:
        counted[threat.kind] += 1
        numbers[threat] = f"{threat.kind}{counted[threat.kind]}"
    return numbers


def _elements(model: ThreatModel, numbers: dict[Threat, str]) -> Iterator[tuple[str, ...]]:
    boundaries = {each.id: each.name for each in model.boundaries}
    kinds = {"external": "external entity", "process": "process", "store": "data store"}
    for each in model.elements:
        asked = _cells(model, each.id, "STRIDE", numbers)
        yield each.name, kinds[each.kind], boundaries[each.boundary], each.about, *asked


def _flows(model: ThreatModel, numbers: dict[Threat, str]) -> Iterator[tuple[str, ...]]:
    names = {each.id: each.name for each in model.elements}
    for number, each in enumerate(model.flows, start=1):
        asked = _cells(model, each.id, "TID", numbers)
        yield str(number), names[each.start], names[each.end], each.carries, each.by, *asked


def _cells(model: ThreatModel, name: str, kinds: str, numbers: dict[Threat, str]) -> Iterator[str]:
    """Yield the numbers of the threats of each kind, or a hyphen where none applies."""
    for kind in kinds:
        found = [numbers[each].removeprefix(kind) for each in model.threats if each.kind == kind and name in each.on]
        yield ", ".join(found) or ("-" if kind in ASKED[kinds_of(model)[name]] else "")


def _of_kind(model: ThreatModel, kind: str, numbers: dict[Threat, str]) -> Iterator[str]:
    found = [each for each in model.threats if each.kind == kind]
    yield f"## {KINDS[kind]}"
    if not found:
        yield "None."
        return
    yield table(
        ("", "On", "Threat", "Answer", "Shown by"),
        (
            (
                numbers[each],
                model.named(each.on),
                each.threat,
                _reply(each),
                ", ".join(_shown_by(model, each)),
            )
            for each in found
        ),
    )


def _reply(threat: Threat) -> str:
    before = {State.ANSWERED: "", State.ACCEPTED: "*Accepted:* ", State.OPEN: "**Open.** To close it: "}
    return before[threat.state] + threat.reply


def _shown_by(model: ThreatModel, threat: Threat) -> Iterator[str]:
    for name in threat.rules:
        yield f"[{name}]({UP}{rule_file(rules(model.name)[name]).as_posix()})"
    yield from (f"[{name}](../controls.md#requirements)" for name in threat.requirements)
    for each in threat.tests:
        file, _, function = each.partition("::")
        yield f"[`{function}`]({UP}{file})"
    for each in threat.docs:
        yield f"[{each.removeprefix('docs/').partition('#')[0]}]({_from_here(each)})"
    yield from (f"[{urlsplit(each).hostname}]({each})" for each in threat.sources)


def _from_here(file: str) -> str:
    """Return a link to a file whose path is from the root."""
    return f"../{file.removeprefix('docs/')}" if file.startswith("docs/") else f"{UP}{file}"


def _not_applicable(model: ThreatModel) -> Iterator[tuple[str, ...]]:
    for each in model.not_applicable:
        kinds = ", ".join(KINDS[kind].lower() for kind in each.kinds)
        yield kinds[0].upper() + kinds[1:], model.named(each.on), each.reason


if __name__ == "__main__":
    write()
