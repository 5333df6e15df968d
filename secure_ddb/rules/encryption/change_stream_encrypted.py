"""A Kinesis stream that gets the table's changes is encrypted as the table is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the stream of each table that has one."""
    for table, replica in assembly.tables.replicas:
        arn = replica.at("KinesisStreamSpecification", "StreamArn")
        if arn is None:
            continue
        stream = assembly.find(arn, table.resource, kinds.STREAM)
        if stream is None:
            path = f"{replica.path}.KinesisStreamSpecification.StreamArn"
            detail = "the encryption of a Kinesis stream that is not in the app cannot be seen"
            yield judged(table.resource, path, None, detail, key=replica.region, tables=[table])
            continue
        encryption = stream.properties.get("StreamEncryption")
        key = at(encryption, "KeyId")
        known = assembly.find_key(key, stream) is not None
        if known or key is None or is_unknown(key) or "alias/aws/" in str(key):
            good = known and at(encryption, "EncryptionType") == "KMS"
            yield judged_value(stream, "Properties.StreamEncryption", encryption, good=good, tables=[table])
        else:
            detail = "whose key it is cannot be seen: it is not in the app"
            yield judged(stream, "Properties.StreamEncryption.KeyId", None, detail, tables=[table])


RULE = Rule(
    id="SecureDdb-ENC12",
    title="A Kinesis stream of the table's changes is encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=(
        "CS-1",
        "PR.DS-1",
        "NIST.800-53.r5 SC-28",
        "Security Hub Kinesis.1",
        "NIST.800-53.r5 SC-28(1)",
        "PCI DSS v4.0.1/3.5.1",
    ),
    explanation="The stream holds every item that was written, before and after, so it needs what the table needs.",
    remedy="Give the stream StreamEncryption with EncryptionType KMS and a key of your own.",
    source="https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",
    check=check,
)
