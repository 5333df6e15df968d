"""The key's material rotates every year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, as_number, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_DEFAULT_DAYS = 365
_SHORTEST_DAYS = 90
# CS-9, whatever the data's classification: a longer period that it allows is still not a yearly rotation.
_LONGEST_DAYS = 365
# https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html; CloudFormation makes no other origins.
_WITHOUT_AUTOMATIC_ROTATION = {
    "EXTERNAL": "import new material every year and rotate on demand",
    "AWS_CLOUDHSM": "replace the key every year",
    "EXTERNAL_KEY_STORE": "rotate it in the external key manager every year",
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table's key; of a key elsewhere nothing can be seen."""
    for table, replica in assembly.tables.replicas:
        key = table.key_of(replica)
        if key is not None and assembly.find_key(key, table.resource) is None:
            path = f"{replica.path}.SSESpecification.KMSMasterKeyId"
            detail = "the rotation of a key that is not in the app cannot be seen"
            yield judged(table.resource, path, None, detail, key=replica.region, tables=[table])
    for key, tables in assembly.tables.keys.items():
        properties = key.properties
        duty = _WITHOUT_AUTOMATIC_ROTATION.get(str(properties.get("Origin")))
        if duty:
            detail = f"Origin is {properties['Origin']}, which AWS KMS does not rotate: {duty}"
            yield manual(key, "Properties.Origin", detail, tables=tables)
            continue
        enabled = properties.get("EnableKeyRotation")
        yield judged_value(key, "Properties.EnableKeyRotation", enabled, good=as_bool(enabled), tables=tables)
        period = properties.get("RotationPeriodInDays", _DEFAULT_DAYS)
        good = is_unknown(period) or _SHORTEST_DAYS <= (as_number(period) or 0) <= _LONGEST_DAYS
        path = "Properties.RotationPeriodInDays"
        yield judged_value(key, path, period, good=good, key="RotationPeriodInDays", tables=tables)


RULE = Rule(
    id="SecureDdb-ENC2",
    title="The table's key rotates at least once a year",
    severity=Severity.MEDIUM,
    requirements=("ENC-1", "ENC-2"),
    controls=(
        "CS-9",
        "PR.DS-1",
        "NIST.800-53.r5 SC-12",
        "NIST.800-53.r5 SC-12(2)",
        "Security Hub KMS.4",
        "CIS AWS Foundations Benchmark v5.0.0/3.6",
        "PCI DSS v4.0.1/3.7.4",
    ),
    explanation=(
        "Rotation bounds how much data one key's material protects. AWS KMS does not rotate imported material, or a "
        "key in a custom key store, automatically; a template cannot show that it is rotated on demand."
    ),
    remedy="Set EnableKeyRotation, and RotationPeriodInDays to at most 365.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    check=check,
)
