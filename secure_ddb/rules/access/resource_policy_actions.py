"""A resource policy lists what it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.rules.access.statements import is_wide_action
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policies of tables and of what serves them; those of keys have rules of their own."""
    for policy, tables in assembly.table_policies:
        for statement in policy.statements if policy.resource.type != kinds.KEY else ():
            if statement.allows:
                wide = [action for action in statement.actions if is_wide_action(action)]
                answer = not wide and not statement.excludes_actions
                named = "only listed actions" if answer else ", ".join(wide) or "all actions but those that it lists"
                detail = f"{statement.label} allows {named}"
                path = policy.path_of(statement)
                # A permission may be one for another function.
                known = answer or (None if statement.is_open else False)
                yield judged(policy.resource, path, known, detail, key=statement.label, tables=tables)


RULE = Rule(
    id="SecureDdb-IAM11",
    title="Policies of a table, and of what serves it, list what they allow",
    severity=Severity.MEDIUM,
    requirements=("IAM-1",),
    controls=("CS-5", "PR.AC-3", "NIST.800-53.r5 AC-6", "NIST.800-53.r5 AC-3", "PCI DSS v4.0.1/7.2.2"),
    explanation="All actions include changing the policy itself, and deleting what it protects.",
    remedy="List the actions that the principal needs.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    check=check,
)
