"""AWS Config rules on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.table_evidence import Guarantee
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table
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
_ALL = frozenset(identifier for setting in _SETTINGS for identifier in setting.identifiers)


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
    """Look for rules of AWS Config on each table. Without any, an account baseline may have them: nothing is said."""
    watching = _Watching(assembly)
    for table, replica in assembly.tables.replicas:
        found = {setting.name: watching.looks_at(table, replica, setting) for setting in _expected(table)}
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


class _Watching:
    """The rules of AWS Config in the templates, each looked at once however many tables there are."""

    def __init__(self, assembly: Assembly) -> None:
        self._of_tables: set[tuple[Resource, str]] = set()
        self._of_places: dict[tuple[str, str, str], Truth] = {}
        for rule in assembly.of_type(kinds.CONFIG_RULE):
            identifier = str(at(rule.properties, "Source", "SourceIdentifier"))
            if identifier in _ALL:
                self._add(rule, identifier, assembly)

    def _add(self, rule: Resource, identifier: str, assembly: Assembly) -> None:
        """Tell which tables a rule looks at: by its scope, or by its parameter where it runs on a schedule."""
        one = at(rule.properties, "Scope", "ComplianceResourceId")
        one = one or at(rule.properties, "InputParameters", "resourceId")
        table = assembly.find(one, rule, kinds.GLOBAL_TABLE, kinds.TABLE)
        if table is not None:
            self._of_tables.add((table, identifier))
            return
        place = (rule.account, rule.region, identifier)
        self._of_places[place] = any_of((self._of_places.get(place, False), _looks_at_each(rule, one)))

    def looks_at(self, table: Table, replica: Replica, setting: _Watched) -> Truth:
        """Tell whether a rule looks at a setting of a table."""
        account = table.resource.account
        return any_of(
            (table.resource, each) in self._of_tables or self._of_places.get((account, replica.region, each), False)
            for each in setting.identifiers
        )


def _looks_at_each(rule: Resource, one: object) -> Truth:
    """Tell whether a rule that names no table of the templates looks at each table."""
    if one is not None:
        return None if is_unknown(one) else False
    tags = at(rule.properties, "Scope", "TagKey") or at(rule.properties, "InputParameters", "resourceTags")
    types = at(rule.properties, "Scope", "ComplianceResourceTypes")
    if tags is not None or is_unknown(types):
        return None
    return types is None or kinds.TABLE in as_list(types)
