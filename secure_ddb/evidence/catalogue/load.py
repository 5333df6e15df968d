"""Reading the control catalogue. Which rules serve a control, the rules say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from secure_ddb.rules.rule import Rule

# In the order in which they are shown.
FILES = (
    "requirements.toml",
    "control_statements.toml",
    "nist_csf.toml",
    "nist_800_53_r5.toml",
    "security_hub.toml",
    "cis.toml",
    "pci_dss_4.toml",
)


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control of a catalogue. Where no rule of this library serves it, a person must show it.

    Attributes:
        id: As rules name it, such as `NIST.800-53.r5 SC-28`, or `ENC-1` for a row of the requirements.
        title: Its demand, in our words.
        source: The page that defines it.
        rules: Rules of this library that serve it, such as `SecureDdb-ENC1`.
        cdk_nag: Rules of cdk-nag that serve it, such as `AwsSolutions-DDB3`.
        manual: The evidence that a person must give; empty if the rules suffice.
        resource_types: On which types of resources the rules of this library serve it; empty if on all.
    """

    id: str
    title: str
    source: str
    rules: tuple[str, ...]
    cdk_nag: tuple[str, ...]
    manual: str
    resource_types: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """A catalogue of controls.

    Attributes:
        name: Such as `NIST SP 800-53`.
        version: Such as `Rev. 5`; empty if it has none.
        source: The page where it is published, or that it is about.
        controls: The controls on tables and on the resources that serve them.
    """

    name: str
    version: str
    source: str
    controls: tuple[Control, ...]


@cache
def _serving(rules: tuple[Rule, ...]) -> dict[str, tuple[str, ...]]:
    """Return the rules that serve each control, in the order of the pack."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        for control in (*rule.requirements, *rule.controls):
            found[control] = (*found.get(control, ()), rule.id)
    return found


@cache
def load_catalogues(rules: tuple[Rule, ...] = RULES) -> tuple[Catalogue, ...]:
    """Return all catalogues: the requirements first, controls served only by a company's own rules last.

    Args:
        rules: The rules that were asked, those of this library first.
    """
    catalogues = tuple(read_catalogue(file, rules) for file in FILES)
    known = {control.id for catalogue in catalogues for control in catalogue.controls}
    own = tuple(_own_controls(rules[len(RULES) :], known, rules))
    company = Catalogue(name="Controls of the company's own rules", version="", source="", controls=own)
    return (*catalogues, company) if own else catalogues


def _own_controls(own: Sequence[Rule], known: Collection[str], rules: tuple[Rule, ...]) -> Iterator[Control]:
    """Yield each control that no catalogue has, in the words of the first rule that serves it."""
    found: dict[str, Rule] = {}
    for rule in own:
        for name in (*rule.requirements, *rule.controls):
            if name not in known:
                found.setdefault(name, rule)
    for name, rule in found.items():
        serving = _serving(rules)[name]
        yield Control(id=name, title=rule.title, source=rule.source, rules=serving, cdk_nag=(), manual="")


def read_catalogue(file: str, rules: tuple[Rule, ...] = RULES) -> Catalogue:
    """Return the catalogue of one of the data files."""
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Catalogue(
        name=data["name"],
        version=data["version"],
        source=data["source"],
        controls=tuple(
            Control(
                id=control["id"],
                title=control["title"],
                source=control["source"],
                rules=_serving(rules).get(control["id"], ()),
                cdk_nag=tuple(control.get("cdk_nag", ())),
                # The files break its lines.
                manual=" ".join(control.get("manual", "").split()),
                resource_types=tuple(control.get("resource_types", ())),
            )
            for control in data["controls"]
        ),
    )
