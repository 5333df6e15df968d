"""The audit log in a security account."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_DESTINATION = re.compile(r"arn:[^:]*:logs:[^:]*:([^:]*):destination:.+")
# A filter without a pattern takes every line.
_EVERYTHING = ("", " ")


@Rule(
    id="SecureDdb-AUD34",
    title="An audit log that is sent to a destination is sent to another account, with every line",
    problem="The audit log is sent to a destination in its own account, or not with every line",
    severity=Severity.MEDIUM,
    requirements=("AUD-4",),
    controls=("CS-4", *nist("AU-4(1)", "AU-9(2)")),
    rationale=(
        "An administrator of an account can stop and delete everything in it. A copy in another account stays intact."
    ),
    remedy=(
        "Set DestinationArn of the SubscriptionFilter to a destination in a security account, without FilterPattern "
        "(AuditSettings.archive with an ArchiveDestination)."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions-Firehose.html",
)
def leaves_for_another_account(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each subscription filter of a log of changes that names a destination."""
    for group, filters in assembly.archive.subscriptions.items():
        for each in filters:
            named = each.properties.get("DestinationArn")
            match = _DESTINATION.fullmatch(str(named))
            if not match:
                continue
            account, pattern = match[1], each.properties.get("FilterPattern", "")
            elsewhere: Truth = None if is_unknown(account) or is_unknown(group.account) else account != group.account
            everything: Truth = None if is_unknown(pattern) else str(pattern) in _EVERYTHING
            tables = assembly.audit.log_groups[group]
            where = (
                f"account {account}"
                if elsewhere
                else "its own account"
                if elsewhere is False
                else "an account known only at deployment"
            )
            path = "Properties.DestinationArn"
            yield judged(each, path, elsewhere, f"lines go to {where}", key="account", tables=tables)
            what = (
                "every line is sent"
                if everything
                else "not every line is sent"
                if everything is False
                else "lines may be sent"
            )
            yield judged(each, "Properties.FilterPattern", everything, f"{what} there", key="lines", tables=tables)


@Rule(
    id="SecureDdb-AUD35",
    title="A log destination accepts lines only from named accounts or from one organization",
    problem="A log destination accepts lines from any account",
    severity=Severity.MEDIUM,
    requirements=("AUD-4",),
    controls=("CS-4", *nist("AU-9", "AC-3")),
    rationale="Other accounts could fill the archive with lines that no table of the company wrote.",
    remedy="Name accounts as principals of the destination's policy, or one organization in aws:PrincipalOrgID.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateFirehoseStreamDestination.html",
)
def takes_known_senders(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each destination of CloudWatch Logs in the templates."""
    for destination in assembly.of_type(kinds.LOG_DESTINATION):
        policy = destination.properties.get("DestinationPolicy")
        answer, detail = _senders(policy)
        yield judged(destination, "Properties.DestinationPolicy", answer, detail)


def _senders(policy: object) -> tuple[Truth, str]:
    if policy is None:
        return True, "without a policy, no other account can send"
    document: Any = policy
    if isinstance(policy, str):
        document = None
        with suppress(ValueError):
            document = json.loads(policy)
    if not isinstance(document, dict):
        return None, "the policy is known only at deployment"
    open_ = [
        str(at(statement, "Sid") or position)
        for position, statement in enumerate(as_list(document.get("Statement")))
        if at(statement, "Effect") == "Allow" and _is_open(statement)
    ]
    return (
        (False, f"statement {', '.join(open_)} accepts lines from any account")
        if open_
        else (True, "senders are named")
    )


def _is_open(statement: Any) -> bool:  # noqa: ANN401 - a value of a policy
    principal = at(statement, "Principal")
    named = as_list(at(principal, "AWS") if isinstance(principal, dict) else principal)
    conditions = at(statement, "Condition")
    blocks = conditions.values() if isinstance(conditions, dict) else ()
    keys = {str(key).lower() for block in blocks if isinstance(block, dict) for key in block}
    return "*" in named and "aws:principalorgid" not in keys
