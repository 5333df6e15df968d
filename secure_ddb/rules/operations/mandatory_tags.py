"""Everything that belongs to a table says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.classification import DataClassification
from secure_ddb.rules import names
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.tables import tags_of
from secure_ddb.rules.values import at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

_MANDATORY = ("Owner", "CostCenter", "Application", "Environment", "DataClassification")
_LEVELS = {level.value for level in DataClassification}
_ELSEWHERE = {
    names.BACKUP_PLAN: ("BackupPlan", "BackupPlanTags"),
    names.BACKUP_VAULT: ("BackupVaultTags",),
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the tags of each replica, and of every resource that serves tables."""
    for table, replica in assembly.replicas:
        tags = replica.at("Tags")
        yield judged(table.resource, f"{replica.path}.Tags", *_tagged(tags), key=replica.region, tables=[table])
    for resource, tables in assembly.belongings.items():
        path = _ELSEWHERE.get(resource.type, ("Tags",))
        tags = at(resource.properties, *path)
        if tags is None and resource.type == names.BACKUP_PLAN:
            path = ("BackupPlanTags",)
            tags = at(resource.properties, *path)
        yield judged(resource, ".".join(("Properties", *path)), *_tagged(tags), tables=tables)


def _tagged(tags: Any) -> tuple[bool | None, str]:  # noqa: ANN401 - a value of a template
    found = tags_of(tags)
    missing = [name for name in _MANDATORY if not str(found.get(name) or "").strip()]
    level = found.get("DataClassification")
    if missing:
        return (None if isinstance(tags, str) and is_unknown(tags) else False), f"tags {', '.join(missing)} are missing"
    if is_unknown(level):
        return None, "tag DataClassification is known only at deployment"
    return str(level) in _LEVELS, f"tag DataClassification is {level}"


RULE = Rule(
    id="SecureDdb-OPS1",
    title="The table and everything that serves it has the mandatory tags",
    severity=Severity.LOW,
    requirements=("OPS-1",),
    controls=(
        "NIST.800-53.r5 CM-8",
        "NIST.800-53.r5 PM-5",
        "Security Hub DynamoDB.5",
        "Security Hub Backup.3",
        "Security Hub Backup.5",
        "Security Hub Lambda.6",
        "Security Hub SNS.3",
    ),
    explanation="Who finds something wrong has to know whom to call, and how sensitive the data is.",
    remedy="Tag with Owner, CostCenter, Application, Environment and DataClassification.",
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
    check=check,
)
