"""What the classification of a table demands of a replica's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import ContributorInsightsSpecification

from secure_ddb.classification import DataClassification
from secure_ddb.errors import reject
from secure_ddb.table_arguments import refuse_shown_keys

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.replicas.settings import ReplicaSettings


def check_floor(context: TableContext, settings: ReplicaSettings) -> None:
    """Refuse settings that give up for one Region what the table has; record who accepts where items are.

    Raises:
        InvalidArgumentError: CloudWatch would show keys in clear, or RESTRICTED items would be in a Region that nobody
            accepted.
    """
    name = f"replicas[{settings.region}]"
    insights = "contributor_insights_specification"
    refuse_shown_keys(f"{name}.{insights}", settings.contributor_insights_specification, context.classification)
    for index, options in (settings.global_secondary_index_options or {}).items():
        chosen = options.contributor_insights_specification
        if options.contributor_insights:
            chosen = ContributorInsightsSpecification(enabled=True)
        argument = f"{name}.global_secondary_index_options[{index}].{insights}"
        refuse_shown_keys(argument, chosen, context.classification)
    if context.classification is DataClassification.RESTRICTED:
        if not settings.residency_accepted_by:
            reject(
                f"{name}.residency_accepted_by",
                settings.residency_accepted_by,
                f"who accepts that RESTRICTED items are kept in {settings.region}, such as a ticket",
            )
        context.evidence.claims["residency"] = (
            f"items may be kept in {settings.region} (accepted by {settings.residency_accepted_by})"
        )
