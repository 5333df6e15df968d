"""The roles that serve a table name what they write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.tables import merged
from secure_ddb.rules.access.statements import is_wide_action
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# They name no resource, or only ever one of the function's own.
_WITHOUT_RESOURCE = ("cloudwatch:putmetricdata", "dynamodb:liststreams", "ec2:", "xray:", "logs:describe")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policies of the audit function's, of its archive's and of AWS Backup's roles."""
    for role, tables in merged(assembly.audit.roles, assembly.archive.roles, assembly.backup.roles).items():
        for policy in assembly.identities.policies_of_role.get(role, ()):
            for statement in policy.statements:
                named = [action for action in statement.actions if not action.startswith(_WITHOUT_RESOURCE)]
                if not statement.allows or not named:
                    continue
                wide = [action for action in named if is_wide_action(action)]
                answer: Truth = not wide and "*" not in statement.resources and not statement.excludes_resources
                if answer and statement.has_unknown_resources:
                    answer = None
                what = (
                    "only what it names"
                    if answer
                    else "what is known only at deployment"
                    if answer is None
                    else ", ".join(wide) or "its actions on everything"
                )
                detail = f"{statement.label} allows {what}"
                key = f"{role.logical_id}.{statement.label}"
                yield judged(policy.resource, policy.path_of(statement), answer, detail, key=key, tables=tables)


RULE = Rule(
    id="SecureDdb-IAM10",
    title="The roles that record changes and make backups may do nothing else",
    severity=Severity.MEDIUM,
    requirements=("AUD-1", "BAK-2", "IAM-1"),
    controls=(
        "CS-5",
        "PR.AC-3",
        "NIST.800-53.r5 AC-6",
        "NIST.800-53.r5 AU-9(4)",
        "Security Hub IAM.21",
        "PCI DSS v4.0.1/7.2.5",
        "PCI DSS v4.0.1/10.3.2",
    ),
    explanation="Both see every item. With more rights than they need, they are the way to all the others.",
    remedy="List actions and resources of the table, its key, log group and bucket.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    check=check,
)
