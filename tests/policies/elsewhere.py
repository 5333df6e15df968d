"""Tables that are used by consumers, from another app and from another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import Bucket

from secure_ddb import LeadingKeys, OtherAccounts, SecureTable
from tests.orders import INSIDE, OWNERSHIP, PK, SK, orders

if TYPE_CHECKING:
    from aws_cdk import Stack

ORGANIZATION = "o-abcde12345"
ROLES = "arn:aws:iam::444455556666:role"
BY_STATUS = [GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)]


def consumers(stack: Stack) -> None:
    """A table inside a perimeter, with a reader of its stream, exports, and a client that describes it."""
    table = orders(stack, table_name="orders", perimeter=INSIDE)
    bucket = Bucket(stack, "Exports", encryption_key=Key(stack, "ExportsKey"))
    service = ServicePrincipal("lambda.amazonaws.com")
    table.grant_stream_read(Role(stack, "Indexer", assumed_by=service))
    table.grant_export(Role(stack, "Exporter", assumed_by=service), bucket, "daily")
    table.grant_describe(Role(stack, "Client", assumed_by=service))


def imported_table(stack: Stack) -> None:
    """Roles that use a table of another app."""
    payments = SecureTable.from_attributes(
        stack,
        "Payments",
        table_name="payments",
        encryption_key=Key.from_key_arn(
            stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000"
        ),
        partition_key=PK,
        global_secondary_indexes=BY_STATUS,
        stream_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/payments/stream/2026-01-01T00:00:00.000",
    )
    tenant = LeadingKeys.principal_tag("tenant")
    for name, grant in {
        "Reader": payments.grant_read_data,
        "Writer": payments.grant_write_data,
        "Tenant": lambda policy: payments.grant_read_data(policy, leading_keys=tenant),
        "Indexer": payments.grant_stream_read,
    }.items():
        role = Role(stack, name, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        grant(ManagedPolicy(stack, f"{name}Policy", roles=[role]))


def cross_account(stack: Stack) -> None:
    """A table that roles of another account read and write."""
    SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        table_name="orders",
        global_secondary_indexes=BY_STATUS,
        other_accounts=OtherAccounts(
            organization_id=ORGANIZATION, readers=[f"{ROLES}/reports"], writers=[f"{ROLES}/team/orders"]
        ),
    )
