"""Each replica names a KMS key of the company's own, not one of AWS's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, at, is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_KEY = "KMSMasterKeyId"
_KEYS_OF_AWS = "alias/aws/"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the encryption of each table and the key of each replica."""
    for table in assembly.tables:
        encryption = table.resource.properties.get("SSESpecification")
        good = as_bool(table.encrypts) and at(encryption, "SSEType") in (None, "KMS")
        # The key has a judgement of its own.
        seen = (
            {name: encryption[name] for name in encryption if name != _KEY}
            if isinstance(encryption, dict)
            else encryption
        )
        yield judged_value(table.resource, "Properties.SSESpecification", seen, good=good, tables=[table])
    for table, replica in assembly.tables.replicas:
        path = f"{replica.path}.SSESpecification.{_KEY}"
        if not table.is_global and not isinstance(replica.at("SSESpecification"), dict):
            # That there is none, or what it is, has been said.
            continue
        key = table.key_of(replica)
        if key is None or is_unknown(key) or _KEYS_OF_AWS in str(key):
            yield judged_value(table.resource, path, key, good=False, key=replica.region, tables=[table])
        else:
            known = assembly.find_key(key, table.resource) is not None
            detail = "the key is in the templates" if known else "whose key it is cannot be seen: it is not in the app"
            yield judged(table.resource, path, known or None, detail, key=replica.region, tables=[table])


RULE = Rule(
    id="SecureDdb-ENC1",
    title="The table is encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("ENC-1", "ENC-2"),
    controls=(
        "CS-1",
        "PR.DS-1",
        "NIST.800-53.r5 SC-28",
        "NIST.800-53.r5 SC-28(1)",
        "NIST.800-53.r5 SC-12",
        "PCI DSS v4.0.1/3.5.1",
    ),
    explanation=(
        "Under a key of AWS the company can neither say who may decrypt the items nor take that away again, and its "
        "use does not show in the company's own records."
    ),
    remedy="Name an AWS KMS key of your own in SSESpecification.KMSMasterKeyId, for each replica one of its Region.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
    check=check,
)
