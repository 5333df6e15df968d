"""The guardrail that keeps replicas in the Regions that are prepared for them, as a plain dictionary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from collections.abc import Sequence

# Authorized in the Region of the new replica or witness, which aws:RequestedRegion names. The other permissions that it
# takes there are needed for much else.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html
KEPT_TO_REGIONS = (
    "dynamodb:AssociateTableReplica",
    "dynamodb:CreateGlobalTableWitness",
    "dynamodb:CreateTableReplica",
)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d", re.ASCII)


def keep_to_regions(tables: str | list[str], regions: Sequence[str]) -> dict[str, Any]:
    """Return denials for everyone on tables of these ARNs: even the deployment could add a replica without guarantees.

    Raises:
        InvalidArgumentError: `regions` is no list of Regions that stand once.
    """
    require_type("replica_regions", regions, (list, tuple), "a list of Regions, or None for every one")
    if not regions:
        reject("replica_regions", regions, "at least one Region; None for every one")
    for position, region in enumerate(regions):
        if not isinstance(region, str) or not _REGION.fullmatch(region) or region in regions[:position]:
            reject(f"replica_regions[{position}]", region, "a Region, such as eu-west-1, that stands once")
    return {
        "Sid": "KeepReplicasInRegions",
        "Effect": "Deny",
        "Action": list(KEPT_TO_REGIONS),
        "Resource": tables,
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(regions)}},
    }
