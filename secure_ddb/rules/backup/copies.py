"""Copies of recovery points in other vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.iam.evaluation import asked_by
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.landscape.identities import managed_by_aws
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, may, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_COPY_INTO = ("backup:CopyIntoBackupVault",)
_AWS_BACKUP = "AWSBackupServiceRolePolicyForBackup"
_PARTS_OF_ARN = 7


@Rule(
    id="SecureDdb-BAK14",
    title="Recovery points are copied to another Region or account, and AWS Backup's role can copy them",
    problem="Copies of recovery points stay in the same Region and account, or AWS Backup's role cannot make them",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-6", "CP-9")),
    rationale="A copy next to the original is lost with it. If the role cannot copy, every copy job fails.",
    remedy=(
        "Set DestinationBackupVaultArn to a vault in another Region or account, and allow the role "
        "backup:CopyFromBackupVault on recovery points and backup:CopyIntoBackupVault on that vault."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html",
)
def copies_elsewhere(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each vault that a plan copies to, and at the roles with which it copies tables."""
    for plan, tables in assembly.backup.plans.items():
        named = {
            str(at(copy, "DestinationBackupVaultArn")): at(copy, "DestinationBackupVaultArn")
            for rule in plan_rules(plan)
            for copy in as_list(rule.get("CopyActions"))
        }
        for key, vault in named.items():
            path = "Properties.BackupPlan.BackupPlanRule"
            answer = _is_elsewhere(assembly, plan, vault)
            where = choose(answer, "another", "the same", "possibly another")
            yield judged(plan, path, answer, f"{shown(vault)} is in {where} Region or account", key=key, tables=tables)
            for role, its in _roles(assembly, plan).items():
                may_copy = _may_copy(assembly, role, plan, vault)
                detail = f"it {may(may_copy)} copy into {shown(vault)}"
                yield judged(role, "Properties", may_copy, detail, key=key, tables=its)


def _is_elsewhere(assembly: Assembly, plan: Resource, named: object) -> Truth:
    vault = assembly.find(named, plan, kinds.BACKUP_VAULT)
    arn = vault.arn if vault else str(named)
    parts = arn.split(":")
    if (vault is None and is_unknown(named)) or len(parts) != _PARTS_OF_ARN:
        return None
    places = ((parts[3], plan.region), (parts[4], plan.account))
    answers = [False if one == other else None if "${" in one + other else True for one, other in places]
    return True if True in answers else None if None in answers else False


def _roles(assembly: Assembly, plan: Resource) -> dict[Resource, list[Table]]:
    """Return the roles of a plan's selections, as far as they are in the app, each with its tables."""
    found: dict[Resource, list[Table]] = {}
    for table, selections in assembly.backup.selections.items():
        for selection, _ in selections:
            arn = at(selection.properties, "BackupSelection", "IamRoleArn")
            role = assembly.find(arn, selection, kinds.ROLE)
            if role and assembly.backup.plan_of(selection) is plan and table not in found.setdefault(role, []):
                found[role].append(table)
    return found


def _may_copy(assembly: Assembly, role: Resource, plan: Resource, named: object) -> Truth:
    vault = assembly.find(named, plan, kinds.BACKUP_VAULT)
    if vault is None and is_unknown(named):
        return None
    request = asked_by(role, _COPY_INTO, vault.arn if vault else str(named))
    return all_of(assembly.identities.role_may_all(role, request, granted=_AWS_BACKUP in managed_by_aws(role)))
