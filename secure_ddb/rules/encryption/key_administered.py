"""Somebody can administer the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.keys import account_may, in_words
from secure_ddb.rules.permissions import both
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

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
    """Look at each key that tables depend on."""
    for key, tables in (*assembly.keys.items(), *assembly.digest_keys.items()):
        may = account_may(assembly, key, "", _NEEDED)
        detail = f"the account's principals {in_words(may)}"
        yield judged(key, "Properties.KeyPolicy", both(*may.values()), detail, tables=tables)


RULE = Rule(
    id="SecureDdb-ENC13",
    title="The account can administer the table's keys",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12"),
    explanation="A key that nobody administers can neither be stopped when it is misused nor rescued from deletion.",
    remedy="Allow the account's root, or an administrator's role, the actions of administration.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    check=check,
)
