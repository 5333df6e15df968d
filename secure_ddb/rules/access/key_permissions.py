"""A role's permissions on keys name the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.key_permissions import USE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_WATCHED = (*USE, "kms:CreateGrant", "kms:GenerateMac", "kms:VerifyMac")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of an identity that allows using keys."""
    for policy in assembly.identities.policies if assembly.tables else ():
        for statement in policy.statements:
            if statement.allows and statement.touches_actions(_WATCHED):
                wide = [name for name in statement.resources if name == "*" or name.endswith((":key/*", ":*"))]
                all_actions = [action for action in statement.actions if action in ("*", "kms:*")]
                answer: Truth = not (wide or all_actions or statement.excludes_resources or statement.excludes_actions)
                if answer and statement.has_unknown_resources:
                    answer = None
                named = (
                    "named keys"
                    if answer
                    else "what is known only at deployment"
                    if answer is None
                    else ", ".join((*wide, *all_actions)) or "all but what it names"
                )
                detail = f"{statement.label} allows using {named}"
                yield judged(policy.resource, policy.path_of(statement), answer, detail, key=statement.label)


RULE = Rule(
    id="SecureDdb-IAM9",
    title="Permissions on keys name the keys",
    severity=Severity.HIGH,
    requirements=("ENC-1", "IAM-1"),
    controls=(
        "CS-5",
        "PR.AC-3",
        "NIST.800-53.r5 AC-6",
        "Security Hub KMS.1",
        "Security Hub KMS.2",
        "PCI DSS v4.0.1/3.6.1",
        "PCI DSS v4.0.1/7.2.5",
    ),
    explanation="A permission on every key is one on the keys of all tables.",
    remedy="Name the key's ARN.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
    check=check,
)
