"""A role's permissions name the tables that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.access.statements import demands_named, grants_on_tables
from secure_ddb.rules.network.endpoints import is_known_table, is_wide_resource
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the resources of every statement on tables."""
    for policy, statement in grants_on_tables(assembly):
        wide = [name for name in statement.resources if is_wide_resource(name)]
        on_tags = statement.conditions_on("aws:ResourceTag/")
        by_tag = [each for each in on_tags if each.must_be_present and demands_named(each)]
        answer: Truth = not statement.excludes_resources and (not wide or bool(by_tag))
        if answer and not all(is_known_table(assembly, name, policy.resource) for name in statement.resources):
            answer = None
        named = (
            "named tables"
            if answer
            else "what is known only at deployment"
            if answer is None
            else ", ".join(wide) or "all tables but those that it lists"
        )
        detail = f"{statement.label} is about {named}"
        yield judged(policy.resource, policy.path_of(statement), answer, detail, key=statement.label)


RULE = Rule(
    id="SecureDdb-IAM3",
    title="Permissions on tables name the tables, without wildcards",
    severity=Severity.HIGH,
    requirements=("IAM-1",),
    controls=(
        "CS-5",
        "PR.AC-3",
        "NIST.800-53.r5 AC-6",
        "NIST.800-53.r5 AC-3",
        "PCI DSS v4.0.1/7.2.2",
        "PCI DSS v4.0.1/7.2.5",
    ),
    explanation="A permission on every table is one on the next team's table too.",
    remedy="Name the table's ARN, and its /index/* where indexes are queried.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-overview.html",
    check=check,
)
