"""Services use the key only for resources of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.landscape.key_permissions import ADMINISTRATION
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that is for a service."""
    for key, tables in assembly.all_keys.items():
        policy = assembly.policies.of_key(key)
        for statement in policy.statements:
            if statement.allows and any(who.kind == "Service" for who in statement.principals):
                administers = bool(statement.touches_actions(ADMINISTRATION))
                answer = False if administers else bound_to_account(statement, key)
                what = "administer the key" if administers else "use the key"
                whose = "of this account" if answer else "of any account"
                detail = f"{statement.label} lets a service {what} for resources {whose}"
                yield judged(key, policy.path_of(statement), answer, detail, key=statement.label, tables=tables)


RULE = Rule(
    id="SecureDdb-ENC10",
    title="Services use the table's keys only for resources of this account",
    severity=Severity.MEDIUM,
    requirements=("ENC-1", "MON-2"),
    controls=("PR.DS-1", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 AC-6"),
    explanation=(
        "A service works for every account. Unless the statement names this account or its resources, somebody else's "
        "resource can make the service use the key: the confused deputy."
    ),
    remedy=(
        "Add aws:SourceAccount or aws:SourceArn where the service sends it, otherwise the encryption context, such as "
        "kms:EncryptionContext:aws:logs:arn, and allow no action of administration."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    check=check,
)
