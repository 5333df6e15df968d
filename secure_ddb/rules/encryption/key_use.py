"""Principals use the key only through a service, in this account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.keys import USE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.policies import Statement
    from secure_ddb.rules.resources import Resource

_WATCHED = (*USE, "kms:CreateGrant")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that lets principals use the key, those of services aside."""
    for key, tables in assembly.keys.items():
        policy = assembly.key_policy(key)
        for statement in policy.statements:
            people = statement.excludes_principals or any(who.kind != "Service" for who in statement.principals)
            if statement.allows and people and statement.touches_actions(_WATCHED):
                answer = _bound(statement, key)
                bound = "only through services of this account and Region" if answer else "by itself, or from elsewhere"
                detail = f"{statement.label} allows using the key {bound}"
                yield judged(key, policy.path_of(statement), answer, detail, key=statement.label, tables=tables)


def _bound(statement: Statement, key: Resource) -> Answer:
    services = [
        value
        for condition in statement.conditions_on("kms:ViaService")
        if condition.must_be_present
        for value in condition.values
    ]
    accounts = [
        value
        for condition in statement.conditions_on("kms:CallerAccount", "aws:PrincipalAccount")
        if condition.must_be_present
        for value in condition.values
    ]
    # A statement that names principals of the account needs no condition to say so.
    in_account = accounts == [key.account] or all(f"::{key.account}:" in who.value for who in statement.principals)
    in_region = bool(services) and all(f".{key.region}.amazonaws.com" in service for service in services)
    if statement.is_unknown and not (in_account and in_region):
        return None
    return in_account and in_region


RULE = Rule(
    id="SecureDdb-ENC8",
    title="The table's key is used only through services, in its own account and Region",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12", "NIST.800-53.r5 AC-3", "PCI DSS v4.0.1/3.6.1"),
    explanation="With the key itself, data taken from a backup, an export or a log could be decrypted elsewhere.",
    remedy=(
        "Add the conditions StringEquals kms:ViaService SERVICE.REGION.amazonaws.com and kms:CallerAccount to each "
        "statement that lets principals use the key."
    ),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
    check=check,
)
