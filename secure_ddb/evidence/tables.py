"""The facts about stacks and tables in their templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.evidence.drawing import drawing_of
from secure_ddb.evidence.model import StackFacts, TableFacts
from secure_ddb.evidence.users import Users
from secure_ddb.evidence.waivers import waived_by
from secure_ddb.table_evidence import METADATA_KEY

# In place of a type, because it cannot be seen.
DECLARED_ELSEWHERE = "declared elsewhere"

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.evidence.model import Arrow, Part
    from secure_ddb.evidence.places import Places
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


def stacks_of(assembly: Assembly, places: Places, digests: Mapping[str, str]) -> tuple[StackFacts, ...]:
    """Return the stacks in the order of their names.

    Args:
        assembly: Their templates.
        places: Where they are.
        digests: `Template.file` to the SHA-256 digest of its content, in hexadecimal digits.
    """
    facts = (
        StackFacts(
            name=places.stack_of(template),
            template=places.file_of(template),
            account=template.account,
            region=template.region,
            resources=len(template.resources),
            sha256=digests[template.file],
        )
        for template in assembly.templates
    )
    return tuple(sorted(facts, key=lambda each: (each.name, each.template)))


def tables_of(
    assembly: Assembly, places: Places, backups: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[TableFacts, ...]:
    """Return the facts about each table, in the order of stacks.

    Args:
        assembly: Their templates.
        places: Where they are.
        backups: The id of a table to AWS Backup's data on it, as far as known.
    """
    users = Users(assembly)
    facts = (_facts(table, places, drawing_of(table, assembly, users)) for table in assembly.tables)
    known = (replace(each, backups=dict((backups or {}).get(each.id, {}))) for each in facts)
    return tuple(sorted(known, key=lambda each: (each.stack, each.template, each.id)))


def _facts(table: Table, places: Places, drawing: tuple[tuple[Part, ...], tuple[Arrow, ...]]) -> TableFacts:
    place = places.of_resource(table.resource)
    parts, arrows = drawing
    tag, is_elsewhere = table.classification_tag, bool(table.resource.construct_path)
    return TableFacts(
        id=places.table_id(table),
        name=table.name if is_elsewhere and not is_unknown(table.name) else place.logical_id,
        stack=place.stack,
        template=place.template,
        resource_type=DECLARED_ELSEWHERE if is_elsewhere else place.resource_type,
        classification="unknown" if tag is None or is_unknown(tag) else str(tag),
        regions=tuple(replica.region for replica in table.replicas if "${" not in replica.region),
        made_by_secure_table=METADATA_KEY in table.resource.metadata and not table.evidence.get("controls"),
        ephemeral=table.ephemeral,
        waivers={waiver.guarantee: waived_by([waiver.waiver]) for waiver in table.waivers},
        settings=table.stated("settings"),
        claims=table.stated("claims"),
        not_verifiable=tuple(map(str, as_list(table.evidence.get("not_verifiable")))),
        parts=parts,
        arrows=arrows,
        location=place.location,
    )
