"""The keys in a table's drawing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.evidence.model import Flow, Role
from secure_ddb.landscape.tables import key_named_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.evidence.canvas import Canvas
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_ENCRYPTS = "encrypts"
_DIGESTS = "digests item keys, encrypts nothing"


def draw_keys(table: Table, assembly: Assembly, canvas: Canvas, places: dict[str, list[str]]) -> None:
    """Draw the key of each resource in the drawing; `places` are the parts that stand for the table, by Region."""
    found: defaultdict[Resource, list[str]] = defaultdict(list)
    elsewhere: defaultdict[object, list[str]] = defaultdict(list)
    for resource, part in canvas.drawn.items():
        for named, region in _named_by(resource, table):
            key = assembly.find_key(named, resource)
            (found[key] if key else elsewhere[str(named)]).extend(places.get(region, [part]))
    # A key of the table's own and one of the app are parts of the same kind.
    canvas.add(Role.KEY, "Key", *found)
    for key, parts in found.items():
        canvas.connect(canvas.add(Role.KEY, "Key", key), parts, Flow.KEY, _ENCRYPTS)
    outside = canvas.elsewhere(Role.KEY, "Key elsewhere", elsewhere)
    for parts in elsewhere.values():
        canvas.connect(outside, parts, Flow.KEY, _ENCRYPTS)
    _draw_digest_keys(assembly, canvas)


def _named_by(resource: Resource, table: Table) -> Iterator[tuple[Any, str]]:
    """Yield the keys that a resource names; of a table one for each replica, with its Region."""
    if resource is table.resource:
        yield from ((key, each.region) for each in table.replicas for key in [table.key_of(each)] if key)
        return
    named = resource.properties.get("KMSKeyId") or key_named_by(resource)
    if named:
        yield named, ""


def _draw_digest_keys(assembly: Assembly, canvas: Canvas) -> None:
    """Draw the keys under which functions make digests of item keys."""
    functions = [(each, part) for each, part in canvas.drawn.items() if each.type == kinds.FUNCTION]
    for function, part in functions:
        for key in assembly.audit.keys_told(function):
            canvas.connect(canvas.add(Role.KEY, "Digest key", key), [part], Flow.KEY, _DIGESTS)
