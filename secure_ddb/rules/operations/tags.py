"""Mandatory tags."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from secure_ddb.classification import DataClassification
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.landscape.table import has_unknown_tags, tag_values, tags_of
from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.network.endpoint import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS, TagKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

    Check = Callable[[Any, TagKeys], tuple[Truth, str]]

_LEVELS = {level.value for level in DataClassification}
# Properties of types that do not keep them in `Tags`.
_ELSEWHERE = {kinds.BACKUP_PLAN: ("BackupPlan", "BackupPlanTags"), kinds.BACKUP_VAULT: ("BackupVaultTags",)}


@Rule(
    id="SecureDdb-OPS1",
    title="The table and the resources that serve it have the mandatory tags",
    problem="Mandatory tags are missing",
    severity=Severity.LOW,
    requirements=("OPS-1",),
    controls=(*nist("CM-8", "PM-5"), *security_hub("DynamoDB.5", "Backup.3", "Backup.5", "Lambda.6", "SNS.3")),
    rationale="In an incident, people must know whom to call and how sensitive the data is.",
    remedy=(
        "Tag with Owner, CostCenter, Application, Environment and DataClassification, or with the app's own TagKeys."
    ),
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
)
def mandatory_tags(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the tags of each replica, of every resource that serves tables, and of the endpoints to them."""
    for table, replica in assembly.tables.replicas:
        found = _by_any(_tagged, replica.at("Tags"), table.tag_keys)
        yield judged(table.resource, f"{replica.path}.Tags", *found, key=replica.region, tables=[table])
    of_all = _keys_of(assembly.tables)
    for resource, tables in assembly.taggable_resources.items():
        path = _ELSEWHERE.get(resource.type, ("Tags",))
        tags = at(resource.properties, *path)
        if tags is None and resource.type == kinds.BACKUP_PLAN:
            path = ("BackupPlanTags",)
            tags = at(resource.properties, *path)
        # An alarm on user errors is for all tables, and names none.
        found = _by_any(_tagged, tags, _keys_of(tables) if tables else of_all)
        yield judged(resource, ".".join(("Properties", *path)), *found, tables=tables)
    for endpoint in dynamodb_endpoints(assembly):
        # It holds no data that could be classified, and serves tables of all kinds.
        found = _by_any(_owned, endpoint.properties.get("Tags"), of_all)
        yield judged(endpoint, "Properties.Tags", *found)


def _keys_of(tables: Sequence[Table]) -> tuple[TagKeys, ...]:
    """Return the keys of any of some tables, which may have chosen different ones."""
    return tuple(dict.fromkeys(keys for table in tables for keys in table.tag_keys)) or (DEFAULT_TAG_KEYS,)


def _by_any(check: Check, tags: Any, choices: Sequence[TagKeys]) -> tuple[Truth, str]:  # noqa: ANN401
    """Check tags by each choice of keys; one of them has to be met."""
    found = [check(tags, keys) for keys in choices]
    best = next((each for each in found if each[0]), None) or next((each for each in found if each[0] is None), None)
    # Missing tags are named with the keys that the company chose.
    return best or found[-1]


def _tagged(tags: Any, keys: TagKeys) -> tuple[Truth, str]:  # noqa: ANN401 - a value of a template
    answer, detail = _present(tags, astuple(keys))
    if answer is False:
        return answer, detail
    twice = [name for name in astuple(keys) if len(tag_values(tags, name)) > 1]
    if twice:
        return False, f"duplicate tags: {', '.join(twice)}"
    name = keys.data_classification
    level = tags_of(tags).get(name)
    if is_unknown(level):
        return None, f"tag {name} is known only at deployment"
    if level is None or str(level) in _LEVELS:
        return answer, detail if answer is None else f"tag {name} is {level}"
    return False, f"tag {name} is {level}"


def _owned(tags: Any, keys: TagKeys) -> tuple[Truth, str]:  # noqa: ANN401 - a value of a template
    return _present(tags, (keys.owner, keys.cost_center, keys.application, keys.environment))


def _present(tags: Any, mandatory: Sequence[str]) -> tuple[Truth, str]:  # noqa: ANN401 - a value of a template
    found = tags_of(tags)
    missing = [name for name in mandatory if not str(found.get(name) or "").strip()]
    if not missing:
        return True, f"tags {', '.join(mandatory)} are present"
    # One that is there and empty is not filled by another.
    if has_unknown_tags(tags) and found.keys().isdisjoint(missing):
        return None, f"tags {', '.join(missing)} are known only at deployment"
    return False, f"tags {', '.join(missing)} are missing"


@Rule(
    id="SecureDdb-OPS6",
    title="Tag keys of roles are unique regardless of case",
    problem="Tag keys of a role differ only in case",
    severity=Severity.MEDIUM,
    requirements=("ADO-1", "OPS-1"),
    controls=nist("CM-8"),
    rationale="IAM ignores the case of a role's tag keys, and refuses to create a role with duplicate keys.",
    remedy="Use one spelling: rename the app's tag, or set the spelling with TagKeys(...).apply_to(app).",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html",
)
def role_tags(assembly: Assembly) -> Iterator[Judgement]:
    """Compare the keys of the tags of each role that serves tables."""
    for role, tables in assembly.taggable_resources.items():
        if role.type == kinds.ROLE:
            tags = role.properties.get("Tags")
            keys = [key for tag in as_list(tags) if isinstance(key := at(tag, "Key"), str)]
            counts = Counter(key.lower() for key in keys)
            same = [key for key in keys if counts[key.lower()] > 1 and not is_unknown(key)]
            answer = False if same else None if is_unknown(tags) or any(map(is_unknown, keys)) else True
            detail = f"tags {', '.join(same)} are the same key" if same else "tag keys are unique"
            yield judged(role, "Properties.Tags", answer, detail, tables=tables)
