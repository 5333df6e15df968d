"""Tables that are declared elsewhere, as `TableControls` state them in the metadata of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.landscape.table import Waived, waived_guarantees
from secure_ddb.table_evidence import CONTROLS_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.cloudformation.templates import Templates


class DeclaredTable(NamedTuple):
    """A table that no template of the app has, but its controls.

    Attributes:
        template: The template of its controls.
        path: Path of the construct that made them.
        evidence: What is stated of it.
    """

    template: Template
    path: str
    evidence: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name; empty if only the deployment knows it."""
        name = self.evidence.get("table")
        return name if isinstance(name, str) else ""

    @property
    def waivers(self) -> list[Waived]:
        """The guarantees that its controls do without."""
        return waived_guarantees(self.evidence)

    def stated(self, kind: str) -> dict[str, str]:
        """Return all that is stated among its `settings` or `claims`."""
        stated = self.evidence.get(kind)
        return {name: str(text) for name, text in stated.items()} if isinstance(stated, dict) else {}


def declared_tables(templates: Templates) -> Iterator[DeclaredTable]:
    """Yield the tables that are declared elsewhere, in the order of the templates."""
    for template in templates.templates:
        metadata = template.body.get("Metadata")
        for key, evidence in metadata.items() if isinstance(metadata, dict) else ():
            kind, _, path = str(key).partition("/")
            if kind == CONTROLS_KEY and path and isinstance(evidence, dict):
                yield DeclaredTable(template, path, evidence)
