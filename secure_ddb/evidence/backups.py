"""AWS Backup's data on tables, written by `secure-ddb backups --format json`: templates do not have it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.json_schema import TEXT, TEXTS, Shape, ShapeError, check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from secure_ddb.evidence.places import Places
    from secure_ddb.landscape.assembly import Assembly

_NEWEST = Shape(dict, each=Shape(dict, {"created": TEXT}, frozenset({"age_days", "created"})))
_TEST = Shape(dict, dict.fromkeys(("completed", "status", "validation", "message"), TEXT), frozenset({"status"}))
_MEMBERS = {"table": TEXT, "region": TEXT, "asked": TEXT, "newest": _NEWEST, "restore_test": _TEST, "problems": TEXTS}
_REQUIRED = frozenset({"table", "region", "asked", "recovery_points", "newest", "problems"})
_TABLES = Shape(list, each=Shape(dict, _MEMBERS, _REQUIRED))


class BackupsError(ValueError):
    """A file is not the output of `secure-ddb backups --format json`."""


class KnownBackups(NamedTuple):
    """Known facts of the backups of an app's tables.

    Attributes:
        by_table: The id of a table to its facts, each with a title.
        not_found: Facts of tables that are not in the app, such as `orders in eu-central-1`.
    """

    by_table: Mapping[str, Mapping[str, str]]
    not_found: Sequence[str]


def read_backups(file: Path) -> list[dict[str, Any]]:
    """Return the command's output.

    Raises:
        BackupsError: The file is no JSON, or of another shape.
    """
    try:
        found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        check_shape(found, _TABLES)
    except (ShapeError, RecursionError, ValueError) as error:
        raise BackupsError(f"{file} is not the output of secure-ddb backups --format json: {error}") from error
    return found


def known_backups(assembly: Assembly, places: Places, found: Sequence[dict[str, Any]]) -> KnownBackups:
    """Return the facts of each table, by name and Region: a name that CloudFormation generates is in no template."""
    by_place = {(each["table"], each["region"]): each for each in found}
    by_table: dict[str, Mapping[str, str]] = {}
    matched = set()
    for table in assembly.tables:
        place = (table.name, table.resource.region)
        if place in by_place:
            matched.add(place)
            by_table[places.table_id(table)] = dict(_facts(by_place[place]))
    not_found = [f"{name} in {region}" for name, region in by_place if (name, region) not in matched]
    return KnownBackups(by_table, not_found)


def _facts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "asked", found["asked"]
    yield "recovery points", str(found["recovery_points"])
    for vault, newest in sorted(found["newest"].items()):
        yield f"newest in {vault}", f"{newest['created']}, {newest['age_days']:.1f} days old when asked"
    test = found.get("restore_test")
    if test is None:
        yield "last restore test", "none on record"
    else:
        parts = filter(None, (test.get(name) for name in ("status", "validation", "message")))
        yield "last restore test", f"{test.get('completed') or 'not completed'}, {', '.join(parts)}"
    if found["problems"]:
        yield "problems", "; ".join(found["problems"])
