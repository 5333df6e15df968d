"""The log of changes stays in its account."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import at, unknown
from secure_ddb.iam.confused_deputy import is_of_account
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look where each subscription filter, of the log group or of its account, sends the log of changes."""
    of_accounts: defaultdict[Resource, list[Table]] = defaultdict(list)
    for group, tables in assembly.audit.log_groups.items():
        for subscription in assembly.archive.subscriptions.get(group, ()):
            destination = subscription.properties.get("DestinationArn")
            yield _judged(subscription, "Properties.DestinationArn", destination, tables)
        for policy in assembly.archive.account_subscriptions(group):
            of_accounts[policy] += tables
    for policy, tables in of_accounts.items():
        yield _judged(policy, "Properties.PolicyDocument", _destination(policy), list(dict.fromkeys(tables)))


def _judged(subscription: Resource, path: str, destination: object, tables: Sequence[Table]) -> Judgement:
    stays = is_of_account(str(destination), subscription)
    # Whether another account is one of the company's, no template shows.
    what = "another account" if stays is False else "an account that only the deployment knows"
    detail = f"it sends the log to {'its own account' if stays else what}"
    return judged(subscription, path, stays or None, detail, tables=tables)


def _destination(policy: Resource) -> object:
    """Return where a policy sends the logs of an account; text that is not JSON is known only at deployment."""
    document = policy.properties.get("PolicyDocument")
    if isinstance(document, str):
        with suppress(ValueError):
            document = json.loads(document)
    found = at(document, "DestinationArn")
    return found if found is not None else unknown("DestinationArn")


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
