"""What has to be kept for years is copied to where nobody can change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.table_evidence import ARCHIVE
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# A filter without a pattern takes every line.
_EVERYTHING = {"", " "}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log of changes that has an archive, has to have one, or was given one."""
    for group, tables in assembly.audit.log_groups.items():
        found = assembly.archive.subscriptions.get(group, [])
        answer = any_of(_archives(assembly, each) for each in found)
        demanded = any(table.floor.must_be_archived or table.said("settings", ARCHIVE) for table in tables)
        if not answer and not demanded:
            continue
        if not answer and assembly.archive.account_subscriptions(group):
            answer = None
        names_of = ", ".join(each.logical_id for each in found)
        copies = "copies" if answer else "may copy" if answer is None else "does not copy"
        detail = f"{names_of or 'nothing in the app'} {copies if names_of or answer is None else 'copies'} every line"
        yield judged(group, "Properties", answer, f"{detail} to an archive", tables=tables)


def _archives(assembly: Assembly, subscription: Resource) -> Truth:
    """Tell whether a subscription filter hands every line to a delivery stream to Amazon S3."""
    pattern = subscription.properties.get("FilterPattern", "")
    if not is_unknown(pattern) and str(pattern) not in _EVERYTHING:
        return False
    if is_unknown(pattern):
        return None
    # What becomes of lines that go to another account, or to a stream that is not in the app, cannot be seen.
    return True if assembly.archive.stream_of(subscription) else None


RULE = Rule(
    id="SecureDdb-AUD21",
    title="Every line of the log of changes to restricted data is archived",
    severity=Severity.MEDIUM,
    requirements=("AUD-3",),
    controls=("CS-4", "NIST.800-53.r5 AU-4(1)", "NIST.800-53.r5 AU-9(2)", "NIST.800-53.r5 AU-11"),
    explanation="Who administers CloudWatch Logs can delete a log group. Objects under Object Lock stay.",
    remedy=(
        "Make an AWS::Logs::SubscriptionFilter without a FilterPattern to a delivery stream of Amazon Data Firehose "
        "that writes to Amazon S3 (AuditSettings.archive)."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
    check=check,
)
