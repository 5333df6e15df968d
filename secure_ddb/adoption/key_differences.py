"""The difference for the table's key (ENC-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.adoption.existing import KeyOwner
from secure_ddb.adoption.model import Difference, Direction
from secure_ddb.cost.money import usd
from secure_ddb.cost.prices import load_prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import ExistingTable

_SOURCE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
_NEEDED = "kms:Decrypt, kms:Encrypt, kms:GenerateDataKey* and kms:ReEncrypt*"
_PRICED = "us-east-1"


def makes_key(table: ExistingTable, *, new_key: bool) -> bool:
    """Return whether the code makes a new key."""
    return new_key or not table.key_arn


def key_differences(table: ExistingTable, *, new_key: bool) -> Iterator[Difference]:
    """Yield the difference for the table's key."""
    if not makes_key(table, new_key=new_key):
        yield Difference(
            direction=Direction.UNKNOWN,
            requirement="ENC-1",
            what=f"The table keeps its key {table.key_arn}, whose policy cannot be read.",
            effect="The policy has to allow the actions in docs/existing-key.md, or backups, alarms and the audit log "
            f"fail. --new-key makes a key instead: {_cost(table)}.",
            source=_SOURCE,
        )
        return
    named = table.key_owner.value if table.key_owner else "key that only the deployment knows"
    of_customer = table.key_owner in {None, KeyOwner.CUSTOMER}
    keep = (
        " The code makes a new key; to keep the old one, give its ARN as "
        "EncryptionSettings(key=Key.from_key_arn(self, 'Key', ARN))."
        if of_customer and not new_key
        else ""
    )
    yield Difference(
        direction=(Direction.UNKNOWN if not new_key else Direction.CHANGED) if of_customer else Direction.GAINED,
        requirement="ENC-1",
        what=f"A key of its own, which rotates each year, replaces the {named}.{keep}",
        effect=f"Each role that uses the table needs {_NEEDED} on it, or gets AccessDeniedException. DynamoDB changes "
        f"the key while the table is in use. It costs {_cost(table)}."
        + (" Keep the old key until the last backup under it has expired." if of_customer else ""),
        properties=("SSESpecification", "Replicas.SSESpecification"),
        source=_SOURCE,
    )


def _cost(table: ExistingTable) -> str:
    prices = load_prices()
    region = table.region if prices.find("kms_key", table.region) else _PRICED
    price = prices.find("kms_key", region)
    return f"USD {usd(price or 0)} a month in {region} as of {prices.day}, the same again for each of two rotations"
