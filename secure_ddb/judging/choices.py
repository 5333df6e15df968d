"""What a deployment chooses: which branch of an `Fn::If`, and which of a parameter's `AllowedValues`.

What a rule says whatever is chosen is certain, although the template leaves the choice open.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import as_list
from secure_ddb.judging.conditional import Case, cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.assembly import Assembly

# All choices are tried together as long as there are no more combinations than this, otherwise one by one.
_MOST_TOGETHER = 16
# Each takes another judging, so what remains open after these stays not verifiable.
_MOST = 32
# Conditions of conditions are looked into no further than this.
_DEEPEST = 20
# Of the others, the allowed values are those of a name that stands for the value, or of each item of a list.
_PLAIN_TYPES = {"String", "Number"}
_IN_SUB = re.compile(r"\$\{([^!}]+)\}")


class Choice(NamedTuple):
    """A parameter or a condition, with what it may turn out to be.

    Attributes:
        template: Name of the template.
        name: Name of the parameter or the condition there.
        values: All values that it may have.
        is_condition: Whether it is a condition.
    """

    template: str
    name: str
    values: tuple[Any, ...]
    is_condition: bool


class Outcome(NamedTuple):
    """The templates after some choices.

    Attributes:
        assembly: The templates.
        cases: What may be missing then.
    """

    assembly: Assembly
    cases: Sequence[Case]


class Choices:
    """The choices that templates leave open."""

    def __init__(self, assembly: Assembly) -> None:
        """Take the templates."""
        self._assembly = assembly
        self._made: dict[int, list[Outcome]] = {}

    def outcomes(self) -> Iterator[list[Outcome]]:
        """Yield lists of outcomes; one of each list is what will be deployed."""
        for number, combinations in enumerate(self._combinations):
            if number not in self._made:
                self._made[number] = [self._outcome(each) for each in combinations]
            yield self._made[number]

    @cached_property
    def _combinations(self) -> list[list[dict[Choice, Any]]]:
        found = {template.name: _Open(template) for template in self._assembly.templates if _may_choose(template)}
        together = [choice for each in found.values() for choice in each.together()]
        if 0 < prod(len(choice.values) for choice in together) <= _MOST_TOGETHER:
            return [_all_of(together)] if together else []
        alone = [[{choice: value} for value in choice.values] for each in found.values() for choice in each.alone()]
        several = [each.together() for each in found.values()]
        of_template = [
            _all_of(each) for each in several if 1 < prod(len(choice.values) for choice in each) <= _MOST_TOGETHER
        ]
        kept, left = [], _MOST
        for combinations in (*of_template, *alone):
            left -= len(combinations)
            if left >= 0:
                kept.append(combinations)
        return kept

    def _outcome(self, chosen: dict[Choice, Any]) -> Outcome:
        outermost = [template for template in self._assembly.templates if template.parent is None]
        assembly = self._assembly.with_templates(_chosen(template, chosen) for template in outermost)
        return Outcome(assembly, cases(assembly))


def _all_of(choices: Sequence[Choice]) -> list[dict[Choice, Any]]:
    return [dict(zip(choices, values, strict=True)) for values in product(*(choice.values for choice in choices))]


def _chosen(template: Template, chosen: dict[Choice, Any]) -> Template:
    here = {choice: value for choice, value in chosen.items() if choice.template == template.name}
    copy = template.assuming(
        conditions={choice.name: value for choice, value in here.items() if choice.is_condition},
        parameters={choice.name: value for choice, value in here.items() if not choice.is_condition},
    )
    copy.nested = {
        logical_id: _chosen(nested, chosen)
        for logical_id, nested in template.nested.items()
        if logical_id in copy.resources
    }
    return copy


def _may_choose(template: Template) -> bool:
    # Most templates have neither.
    return any(isinstance(template.body.get(section), dict) for section in ("Conditions", "Parameters"))


class _Open:
    """What one template leaves open."""

    def __init__(self, template: Template) -> None:
        self._template = template
        names = _Names()
        names.add(template.body.get("Resources"))
        self._branching = dict.fromkeys(names.branching)
        conditions = template.body.get("Conditions")
        self._conditions: dict[str, Any] = conditions if isinstance(conditions, dict) else {}
        asked = [*names.branching, *names.conditions]
        while asked:
            name = asked.pop()
            if name not in names.seen:
                names.seen.add(name)
                before = len(names.conditions)
                names.add(self._conditions.get(name))
                asked += names.conditions[before:]
        self._referred = names.referred

    @cached_property
    def _parameters(self) -> list[Choice]:
        parameters = self._template.body.get("Parameters")
        found = []
        for name, body in parameters.items() if isinstance(parameters, dict) else ():
            values = _allowed_values(body)
            if name in self._referred and 0 < len(values) <= _MOST_TOGETHER and not self._template.is_passed(name):
                found.append(Choice(self._template.name, name, values, is_condition=False))
        return found

    def together(self) -> list[Choice]:
        """Return its parameters, and the conditions that these do not decide."""
        first = {choice.name: choice.values[0] for choice in self._parameters}
        return [*self._parameters, *self._open_conditions(self._template.assuming(parameters=first))]

    def alone(self) -> list[Choice]:
        """Return its parameters, and all conditions that are open."""
        return [*self._parameters, *self._open_conditions(self._template)]

    def _open_conditions(self, template: Template) -> list[Choice]:
        names = dict.fromkeys(root for name in self._branching for root in self._roots(name, ()))
        return [
            Choice(template.name, name, (True, False), is_condition=True)
            for name in names
            if template.holds(name) is None
        ]

    def _roots(self, name: str, around: tuple[str, ...]) -> Iterable[str]:
        """Return the conditions that a condition is made of, if it is made of nothing else."""
        match self._conditions.get(name):
            case {"Condition": str(inner)}:
                parts: list[Any] = [{"Condition": inner}]
            case {"Fn::Not": list(parts)} | {"Fn::And": list(parts)} | {"Fn::Or": list(parts)}:
                pass
            case _:
                return [name]
        named = [part.get("Condition") if isinstance(part, dict) and len(part) == 1 else None for part in parts]
        if name in around or len(around) > _DEEPEST or not all(isinstance(each, str) for each in named):
            return [name]
        return [root for each in named for root in self._roots(str(each), (*around, name))]


def _allowed_values(parameter: object) -> tuple[Any, ...]:
    """Return all values of a parameter, as CloudFormation hands them on; none if it may have any."""
    if not isinstance(parameter, dict) or parameter.get("Type") not in _PLAIN_TYPES:
        return ()
    values = as_list(parameter.get("AllowedValues"))
    if not all(isinstance(value, str | int | float) for value in values):
        return ()
    return tuple(dict.fromkeys(str(value).lower() if isinstance(value, bool) else str(value) for value in values))


class _Names:
    """What a part of a template refers to.

    Attributes:
        referred: Names of parameters, among others.
        branching: Conditions of `Fn::If`.
        conditions: Other conditions.
        seen: Conditions that were looked into.
    """

    def __init__(self) -> None:
        self.referred: set[str] = set()
        self.branching: list[str] = []
        self.conditions: list[str] = []
        self.seen: set[str] = set()

    def add(self, value: object) -> None:
        if isinstance(value, list):
            for inner in value:
                self.add(inner)
        elif isinstance(value, dict):
            for name, inner in value.items():
                self._add_member(name, inner)

    def _add_member(self, name: str, inner: Any) -> None:  # noqa: ANN401 - a value of a template
        match name, inner:
            case "Ref", str():
                self.referred.add(inner)
            case "Condition", str():
                self.conditions.append(inner)
            case "Fn::If", [str(condition), *_]:
                self.branching.append(condition)
            case "Fn::Sub", _:
                text = inner if isinstance(inner, str) else next(iter(as_list(inner)), "")
                self.referred.update(match.strip() for match in _IN_SUB.findall(str(text)))
        self.add(inner)
