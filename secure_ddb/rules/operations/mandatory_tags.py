"""Everything that belongs to a table says whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.classification import DataClassification
from secure_ddb.rules import names
from secure_ddb.rules.network.endpoints import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.tables import has_unknown_tags, tag_values, tags_of
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
    answer, detail = _present(tags, *_OWNERSHIP, _CLASSIFICATION)
    if answer is False:
        return answer, detail
    twice = [name for name in (*_OWNERSHIP, _CLASSIFICATION) if len(tag_values(tags, name)) > 1]
    if twice:
        return False, f"tags {', '.join(twice)} are there twice"
    level = tags_of(tags).get(_CLASSIFICATION)
    if is_unknown(level):
        return None, f"tag {_CLASSIFICATION} is known only at deployment"
    if level is None or str(level) in _LEVELS:
        return answer, detail if answer is None else f"tag {_CLASSIFICATION} is {level}"
    return False, f"tag {_CLASSIFICATION} is {level}"


def _owned(tags: Any) -> tuple[bool | None, str]:  # noqa: ANN401 - a value of a template
    return _present(tags, *_OWNERSHIP)


def _present(tags: Any, *mandatory: str) -> tuple[bool | None, str]:  # noqa: ANN401 - a value of a template
    found = tags_of(tags)
    missing = [name for name in mandatory if not str(found.get(name) or "").strip()]
    if not missing:
        return True, f"tags {', '.join(mandatory)} are there"
    # One that is there and empty is not filled by another.
    if has_unknown_tags(tags) and found.keys().isdisjoint(missing):
        return None, f"tags {', '.join(missing)} are known only at deployment"
    return False, f"tags {', '.join(missing)} are missing"


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
