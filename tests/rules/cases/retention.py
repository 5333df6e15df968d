"""A table that states for how long it keeps items."""

from __future__ import annotations

from typing import Any

from secure_ddb.table_evidence import ITEM_RETENTION, METADATA_KEY
from tests.rules.cases.making import TABLE, Cases, Change
from tests.rules.handwritten.making import PARAMETER

CLAIM = "the application writes delete_at to each item, at most 365 days ahead (stated by DPO-7)"
STATED: Change = (
    "Table/Metadata",
    {
        METADATA_KEY: {
            "settings": {ITEM_RETENTION: "at most 365 days, by delete_at"},
            "claims": {ITEM_RETENTION: CLAIM},
        }
    },
)


def expiry(name: Any = "delete_at", *, enabled: Any = True) -> Change:
    return f"{TABLE}/TimeToLiveSpecification", {"AttributeName": name, "Enabled": enabled}


RETENTION = [STATED, expiry()]
CASES: dict[str, Cases] = {
    "OPS14": Cases(
        broken=[[STATED], [STATED, expiry(enabled=False)], [STATED, expiry("expires")]],
        unknown=[
            [STATED, expiry()],
            [STATED, expiry(enabled=PARAMETER)],
            [STATED, expiry(PARAMETER)],
            [STATED, (f"{TABLE}/TimeToLiveSpecification", PARAMETER)],
        ],
    )
}
