"""Reading the control catalogue. Which rules serve a control, the rules say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from secure_ddb.rules.pack import RULES

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
        controls: Those that apply to tables and to the resources that serve them.
    """

    name: str
    version: str
    source: str
    controls: tuple[Control, ...]


@cache
def _serving() -> dict[str, tuple[str, ...]]:
    """Return the rules that serve each control, in the order of the pack."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in RULES:
        for control in (*rule.requirements, *rule.controls):
            found[control] = (*found.get(control, ()), rule.id)
    return found


@cache
def load_catalogues() -> tuple[Catalogue, ...]:
    """Return all catalogues, the requirements first."""
    return tuple(read_catalogue(file) for file in FILES)


def read_catalogue(file: str) -> Catalogue:
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
                rules=_serving().get(control["id"], ()),
                cdk_nag=tuple(control.get("cdk_nag", ())),
                # The files break its lines.
                manual=" ".join(control.get("manual", "").split()),
                resource_types=tuple(control.get("resource_types", ())),
            )
            for control in data["controls"]
        ),
    )
