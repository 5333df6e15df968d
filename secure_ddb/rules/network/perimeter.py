"""Perimeters: from where a table may be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.access.actions import COPY_OF_ALL_ITEMS, DATA_PLANE, TABLE_POLICY
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import Request, refusals
from secure_ddb.iam.request_probes import (
    INTERNET,
    NETWORK,
    ORGANIZATION,
    context_of,
    elsewhere,
    network_of_others,
    request_of,
    role_named,
)
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.backup.jobs import COPY
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, shown
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.iam.request_probes import Context
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.three_valued import Truth

# Exporting and restoring hand out every item.
ITEMS = (*DATA_PLANE, *COPY_OF_ALL_ITEMS)
# Of these, what also works on an index.
ITEMS_OF_INDEX = ("dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan")


class Perimeter(NamedTuple):
    """A replica of a table that has a perimeter, or has to.

    Attributes:
        table: The table.
        replica: The replica.
        statements: The statements of its own policy.
        denying: Those that deny items because of a network, or of whose principal asks; none if it has no perimeter.
    """

    table: Table
    replica: Replica
    statements: Sequence[Statement]
    denying: Sequence[Statement]

    @property
    def places(self) -> list[tuple[str, tuple[str, ...]]]:
        """Resources with items, and the actions that access them there."""
        index = [(f"{self.replica.arn}/index/{ANY_NAME}", ITEMS_OF_INDEX)] if self.table.has_indexes else []
        return [(self.replica.arn, ITEMS), *index]

    def denies(self, requests: Iterable[Request]) -> tuple[Truth, str]:
        """Return whether the policy denies all requests; otherwise one of the actions that it allows."""
        if not self.statements:
            return None if is_unknown(self.replica.policy) else False, "everything"
        found = [each for request in requests for each in refusals(self.statements, request).items()]
        return all_of(*(each for _, each in found)), next((action for action, each in found if not each), "")

    def judged(self, answer: Truth, detail: str) -> Judgement:
        """Return a judgement on the policy."""
        path, key = self.replica.policy_path, self.replica.region
        return judged(self.table.resource, path, answer, detail, key=key, tables=[self.table])


def perimeters(assembly: Assembly) -> Iterator[Perimeter]:
    """Yield each replica whose table has to have a perimeter, or has one all the same."""
    for table, replica in assembly.tables.replicas:
        found = assembly.policies.at(table.resource, replica.policy_path).statements
        denying = [
            statement
            for statement in found
            if statement.denies
            and statement.touches_actions(DATA_PLANE)
            and any(condition.is_negated for condition in statement.conditions_on(*NETWORK, *ORGANIZATION))
        ]
        if denying or table.floor.must_enforce_perimeter:
            yield Perimeter(table, replica, found, denying)


def judged_perimeters(
    assembly: Assembly, requests_at: Callable[[Perimeter], Iterable[Request]], *, met: str, passing: str
) -> Iterator[Judgement]:
    """Judge whether each perimeter denies requests: `met` if so, otherwise what passes and from where."""
    for each in perimeters(assembly):
        answer, action = each.denies(requests_at(each))
        yield each.judged(
            answer,
            choose(answer, met, f"it does not deny {action} {passing}", f"it may or may not deny {action} {passing}"),
        )


@Rule(
    id="SecureDdb-NET6",
    title="The table's perimeter denies item requests from outside the company's networks",
    problem="Items can be reached from outside the company's networks",
    severity=Severity.HIGH,
    requirements=("NET-4",),
    controls=("CS-6", "CS-7", "PR.AC-3", "PR.AC-5", *nist("AC-4", "SC-7")),
    rationale=(
        "Stolen credentials work from anywhere unless the table's policy denies it. Restricted data requires a "
        "perimeter."
    ),
    remedy=(
        "Set perimeter=PerimeterSettings(...) of the table, or deny item-level actions, exports and restores unless "
        "aws:SourceVpce or aws:SourceIp is the company's. Exempt roles one by one, never by a pattern or by "
        "aws:ViaAWSService."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html",
)
def perimeter_networks(assembly: Assembly) -> Iterator[Judgement]:
    """Ask the policy of each replica for items: from the internet, another company's network, and through a service."""
    yield from judged_perimeters(
        assembly, _perimeter_networks_requests, met="item requests from outside are denied", passing="from outside"
    )
    for table in assembly.tables:
        if is_unknown(table.classification_tag):
            detail = "whether it requires a perimeter is known only at deployment"
            yield judged(table.resource, "Properties.Tags", None, detail, tables=[table])


def _perimeter_networks_requests(perimeter: Perimeter) -> Iterator[Request]:
    table = perimeter.table.resource
    # A role of the account that no policy names, so that only a pattern for all roles exempts it.
    outsider = role_named("zz-anybody-else", table.account, table)
    inside = context_of(table.account, perimeter.statements)
    # A caller outside can have a service call on their behalf, such as AWS's MCP server.
    by_service: Context = {**INTERNET, "aws:viaawsservice": ("true",)}
    for network in (INTERNET, network_of_others(table.account), by_service):
        for name, actions in perimeter.places:
            yield request_of(outsider, table.account, {**inside, **network}, actions, name)


@Rule(
    id="SecureDdb-NET7",
    title="The table's perimeter denies principals from outside the account or organization",
    problem="The table can be reached by principals from outside the account or organization",
    severity=Severity.MEDIUM,
    requirements=("NET-4",),
    controls=("CS-7", "PR.AC-3", "PR.AC-5", *nist("AC-3", "SC-7(10)")),
    rationale="Even if another statement allows another account later, the perimeter's deny still applies.",
    remedy=(
        'Deny all actions to Principal "*" under StringNotEquals aws:PrincipalAccount and aws:PrincipalOrgID, with '
        'BoolIfExists aws:PrincipalIsAWSService "false".'
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html",
)
def perimeter_principals(assembly: Assembly) -> Iterator[Judgement]:
    """Ask the policy of each replica on behalf of another organization's role that sits in one of our networks."""
    met, passing = "principals from outside are denied", "for principals from outside"
    yield from judged_perimeters(assembly, _perimeter_principals_requests, met=met, passing=passing)


def _perimeter_principals_requests(perimeter: Perimeter) -> Iterator[Request]:
    table = perimeter.table.resource
    account = elsewhere(table.account)
    stranger = role_named("zz-stranger", account, table)
    context = {
        **context_of(account, perimeter.statements, of=table.account),
        "aws:principalorgid": ("o-elsewhere",),
        "aws:principalorgpaths": ("o-elsewhere/r-elsewhere/",),
    }
    yield request_of(stranger, account, context, TABLE_POLICY, perimeter.replica.arn)
    for index, _ in perimeter.places[1:]:
        yield request_of(stranger, account, context, ITEMS_OF_INDEX, index)


_REPLICATION = "aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"


@Rule(
    id="SecureDdb-NET8",
    title="The table's perimeter does not block AWS services or AWS Backup's role",
    problem="The table's perimeter blocks AWS services or AWS Backup's role",
    severity=Severity.MEDIUM,
    requirements=("NET-4",),
    controls=("PR.PT-5", *nist("CP-9")),
    rationale=(
        "AWS services do not call from the company's networks. If blocked, replication and backups stop silently."
    ),
    remedy=(
        'Add BoolIfExists aws:PrincipalIsAWSService "false" to the perimeter\'s denies and exempt '
        "role/aws-service-role/*. Do not deny management actions by network, or exempt AWS Backup's role from the "
        "deny on backups."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
)
def perimeter_services(assembly: Assembly) -> Iterator[Judgement]:
    """Ask the policy of each replica that has a perimeter on behalf of services."""
    for each in perimeters(assembly):
        if each.denying:
            roles = [role for role, tables in assembly.backup.roles.items() if each.table in tables]
            asked = dict(_perimeter_services_requests(each, roles))
            refused = {who: any_of(refusals(each.statements, request).values()) for who, request in asked.items()}
            stops = any_of(refused.values())
            who = next(who for who, answer in refused.items() if answer is stops)
            detail = choose(stops, f"it blocks {who}", "it blocks no service", f"it may block {who}")
            yield each.judged(negate(stops), detail)


def _perimeter_services_requests(perimeter: Perimeter, backup_roles: list[Resource]) -> Iterator[tuple[str, Request]]:
    table, name = perimeter.table.resource, perimeter.replica.arn
    account = table.account
    # Services call from networks of AWS.
    context = {**context_of(account, perimeter.statements), **INTERNET}
    itself: Context = {**context, **dict.fromkeys((*ORGANIZATION, "aws:principalarn"), ())}
    itself["aws:principalisawsservice"] = ("true",)
    service = "dynamodb.amazonaws.com"
    request = Request(actions=DATA_PLANE, resources=(name,), service=service, account=account, context=itself)
    yield "services that act on their own behalf", request
    linked = role_named(_REPLICATION, account, table)
    yield "roles that only services can assume", request_of(linked, account, context, DATA_PLANE, name)
    for role in backup_roles:
        yield f"AWS Backup's role {role.logical_id}", request_of(role.arn, role.account, context, COPY, name)


@Rule(
    id="SecureDdb-NET9",
    title="The table's perimeter allows only endpoints whose policies list the table",
    problem="The table's perimeter allows an endpoint whose policy does not list the table",
    severity=Severity.MEDIUM,
    requirements=("NET-3", "NET-4"),
    controls=("CS-6", "PR.AC-5", *nist("AC-4", "SC-7")),
    rationale=(
        "An allowed endpoint that does not list the table belongs to another lane, or does not give access to the "
        "table."
    ),
    remedy="Register the table with the lane, or remove the lane's endpoint from the table's policy.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def perimeter_endpoints(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each endpoint that the policy of a replica lets pass."""
    for each in perimeters(assembly):
        admitted = (value for statement in each.denying for value in statement.excluded_values("aws:SourceVpce"))
        answers = {value: _names(assembly, value, each) for value in admitted}
        if answers:
            answer = all_of(*answers.values())
            odd = next(shown(value) for value, found in answers.items() if found is answer)
            fine, hidden = "every endpoint that it allows lists the table", f"endpoint {odd} is not in the app"
            yield each.judged(answer, choose(answer, fine, f"endpoint {odd} does not list the table", hidden))


def _names(assembly: Assembly, value: str, perimeter: Perimeter) -> Truth:
    endpoint = assembly.find(value, perimeter.table.resource, kinds.ENDPOINT)
    if endpoint is None:
        return None
    policy = assembly.policies.of(endpoint, "PolicyDocument")
    if policy.is_unknown:
        return None
    arn = perimeter.replica.arn
    return any(each.touches_actions(DATA_PLANE) and each.covers_resource(arn) for each in policy.allowing)
