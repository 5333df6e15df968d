"""What a drawing is put together on: parts once, arrows once, and never too many of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Arrow, Part
from secure_ddb.rules.rule import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.evidence.model import Flow, Role

# More of a kind become one part, so that a drawing can be read.
_MOST_OF_A_KIND = 3


class Canvas:
    """A drawing in the making."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: dict[str, Part] = {}
        self._arrows: dict[Arrow, None] = {}
        self._ids: dict[Resource, str] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is drawn."""
        return tuple(self._parts.values())

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        """How it is connected."""
        return tuple(self._arrows)

    @property
    def drawn(self) -> dict[Resource, str]:
        """Each resource that is drawn, and the id of its part."""
        return dict(self._ids)

    def add(self, role: Role, label: str, *resources: Resource) -> list[str]:
        """Draw resources of a kind that are in the app, and return the ids of their parts."""
        new = [each for each in dict.fromkeys(resources) if each not in self._ids]
        if len(new) > _MOST_OF_A_KIND:
            name = self.place(role, label, f"{len(new)} of them")
            self._ids.update(dict.fromkeys(new, name))
        for each in new:
            if each not in self._ids:
                name = f"{each.template.key}.{each.logical_id}"
                self._parts[name] = Part(id=name, role=role, label=label, detail=each.logical_id)
                self._ids[each] = name
        return list(dict.fromkeys(self._ids[each] for each in resources))

    def place(self, role: Role, label: str, detail: str = "") -> str:
        """Draw what is no single resource, and return the id of its part."""
        name = label.lower().replace(" ", "-")
        self._parts[name] = Part(id=name, role=role, label=label, detail=detail)
        return name

    def elsewhere(self, role: Role, label: str, values: Sequence[object]) -> list[str]:
        """Draw, as one part, what is in no template of the app; nothing if there is nothing."""
        found = list(dict.fromkeys(map(shown, values)))
        if not found:
            return []
        name = f"elsewhere.{label.lower().replace(' ', '-')}"
        detail = found[0] if len(found) == 1 else f"{len(found)} of them"
        self._parts[name] = Part(id=name, role=role, label=label, detail=detail, known=False)
        return [name]

    def connect(self, starts: Sequence[str], ends: Sequence[str], flow: Flow, label: str) -> None:
        """Draw an arrow from each start to each end."""
        for start in starts:
            for end in ends:
                self._arrows[Arrow(start=start, end=end, flow=flow, label=label)] = None
