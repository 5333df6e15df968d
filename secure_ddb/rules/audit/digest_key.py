"""Only the audit function computes MACs, so that nobody else can test item keys or forge lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool
from secure_ddb.landscape.key_permissions import DIGEST, DIGEST_USAGE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each HMAC key that an audit function is told of, and its policy."""
    roles = {
        role.arn
        for function in assembly.audit.functions
        if (role := assembly.find(function.properties.get("Role"), function, kinds.ROLE))
    }
    for key, tables in assembly.audit.digest_keys.items():
        enabled = key.properties.get("Enabled", True)
        yield judged_value(key, "Properties.Enabled", enabled, good=as_bool(enabled), key="Enabled", tables=tables)
        policy = assembly.policies.of_key(key)
        for statement in policy.statements:
            if (
                key.properties.get("KeyUsage") == DIGEST_USAGE
                and statement.allows
                and statement.touches_actions(DIGEST)
            ):
                named = not statement.excludes_principals and all(who.value in roles for who in statement.principals)
                answer = None if statement.is_unknown and not named else named
                who = "only the audit function" if named else "others than the audit function"
                detail = f"{statement.label} lets {who} digest item keys"
                yield judged(key, policy.path_of(statement), answer, detail, key=statement.label, tables=tables)


RULE = Rule(
    id="SecureDdb-AUD14",
    title="The audit function can digest item keys, and nobody else",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 AC-6", "NIST.800-53.r5 SC-12"),
    explanation=(
        "A principal that can compute MACs can test item keys until one fits a line of the log, and can forge lines "
        "whose origin verifies. With a key that is disabled no change is recorded."
    ),
    remedy="Leave the key enabled, and allow kms:GenerateMac to the function's role only. Auditors need kms:VerifyMac.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html",
    check=check,
)
