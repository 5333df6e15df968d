"""What a template says about its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.evidence.drawing import drawing_of
from secure_ddb.evidence.model import TableFacts
from secure_ddb.evidence.users import Users
from secure_ddb.evidence.waivers import waived_by
from secure_ddb.table_evidence import METADATA_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.evidence.model import Arrow, Part
    from secure_ddb.evidence.places import Places
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


def tables_of(assembly: Assembly, places: Places) -> tuple[TableFacts, ...]:
    """Return what there is to say about each table, by where they are."""
    users = Users(assembly)
    facts = (_facts(table, places, drawing_of(table, assembly, users)) for table in assembly.tables)
    return tuple(sorted(facts, key=lambda each: (each.stack, each.template, each.id)))


def _facts(table: Table, places: Places, drawing: tuple[tuple[Part, ...], tuple[Arrow, ...]]) -> TableFacts:
    place = places.of_resource(table.resource)
    parts, arrows = drawing
    return TableFacts(
        id=places.table_id(table),
        name=place.logical_id,
        stack=place.stack,
        template=place.template,
        resource_type=place.resource_type,
        classification=_classification(table),
        regions=tuple(_regions(table)),
        made_by_secure_table=METADATA_KEY in table.resource.metadata,
        ephemeral=table.ephemeral,
        waivers={waiver.guarantee: waived_by([waiver.waiver]) for waiver in table.waivers},
        settings=table.stated("settings"),
        claims=table.stated("claims"),
        not_verifiable=tuple(map(str, as_list(table.evidence.get("not_verifiable")))),
        parts=parts,
        arrows=arrows,
        location=place.location,
    )


def _classification(table: Table) -> str:
    value = table.classification_tag
    return "unknown" if value is None or is_unknown(value) else str(value)


def _regions(table: Table) -> Iterator[str]:
    for replica in table.replicas:
        if "${" not in replica.region:
            yield replica.region
