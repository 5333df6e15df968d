"""AWS Backup copies the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a selection that selects the table, by its ARN, a wildcard or its tags."""
    for table in assembly.tables:
        selections = assembly.backup.selections[table]
        answer = any_of(_of_plan(assembly, selection, selects) for selection, selects in selections)
        by = ", ".join(selection.logical_id for selection, _ in selections)
        detail = f"it is selected by {by}" if by else "no backup plan of the app selects it"
        yield judged(table.resource, "Properties", answer, detail, tables=[table])


def _of_plan(assembly: Assembly, selection: Resource, selects: Truth) -> Truth:
    """Return no for a selection of no plan; of a plan that is not in the app nothing can be seen."""
    if selection.properties.get("BackupPlanId") is None:
        return False
    return None if assembly.backup.plan_of(selection) is None else selects


RULE = Rule(
    id="SecureDdb-BAK5",
    title="The table is in a backup plan",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-12", "Security Hub DynamoDB.4"),
    explanation=(
        "Point-in-time recovery ends after 35 days and with the table. Recovery points are in a vault, under a policy "
        "of their own."
    ),
    remedy="Name the table's ARN in an AWS::Backup::BackupSelection, or select it by a tag that it has.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
    check=check,
    spares_ephemeral=True,
)
