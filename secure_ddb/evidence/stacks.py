"""What was judged: each template with its digest, by which it is told whether evidence is still of it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import StackFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.evidence.places import Places
    from secure_ddb.landscape.assembly import Assembly


def digest_of(content: bytes) -> str:
    """Return the SHA-256 digest of a file's content, in hexadecimal digits."""
    return sha256(content).hexdigest()


def stacks_of(assembly: Assembly, places: Places, digests: Mapping[str, str]) -> tuple[StackFacts, ...]:
    """Return the stacks in the order of their names.

    Args:
        assembly: Their templates.
        places: Where they are.
        digests: `Template.file` to the digest of what was read from it.
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
