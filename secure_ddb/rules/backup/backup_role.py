"""AWS Backup's role can copy the table with its data."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at
from secure_ddb.iam.evaluation import Request, allowed, assumed_by, denied
from secure_ddb.iam.request_probes import NETWORK, context_of, request_of
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.landscape.identities import managed_by_aws
from secure_ddb.landscape.key_permissions import lets_role_use
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_COPY = (
    "dynamodb:CreateBackup",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:StartAwsBackupJob",
)
# On the backups of the table, and on recovery points, to which AWS Backup copies the table's tags.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
_END = ("dynamodb:DeleteBackup", "dynamodb:DescribeBackup")
_TAG = ("backup:TagResource",)
_KEY = ("kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey")
_DESCRIBE_KEY = ("kms:DescribeKey",)
_AWS_BACKUP = "AWSBackupServiceRolePolicyForBackup"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each role: who assumes it, and what it may do with each table and its key."""
    for table, selections in assembly.backup.selections.items():
        for selection, _ in selections:
            arn = at(selection.properties, "BackupSelection", "IamRoleArn")
            if not assembly.find(arn, selection, kinds.ROLE):
                detail = "what a role that is not in the app may do cannot be seen" if arn else "it names no role"
                path = "Properties.BackupSelection.IamRoleArn"
                yield judged(selection, path, None if arn else False, detail, tables=[table])
    for role, tables in assembly.backup.roles.items():
        trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
        answer = allowed(trust.statements, assumed_by("backup", role))
        may = "may" if answer else "may not" if answer is False else "may or may not"
        yield judged(role, trust.path, answer, f"AWS Backup {may} assume it", key="Trust", tables=tables)
        for table in tables:
            answer = _may_copy(assembly, role, table)
            may = "may" if answer else "may not" if answer is False else "may or may not"
            detail = f"it {may} copy {table.resource.logical_id} with its key"
            yield judged(role, "Properties", answer, detail, key=table.resource.logical_id, tables=[table])


def _may_copy(assembly: Assembly, role: Resource, table: Table) -> Truth:
    keys = [key for each in table.replicas if (key := assembly.find_key(table.key_of(each), table.resource))]
    # AWS's own policy allows to describe the key without a condition on the service that asks.
    uses = (("dynamodb", _KEY), ("", _DESCRIBE_KEY))
    granted = _AWS_BACKUP in managed_by_aws(role)
    point = f"arn:aws:backup:{table.resource.region}:{table.resource.account}:recovery-point:{ANY_NAME}"
    allowed_on = ((_COPY, table.arn), (_END, f"{table.arn}/backup/{ANY_NAME}"), (_TAG, point))
    own = (assembly.identities.role_may(role, _request(role, *each), granted=granted).values() for each in allowed_on)
    used = (lets_role_use(assembly, key, role, *use, granted=granted) for key in keys for use in uses)
    return all_of(*chain.from_iterable(own), *used, negate(_table_refuses(assembly, role, table)))


def _table_refuses(assembly: Assembly, role: Resource, table: Table) -> Truth:
    """Tell whether the table's own policy denies what makes a backup.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
    """
    policies = (
        assembly.policies.of(table.resource, *replica.policy_path.split(".")[1:]).statements
        for replica in table.replicas
        if replica.region == table.resource.region
    )
    return any_of(denied(statements, _request_to_table(role, statements, table)) for statements in policies)


def _request_to_table(role: Resource, statements: Sequence[Statement], table: Table) -> Request:
    """Return AWS Backup's request for a copy. It has no MFA, and which network it comes from is not documented."""
    known = context_of(role.account, statements)
    context = {key: values for key, values in known.items() if key not in (*NETWORK, "aws:viaawsservice")}
    context["aws:multifactorauthpresent"] = ()
    return request_of(role.arn, role.account, context, _COPY, table.arn)


def _request(role: Resource, actions: tuple[str, ...], resource: str) -> Request:
    context = {
        "aws:principalaccount": (role.account,),
        "aws:principalarn": (role.arn,),
        "aws:resourceaccount": (role.account,),
        "aws:securetransport": ("true",),
    }
    return Request(actions=actions, resources=[resource], account=role.account, context=context)


RULE = Rule(
    id="SecureDdb-BAK10",
    title="AWS Backup's role can copy the table and use its key",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 CP-10"),
    explanation=(
        "Without the table's key a job reports success, and its recovery point holds no data. Without "
        "backup:TagResource the jobs of a table with tags fail."
    ),
    remedy=(
        "Let backup.amazonaws.com assume the role. Allow it dynamodb:CreateBackup, DescribeTable, ListTagsOfResource "
        "and StartAwsBackupJob on the table, DescribeBackup and DeleteBackup on its backups, backup:TagResource on "
        "recovery points, kms:Decrypt, GenerateDataKey and CreateGrant on the table's key through DynamoDB, and "
        f"kms:DescribeKey on it without a condition; or attach AWS's {_AWS_BACKUP}."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html",
    check=check,
)
