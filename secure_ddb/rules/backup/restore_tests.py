"""Restore tests: whether they restore a table at all, and how the restored one is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.iam.wildcards import matches
from secure_ddb.landscape.restore_tests import overrides
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, shown
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth


@Rule(
    id="SecureDdb-BAK15",
    title="The restore test restores recovery points of the table",
    problem="The restore test restores no recovery point of a table that it selects",
    severity=Severity.MEDIUM,
    requirements=("BAK-3",),
    controls=("PR.PT-5", *nist("CP-9(1)", "CP-10")),
    rationale="A test that finds no recovery point of a table restores nothing and does not report it.",
    remedy=(
        "Add the table's vault to RecoveryPointSelection.IncludeVaults of the restore testing plan, and SNAPSHOT to "
        "RecoveryPointTypes."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingRecoveryPointSelection.html",
    skip_ephemeral=True,
)
def restore_tested(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the vaults of each test that selects a table. Tables without a test are for a person to show."""
    for table, selections in assembly.restore_tests.selections.items():
        if not assembly.backup_jobs.of_tables.get(table):
            # That no plan of the app backs it up is another rule's finding.
            continue
        for selection, selects in selections:
            plan = assembly.restore_tests.plan_of(selection)
            answer = None if plan is None else _finds(assembly, plan, table)
            answer = None if selects is None and answer else answer
            when = shown(plan.properties.get("ScheduleExpression", "no schedule")) if plan else "a plan outside the app"
            finds = choose(answer, "restores", "does not restore", "may restore")
            detail = f"the test {selection.logical_id} {finds} its recovery points, scheduled by {when}"
            yield judged(table.resource, "Properties", answer, detail, key=selection.logical_id, tables=[table])


def _finds(assembly: Assembly, plan: Resource, table: Table) -> Truth:
    chosen = plan.properties.get("RecoveryPointSelection")
    types = as_list(at(chosen, "RecoveryPointTypes"))
    # DynamoDB has no continuous recovery points in AWS Backup.
    of_type = any_of(None if is_unknown(each) else each == "SNAPSHOT" for each in types)
    # Vaults in the app have their ARN. Of others only the names are known, in this Region and account.
    vaults = [
        jobs.vault.arn if jobs.vault else f"arn:aws:backup:{plan.region}:{plan.account}:backup-vault:{jobs.vault_name}"
        for jobs in assembly.backup_jobs.of_tables.get(table, ())
    ]
    included = (
        all_of(_names(chosen, "IncludeVaults", arn), negate(_names(chosen, "ExcludeVaults", arn))) for arn in vaults
    )
    return all_of(of_type, any_of(included))


def _names(chosen: object, field: str, arn: str) -> Truth:
    patterns = as_list(at(chosen, field))
    return any_of(None if is_unknown(each) or is_unknown(arn) else matches(str(each), arn) for each in patterns)


@Rule(
    id="SecureDdb-BAK16",
    title="Tables created by a restore test are encrypted with a customer managed key",
    problem="Tables created by a restore test are not encrypted with a customer managed key",
    severity=Severity.MEDIUM,
    requirements=("BAK-3", "ENC-1"),
    controls=("CS-1", "PR.DS-1", *nist("SC-28(1)")),
    rationale=(
        "A restored table contains every item. Unless the test names a key, DynamoDB encrypts it with a key of AWS."
    ),
    remedy='Set RestoreMetadataOverrides of the selection to {"encryptionType": "KMS", "kmsMasterKeyArn": KEY}.',
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html",
)
def restored_tables_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key that each selection names."""
    path = "Properties.RestoreMetadataOverrides"
    tested: dict[Resource, list[Table]] = {}
    for table, selections in assembly.restore_tests.selections.items():
        for selection, _ in selections:
            tested.setdefault(selection, []).append(table)
    for selection, tables in tested.items():
        key = overrides(selection).get("kmsmasterkeyarn")
        answer = _is_own(assembly, selection, key)
        if is_unknown(selection.properties.get("RestoreMetadataOverrides")):
            answer = None
        detail = "kmsMasterKeyArn is missing" if key is None else f"kmsMasterKeyArn is {shown(key)}"
        yield judged(selection, path, answer, detail, tables=tables)


def _is_own(assembly: Assembly, selection: Resource, key: object) -> Truth:
    if key is None:
        return False
    if assembly.find(key, selection, kinds.KEY):
        return True
    # An alias stands for a key that the text does not tell; those of AWS begin with alias/aws/.
    return False if "alias/aws/" in str(key) else None
