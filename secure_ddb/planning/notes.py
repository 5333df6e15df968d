"""Notes in addition to the findings: parts that were not compared, and values that a deployment decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.unread_parts import unread_parts
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.planning.changes import changes, value_at
from secure_ddb.planning.definitions import parameters_of
from secure_ddb.planning.facts import facts_of
from secure_ddb.planning.replacement import finding_of, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.pairs import Pair, Pairs
    from secure_ddb.planning.replacement import Replacement

_NO_RESOURCE = "AWS::CDK::Metadata"


def notes_of(pairs: Pairs, replaced: Iterable[Replacement]) -> Iterator[str]:
    """Yield a sentence for each thing to know."""
    for gone in pairs.gone:
        yield f"{gone.name}: a stack that is not in the new synth. No deployment deletes it; its names stay taken."
    for pair in pairs.pairs:
        for template in filter(None, pair):
            yield from (f"{template.name}: not compared: {part}." for part in unread_parts(template))
        yield from _not_judged(pair)
        yield from _decided_by_deployment(pair)
    for each in replaced:
        if finding_of(each) is None:
            sure = "is" if each.certain else "may be"
            yield f"{each.new}: {sure} replaced, which loses nothing. {reasons(each)}"


def _not_judged(pair: Pair) -> Iterator[str]:
    """Yield the types of changed and removed resources of which nothing is known."""
    changed = [old for old, new in pair.both() if old.body != new.body]
    kinds = {each.type for each in [*changed, *pair.removed()] if facts_of(each.type) is None} - {_NO_RESOURCE}
    name = next(each.name for each in filter(None, pair))
    for kind in sorted(kinds):
        yield f"{name}: not judged: the changed and removed resources of type {kind}."


def _decided_by_deployment(pair: Pair) -> Iterator[str]:
    """Yield properties that both templates leave to the same parameter."""
    for old, new in pair.both():
        facts = facts_of(new.type)
        for path in facts.create_only if facts and facts.stateful else ():
            if not changes(old, new, [path]):
                yield from _decided(new, path)


def _decided(resource: Resource, path: str) -> Iterator[str]:
    if is_unknown(value_at(resource.properties, path.split("/"))):
        template = resource.template
        name = path.split("/", maxsplit=1)[0]
        parameters = parameters_of(at(resource.body, "Properties", name), template)
        by = f"the parameter {' and '.join(parameters)}" if parameters else "the deployment"
        yield f"{resource}: {path} is given by {by}. Another value than the deployed one replaces the resource."
