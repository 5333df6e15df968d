"""Who administers the key does not use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.evaluation import touches
from secure_ddb.landscape.key_permissions import ADMINISTRATION, DIGEST, DIGEST_USAGE, USE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.iam.policy import Principal, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_THROUGH_A_SERVICE = "kms:viaservice"
_IN_WORDS = {
    True: "allows administering the key and not using it",
    False: "allows administering and using the key",
    None: "may allow administering and using the key",
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that allows administering the key."""
    for key, tables in (*assembly.tables.keys.items(), *assembly.audit.digest_keys.items()):
        use = DIGEST if key.properties.get("KeyUsage") == DIGEST_USAGE else USE
        policy = assembly.policies.of_key(key)
        if policy.is_unknown:
            yield judged(key, policy.path, None, "the policy is known only at deployment", tables=tables)
        users = _users(policy.statements, use)
        for statement in policy.statements:
            administers = _allows(statement, ADMINISTRATION)
            if administers is not False:
                uses = any_of([_allows(statement, use), *(users.get(who, False) for who in statement.principals)])
                answer = negate(all_of(administers, uses))
                path = policy.path_of(statement)
                detail = f"{statement.label} {_IN_WORDS[answer]}"
                yield judged(key, path, answer, detail, key=statement.label, tables=tables)


def _allows(statement: Statement, actions: tuple[str, ...]) -> Truth:
    """Tell whether a statement allows any of some actions."""
    return touches(statement, actions) if statement.allows else False


def _users(statements: Iterable[Statement], use: tuple[str, ...]) -> dict[Principal, Truth]:
    """Return who uses the key itself and not only through a service."""
    users: dict[Principal, Truth] = {}
    for statement in statements:
        through = any(not condition.is_negated for condition in statement.conditions_on(_THROUGH_A_SERVICE))
        # One that is not known yet may demand a service.
        surely = None if any(condition.is_unknown for condition in statement.conditions) else True
        uses = False if through else all_of(_allows(statement, use), surely)
        users |= {who: any_of([users.get(who, False), uses]) for who in statement.principals}
    return users


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
