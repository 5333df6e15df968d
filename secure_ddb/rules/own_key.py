"""Whether something is encrypted with a customer managed key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.tables import bucket_encryption, key_named_by
from secure_ddb.rules.rule import Judgement, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

ELSEWHERE = "the key is not in the app, so its type cannot be checked"
_WITH_KMS = {"aws:kms", "aws:kms:dsse"}
_PATHS = {
    kinds.BUCKET: "Properties.BucketEncryption",
    kinds.DELIVERY_STREAM: "Properties.DeliveryStreamEncryptionConfigurationInput",
    kinds.EVENT_DATA_STORE: "Properties.KmsKeyId",
    kinds.LOG_GROUP: "Properties.KmsKeyId",
    kinds.QUEUE: "Properties.KmsMasterKeyId",
    kinds.TOPIC: "Properties.KmsMasterKeyId",
    kinds.TRAIL: "Properties.KMSKeyId",
}


def is_elsewhere(assembly: Assembly, key: object, near: Resource) -> bool:
    """Return whether a key is neither in the app nor one of AWS's own."""
    if key is None or is_unknown(key) or "alias/aws/" in str(key):
        return False
    return assembly.find_key(key, near) is None


def encrypted_with_own_key(assembly: Assembly, resource: Resource, tables: Sequence[Table]) -> Judgement:
    """Judge whether a resource is encrypted with a customer managed key."""
    path, key = _PATHS[resource.type], key_named_by(resource)
    with_kms = resource.type != kinds.BUCKET or str(bucket_encryption(resource).get("SSEAlgorithm")) in _WITH_KMS
    if with_kms and is_elsewhere(assembly, key, resource):
        return judged(resource, path, None, ELSEWHERE, tables=tables)
    good = with_kms and assembly.find_key(key, resource) is not None
    return judged_value(resource, path, key, good=good, tables=tables)
