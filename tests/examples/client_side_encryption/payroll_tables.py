"""The payroll's tables and root key in moto, a model of DynamoDB and AWS KMS that runs in this process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from moto import mock_aws

from examples.client_side_encryption.application import open_keys
from examples.client_side_encryption.client.messages import EncryptionSdk
from examples.client_side_encryption.client.sealing import Sealing
from examples.client_side_encryption.client.table import EncryptedTable
from examples.client_side_encryption.payroll import PAYROLL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.client_side_encryption.client.branch_keys import BranchKeys
    from examples.client_side_encryption.client.declaration import Declaration

TABLE, KEYS = "payroll-table", "payroll-keys-table"
COMPANIES = ("acme", "globex")
ANNA: dict[str, Any] = {
    "company": "acme",
    "employee": "E-1",
    "name": "Anna Schmidt",
    "iban": "DE89370400440532013000",
    "salary": 5200,
    "department": "Sales",
}
BEN: dict[str, Any] = {
    **ANNA,
    "employee": "E-2",
    "name": "Ben Maier",
    "iban": "FR7630006000011234567890189",
    "salary": 4100,
}
# Shared, because it reads AWS's descriptions of the services.
_SESSION = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none", region_name="eu-central-1")  # noqa: S106


@dataclass(frozen=True)
class Payroll:
    """The payroll's tables, with a branch key for each of two companies.

    Attributes:
        dynamodb: Client of DynamoDB.
        kms: Client of AWS KMS.
        root_key_arn: What branch keys are encrypted by.
    """

    dynamodb: Any
    kms: Any
    root_key_arn: str

    def keys(self, root_key_arn: str = "") -> BranchKeys:
        """Return the branch keys, as a client sees them that has just started."""
        return open_keys(self.dynamodb, self.kms, table=KEYS, root_key_arn=root_key_arn or self.root_key_arn)

    def table(self, declaration: Declaration = PAYROLL, keys: BranchKeys | None = None) -> EncryptedTable:
        """Return the table, as a client sees it that has just started."""
        keys = keys or self.keys()
        sealing = Sealing(declaration, EncryptionSdk(keys.keyring()), keys.digest_key)
        return EncryptedTable(self.dynamodb, TABLE, sealing)

    def stored(self, employee: str = "E-1", company: str = "acme") -> dict[str, Any]:
        """Return an item as it is in the table."""
        key = {"company": {"S": company}, "employee": {"S": employee}}
        item: dict[str, Any] = self.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
        return item

    def overwrite(self, item: dict[str, Any]) -> None:
        """Write an item past the client, as somebody can who has access to the table only."""
        self.dynamodb.put_item(TableName=TABLE, Item=item)

    def count(self) -> int:
        """Return the number of items."""
        return int(self.dynamodb.scan(TableName=TABLE)["Count"])


@contextmanager
def payroll_tables(*companies: str) -> Iterator[Payroll]:
    """Yield empty tables, and branch keys for some companies."""
    with mock_aws():
        dynamodb, kms = _SESSION.client("dynamodb"), _SESSION.client("kms")
        _make(dynamodb, KEYS, ("branch-key-id", "type"))
        _make(dynamodb, TABLE, ("company", "employee"), ("iban_digest", "company"))
        made = Payroll(dynamodb, kms, kms.create_key()["KeyMetadata"]["Arn"])
        for company in companies or COMPANIES:
            made.keys().create(company)
        yield made


def _make(client: Any, name: str, key: tuple[str, str], index: tuple[str, str] | None = None) -> None:
    names = sorted({*key, *(index or ())})
    by_iban = (
        {"IndexName": "by-iban", "KeySchema": _schema(*index), "Projection": {"ProjectionType": "ALL"}}
        if index
        else None
    )
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in names],
        KeySchema=_schema(*key),
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": [by_iban]} if by_iban else {}),
    )


def _schema(partition_key: str, sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]
