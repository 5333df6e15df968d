"""Nobody deletes recovery points before their time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.landscape.assembly import Assembly

_ACTIONS = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")
# One role or user, whatever its account or path, or the account's root; all sessions of one role.
_NAMES = {
    "aws:principalarn": re.compile(
        r"arn:[^:]*:(iam|sts)::[^:]*:(root|assumed-role/[^*?/]+/.*|(role|user)/(.*/)?[^*?/][^/]*)"
    ),
    "aws:userid": re.compile(r"[^*?:]+(:.*)?"),
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each vault."""
    for vault, tables in assembly.backup.vaults.items():
        policy = assembly.policies.of(vault, "AccessPolicy")
        for action in _ACTIONS:
            denied = any(_denies(statement, action) for statement in policy.statements)
            may_deny = any(
                each.denies and each.is_unknown and each.is_about(action) is not False for each in policy.statements
            )
            answer = denied or (None if may_deny else False)
            who = "nobody may" if denied else "who may cannot be seen:" if answer is None else "its policy lets anybody"
            yield judged(vault, policy.path, answer, f"{who} {action}", key=action, tables=tables)


def _denies(statement: Statement, action: str) -> bool:
    everything = statement.covers_resource(ANY_NAME)
    everybody = statement.is_for_everybody() and not statement.excludes_principals
    exempting = all(_exempts_by_name(condition) for condition in statement.conditions)
    return statement.denies and everybody and everything and statement.covers_action(action) and exempting


def _exempts_by_name(condition: Condition) -> bool:
    """Tell whether a condition only leaves out principals that it names, such as a break-glass role."""
    name = _NAMES.get(condition.key)
    return (
        condition.is_negated
        and not condition.quantifier
        and name is not None
        and all(name.fullmatch(value) for value in condition.values)
    )


RULE = Rule(
    id="SecureDdb-BAK8",
    title="The vault's policy lets nobody delete recovery points or shorten their life",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 AC-3"),
    explanation="Whoever extorts a company deletes its backups first.",
    remedy=(
        'Deny backup:DeleteRecoveryPoint and backup:UpdateRecoveryPointLifecycle to Principal "*" on Resource "*" '
        "(block_recovery_point_deletion=True)."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html",
    check=check,
)
