"""The keys that encrypt tables and their streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_number, at, is_unknown
from secure_ddb.rules.catalogues import cis, nist, pci, security_hub
from secure_ddb.rules.own_key import ELSEWHERE, is_elsewhere
from secure_ddb.rules.retention import retained
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, manual
from secure_ddb.table_evidence import KEY_MATERIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

_KEY = "KMSMasterKeyId"


@Rule(
    id="SecureDdb-ENC1",
    title="The table is encrypted with a customer managed key",
    problem="The table is not encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("ENC-1", "ENC-2"),
    controls=("CS-1", "PR.DS-1", *nist("SC-28", "SC-28(1)", "SC-12"), *pci("3.5.1")),
    rationale="With a key of AWS, the company cannot control or revoke decryption, and has no record of the key's use.",
    remedy=(
        "Set SSESpecification.KMSMasterKeyId to a customer managed AWS KMS key; each replica needs a key in its own "
        "Region."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
)
def customer_managed_key(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the encryption of each table and the key of each replica."""
    for table in assembly.tables:
        encryption = table.resource.properties.get("SSESpecification")
        good = as_bool(table.encrypts) and at(encryption, "SSEType") in (None, "KMS")
        if isinstance(encryption, dict):
            # The key has a judgement of its own.
            encryption = {name: value for name, value in encryption.items() if name != _KEY}
        yield judged_value(table.resource, "Properties.SSESpecification", encryption, good=good, tables=[table])
    for table, replica in assembly.tables.replicas:
        path = f"{replica.path}.SSESpecification.{_KEY}"
        if not table.is_global and not isinstance(replica.at("SSESpecification"), dict):
            # Another rule reports a missing key or its type.
            continue
        key = table.key_of(replica)
        if is_elsewhere(assembly, key, table.resource):
            yield judged(table.resource, path, None, ELSEWHERE, key=replica.region, tables=[table])
        elif is_unknown(key) or not assembly.find_key(key, table.resource):
            yield judged_value(table.resource, path, key, good=False, key=replica.region, tables=[table])
        else:
            detail = "the key is in the templates"
            yield judged(table.resource, path, True, detail, key=replica.region, tables=[table])


_DEFAULT_DAYS = 365
_SHORTEST_DAYS = 90
# CS-9, for every classification: a longer period that one allows is still not a yearly rotation.
_LONGEST_DAYS = 365
# https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html; CloudFormation makes no other origins.
_WITHOUT_AUTOMATIC_ROTATION = {
    "EXTERNAL": "import new material every year and rotate on demand",
    "AWS_CLOUDHSM": "replace the key every year",
    "EXTERNAL_KEY_STORE": "rotate it in the external key manager every year",
}


@Rule(
    id="SecureDdb-ENC2",
    title="The table's key is rotated at least once a year",
    problem="The table's key is not rotated at least once a year",
    severity=Severity.MEDIUM,
    requirements=("ENC-1", "ENC-2"),
    controls=("CS-9", "PR.DS-1", *nist("SC-12", "SC-12(2)"), *security_hub("KMS.4"), *cis("3.6"), *pci("3.7.4")),
    rationale=(
        "Rotation limits the amount of data encrypted with one version of the key material. AWS KMS does not "
        "automatically rotate imported material, or keys in a custom key store; a template cannot show that they are "
        "rotated on demand."
    ),
    remedy="Set EnableKeyRotation to true, and RotationPeriodInDays to at most 365.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
)
def key_rotation(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table's key; of a key elsewhere nothing can be seen."""
    yield from _of_keys_elsewhere(assembly, "rotation")
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


def _of_keys_elsewhere(assembly: Assembly, what: str) -> Iterator[Judgement]:
    """Report each replica with a key outside the app as not verifiable."""
    for table, replica in assembly.tables.replicas:
        key = table.key_of(replica)
        if key is not None and assembly.find_key(key, table.resource) is None:
            path = f"{replica.path}.SSESpecification.{_KEY}"
            detail = f"the key is not in the app, so its {what} cannot be checked"
            yield judged(table.resource, path, None, detail, key=replica.region, tables=[table])


def own_keys(assembly: Assembly) -> list[tuple[Resource, list[Table]]]:
    """Return the keys that tables depend on: their own, and those with which item keys are digested."""
    return [*assembly.tables.keys.items(), *assembly.audit.digest_keys.items()]


_LONGEST = 30


@Rule(
    id="SecureDdb-ENC4",
    title="The key's deletion window is 30 days",
    problem="The key's deletion window is shorter than 30 days",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("SC-12", "CP-10")),
    rationale="Without the key, the items, their backups and the audit trail are unreadable.",
    remedy="Leave PendingWindowInDays out, or set it to 30.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    skip_ephemeral=True,
)
def key_deletion_window(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each key that tables depend on."""
    path = "Properties.PendingWindowInDays"
    for key, tables in own_keys(assembly):
        days = key.properties.get("PendingWindowInDays", _LONGEST)
        yield judged_value(key, path, days, good=as_number(days) == _LONGEST, tables=tables)


@Rule(
    id="SecureDdb-ENC5",
    title="The table's keys are retained when their stack is deleted",
    problem="The table's key is deleted with its stack",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("SC-12", "CP-10"), *security_hub("KMS.3")),
    rationale="Without the key, the retained table, its backups and its audit trail are unreadable.",
    remedy="Set the key's DeletionPolicy and UpdateReplacePolicy to Retain (RemovalPolicy.RETAIN).",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    skip_ephemeral=True,
)
def key_retained(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each key that tables depend on."""
    for key, tables in own_keys(assembly):
        yield from retained(key, tables)


_DEFAULT_ORIGIN = "AWS_KMS"
# Imported, made in the company's CloudHSM cluster, or kept outside of AWS. CloudFormation makes only keys of the first.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html
_OWN_ORIGINS = {"EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}


@Rule(
    id="SecureDdb-ENC14",
    title="The table's key uses the company's own key material",
    problem="The table's key material was generated by AWS, not by the company",
    severity=Severity.MEDIUM,
    requirements=("ENC-2",),
    controls=("CS-1",),
    rationale=(
        "A company that must bring its own key cannot rely on material generated by AWS KMS. The company may have "
        "accepted it, which templates do not show. The record of the key ceremony shows the origin of imported "
        "material."
    ),
    remedy="Use an ImportedMaterialKey, or state who accepts AWS's key material (AcceptedAwsKeyMaterial).",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html#key-origin",
)
def key_material(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the origin of each table's key; that of a key elsewhere cannot be seen."""
    for each in _of_keys_elsewhere(assembly, "origin"):
        yield each._replace(detail=f"{each.detail}{_claimed(each.tables)}")
    for key, tables in assembly.tables.keys.items():
        origin = key.properties.get("Origin", _DEFAULT_ORIGIN)
        if origin == _DEFAULT_ORIGIN:
            detail = (
                "AWS KMS generates the key material: show that the company accepts that, or import your "
                f"own{_claimed(tables)}"
            )
            yield manual(key, "Properties.Origin", detail, tables=tables)
        else:
            yield judged_value(key, "Properties.Origin", origin, good=origin in _OWN_ORIGINS, tables=tables)


def _claimed(tables: Sequence[Table]) -> str:
    """Return the claim that all of the tables make about their key's material."""
    claims = [table.stated_value("claims", KEY_MATERIAL) for table in tables]
    return f"; claimed, not verified: {' / '.join(dict.fromkeys(claims))}" if all(claims) else ""


@Rule(
    id="SecureDdb-ENC12",
    title="The Kinesis stream of the table's changes is encrypted with a customer managed key",
    problem="The Kinesis stream of the table's changes is not encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("ENC-1", "AUD-7"),
    controls=("CS-1", "PR.DS-1", *nist("SC-28", "SC-28(1)"), *security_hub("Kinesis.1"), *pci("3.5.1")),
    rationale="The stream contains every written item, before and after, so it needs the same protection as the table.",
    remedy="Set StreamEncryption of the stream to EncryptionType KMS with a customer managed key.",
    source="https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",
)
def change_stream_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the stream of each table that has one."""
    for table, replica in assembly.tables.replicas:
        arn = replica.at("KinesisStreamSpecification", "StreamArn")
        if arn is None:
            continue
        stream = assembly.find(arn, table.resource, kinds.STREAM)
        if stream is None:
            path = f"{replica.path}.KinesisStreamSpecification.StreamArn"
            detail = "the Kinesis stream is not in the app, so its encryption cannot be checked"
            yield judged(table.resource, path, None, detail, key=replica.region, tables=[table])
            continue
        encryption = stream.properties.get("StreamEncryption")
        key = at(encryption, "KeyId")
        if is_elsewhere(assembly, key, stream):
            yield judged(stream, "Properties.StreamEncryption.KeyId", None, ELSEWHERE, tables=[table])
        else:
            good = assembly.find_key(key, stream) is not None and at(encryption, "EncryptionType") == "KMS"
            yield judged_value(stream, "Properties.StreamEncryption", encryption, good=good, tables=[table])
