"""Gateway endpoints for DynamoDB."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.comparison import same_account
from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.landscape.grants import is_wide_action
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_statement, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# What belongs to one table: a wildcard there stands for no other table.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
_OF_TABLE = re.compile(r"/(?:backup|export|import|index|stream)/[^/]*$")
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


_SERVICES = (".dynamodb", ".dynamodb-streams")


def dynamodb_endpoints(assembly: Assembly) -> list[Resource]:
    """Return the VPC endpoints for DynamoDB and its streams, gateways and interfaces."""
    endpoints = assembly.of_type(kinds.ENDPOINT)
    return [each for each in endpoints if str(each.properties.get("ServiceName")).endswith(_SERVICES)]


def is_wide_resource(name: str) -> bool:
    """Return whether a resource in a policy stands for more than one table."""
    table = _OF_TABLE.sub("", name)
    return "*" in table or "?" in _PLACEHOLDER.sub("", table)


def is_known_table(assembly: Assembly, name: str, near: Resource) -> bool:
    """Return whether a resource in a policy is known at synth: in full, or as a table of the templates."""
    return not is_unknown(name) or assembly.tables.find(_OF_TABLE.sub("", name), near) is not None


@Rule(
    id="SecureDdb-NET1",
    title="Gateway endpoints allow only listed actions on listed tables",
    problem="A gateway endpoint allows more than listed actions on listed tables",
    severity=Severity.HIGH,
    requirements=("NET-1", "NET-2", "NET-3", "NET-6"),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("AC-4", "SC-7", "SC-7(10)"), *pci("1.3.1", "1.3.2")),
    rationale=(
        "Without a policy, an endpoint gives access to all tables of all accounts, so data can leave to any of them."
    ),
    remedy="Write a PolicyDocument that lists the actions, and the ARNs of the tables and their indexes.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def endpoint_policy(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of an endpoint's policy that lets something pass."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        if not policy.statements:
            answer = None if policy.is_unknown else False
            yield judged(endpoint, policy.path, answer, "an endpoint without a policy allows everything")
        for statement in policy.allowing:
            yield judged_statement(policy, statement, *_narrow(assembly, endpoint, statement))


def _narrow(assembly: Assembly, endpoint: Resource, statement: Statement) -> tuple[Truth, str]:
    wide_actions = list(filter(is_wide_action, statement.actions))
    wide_resources = list(filter(is_wide_resource, statement.resources))
    for what, names, excluded, wide in (
        ("actions", statement.actions, statement.excludes_actions, wide_actions),
        ("tables", statement.resources, statement.excludes_resources, wide_resources),
    ):
        if excluded or wide or not names:
            named = f"all but {', '.join(names)}" if excluded else ", ".join(wide) or "all"
            return False, f"{statement.label} allows {named} as {what}"
    known = all(is_known_table(assembly, name, endpoint) for name in statement.resources)
    if statement.has_unknown_actions or not known:
        return None, f"what {statement.label} allows is known only at deployment"
    return True, f"{statement.label} allows only what it lists"


# Reading about a table changes nothing, and SDKs do it in passing.
MANAGING = tuple(name for name in CONTROL_PLANE if not name.startswith(("dynamodb:Describe", "dynamodb:List")))


@Rule(
    id="SecureDdb-NET2",
    title="Each gateway endpoint allows either item or table management actions, and no exports or restores",
    problem="A gateway endpoint allows both item and table management actions, or exports and restores",
    severity=Severity.MEDIUM,
    requirements=("NET-1", "NET-2"),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("AC-4", "SC-7"), *pci("1.3.1", "1.3.2")),
    rationale=(
        "Applications do not manage tables, and operators do not read items. An endpoint for both gives an intruder "
        "in either network more access."
    ),
    remedy="Create two endpoints, one for the subnets of applications and one for those of operations.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html",
)
def endpoint_planes(assembly: Assembly) -> Iterator[Judgement]:
    """Look at what each endpoint's policy allows."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        items, managing, copying = (
            [action for statement in policy.allowing for action in actions if statement.covers_action(action)]
            for actions in (DATA_PLANE, MANAGING, COPY_OF_ALL_ITEMS)
        )
        if copying:
            detail = f"it allows {copying[0]}, which copies every item"
            yield judged(endpoint, policy.path, False, detail)
        elif items and managing:
            yield judged(endpoint, policy.path, False, f"it allows both {items[0]} and {managing[0]}")
        elif any(statement.has_unknown_actions for statement in policy.allowing):
            yield judged(endpoint, policy.path, None, "its allowed actions are known only at deployment")
        elif policy.statements:
            yield judged(endpoint, policy.path, True, "it allows only one of the two kinds of actions")


@Rule(
    id="SecureDdb-NET3",
    title="Gateway endpoints allow only principals of the account or organization",
    problem="A gateway endpoint allows principals from outside the account or organization",
    severity=Severity.MEDIUM,
    requirements=("NET-1", "NET-2", "NET-6"),
    controls=("PR.AC-3", "PR.AC-5", *nist("AC-4", "SC-7(10)"), *pci("1.3.2")),
    rationale="With credentials of another company, data could be carried out of the network.",
    remedy='Leave Principal "*" and add the condition StringEquals aws:PrincipalAccount or aws:PrincipalOrgID.',
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def endpoint_principals(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of an endpoint's policy that lets something pass."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        for statement in policy.allowing:
            answer = bound_to_account(statement, endpoint)
            whose = "this account or organization" if answer else "any account"
            yield judged_statement(policy, statement, answer, f"{statement.label} allows principals of {whose}")


_ACCOUNT_OF = re.compile(r"arn:[^:]*:dynamodb:[^:]*:([^:]*):table/")


@Rule(
    id="SecureDdb-NET4",
    title="Gateway endpoints allow only tables of their own account",
    problem="A gateway endpoint allows tables of other accounts",
    severity=Severity.HIGH,
    requirements=("NET-3", "NET-6"),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("AC-4", "SC-7(10)")),
    rationale=(
        "Data can leave the company through a table of another account, however narrow the rest of the policy is."
    ),
    remedy="List only the ARNs of tables that are registered with the endpoint.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def endpoint_accounts(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the tables that each statement of an endpoint's policy lets pass; wildcards are another rule's."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        for statement in policy.allowing:
            named = [name for name in statement.resources if not is_wide_resource(name)]
            if named and not statement.excludes_resources:
                answers = {name: _is_in(endpoint.account, name) for name in named}
                answer = all_of(*answers.values())
                odd = next(shown(name) for name, found in answers.items() if found is answer)
                own, other = "allows only tables of its own account", f"{odd} of another account"
                what = choose(answer, own, f"allows {other}", f"may allow {other}")
                yield judged_statement(policy, statement, answer, f"{statement.label} {what}")


def _is_in(account: str, name: str) -> Truth:
    found = _ACCOUNT_OF.match(name)
    return same_account(found[1], account) if found else None


@Rule(
    id="SecureDdb-NET5",
    title="Each gateway endpoint has route tables of its own",
    problem="Gateway endpoints share route tables",
    severity=Severity.MEDIUM,
    requirements=("NET-3", "NET-5"),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", *nist("AC-4", "SC-7(21)")),
    rationale=(
        "Subnets with the same route table use the same endpoint, so lanes are not separate. AWS refuses a second "
        "DynamoDB endpoint on a route table."
    ),
    remedy="Give the subnets of each lane, and those of operations, a separate route table.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
)
def endpoint_route_tables(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the route tables of each gateway endpoint, and at other endpoints on them."""
    for endpoint, route_tables in assembly.network.gateways:
        shared = [name for name in route_tables if len(assembly.network.gateways_on[name]) > 1 and not is_unknown(name)]
        path = "Properties.RouteTableIds"
        if shared:
            yield judged(endpoint, path, False, f"{shown(shared[0])} also leads to another endpoint")
        elif not route_tables:
            yield judged(endpoint, path, False, "it is on no route table, so no traffic uses it")
        else:
            known = not any(map(is_unknown, route_tables))
            yield judged(endpoint, path, known or None, "its route tables are its own")
