"""A role's permissions on tables are listed one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.identities import attached_by, managed_by_aws
from secure_ddb.rules.access.statements import dynamodb_actions, grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_WIDE_OF_AWS = {
    "AdministratorAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBFullAccess_v2",
    "AmazonDynamoDBFullAccesswithDataPipeline",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2RoleforDataPipelineRole",
    "AmazonElasticMapReduceforEC2Role",
    "DataScientist",
    "DatabaseAdministrator",
    "PowerUserAccess",
    "ReadOnlyAccess",
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the actions of every statement on tables, and at AWS's own policies."""
    for policy, statement in grants_on_tables(assembly):
        wide = [
            action
            for action in dynamodb_actions(statement)
            if "*" in action or ("?" in action and not is_unknown(action))
        ]
        answer = not wide and not statement.excludes_actions
        named = "only listed actions" if answer else ", ".join(wide) or "all actions but those that it lists"
        detail = f"{statement.label} allows {named}"
        yield judged(policy.resource, policy.path_of(statement), answer, detail, key=statement.label)
    for holder in assembly.of_type(kinds.ROLE, kinds.USER, kinds.GROUP, kinds.PERMISSION_SET):
        for name in managed_by_aws(holder):
            if name in _WIDE_OF_AWS:
                path = f"Properties.{attached_by(holder)}"
                yield judged(holder, path, False, f"it has AWS's {name}", key=name)
        if assembly.tables and is_unknown(holder.properties.get(attached_by(holder))):
            detail = "which managed policies it has is known only at deployment"
            yield judged(holder, f"Properties.{attached_by(holder)}", None, detail)


RULE = Rule(
    id="SecureDdb-IAM2",
    title="Permissions on tables list their actions, without wildcards",
    severity=Severity.HIGH,
    requirements=("IAM-1",),
    controls=(
        "CS-5",
        "PR.AC-3",
        "NIST.800-53.r5 AC-6",
        "NIST.800-53.r5 AC-3",
        "Security Hub IAM.21",
        "Security Hub IAM.1",
        "CIS AWS Foundations Benchmark v5.0.0/1.15",
        "PCI DSS v4.0.1/7.2.2",
        "PCI DSS v4.0.1/7.2.5",
    ),
    explanation="A wildcard also allows what DynamoDB learns next year, and dynamodb:* allows deleting the table.",
    remedy="List the actions, or use grant_read_data, grant_write_data or grant_read_write_data.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    check=check,
)
