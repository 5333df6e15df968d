"""Somebody can administer the key, and nobody of another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.comparison import same_account
from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.iam.evaluation import touches
from secure_ddb.landscape.key_permissions import ADMINISTRATION, account_may, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# What it takes to see a key's state, to stop its use, to undo both, and to change its policy.
_NEEDED = (
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each key that tables depend on: who of its account administers it, and who of others."""
    for key, tables in (*assembly.tables.keys.items(), *assembly.audit.digest_keys.items()):
        may = account_may(assembly, key, "", _NEEDED)
        detail = f"the account's principals {in_words(may)}"
        yield judged(key, "Properties.KeyPolicy", all_of(*may.values()), detail, tables=tables)
        policy = assembly.policies.of_key(key)
        for statement in policy.statements:
            administers = touches(statement, ADMINISTRATION) if statement.allows else False
            if administers is False:
                continue
            answer = any_of([_of_account(statement, key), negate(administers)])
            if not answer:
                whom = "may let" if answer is None else "lets"
                detail = f"{statement.label} {whom} somebody of another account administer the key"
                yield judged(key, policy.path_of(statement), answer, detail, key=statement.label, tables=tables)


def _of_account(statement: Statement, key: Resource) -> Truth:
    """Tell whether a statement is for nobody of another account than the key's."""
    named = [who for who in statement.principals if who.kind == "AWS"]
    by_name = not statement.is_for_everybody() and all_of(*(same_account(who.account, key.account) for who in named))
    # An organization has other accounts, too.
    return any_of([by_name, bound_to_account(statement, key, or_organization=False)])


RULE = Rule(
    id="SecureDdb-ENC13",
    title="The account can administer the table's keys, and no other account",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12"),
    explanation=(
        "A key that nobody administers can neither be stopped when it is misused nor rescued from deletion. Of another "
        "account's administration KMS heeds little, such as revoking the grants that the table needs; the rest is a "
        "permission that nobody can have meant."
    ),
    remedy="Allow the account's root, or an administrator's role of this account, the actions of administration.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    check=check,
)
