"""Defaults for the tables of an app or a stage (ADO-3)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import PermissionsBoundary

from secure_ddb.audit.settings import AuditSettings
from secure_ddb.backup.settings import BackupSettings
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.classification import DataClassification
from secure_ddb.defaults.least_retention import NO_LEAST_RETENTION, LeastRetention
from secure_ddb.defaults.table_naming import TableNaming
from secure_ddb.encryption.encryption import EncryptionSettings
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.item_retention import require_longest, strictest
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.network.table_network import TableNetwork
from secure_ddb.perimeter.settings import PerimeterSettings
from secure_ddb.scoped_values import ScopedValues
from secure_ddb.sharing.shared import require_shared
from secure_ddb.tags.ownership import Ownership
from secure_ddb.tags.tag_keys import TagKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration
    from aws_cdk.aws_iam import IManagedPolicy
    from constructs import Construct

    from secure_ddb.context import TableContext
    from secure_ddb.sharing.shared import SharedByTables
    from secure_ddb.table_arguments import TableArguments

_BY_SENSITIVITY = list(DataClassification)


@dataclass(frozen=True, kw_only=True, repr=False)
class TableDefaults(BriefRepr):
    """Defaults for each `SecureTable` in a scope; its own arguments take precedence.

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
        least_retention: For how long records and backups are kept at least. Of several scopes the longest holds.
        longest_item_retention: Classification to for how long its items are kept at most, in whole days. Its tables
            have to state an `item_retention`. Of several scopes the shortest holds.
        table_naming: How tables are named.
        tag_keys: The keys of the mandatory tags, also of endpoints. Only for an App or a Stage with nothing in it yet.
        permissions_boundary: The most that roles may be allowed: every role and user in the scope, those of shared
            resources and of the teams included. The one of the nearest scope counts.

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
    least_retention: LeastRetention | None = None
    longest_item_retention: Mapping[DataClassification, Duration] | None = None
    table_naming: TableNaming | None = None
    tag_keys: TagKeys | None = None
    permissions_boundary: IManagedPolicy | None = None

    def __post_init__(self) -> None:
        """Check every value. A waiver is for one table, so it cannot be a default."""
        for name, kind in _KINDS.items():
            if getattr(self, name) is not None:
                require_type(name, getattr(self, name), kind, f"{kind.__name__} or None")
        if self.longest_item_retention is not None:
            require_longest("longest_item_retention", self.longest_item_retention)
        if self.shared_resources is not None:
            require_shared(self.shared_resources)
        if self.permissions_boundary is not None:
            require_interface(
                "permissions_boundary", self.permissions_boundary, "managed_policy_arn", "an aws_iam.IManagedPolicy"
            )

    def apply_to(self, scope: Construct) -> None:
        """Give these to the tables of an app, a stage or another scope.

        Raises:
            InvalidArgumentError: The scope has defaults already, or tables; or `tag_keys` are given and it is none that
                takes them.
        """
        _DEFAULTS.apply(scope, self)
        if self.tag_keys is not None:
            self.tag_keys.apply_to(scope)
        if self.permissions_boundary is not None:
            PermissionsBoundary.of(scope).apply(self.permissions_boundary)

    @classmethod
    def of(cls, scope: Construct) -> TableDefaults:
        """Return the values that apply in a scope: for each field, that of the nearest scope."""
        around = _DEFAULTS.of(scope)
        found: dict[str, Any] = {}
        for field in fields(cls):
            found[field.name] = next(
                (value for each in around if (value := getattr(each, field.name)) is not None), None
            )
        levels = [each.least_classification for each in around if each.least_classification is not None]
        found["least_classification"] = max(levels, key=_BY_SENSITIVITY.index, default=None)
        found["least_retention"] = LeastRetention.strictest(
            each.least_retention for each in around if each.least_retention is not None
        )
        found["longest_item_retention"] = strictest(
            each.longest_item_retention for each in around if each.longest_item_retention is not None
        )
        return cls(**found)

    def with_name(self, arguments: TableArguments, context: TableContext, id_: str) -> TableArguments:
        """Return the arguments of a table with the name that it has by the policy.

        Raises:
            InvalidArgumentError: The policy does not allow the table's name.
        """
        if self.table_naming is None:
            return arguments
        return replace(arguments, table_name=self.table_naming.name(context, id_, arguments.table_name))

    @property
    def retention(self) -> LeastRetention:
        """For how long records and backups are kept at least."""
        return self.least_retention or NO_LEAST_RETENTION

    def require_classification(self, classification: DataClassification) -> None:
        """Reject a classification below the least one.

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
    "least_retention": LeastRetention,
    "table_naming": TableNaming,
    "tag_keys": TagKeys,
}
_DEFAULTS: ScopedValues[TableDefaults] = ScopedValues()
