"""Rules that are met only if a resource with a `Condition` is deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.rules.rule import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.rule import Judgement

# Name of a template, and of a condition there that only the deployment can tell.
Conditions = frozenset[tuple[str, str]]

# CDK puts it into stacks of an unknown Region, under a condition. Nothing rests on it.
_CDK_METADATA = "AWS::CDK::Metadata"
_MOST_NAMES = 3


class Case(NamedTuple):
    """A deployment of some tables without all that has other conditions than they have.

    Attributes:
        assembly: The assembly deployed in that case.
        tables: The tables, each by the name of its template and its logical id.
        missing: The conditions that do not hold.
    """

    assembly: Assembly
    tables: frozenset[tuple[str, str]]
    missing: Conditions


def cases(assembly: Assembly) -> list[Case]:
    """Return the least that may be deployed with each table; nothing if all of it always is."""
    if not any(_conditions_on(template) for template in assembly.templates):
        return []
    tables: defaultdict[Conditions, list[tuple[str, str]]] = defaultdict(list)
    for table in assembly.tables:
        tables[_conditions_of(table.resource)].append(_name(table.resource))
    found = (_case(assembly, holding, names) for holding, names in tables.items())
    return [case for case in found if case.missing]


def confirmed(judgements: Iterable[Judgement], there: Iterable[Judgement], case: Case) -> Iterator[Judgement]:
    """Downgrade MET to NOT_VERIFIABLE for the tables of a case, unless the rule is also met there."""
    found: dict[object, Judgement] = {}
    for each in there:
        if each.verdict is not Verdict.MET or _identity(each) not in found:
            found[_identity(each)] = each
    for each in judgements:
        yield _confirmed(each, found.get(_identity(each)), case) if each.verdict is Verdict.MET else each


def _confirmed(judgement: Judgement, there: Judgement | None, case: Case) -> Judgement:
    if judgement.tables and case.tables.isdisjoint(_name(table.resource) for table in judgement.tables):
        return judgement
    if there is None and not judgement.tables:
        # It is about something that is not deployed then, and serves no table.
        return judgement
    if there is None:
        own = _conditions_of(judgement.resource) & case.missing if judgement.resource else frozenset()
        detail = f"only if {_in_words(own or case.missing, 'holds', 'hold')}: {judgement.detail}"
    elif there.verdict is Verdict.MET:
        return judgement
    else:
        detail = f"{there.detail}, if {_in_words(case.missing, 'does not hold', 'do not hold')}"
    return judgement._replace(verdict=Verdict.NOT_VERIFIABLE, detail=detail)


def _case(assembly: Assembly, holding: Conditions, tables: Iterable[tuple[str, str]]) -> Case:
    missing: set[tuple[str, str]] = set()
    outermost = [template for template in assembly.templates if template.parent is None]
    least = assembly.with_templates([_least(template, holding, missing) for template in outermost])
    return Case(least, frozenset(tables), frozenset(missing))


def _least(template: Template, holding: Conditions, missing: set[tuple[str, str]]) -> Template:
    """Return a template without resources whose conditions are false, and with the others."""
    with_them = template.assuming({condition: True for name, condition in holding if name == template.name})
    # What holds with them holds here, too; what they exclude does not.
    absent = [each for each in _conditions_on(template) if with_them.holds(each) is not True]
    missing.update((template.name, condition) for condition in absent)
    least = template.assuming(dict.fromkeys(absent, False))
    least.nested = {
        logical_id: _least(nested, holding, missing)
        for logical_id, nested in template.nested.items()
        if logical_id in least.resources
    }
    return least


def _conditions_on(template: Template) -> dict[str, None]:
    """Return the conditions of resources that only the deployment can tell."""
    named = dict.fromkeys(
        condition
        for each in template.resources.values()
        if isinstance(condition := each.body.get("Condition"), str) and each.type != _CDK_METADATA
    )
    return {condition: None for condition in named if template.holds(condition) is None}


def _conditions_of(resource: Resource) -> Conditions:
    """Return the conditions of a resource, and of the nested stacks around it, that only the deployment can tell."""
    return resource.template.unknown_conditions(resource.body.get("Condition"))


def _name(resource: Resource) -> tuple[str, str]:
    return resource.template.name, resource.logical_id


def _identity(judgement: Judgement) -> object:
    return judgement.resource and _name(judgement.resource), judgement.path, judgement.key


def _in_words(conditions: Collection[tuple[str, str]], one: str, several: str) -> str:
    names = sorted({condition for _, condition in conditions})
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    shown = ", ".join(names[:_MOST_NAMES])
    return f"condition {shown} {one}" if len(names) == 1 else f"conditions {shown}{more} {several}"
