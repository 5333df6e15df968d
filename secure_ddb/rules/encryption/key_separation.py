"""Who administers the key does not use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.keys import ADMINISTRATION, DIGEST, DIGEST_USAGE, USE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.policies import Statement

_THROUGH_A_SERVICE = "kms:viaservice"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that allows administering the key."""
    for key, tables in (*assembly.keys.items(), *assembly.digest_keys.items()):
        use = DIGEST if key.properties.get("KeyUsage") == DIGEST_USAGE else USE
        policy = assembly.key_policy(key)
        if policy.is_unknown:
            yield judged(key, policy.path, None, "the policy is known only at deployment", tables=tables)
        users = {who for statement in policy.statements for who in _directly(statement, use)}
        for statement in policy.statements:
            administers = statement.allows and statement.touches_actions(ADMINISTRATION)
            if administers:
                both = statement.touches_actions(use) or [who.value for who in statement.principals if who in users]
                detail = (
                    f"{statement.label} allows administering and using the key"
                    if both
                    else (f"{statement.label} allows administering the key and not using it")
                )
                path = policy.path_of(statement)
                yield judged(key, path, not both, detail, key=statement.label, tables=tables)


def _directly(statement: Statement, use: tuple[str, ...]) -> tuple[object, ...]:
    """Return who uses the key itself and not only through a service."""
    through = any(not condition.is_negated for condition in statement.conditions_on(_THROUGH_A_SERVICE))
    return statement.principals if statement.allows and not through and statement.touches_actions(use) else ()


RULE = Rule(
    id="SecureDdb-ENC7",
    title="Who administers the table's key cannot use it",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 AC-5", "NIST.800-53.r5 SC-12", "PCI DSS v4.0.1/3.6.1"),
    explanation=(
        "A key administrator who can also decrypt can read the items. CDK's own default policy allows kms:* to the "
        "account, so that any IAM policy can give both to anybody."
    ),
    remedy="Write one statement that lists the actions of administration, and others for use through services.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    check=check,
)
