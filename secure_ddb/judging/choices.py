"""The choices of a deployment: branches of an `Fn::If`, and a parameter's `AllowedValues`.

A finding in all outcomes is certain, although the template leaves the choice open.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import as_list
from secure_ddb.judging.conditional import Case, cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.assembly import Assembly

# All choices of a template are tried together if there are no more combinations than this, otherwise one by one.
_MOST_TOGETHER = 16
# Each takes another judging, so what remains open after these stays not verifiable.
_MOST = 32
# Of the others, the allowed values are those of a name that stands for the value, or of each item of a list.
_PLAIN_TYPES = {"String", "Number"}
_IN_SUB = re.compile(r"\$\{([^!}]+)\}")


class _Assumption(NamedTuple):
    """Assumed values of a template's conditions and parameters, by name."""

    template: str
    conditions: Mapping[str, bool]
    parameters: Mapping[str, Any]


class Outcome(NamedTuple):
    """The templates after some choices, and the cases in which some of their resources are missing."""

    assembly: Assembly
    cases: Sequence[Case]


class Choices:
    """The choices that templates leave open."""

    def __init__(self, assembly: Assembly) -> None:
        """Store the templates."""
        self._assembly = assembly

    @cached_property
    def outcomes(self) -> list[list[Outcome]]:
        """Lists of outcomes; one of each list is what will be deployed."""
        found, left = [], _MOST
        for assumptions in chain.from_iterable(map(_possible, self._assembly.templates)):
            left -= len(assumptions)
            if left >= 0:
                found.append([self._outcome(each) for each in assumptions])
        return found

    def _outcome(self, assumed: _Assumption) -> Outcome:
        outermost = [template for template in self._assembly.templates if template.parent is None]
        assembly = self._assembly.with_templates(_assuming(template, assumed) for template in outermost)
        return Outcome(assembly, cases(assembly))


def _assuming(template: Template, assumed: _Assumption) -> Template:
    here = template.name == assumed.template
    copy = template.assuming(assumed.conditions, assumed.parameters) if here else template.assuming()
    copy.nested = {
        logical_id: _assuming(nested, assumed)
        for logical_id, nested in template.nested.items()
        if logical_id in copy.resources
    }
    return copy


def _possible(template: Template) -> list[list[_Assumption]]:
    """Return lists of possible assumptions about a template; one of each list will be deployed."""
    parameters, conditions = _section(template, "Parameters"), _section(template, "Conditions")
    allowed = {name: _allowed_values(body) for name, body in parameters.items() if not template.is_passed(name)}
    # Most templates have neither, and walking through them takes a tenth of the time.
    if not conditions and not any(allowed.values()):
        return []
    found = set(_mentioned(template.body.get("Resources")))
    branching = _reached([name for kind, name in found if kind == "Fn::If"], conditions)
    asked = _reached([name for kind, name in found if kind != "Ref"], conditions)
    referred = found.union(*(_mentioned(conditions[name]) for name in asked))
    choices = {name: values for name, values in allowed.items() if values and ("Ref", name) in referred}
    if len(branching) <= _MOST:
        together = list(islice(_combinations(template, choices, branching), _MOST_TOGETHER + 1))
        if len(together) <= _MOST_TOGETHER:
            return [together] if choices or len(together) > 1 else []
    of_parameters = [[_Assumption(template.name, {}, {name: each}) for each in choices[name]] for name in choices]
    opened = _open(template, branching)
    return of_parameters + [[_Assumption(template.name, {name: each}, {}) for each in (True, False)] for name in opened]


def _section(template: Template, name: str) -> dict[str, Any]:
    section = template.body.get(name)
    return section if isinstance(section, dict) else {}


def _combinations(
    template: Template, choices: Mapping[str, Sequence[Any]], conditions: Sequence[str]
) -> Iterator[_Assumption]:
    for values in product(*choices.values()):
        yield from _decided(template.assuming(parameters=dict(zip(choices, values, strict=True))), conditions)


def _decided(template: Template, conditions: Sequence[str]) -> Iterator[_Assumption]:
    """Yield a template's assumptions with more of them, until none of some conditions is open."""
    name = next(iter(_open(template, conditions)), None)
    if name is None:
        yield _Assumption(template.name, template.conditions, template.parameters)
        return
    for value in (True, False):
        yield from _decided(template.assuming({name: value}), conditions)


def _open(template: Template, conditions: Iterable[str]) -> list[str]:
    return [name for name in conditions if template.holds(name) is None]


def _reached(names: Iterable[str], conditions: Mapping[str, Any]) -> list[str]:
    """Return conditions and their dependencies, in order of dependency."""
    made_of: dict[str, list[str]] = {}
    left = [name for name in names if name in conditions]
    while left:
        name = left.pop()
        if name not in made_of:
            made_of[name] = [other for kind, other in _mentioned(conditions[name]) if kind == "Condition"]
            left += [other for other in made_of[name] if other in conditions]
    return sorted(made_of, key=lambda name: (len(made_of[name]) > 0, name))


def _allowed_values(parameter: object) -> tuple[Any, ...]:
    """Return all values of a parameter, as CloudFormation hands them on; none if it may have any, or very many."""
    if not isinstance(parameter, dict) or parameter.get("Type") not in _PLAIN_TYPES:
        return ()
    values = as_list(parameter.get("AllowedValues"))
    if not all(isinstance(value, str | int | float) for value in values):
        return ()
    texts = dict.fromkeys(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    return tuple(texts) if len(texts) <= _MOST_TOGETHER else ()


def _mentioned(value: object) -> Iterator[tuple[str, str]]:
    """Yield the references in part of a template: `Ref` with a name, `Condition` or `Fn::If` with a condition's."""
    if isinstance(value, list):
        for inner in value:
            yield from _mentioned(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            match name, inner:
                case "Ref" | "Condition", str():
                    yield name, inner
                case "Fn::If", [str(condition), *_]:
                    yield name, condition
                case "Fn::Sub", _:
                    text = inner if isinstance(inner, str) else next(iter(as_list(inner)), "")
                    yield from (("Ref", found.strip()) for found in _IN_SUB.findall(str(text)))
            yield from _mentioned(inner)
