"""Where rules and catalogue disagree about which rule serves which control, and what to write to agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from secure_ddb.evidence.catalogue.load import Catalogue
    from secure_ddb.rules.rule import Rule


def disagreements(catalogues: Mapping[str, Catalogue], rules: Iterable[Rule]) -> Iterator[str]:
    """Yield what to add where, for catalogues by the name of their file."""
    files = {rule.id: f"{rule.check.__module__.replace('.', '/')}.py" for rule in rules}
    named = {(rule.id, control) for rule in rules for control in (*rule.requirements, *rule.controls)}
    known = {control.id: file for file, catalogue in catalogues.items() for control in catalogue.controls}
    listed = {
        (rule, control.id)
        for catalogue in catalogues.values()
        for control in catalogue.controls
        for rule in control.rules
    }
    for rule, control in sorted(named - listed):
        if control in known:
            yield f'{known[control]}, {control}: add "{rule}" to its rules, or take the control out of {files[rule]}'
        else:
            yield f'{files[rule]}: "{control}" is in no catalogue; add a control, or take it out'
    for rule, control in sorted(listed - named):
        if rule in files:
            field = "requirements" if known[control] == "requirements.toml" else "controls"
            yield f'{files[rule]}: add "{control}" to its {field}, or take {rule} out of {known[control]}, {control}'
        else:
            yield f"{known[control]}, {control}: there is no rule {rule}"
