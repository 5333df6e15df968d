"""The key's material is the company's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, manual
from secure_ddb.table_evidence import KEY_MATERIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_DEFAULT_ORIGIN = "AWS_KMS"
# Imported, made in the company's CloudHSM cluster, or kept outside of AWS. CloudFormation makes only keys of the first.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html
_OWN_ORIGINS = {"EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the origin of each table's key; that of a key elsewhere cannot be seen."""
    for table, replica in assembly.tables.replicas:
        key = table.key_of(replica)
        if key is not None and assembly.find_key(key, table.resource) is None:
            path = f"{replica.path}.SSESpecification.KMSMasterKeyId"
            detail = f"the origin of a key that is not in the app cannot be seen{_claimed([table])}"
            yield judged(table.resource, path, None, detail, key=replica.region, tables=[table])
    for key, tables in assembly.tables.keys.items():
        origin = key.properties.get("Origin", _DEFAULT_ORIGIN)
        if origin == _DEFAULT_ORIGIN:
            detail = (
                "AWS KMS generates the key's material: show that the company accepts that, or import its own"
                f"{_claimed(tables)}"
            )
            yield manual(key, "Properties.Origin", detail, tables=tables)
        else:
            yield judged_value(key, "Properties.Origin", origin, good=origin in _OWN_ORIGINS, tables=tables)


def _claimed(tables: Sequence[Table]) -> str:
    """Return what every one of the tables claims about its key's material."""
    claims = [table.said("claims", KEY_MATERIAL) for table in tables]
    return f"; claimed, not verified: {' / '.join(dict.fromkeys(claims))}" if all(claims) else ""


RULE = Rule(
    id="SecureDdb-ENC14",
    title="The table's key uses the company's own key material",
    severity=Severity.MEDIUM,
    requirements=("ENC-2",),
    controls=("CS-1",),
    explanation=(
        "A company that must bring its own key cannot rely on material that AWS KMS generated. It may accept it all "
        "the same, which no template shows. Where imported material comes from is shown by the key ceremony's record."
    ),
    remedy=(
        "Encrypt the table with an ImportedMaterialKey, or let the SecureTable state who accepts AWS's key material "
        "(AcceptedAwsKeyMaterial)."
    ),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html#key-origin",
    check=check,
)
