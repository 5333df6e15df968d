"""Which stack and which resource of two synths are the same one to CloudFormation.

A stack is the same by its name, account and Region, a resource by its logical id in the stack.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.template import Template


class Pair(NamedTuple):
    """A stack before and after an update; a nested one may be there only once."""

    old: Template | None
    new: Template | None

    def both(self) -> Iterator[tuple[Resource, Resource]]:
        """Yield each resource that is in both templates."""
        if self.old is not None and self.new is not None:
            for logical_id, resource in self.old.resources.items():
                if logical_id in self.new.resources:
                    yield resource, self.new.resources[logical_id]

    def removed(self) -> Iterator[Resource]:
        """Yield each resource that is certainly not in the new template."""
        kept = self.new.resources if self.new is not None else {}
        for logical_id, resource in (self.old.resources if self.old is not None else {}).items():
            if logical_id not in kept:
                yield resource


class Pairs:
    """The stacks of two synths, paired.

    Attributes:
        pairs: Stacks that are in both, and their nested ones.
        gone: Stacks that are only in the old one. No deployment touches them.
        before: All templates of the old synth.
        after: All templates of the new synth.
    """

    def __init__(self, old: Sequence[Template], new: Sequence[Template]) -> None:
        """Pair the outermost templates of two synths; those of nested stacks are found in them."""
        paired = list(_paired(old, new))
        known = {id(each) for pair in paired for each in pair}
        self.gone = [each for each in old if id(each) not in known]
        aligned = [_aligned(one, other) for one, other in paired]
        self.before = Templates([*(one for one, _ in aligned), *self.gone])
        self.after = Templates([*(other for _, other in aligned), *(each for each in new if id(each) not in known)])
        self.pairs = [each for one, other in aligned for each in _with_nested(one, other)]


def _paired(old: Sequence[Template], new: Sequence[Template]) -> Iterator[tuple[Template, Template]]:
    if len(old) == len(new) == 1:
        # Two single templates were given to be compared, also under different names.
        yield old[0], new[0]
        return
    left = list(old)
    for other in new:
        one = next((each for each in left if _same_stack(each, other)), None)
        if one is not None:
            left.remove(one)
            yield one, other


def _same_stack(one: Template, other: Template) -> bool:
    if not (_alike(one.account, other.account) and _alike(one.region, other.region)):
        return False
    if one.stack_name and other.stack_name:
        return one.stack_name == other.stack_name
    return one.name == other.name


def _alike(one: str, other: str) -> bool:
    return not one or not other or one == other


def _aligned(one: Template, other: Template) -> tuple[Template, Template]:
    """Return both with the same names, so that equal references become equal placeholders."""
    inner = {name: _aligned(one.nested[name], other.nested[name]) for name in one.nested if name in other.nested}
    common = {
        "name": other.name,
        **{name: getattr(other, name) or getattr(one, name) for name in ("stack_name", "account", "region")},
    }
    first = replace(one, **common, nested={**one.nested, **{name: pair[0] for name, pair in inner.items()}})
    second = replace(other, **common, nested={**other.nested, **{name: pair[1] for name, pair in inner.items()}})
    return first, second


def _with_nested(one: Template | None, other: Template | None) -> Iterator[Pair]:
    yield Pair(one, other)
    before, after = (each.nested if each is not None else {} for each in (one, other))
    for logical_id in {**before, **after}:
        yield from _with_nested(before.get(logical_id), after.get(logical_id))
