"""Where constructs are made, as the AWS CDK recorded it.

It always does for apps in TypeScript and JavaScript. For Python it does when `JSII_HOST_STACK_TRACES=1` is in the
environment of the synth, which `checked_app` and newer versions of the CDK CLI see to.
https://github.com/aws/jsii/pull/5153
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.files import artifacts
from secure_ddb.evidence.model import Location
from secure_ddb.evidence.places import around
from secure_ddb.judging.reading import read_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATION_STACK = "aws:cdk:creationStack"
# Such as `new OrdersStack (/work/lib/orders.ts:12:5)` and `__init__ (/work/orders.py:12)`.
_FRAME = re.compile(r"\s*(?:.* \()?(?P<file>[^()]+?):(?P<line>\d+)(?::\d+)?\)?")
# Installed packages are not the user's code, and neither is this library in a checkout of it.
_INSTALLED = {"dist-packages", "node_modules", "site-packages"}
_LIBRARY = Path(__file__).parent.parent


def read_locations(directory: Path) -> dict[str, Location]:
    """Return where constructs are made: path of the construct to place.

    Of a construct of which nothing was recorded, but of everything below it the same place, it is that place.

    Args:
        directory: The cloud assembly; those of stages inside of it are read too.
    """
    found = {
        construct.strip("/"): place
        for folder, _, artifact in artifacts(directory)
        for construct, entries in read_metadata(folder, artifact).items()
        for place in [_made_at(entries)]
        if place is not None
    }
    below: defaultdict[str, set[Location]] = defaultdict(set)
    for construct, place in found.items():
        for path in around(construct):
            below[path].add(place)
    return {**{path: next(iter(places)) for path, places in below.items() if len(places) == 1}, **found}


def _made_at(entries: Iterable[dict[str, Any]]) -> Location | None:
    traces = (entry.get("data") for entry in entries if entry.get("type") == _CREATION_STACK)
    frames = (frame for trace in traces if isinstance(trace, list) for frame in trace)
    return next(filter(None, (_place(str(frame)) for frame in frames)), None)


def _place(frame: str) -> Location | None:
    """Return the place that a line of a stack trace names, if it is one of the user's."""
    match = _FRAME.fullmatch(frame)
    if match is None or match["file"].startswith(("node:", "<")):
        return None
    file = Path(match["file"].removeprefix("file://"))
    if _INSTALLED.intersection(file.parts) or file.is_relative_to(_LIBRARY):
        return None
    here = Path.cwd()
    if file.is_absolute():
        file = file.relative_to(here) if file.is_relative_to(here) else Path(file.name)
    return Location(file=file.as_posix(), line=int(match["line"]))
