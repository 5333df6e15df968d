"""AWS Config rules on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.landscape.config_rules import identifier
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.table_evidence import Guarantee
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_BACKUP = ("DYNAMODB_RESOURCES_PROTECTED_BY_BACKUP_PLAN", "DYNAMODB_IN_BACKUP_PLAN")


class _Watched(NamedTuple):
    """A setting, and the managed rules of AWS Config of which one watches it."""

    name: str
    identifiers: tuple[str, ...]


_SETTINGS = (
    _Watched("encryption", ("DYNAMODB_TABLE_ENCRYPTED_KMS", "DYNAMODB_TABLE_ENCRYPTION_ENABLED")),
    _Watched("point-in-time recovery", ("DYNAMODB_PITR_ENABLED",)),
    _Watched("deletion protection", ("DYNAMODB_TABLE_DELETION_PROTECTION_ENABLED",)),
    _Watched("the backup plan", _BACKUP),
)


@Rule(
    id="SecureDdb-DET4",
    title="AWS Config watches the table",
    problem="AWS Config watches only some of the table's settings",
    severity=Severity.LOW,
    requirements=("DET-4",),
    controls=(*nist("CA-7"),),
    rationale=(
        "Settings can change after deployment. AWS Config keeps their history and reports a setting that violates a "
        "rule."
    ),
    remedy=(
        "Add the table to a TableConfigRules, or create AWS Config managed rules for its encryption, recovery, "
        "deletion protection and backup plans."
    ),
    source="https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html",
    skip_ephemeral=True,
)
def config_rules(assembly: Assembly) -> Iterator[Judgement]:
    """Look for rules of AWS Config on each table. Yields nothing without any: an account baseline may have them."""
    for table, replica in assembly.tables.replicas:
        rules = assembly.config_rules.on(table, replica.region)
        found = {
            setting.name: any_of(answer for rule, answer in rules if identifier(rule) in setting.identifiers)
            for setting in _expected(table)
        }
        if all(answer is False for answer in found.values()):
            continue
        missing = [name for name, answer in found.items() if answer is False]
        open_ = [name for name, answer in found.items() if answer is None]
        answer: Truth = False if missing else None if open_ else True
        detail = (
            f"no AWS Config rule for {', '.join(missing)}"
            if missing
            else f"the templates do not show whether an AWS Config rule covers this table's {', '.join(open_)}"
            if open_
            else f"AWS Config rules for {', '.join(found)}"
        )
        yield judged(table.resource, replica.path, answer, detail, key=replica.region, tables=[table])


def _expected(table: Table) -> list[_Watched]:
    waived = table.stated("waivers")
    return [each for each in _SETTINGS if each.identifiers is not _BACKUP or Guarantee.BACKUP.value not in waived]
