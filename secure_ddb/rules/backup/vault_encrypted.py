"""Recovery points are encrypted with a key of the company's own, which AWS Backup can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.landscape.key_permissions import lets_account_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_NEEDED = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each vault; of one elsewhere nothing can be seen."""
    path = "Properties.EncryptionKeyArn"
    for vault, tables in assembly.backup.vaults.items():
        named = key_named_by(vault)
        key = assembly.find_key(named, vault)
        if key:
            answer = lets_account_use(assembly, key, "backup", _NEEDED)
            lets = "lets" if answer else "may let" if answer is None else "does not let"
            yield judged(vault, path, answer, f"the key's policy {lets} AWS Backup use it", tables=tables)
        elif named is None or is_unknown(named) or "alias/aws/" in str(named):
            yield judged_value(vault, path, named, good=False, tables=tables)
        else:
            yield judged(vault, path, None, "whose key it is cannot be seen: it is not in the app", tables=tables)
    for plan, tables in assembly.backup.plans.items():
        named = dict.fromkeys(str(rule.get("TargetBackupVault")) for rule in plan_rules(plan))
        for name in named:
            if not assembly.find(name, plan, kinds.BACKUP_VAULT):
                detail = "key, policy and lock of a vault that is not in the app cannot be seen"
                yield judged(plan, "Properties.BackupPlan.BackupPlanRule", None, detail, key=name, tables=tables)


RULE = Rule(
    id="SecureDdb-BAK7",
    title="The backup vault is encrypted with a customer managed key that AWS Backup can use",
    severity=Severity.HIGH,
    requirements=("BAK-2", "ENC-1"),
    controls=(
        "CS-1",
        "PR.DS-1",
        "NIST.800-53.r5 CP-9(8)",
        "NIST.800-53.r5 SC-28(1)",
        "Security Hub Backup.1",
        "PCI DSS v4.0.1/3.5.1",
    ),
    explanation="A recovery point holds every item, so it needs what the table needs. A job without the key fails.",
    remedy="Set EncryptionKeyArn to a key whose policy lets the account use it through backup.REGION.amazonaws.com.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html",
    check=check,
)
