"""An endpoint lets only named tables and named actions pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.access.statements import is_wide_action
from secure_ddb.rules.network.endpoints import dynamodb_endpoints, is_known_table, is_wide_resource
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of an endpoint's policy that lets something pass."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        if not policy.statements:
            answer = None if policy.is_unknown else False
            yield judged(endpoint, policy.path, answer, "an endpoint without a policy lets everything pass")
        for statement in policy.statements:
            if statement.allows:
                narrow, detail = _narrow(assembly, endpoint, statement)
                yield judged(endpoint, policy.path_of(statement), narrow, detail, key=statement.label)


def _narrow(assembly: Assembly, endpoint: Resource, statement: Statement) -> tuple[Truth, str]:
    wide_actions = list(filter(is_wide_action, statement.actions))
    wide_resources = list(filter(is_wide_resource, statement.resources))
    for what, names, excluded, wide in (
        ("actions", statement.actions, statement.excludes_actions, wide_actions),
        ("tables", statement.resources, statement.excludes_resources, wide_resources),
    ):
        if excluded or wide or not names:
            named = f"all but {', '.join(names)}" if excluded else ", ".join(wide) or "all"
            return False, f"{statement.label} lets {named} pass as {what}"
    known = all(is_known_table(assembly, name, endpoint) for name in statement.resources)
    if statement.has_unknown_actions or not known:
        return None, f"what {statement.label} lets pass is known only at deployment"
    return True, f"{statement.label} lets only what it names pass"


RULE = Rule(
    id="SecureDdb-NET1",
    title="Gateway endpoints let only named actions on named tables pass",
    severity=Severity.HIGH,
    requirements=("NET-1", "NET-2", "NET-3"),
    controls=(
        "CS-6",
        "PR.AC-5",
        "PR.PT-4",
        "NIST.800-53.r5 AC-4",
        "NIST.800-53.r5 SC-7",
        "NIST.800-53.r5 SC-7(10)",
        "PCI DSS v4.0.1/1.3.1",
        "PCI DSS v4.0.1/1.3.2",
    ),
    explanation=(
        "Without a policy of its own an endpoint lets every principal reach every table of every account, so that data "
        "can be carried off to somebody else's table."
    ),
    remedy="Write a PolicyDocument that lists the actions, and the ARNs of the tables and their indexes.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    check=check,
)
