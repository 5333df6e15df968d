"""AWS Backup's role can copy the table with its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules import names
from secure_ddb.rules.keys import lets_role_use
from secure_ddb.rules.permissions import Request, allowed, assumed_by, both
from secure_ddb.rules.relations.identities import managed_by_aws
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.values import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.resources import Resource
    from secure_ddb.rules.tables import Table

_COPY = (
    "dynamodb:CreateBackup",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:StartAwsBackupJob",
)
_KEY = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")
_AWS_BACKUP = "AWSBackupServiceRolePolicyForBackup"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each role: who assumes it, and what it may do with each table and its key."""
    for table, selections in assembly.selections.items():
        for selection, _ in selections:
            arn = at(selection.properties, "BackupSelection", "IamRoleArn")
            if not assembly.find(arn, selection, names.ROLE):
                detail = "what a role that is not in the app may do cannot be seen" if arn else "it names no role"
                path = "Properties.BackupSelection.IamRoleArn"
                yield judged(selection, path, None if arn else False, detail, tables=[table])
    for role, tables in assembly.backup_roles.items():
        trust = assembly.policy(role, "AssumeRolePolicyDocument")
        answer = allowed(trust.statements, assumed_by("backup", role))
        may = "may" if answer else "may not" if answer is False else "may or may not"
        yield judged(role, trust.path, answer, f"AWS Backup {may} assume it", key="Trust", tables=tables)
        for table in tables:
            answer = True if _AWS_BACKUP in managed_by_aws(role) else _may_copy(assembly, role, table)
            may = "may" if answer else "may not" if answer is False else "may or may not"
            detail = f"it {may} copy {table.resource.logical_id} with its key"
            yield judged(role, "Properties", answer, detail, key=table.resource.logical_id, tables=[table])


def _may_copy(assembly: Assembly, role: Resource, table: Table) -> Answer:
    request = Request(actions=_COPY, resources=[table.arn], account=role.account)
    answers = [*assembly.role_may(role, request).values()]
    keys = (assembly.find_key(table.key_of(replica), table.resource) for replica in table.replicas)
    answers += [lets_role_use(assembly, key, role, "dynamodb", _KEY) for key in keys if key]
    return both(*answers)


RULE = Rule(
    id="SecureDdb-BAK10",
    title="AWS Backup's role can copy the table and use its key",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 CP-10"),
    explanation="Without the table's key a job reports success, and its recovery point holds no data.",
    remedy=(
        "Let backup.amazonaws.com assume the role, and allow it dynamodb:CreateBackup, DescribeTable, "
        "ListTagsOfResource and StartAwsBackupJob on the table, and kms:Decrypt, DescribeKey, GenerateDataKey and "
        f"CreateGrant on its key; or use AWS's {_AWS_BACKUP}."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html",
    check=check,
)
