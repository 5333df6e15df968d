"""Log files, which show item keys in clear, are encrypted as the table is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.landscape.key_permissions import lets_service_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.audit.records_encrypted import encrypted_with_own_key
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_CONTEXT = "kms:encryptioncontext:aws:cloudtrail:arn"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key of each trail and event data store that records data events of tables."""
    for recorder, tables in assembly.trails.all.items():
        yield encrypted_with_own_key(assembly, recorder, tables)
        key = assembly.find_key(key_named_by(recorder), recorder)
        if key and recorder.type == kinds.TRAIL:
            answer = _may_use(assembly, key, recorder)
            lets = "lets" if answer else "may let" if answer is None else "does not let"
            detail = f"the key's policy {lets} CloudTrail use it for this trail"
            yield judged(recorder, "Properties.KMSKeyId", answer, detail, key="KeyPolicy", tables=tables)


def _may_use(assembly: Assembly, key: Resource, trail: Resource) -> Truth:
    source = {"aws:sourcearn": (trail.arn,), "aws:sourceaccount": (trail.account,)}
    # Only what is encrypted has an encryption context.
    contexts: dict[str, Sequence[str]] = {"kms:GenerateDataKey": (trail.arn,), "kms:DescribeKey": ()}
    return all_of(
        *(
            lets_service_use(assembly, key, "cloudtrail.amazonaws.com", (action,), {**source, _CONTEXT: context})
            for action, context in contexts.items()
        )
    )


RULE = Rule(
    id="SecureDdb-AUD18",
    title="The trail of reads is encrypted with a customer managed key that CloudTrail can use",
    severity=Severity.HIGH,
    requirements=("AUD-2",),
    controls=(
        "CS-1",
        "CS-4",
        "PR.DS-1",
        "NIST.800-53.r5 AU-9(3)",
        "NIST.800-53.r5 SC-28(1)",
        "Security Hub CloudTrail.2",
    ),
    explanation="Log files show the keys of items in clear. A trail whose key CloudTrail cannot use delivers nothing.",
    remedy=(
        "Set KMSKeyId to a key of your own, and allow cloudtrail.amazonaws.com kms:GenerateDataKey* and "
        "kms:DescribeKey there, with the trail's ARN as aws:SourceArn."
    ),
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    check=check,
)
