"""Backup vaults."""

from __future__ import annotations

import math
import re
from operator import ge, le
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_number, at
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.landscape.key_permissions import lets_account_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.limits import MOST_BACKUP_DAYS
from secure_ddb.rules.backup.table import days_kept
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.own_key import ELSEWHERE, is_elsewhere
from secure_ddb.rules.retention import retained
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_value, lets, shown
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_NEEDED = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")


@Rule(
    id="SecureDdb-BAK7",
    title="The backup vault is encrypted with a customer managed key that AWS Backup can use",
    problem="The backup vault is not encrypted with a customer managed key that AWS Backup can use",
    severity=Severity.HIGH,
    requirements=("BAK-2", "ENC-1"),
    controls=("CS-1", "PR.DS-1", *nist("CP-9(8)", "SC-28(1)"), *security_hub("Backup.1"), *pci("3.5.1")),
    rationale=(
        "A recovery point contains every item, so it needs the same protection as the table. Without the key, jobs "
        "fail."
    ),
    remedy="Set EncryptionKeyArn to a key whose policy lets the account use it through backup.REGION.amazonaws.com.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html",
)
def vault_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each vault; of one elsewhere nothing can be seen."""
    path = "Properties.EncryptionKeyArn"
    for vault, tables in assembly.backup.vaults.items():
        named = key_named_by(vault)
        key = assembly.find_key(named, vault)
        if key:
            answer = lets_account_use(assembly, key, "backup", _NEEDED)
            yield judged(vault, path, answer, f"the key's policy {lets(answer)} AWS Backup use it", tables=tables)
        elif is_elsewhere(assembly, named, vault):
            yield judged(vault, path, None, ELSEWHERE, tables=tables)
        else:
            yield judged_value(vault, path, named, good=False, tables=tables)
    for plan, tables in assembly.backup.plans.items():
        named = dict.fromkeys(str(rule.get("TargetBackupVault")) for rule in plan_rules(plan))
        for name in named:
            if not assembly.find(name, plan, kinds.BACKUP_VAULT):
                detail = "the vault is not in the app, so its key, policy and lock cannot be checked"
                yield judged(plan, "Properties.BackupPlan.BackupPlanRule", None, detail, key=name, tables=tables)


_ACTIONS = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")
# One role or user of any account and path, or the account's root; all sessions of one role.
_NAMES = {
    "aws:principalarn": re.compile(
        r"arn:[^:]*:(iam|sts)::[^:]*:(root|assumed-role/[^*?/]+/.*|(role|user)/(.*/)?[^*?/][^/]*)"
    ),
    "aws:userid": re.compile(r"[^*?:]+(:.*)?"),
}


@Rule(
    id="SecureDdb-BAK8",
    title="The vault's policy denies deletion of recovery points and shortening of their retention",
    problem="The vault's policy allows deletion of recovery points or shortening of their retention",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "AC-3")),
    rationale="Attackers delete backups first.",
    remedy=(
        'Deny backup:DeleteRecoveryPoint and backup:UpdateRecoveryPointLifecycle to Principal "*" on Resource "*" '
        "(block_recovery_point_deletion=True)."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html",
)
def vault_policy(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each vault."""
    for vault, tables in assembly.backup.vaults.items():
        policy = assembly.policies.of(vault, "AccessPolicy")
        for action in _ACTIONS:
            answer = any_of(_denies(statement, action) for statement in policy.statements)
            who = choose(answer, "its policy denies", "its policy does not deny", "its policy may or may not deny")
            yield judged(vault, policy.path, answer, f"{who} {action}", key=action, tables=tables)


def _denies(statement: Statement, action: str) -> Truth:
    if not statement.denies:
        return False
    everything = statement.covers_resource(ANY_NAME)
    everyone = statement.is_for_everyone() and not statement.excludes_principals
    exempting = all(_exempts_by_name(condition) for condition in statement.conditions)
    if everyone and everything and exempting and statement.covers_action(action):
        return True
    return None if statement.is_unknown and statement.is_about(action) is not False else False


def _exempts_by_name(condition: Condition) -> bool:
    """Return whether a condition only leaves out principals that it names, such as a break-glass role."""
    name = _NAMES.get(condition.key)
    excludes = condition.is_negated and not condition.quantifier
    return excludes and name is not None and all(map(name.fullmatch, condition.values))


@Rule(
    id="SecureDdb-BAK9",
    title="The backup vault is locked, and the plan's retention is within the lock's limits",
    problem="The backup vault is not locked, or its lock does not fit the plan",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "SI-12")),
    rationale=(
        "Anyone who can change the vault's policy can remove its protection. A lock also refuses recovery points that "
        "would be deleted too early or kept too long. Removing it requires a separate permission; in compliance mode "
        "it cannot be removed."
    ),
    remedy="Set MinRetentionDays to the plan's shortest retention and MaxRetentionDays, if used, to the longest.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
)
def vault_lock(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the lock of each vault. A job fails if its retention is below the minimum or above the maximum."""
    for vault, tables in assembly.backup.vaults.items():
        lock = vault.properties.get("LockConfiguration")
        kept = [days_kept(rule) for _, rule in assembly.backup.rules_of_vaults[vault]]
        least = min(table.floor.daily_backup for table in tables)
        for name, lowest, admits in (("MinRetentionDays", least, le), ("MaxRetentionDays", 1, ge)):
            limit = at(lock, name)
            if name == "MaxRetentionDays" and (limit is None or not isinstance(lock, dict)):
                continue
            path = f"Properties.LockConfiguration.{name}"
            days = as_number(limit)
            if days is None or not lowest <= days <= MOST_BACKUP_DAYS:
                yield judged_value(vault, path, limit, good=False, tables=tables)
            else:
                answer, of_plan = _admits_all(days, kept, admits)
                yield judged(vault, path, answer, f"{name} is {shown(limit)}{of_plan}", tables=tables)


def _admits_all(limit: float, kept: list[float | None], admits: Callable[[Any, Any], bool]) -> tuple[Truth, str]:
    refused = [days for days in kept if days is not None and not admits(limit, days)]
    if refused:
        period = "forever" if refused[0] == math.inf else f"for {refused[0]:g} days"
        return False, f", but the plan keeps recovery points {period}"
    if None in kept:
        return None, ", and the plan's retention is known only at deployment"
    return True, ""


@Rule(
    id="SecureDdb-BAK11",
    title="The backup vault is retained when its stack is deleted",
    problem="The backup vault is deleted with its stack",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9")),
    rationale="Backups must survive the accidental deletion of a stack.",
    remedy="Set the vault's DeletionPolicy and UpdateReplacePolicy to Retain (RemovalPolicy.RETAIN).",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
)
def vault_retained(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each vault."""
    for vault, tables in assembly.backup.vaults.items():
        yield from retained(vault, tables)
