"""Everything that belongs to a table says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.classification import DataClassification
from secure_ddb.rules import names
from secure_ddb.rules.network.endpoints import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.tables import tag_values, tags_of
from secure_ddb.rules.values import at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

_OWNERSHIP = ("Owner", "CostCenter", "Application", "Environment")
_CLASSIFICATION = "DataClassification"
_LEVELS = {level.value for level in DataClassification}
# Properties of types that do not keep them in `Tags`.
_ELSEWHERE = {
    names.BACKUP_PLAN: ("BackupPlan", "BackupPlanTags"),
    names.BACKUP_VAULT: ("BackupVaultTags",),
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the tags of each replica, of every resource that serves tables, and of the endpoints to them."""
    for table, replica in assembly.replicas:
        tags = replica.at("Tags")
        yield judged(table.resource, f"{replica.path}.Tags", *_tagged(tags), key=replica.region, tables=[table])
    # Equal tags of a template are one object, and there are few of them.
    tagged: dict[int, tuple[bool | None, str]] = {}
    for resource, tables in assembly.belongings.items():
        path = _ELSEWHERE.get(resource.type, ("Tags",))
        tags = at(resource.properties, *path)
        if tags is None and resource.type == names.BACKUP_PLAN:
            path = ("BackupPlanTags",)
            tags = at(resource.properties, *path)
        if id(tags) not in tagged:
            tagged[id(tags)] = _tagged(tags)
        yield judged(resource, ".".join(("Properties", *path)), *tagged[id(tags)], tables=tables)
    for endpoint in dynamodb_endpoints(assembly):
        # It holds no data that could be classified, and serves tables of all kinds.
        yield judged(endpoint, "Properties.Tags", *_owned(endpoint.properties.get("Tags")))


def _tagged(tags: Any) -> tuple[bool | None, str]:  # noqa: ANN401 - a value of a template
    found = tags_of(tags)
    missing = _missing(found, *_OWNERSHIP, _CLASSIFICATION)
    level = found.get(_CLASSIFICATION)
    if missing:
        return _unless_unknown(tags, missing)
    twice = [name for name in (*_OWNERSHIP, _CLASSIFICATION) if len(tag_values(tags, name)) > 1]
    if twice:
        return False, f"tags {', '.join(twice)} are there twice"
    if is_unknown(level):
        return None, f"tag {_CLASSIFICATION} is known only at deployment"
    return str(level) in _LEVELS, f"tag {_CLASSIFICATION} is {level}"


def _owned(tags: Any) -> tuple[bool | None, str]:  # noqa: ANN401 - a value of a template
    missing = _missing(tags_of(tags), *_OWNERSHIP)
    return _unless_unknown(tags, missing) if missing else (True, f"tags {', '.join(_OWNERSHIP)} are there")


def _missing(found: dict[str, Any], *mandatory: str) -> list[str]:
    return [name for name in mandatory if not str(found.get(name) or "").strip()]


def _unless_unknown(tags: Any, missing: list[str]) -> tuple[bool | None, str]:  # noqa: ANN401 - a value of a template
    return (None if isinstance(tags, str) and is_unknown(tags) else False), f"tags {', '.join(missing)} are missing"


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
