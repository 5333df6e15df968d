"""A perimeter does not stop the services of AWS that work for the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import DATA_PLANE
from secure_ddb.iam.evaluation import Request, refusals
from secure_ddb.iam.request_probes import INTERNET, ORGANIZATION, context_of, request_of, role_named
from secure_ddb.rules.network.perimeter import perimeters
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.network.perimeter import Perimeter

# What AWS Backup's role asks of a table.
_BACKUP = (
    "dynamodb:CreateBackup",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:StartAwsBackupJob",
)
_REPLICATION = "aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Ask the policy of each replica that has a perimeter on behalf of services."""
    roles: dict[Resource, list[Resource]] = {}
    for role, tables in assembly.backup.roles.items():
        for table in tables:
            roles.setdefault(table.resource, []).append(role)
    for each in perimeters(assembly):
        if each.denying:
            asked = dict(_requests(each, roles.get(each.table.resource, [])))
            refused = {who: any_of(refusals(each.statements, request).values()) for who, request in asked.items()}
            stopped = [who for who, answer in refused.items() if answer] or [
                who for who, answer in refused.items() if answer is None
            ]
            answer = negate(any_of(refused.values()))
            stops = "stops" if answer is False else "may stop"
            detail = f"it {stops} {stopped[0]}" if stopped else "it stops no service"
            path, key = each.replica.policy_path, each.replica.region
            yield judged(each.table.resource, path, answer, detail, key=key, tables=[each.table])


def _requests(perimeter: Perimeter, backup_roles: list[Resource]) -> Iterator[tuple[str, Request]]:
    table, name = perimeter.table.resource, perimeter.replica.arn
    account = table.account
    # Services call from networks of AWS.
    context = {**context_of(account, perimeter.statements), **INTERNET}
    itself = {
        **context,
        **dict.fromkeys(ORGANIZATION, ()),
        "aws:principalarn": (),
        "aws:principalisawsservice": ("true",),
    }
    service = "dynamodb.amazonaws.com"
    yield (
        "services that act for themselves",
        Request(actions=DATA_PLANE, resources=(name,), service=service, account=account, context=itself),
    )
    linked = role_named(_REPLICATION, account, table)
    yield "roles that only services can assume", request_of(linked, account, context, DATA_PLANE, name)
    for role in backup_roles:
        yield f"AWS Backup's role {role.logical_id}", request_of(role.arn, role.account, context, _BACKUP, name)


RULE = Rule(
    id="SecureDdb-NET8",
    title="The table's perimeter lets services of AWS and AWS Backup's role work",
    severity=Severity.MEDIUM,
    requirements=("NET-4",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9"),
    explanation="A service does not come from the company's networks. Replication and backups would stop silently.",
    remedy=(
        'Add BoolIfExists aws:PrincipalIsAWSService "false" to what the perimeter denies, exempt '
        "role/aws-service-role/*, and deny no management by network, or backups with AWS Backup's role exempt."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
