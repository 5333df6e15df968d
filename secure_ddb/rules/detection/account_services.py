"""Services of an account and Region that the controls of tables rely on, where a template has them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, at, is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

# Without them AWS Config has nothing to look at.
_NEEDED = (kinds.TABLE, kinds.KEY)


@Rule(
    id="SecureDdb-DET10",
    title="The app's GuardDuty detector and AWS Config recorder cover the tables",
    problem="The app's GuardDuty detector is off, or its AWS Config recorder excludes tables or keys",
    severity=Severity.MEDIUM,
    requirements=("DET-10",),
    controls=(*nist("SI-4", "CA-7"),),
    rationale="Rules on their findings never match if these services watch nothing, and nothing else shows that.",
    remedy=(
        "Enable the detector, and record AWS::DynamoDB::Table and AWS::KMS::Key, as AccountBaseline does. Use "
        "secure-ddb check-account for services that are set up outside the app."
    ),
    source="https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html",
)
def account_services(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each detector and recorder of an account and Region with tables. Yields nothing if there is none."""
    near: defaultdict[tuple[str, str], dict[Table, None]] = defaultdict(dict)
    for table, replica in assembly.tables.replicas:
        near[table.resource.account, replica.region][table] = None
    for resource in assembly.of_type(kinds.DETECTOR, kinds.CONFIG_RECORDER):
        tables = list(near[resource.account, resource.region])
        if not tables:
            continue
        if resource.type == kinds.DETECTOR:
            path, answer, detail = "Properties.Enable", *_enabled(resource.properties.get("Enable"))
        else:
            path, answer, detail = "Properties.RecordingGroup", *_recorded(resource)
        yield judged(resource, path, answer, detail, tables=tables)


def _enabled(value: Any) -> tuple[Truth, str]:  # noqa: ANN401 - a value of a template
    if is_unknown(value):
        return None, "whether the detector is enabled is known only at deployment"
    return (True, "the detector is enabled") if as_bool(value) else (False, "the detector is not enabled")


def _recorded(recorder: Resource) -> tuple[Truth, str]:
    """Return whether a recorder records tables and keys. Without a group it records all types but global ones."""
    group = recorder.properties.get("RecordingGroup")
    if is_unknown(group):
        return None, "which resource types the recorder records is known only at deployment"
    excluded = as_list(at(group, "ExclusionByResourceTypes", "ResourceTypes"))
    if at(group, "RecordingStrategy", "UseOnly") == "EXCLUSION_BY_RESOURCE_TYPES":
        missing = [each for each in _NEEDED if each in excluded]
    elif group is None or as_bool(at(group, "AllSupported")):
        missing = []
    else:
        missing = [each for each in _NEEDED if each not in as_list(at(group, "ResourceTypes"))]
    if missing:
        return False, f"the recorder does not record {', '.join(missing)}"
    return True, "the recorder records tables and keys"
