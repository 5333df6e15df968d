"""Hot keys are shown, except those of restricted data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, as_list, at
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica, and at its indexes."""
    for table, replica in assembly.tables.replicas:
        enabled = replica.at("ContributorInsightsSpecification", "Enabled")
        path = f"{replica.path}.ContributorInsightsSpecification.Enabled"
        good = as_bool(enabled) == table.floor.may_show_keys
        yield judged_value(table.resource, path, enabled, good=good, key=replica.region, tables=[table])
        # Where keys may be shown, those of an index need not be.
        indexes = [] if table.floor.may_show_keys else as_list(replica.at("GlobalSecondaryIndexes"))
        for position, index in enumerate(indexes):
            shown = at(index, "ContributorInsightsSpecification", "Enabled")
            if shown is not None:
                path = f"{replica.path}.GlobalSecondaryIndexes.{position}.ContributorInsightsSpecification.Enabled"
                key = f"{replica.region}.{at(index, 'IndexName')}"
                yield judged_value(table.resource, path, shown, good=not as_bool(shown), key=key, tables=[table])


RULE = Rule(
    id="SecureDdb-MON11",
    title="Contributor Insights are on, and off for restricted data",
    severity=Severity.LOW,
    requirements=("MON-2",),
    controls=("PR.PT-5", "PR.DS-1", "NIST.800-53.r5 CA-7"),
    explanation=(
        "They show the keys that are throttled, which is how a hot partition is found. They show them in clear, which "
        "the table's key does not cover."
    ),
    remedy="Set ContributorInsightsSpecification.Enabled as the data's classification demands.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html",
    check=check,
)
