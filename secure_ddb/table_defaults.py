"""What the tables of an app or a stage are given, unless they say otherwise (ADO-3)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from secure_ddb.audit.settings import AuditSettings
from secure_ddb.backup_settings import BackupSettings
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.classification import DataClassification
from secure_ddb.encryption import EncryptionSettings
from secure_ddb.errors import reject, require_type
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.network.table_network import TableNetwork
from secure_ddb.ownership import Ownership
from secure_ddb.perimeter.settings import PerimeterSettings
from secure_ddb.scoped_values import ScopedValues
from secure_ddb.sharing.shared import require_shared

if TYPE_CHECKING:
    from constructs import Construct

    from secure_ddb.sharing.shared import SharedByTables

_BY_SENSITIVITY = list(DataClassification)


@dataclass(frozen=True, kw_only=True, repr=False)
class TableDefaults(BriefRepr):
    """What each `SecureTable` in a scope is given, unless its own argument says otherwise.

    What a field leaves out, `TableDefaults` of a scope around it say, or the library. The floor of a table's
    classification always holds: a default below it fails the table's construction.

    Attributes:
        least_classification: Tables of a less sensitive classification are refused; whatever a nearer scope says.
        ownership: Who answers and pays.
        encryption: The key's rotation, or an existing key.
        backup: Point-in-time recovery and AWS Backup.
        audit: The record of changes.
        alarms: The alarms and their topic.
        network: From which subnets of which VPC; a table with `endpoints` of its own does without.
        perimeter: From where and for whom items are reached.
        shared_resources: `SharedResources` or `ExistingSharedResources`.

    Raises:
        InvalidArgumentError: A value has the wrong type.
    """

    least_classification: DataClassification | None = None
    ownership: Ownership | None = None
    encryption: EncryptionSettings | None = None
    backup: BackupSettings | None = None
    audit: AuditSettings | None = None
    alarms: AlarmSettings | None = None
    network: TableNetwork | None = None
    perimeter: PerimeterSettings | None = None
    shared_resources: SharedByTables | None = None

    def __post_init__(self) -> None:
        """Check every value. A waiver is for one table, so it cannot be a default."""
        for name, kind in _KINDS.items():
            if getattr(self, name) is not None:
                require_type(name, getattr(self, name), kind, f"{kind.__name__} or None")
        if self.shared_resources is not None:
            require_shared(self.shared_resources)

    def apply_to(self, scope: Construct) -> None:
        """Give these to the tables of an app, a stage or another scope.

        Raises:
            InvalidArgumentError: The scope has defaults already, or tables.
        """
        _DEFAULTS.apply(scope, self)

    @classmethod
    def of(cls, scope: Construct) -> TableDefaults:
        """Return what holds in a scope: of each field, what the nearest scope says."""
        around = _DEFAULTS.of(scope)
        found: dict[str, Any] = {}
        for field in fields(cls):
            found[field.name] = next(
                (value for each in around if (value := getattr(each, field.name)) is not None), None
            )
        levels = [each.least_classification for each in around if each.least_classification is not None]
        found["least_classification"] = max(levels, key=_BY_SENSITIVITY.index, default=None)
        return cls(**found)

    def require_classification(self, classification: DataClassification) -> None:
        """Refuse a classification below the least one.

        Raises:
            InvalidArgumentError: It is below.
        """
        least = self.least_classification
        if least is not None and _BY_SENSITIVITY.index(classification) < _BY_SENSITIVITY.index(least):
            reject("classification", classification.name, f"{least.name} or more sensitive, by the TableDefaults")


_KINDS: dict[str, type] = {
    "least_classification": DataClassification,
    "ownership": Ownership,
    "encryption": EncryptionSettings,
    "backup": BackupSettings,
    "audit": AuditSettings,
    "alarms": AlarmSettings,
    "network": TableNetwork,
    "perimeter": PerimeterSettings,
}
_DEFAULTS: ScopedValues[TableDefaults] = ScopedValues()
