"""What a table uses of shared resources, whichever way they are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from secure_ddb.classification import DataClassification
from secure_ddb.errors import reject
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.audit.recorder import Recorder
    from secure_ddb.backup.backup import Plan
    from secure_ddb.context import TableContext
    from secure_ddb.monitoring.shared_alarms import SharedAlarms

_BY_SENSITIVITY = list(DataClassification)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What a table uses of shared resources.

    Attributes:
        path: Where they are in the app, or that they exist already.
        classification: The most sensitive data that they are made for.
        region: The Region that they are in; empty, if it cannot be seen.
        is_ephemeral: Whether they go away with their stack.
        recorder: The audit function.
        alarms: The alarms, with their topic.
        plan: The backup plan.
        detection: Evidence of detection for a table.
    """

    path: str
    classification: DataClassification
    region: str = ""
    is_ephemeral: bool = False
    recorder: Recorder | None = None
    alarms: SharedAlarms | None = None
    plan: Plan | None = None
    detection: TableEvidence = field(default_factory=TableEvidence)


class SharedByTables(Protocol):
    """`SharedResources`, or `ExistingSharedResources`."""

    @property
    def shared(self) -> Shared:
        """What tables use of them."""


def shared_with(context: TableContext, given: SharedByTables | None, table_name: str | None) -> Shared:
    """Return what a table shares with others, and record where it is.

    Raises:
        InvalidArgumentError: It is something else. Or the table's data are more sensitive than the shared resources are
            made for, or it outlives them, is in another Region, or its name is known only at deployment.
    """
    if given is None:
        return _NOTHING
    shared = require_shared(given)
    classification, region = context.classification, context.environment.region
    if _BY_SENSITIVITY.index(classification) > _BY_SENSITIVITY.index(shared.classification):
        reject(
            "shared_resources",
            f"{shared.path} for {shared.classification.name}",
            f"shared resources for {classification.name}, as the table",
        )
    if shared.region not in ("", region):
        reject("shared_resources", f"{shared.path} in {shared.region}", f"shared resources in {region}, as the table")
    if shared.is_ephemeral and not context.lifecycle.is_ephemeral:
        reject("shared_resources", f"{shared.path}, ephemeral", "retained shared resources for a retained table")
    if shared.recorder is not None and is_token(table_name):
        reject(
            "table_name", "known only at deployment", "a name that the shared audit function's role can name, or None"
        )
    context.evidence.settings["shared_resources"] = shared.path
    context.evidence.include(shared.detection)
    return shared


def require_shared(given: object) -> Shared:
    """Return the shared resources that tables use.

    Raises:
        InvalidArgumentError: It is something else.
    """
    shared = getattr(given, "shared", None)
    if not isinstance(shared, Shared):
        reject("shared_resources", given, "SharedResources or ExistingSharedResources")
    return shared


_NOTHING = Shared(path="", classification=DataClassification.RESTRICTED)
