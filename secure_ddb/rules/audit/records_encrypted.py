"""The records of changes are encrypted as the table is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.tables import bucket_encryption, key_named_by
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group, and each bucket or queue for what failed; topics are for the alarms' rules."""
    for function, tables in assembly.audit.functions.items():
        if assembly.functions.log_group_of(function) is None:
            detail = "its log group is not in the app, so nothing says that it is encrypted"
            yield judged(function, "Properties.LoggingConfig", False, detail, tables=tables)
    for table, reader in assembly.audit.consumers.items():
        if reader.type == kinds.SERVERLESS_FUNCTION:
            detail = "AWS SAM makes the function and its role, which are not in the template as it was given"
            yield judged(reader, "Properties.Events", None, detail, tables=[table])
    for resource, tables in (*assembly.audit.log_groups.items(), *assembly.audit.failure_destinations.items()):
        if resource.type in _PATHS:
            yield encrypted_with_own_key(assembly, resource, tables)


def encrypted_with_own_key(assembly: Assembly, resource: Resource, tables: Sequence[Table]) -> Judgement:
    """Say whether what holds records is encrypted with a customer managed key."""
    path = _PATHS[resource.type]
    named = key_named_by(resource)
    in_app = assembly.find_key(named, resource) is not None
    of_bucket = resource.type != kinds.BUCKET or str(bucket_encryption(resource).get("SSEAlgorithm")) in _WITH_KMS
    if in_app or not of_bucket or named is None or is_unknown(named) or "alias/aws/" in str(named):
        return judged_value(resource, path, named, good=in_app and of_bucket, tables=tables)
    return judged(resource, path, None, "whose key it is cannot be seen: it is not in the app", tables=tables)


_WITH_KMS = {"aws:kms", "aws:kms:dsse"}
_PATHS = {
    kinds.BUCKET: "Properties.BucketEncryption",
    kinds.DELIVERY_STREAM: "Properties.DeliveryStreamEncryptionConfigurationInput",
    kinds.EVENT_DATA_STORE: "Properties.KmsKeyId",
    kinds.LOG_GROUP: "Properties.KmsKeyId",
    kinds.QUEUE: "Properties.KmsMasterKeyId",
    kinds.TRAIL: "Properties.KMSKeyId",
}

RULE = Rule(
    id="SecureDdb-AUD5",
    title="The records of changes are encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("AUD-1", "ENC-1"),
    controls=(
        "CS-1",
        "PR.DS-1",
        "NIST.800-53.r5 AU-9(3)",
        "NIST.800-53.r5 SC-28(1)",
        "Security Hub S3.17",
        "PCI DSS v4.0.1/3.5.1",
    ),
    explanation="Records of changes tell of items, and those that failed hold them in full.",
    remedy="Write to a log group of the app's own with KmsKeyId, and give the bucket of failed records SSE-KMS.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    check=check,
)
