"""The bucket of failed changes cannot be made public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, at, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_OWNERSHIP = "Properties.OwnershipControls"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each bucket."""
    for bucket, tables in assembly.audit.failure_destinations.items():
        if bucket.type == kinds.BUCKET:
            yield from closed_to_the_public(bucket, tables)


def closed_to_the_public(bucket: Resource, tables: Sequence[Table]) -> Iterator[Judgement]:
    """Say whether a bucket blocks public access, and takes no access lists."""
    for block in _BLOCKS:
        value = at(bucket.properties, "PublicAccessBlockConfiguration", block)
        path = f"Properties.PublicAccessBlockConfiguration.{block}"
        # S3 blocks public access of new buckets; what is written down must not take that back.
        unsaid = bucket.properties.get("PublicAccessBlockConfiguration") is None
        yield judged_value(bucket, path, value, good=as_bool(value) or unsaid, key=block, tables=tables)
    rules = at(bucket.properties, "OwnershipControls", "Rules")
    owners = rules if is_unknown(rules) else [at(rule, "ObjectOwnership") for rule in as_list(rules)]
    good = owners in ([], ["BucketOwnerEnforced"]) and not bucket.properties.get("AccessControl")
    yield judged_value(bucket, _OWNERSHIP, rules, good=good, key="OwnershipControls", tables=tables)


RULE = Rule(
    id="SecureDdb-AUD11",
    title="The bucket of failed changes blocks public access and access lists",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=(
        "CS-6",
        "PR.AC-3",
        "NIST.800-53.r5 AC-3",
        "NIST.800-53.r5 SC-7",
        "Security Hub S3.8",
        "Security Hub S3.12",
        "Security Hub S3.2",
        "Security Hub S3.3",
        "CIS AWS Foundations Benchmark v5.0.0/2.1.4",
        "PCI DSS v4.0.1/1.4.4",
    ),
    explanation="Its objects hold items in full.",
    remedy="Block public access in all four ways and enforce the bucket owner's ownership of objects.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    check=check,
)
