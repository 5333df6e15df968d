"""Services only publish to the topic, and only for this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# It supports no conditions in a topic's policy.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
_WITHOUT_CONDITIONS = "events.amazonaws.com"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a topic's policy that is for a service."""
    for topic, tables in assembly.alarms.topics.items():
        for policy in assembly.policies.on(topic):
            for statement in policy.statements:
                services = {who.value for who in statement.principals if who.kind == "Service"}
                if statement.allows and services:
                    more = [action for action in statement.actions if action != "sns:publish"]
                    bound = services == {_WITHOUT_CONDITIONS} or bound_to_account(statement, topic)
                    answer = False if more or statement.excludes_actions else bound
                    what = f"also {more[0]}" if more else "publish" if bound else "publish for any account"
                    detail = f"{statement.label} lets a service {what}"
                    path = policy.path_of(statement)
                    yield judged(policy.resource, path, answer, detail, key=statement.label, tables=tables)


RULE = Rule(
    id="SecureDdb-MON12",
    title="Services may only publish to the alarms' topic, and only for this account",
    severity=Severity.MEDIUM,
    requirements=("MON-2",),
    controls=("PR.AC-3", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 AC-6"),
    explanation="False alarms from somebody else's account wear out whoever is on call.",
    remedy="Allow sns:Publish only, with aws:SourceAccount where the service sends it.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
    check=check,
)
