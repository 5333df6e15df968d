"""Grants on the key are for services of AWS only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that allows making grants."""
    for key, tables in assembly.tables.keys.items():
        policy = assembly.policies.of_key(key)
        for statement in policy.statements:
            if statement.allows and statement.touches_actions(("kms:CreateGrant",)):
                bound = any(
                    condition.must_be_present and condition.values == ("true",)
                    for condition in statement.conditions_on("kms:GrantIsForAWSResource")
                )
                answer = None if statement.is_unknown and not bound else bound
                whom = "services of AWS" if bound else "anybody"
                detail = f"{statement.label} allows grants to {whom}"
                yield judged(key, policy.path_of(statement), answer, detail, key=statement.label, tables=tables)


RULE = Rule(
    id="SecureDdb-ENC9",
    title="Grants on the table's key are only for services of AWS",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 SC-12", "PCI DSS v4.0.1/3.6.1"),
    explanation="A grant lets its holder use the key, outlives the session that made it, and shows in no policy.",
    remedy="Add the condition Bool kms:GrantIsForAWSResource true to each statement that allows kms:CreateGrant.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
    check=check,
)
