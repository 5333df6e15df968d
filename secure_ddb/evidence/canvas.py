"""A drawing in the making: parts once, arrows once, and never too many of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Arrow, Part
from secure_ddb.rules.rule import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.evidence.model import Flow, Role

# More of a kind become one part, so that a drawing can be read.
_MOST_OF_A_KIND = 3


class Canvas:
    """Collects parts and arrows. Each method that draws parts returns their ids.

    Attributes:
        drawn: Each resource that is drawn, and the id of its part.
    """

    def __init__(self, home: str = "") -> None:
        """Begin empty. Resources outside the Region `home` are labelled with theirs, if it is given."""
        self._home = home
        self._parts: dict[str, Part] = {}
        self._arrows: dict[Arrow, None] = {}
        self.drawn: dict[Resource, str] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts."""
        return tuple(self._parts.values())

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        """The arrows."""
        return tuple(self._arrows)

    def add(self, role: Role, label: str, *resources: Resource) -> list[str]:
        """Draw resources of a kind that are in the app."""
        new: dict[str, list[Resource]] = {}
        for each in dict.fromkeys(resources):
            if each not in self.drawn:
                new.setdefault(each.region, []).append(each)
        for region, found in new.items():
            if len(found) > _MOST_OF_A_KIND:
                self.drawn.update(dict.fromkeys(found, self.place(role, label, f"{len(found)} of them", region)))
                continue
            for each in found:
                name = f"{each.template.key}.{each.logical_id}"
                # Where it is says more than the name that CloudFormation gives it.
                detail = f"in {region}" if self._is_away(region) else each.logical_id
                self._parts[name] = Part(id=name, role=role, label=label, detail=detail)
                self.drawn[each] = name
        return list(dict.fromkeys(self.drawn[each] for each in resources))

    def _is_away(self, region: str) -> bool:
        return bool(self._home and region and region != self._home)

    def place(self, role: Role, label: str, detail: str = "", region: str = "") -> str:
        """Draw a part that is not a single resource."""
        name = label.lower().replace(" ", "-")
        if self._is_away(region):
            name, detail = f"{name}.{region}", f"{detail}, {region}" if detail else f"in {region}"
        self._parts[name] = Part(id=name, role=role, label=label, detail=detail)
        return name

    def elsewhere(self, role: Role, label: str, values: Iterable[object], region: str = "") -> list[str]:
        """Draw values that name nothing in the app as one part, if there are any."""
        found = list(dict.fromkeys(map(shown, values)))
        if not found:
            return []
        name = f"elsewhere.{label.lower().replace(' ', '-')}"
        detail = found[0] if len(found) == 1 else f"{len(found)} of them"
        if self._is_away(region):
            name, detail = f"{name}.{region}", f"in {region}" if len(found) == 1 else f"{detail}, {region}"
        self._parts[name] = Part(id=name, role=role, label=label, detail=detail, known=False)
        return [name]

    def add_named(
        self,
        role: Role,
        label: str,
        named: Iterable[tuple[object, Resource | None]],
        elsewhere: str = "",
        region: str = "",
    ) -> list[str]:
        """Draw values that name resources: those in the app, and the others as one part.

        Args:
            role: Of all parts.
            label: Of resources in the app.
            named: Each value, and the resource in the app that it names, if any.
            elsewhere: Label of the others; without one, the label with `elsewhere`.
            region: The Region of the resource that names them.
        """
        pairs = list(named)
        known = self.add(role, label, *(resource for _, resource in pairs if resource))
        others = [value for value, resource in pairs if not resource]
        return [*known, *self.elsewhere(role, elsewhere or f"{label} elsewhere", others, region)]

    def connect(self, starts: Sequence[str], ends: Sequence[str], flow: Flow, label: str) -> None:
        """Draw an arrow from each start to each end."""
        for start in starts:
            for end in ends:
                self._arrows[Arrow(start=start, end=end, flow=flow, label=label)] = None
