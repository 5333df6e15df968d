"""The archive, and what is on its way there, is encrypted as the table is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import at
from secure_ddb.rules.audit.records_encrypted import encrypted_with_own_key
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_ENCRYPTION = "DeliveryStreamEncryptionConfigurationInput"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each delivery stream to an archive, its bucket, and the log in which it says what went wrong."""
    for stream, tables in assembly.archive.delivery_streams.items():
        yield encrypted_with_own_key(assembly, stream, tables)
        kind = at(stream.properties, _ENCRYPTION, "KeyType")
        path = f"Properties.{_ENCRYPTION}.KeyType"
        yield judged_value(stream, path, kind, good=kind == "CUSTOMER_MANAGED_CMK", key="KeyType", tables=tables)
    for resource, tables in (*assembly.archive.buckets.items(), *assembly.archive.error_logs.items()):
        yield encrypted_with_own_key(assembly, resource, tables)


RULE = Rule(
    id="SecureDdb-AUD22",
    title="The archive of the log of changes is encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("AUD-3",),
    controls=(
        "CS-1",
        "PR.DS-1",
        "NIST.800-53.r5 AU-9(3)",
        "NIST.800-53.r5 SC-28(1)",
        "Security Hub DataFirehose.1",
        "Security Hub S3.17",
    ),
    explanation="Lines of the log tell of items, wherever they are kept.",
    remedy="Give bucket, delivery stream and error log a key of your own.",
    source="https://docs.aws.amazon.com/firehose/latest/dev/encryption.html",
    check=check,
)
