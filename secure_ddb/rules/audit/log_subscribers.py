"""The log of changes stays in its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.sources import is_of_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look where each subscription filter sends the log of changes."""
    for group, subscriptions in assembly.subscriptions.items():
        for subscription in subscriptions:
            stays = is_of_account(str(subscription.properties.get("DestinationArn")), subscription)
            # Whether another account is one of the company's, no template shows.
            what = "another account" if stays is False else "an account that only the deployment knows"
            detail = f"it sends the log to {'its own account' if stays else what}"
            tables = assembly.log_groups[group]
            yield judged(subscription, "Properties.DestinationArn", stays or None, detail, tables=tables)


RULE = Rule(
    id="SecureDdb-AUD28",
    title="The log of changes is handed on within its account",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 SC-7(10)"),
    explanation=(
        "Every line goes wherever a subscription filter sends it. That may be the company's account for logs, or "
        "somebody else's: no template shows whose it is."
    ),
    remedy="Send the log to a target of its own account, or acknowledge the account that it is meant to go to.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html",
    check=check,
)
