"""Secure DynamoDB tables for the AWS CDK. Everything that is public stands here.

Names are loaded when they are first asked for, so that the command `secure-ddb` does not start the CDK.
Documents that docstrings name, such as `docs/audit-trail.md`, are in the folder of this installed package, or at the
root of its source.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secure_ddb.access.guardrails import permissions_boundary, service_control_policy
    from secure_ddb.access.identity_provider_mfa import IdentityProviderMfa
    from secure_ddb.access.leading_keys import LeadingKeys
    from secure_ddb.access.other_accounts import OtherAccounts
    from secure_ddb.account_baseline.construct import AccountBaseline, AccountService
    from secure_ddb.audit.application_reads import ApplicationReads
    from secure_ddb.audit.archive_settings import ArchiveSettings
    from secure_ddb.audit.change_stream import ChangeStream
    from secure_ddb.audit.delivery_settings import DeliverySettings
    from secure_ddb.audit.destination import AuditDestination
    from secure_ddb.audit.destination_settings import ArchiveDestination
    from secure_ddb.audit.reads import OrganizationTrail, TableTrail
    from secure_ddb.audit.settings import AuditSettings, LoggedKeys
    from secure_ddb.backup.copies import BackupCopy, BackupFrequency
    from secure_ddb.backup.copy_vault import BackupCopyVault
    from secure_ddb.backup.settings import BackupSettings
    from secure_ddb.backup.vault_lock import VaultLock
    from secure_ddb.classification import DataClassification
    from secure_ddb.config_rules.construct import TableConfigRules
    from secure_ddb.config_rules.hook import HookMode, TableHook
    from secure_ddb.containment.construct import Containment
    from secure_ddb.containment.evidence import IncidentEvidence
    from secure_ddb.declared_elsewhere.table_controls import TableControls
    from secure_ddb.defaults.least_retention import LeastRetention
    from secure_ddb.defaults.table_defaults import TableDefaults
    from secure_ddb.defaults.table_naming import NamedTable, TableNaming
    from secure_ddb.detection.networks import WatchedNetwork
    from secure_ddb.detection.settings import DetectionSettings, ManagementTrail
    from secure_ddb.drift.construct import DriftDetection
    from secure_ddb.encryption.encryption import EncryptionSettings
    from secure_ddb.encryption.imported_material_key import ImportedMaterialKey
    from secure_ddb.encryption.key_material import AcceptedAwsKeyMaterial
    from secure_ddb.encryption.own_key import OwnKey
    from secure_ddb.errors import InvalidArgumentError, NotCreatedError
    from secure_ddb.imported_table import ImportedTable
    from secure_ddb.item_archive.expired import ExpiredItems
    from secure_ddb.item_archive.exports import TableExports
    from secure_ddb.item_retention import ItemRetention, UnlimitedRetention
    from secure_ddb.judging.plugin import SecureDdbChecks
    from secure_ddb.lifecycle import Lifecycle
    from secure_ddb.monitoring.dashboard import TableDashboard
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.monitoring.thresholds import Threshold
    from secure_ddb.network.endpoints import DynamoDbEndpoints
    from secure_ddb.network.existing import ExistingEndpoints
    from secure_ddb.network.interface_endpoints import InterfaceEndpoints
    from secure_ddb.network.lane import Lane
    from secure_ddb.network.table_network import TableNetwork
    from secure_ddb.people.access_findings import AccessAnalyzer, AccessFindings
    from secure_ddb.people.federated_role import AuditorRole, OperatorRole, ReaderRole
    from secure_ddb.people.sign_in import OidcSignIn, SamlSignIn
    from secure_ddb.perimeter.settings import PerimeterMode, PerimeterSettings
    from secure_ddb.remediation.construct import Remediation
    from secure_ddb.replicas.settings import ReplicaSettings
    from secure_ddb.restore_testing.construct import RestoreTesting
    from secure_ddb.sharing.existing import ExistingAuditFunction, ExistingSharedResources
    from secure_ddb.sharing.published_names import publish_names, published_shared_resources
    from secure_ddb.sharing.resources import SharedResources
    from secure_ddb.table import SecureTable
    from secure_ddb.table_alarm import TableAlarm
    from secure_ddb.tags.ownership import Ownership
    from secure_ddb.tags.tag_keys import TagKeys
    from secure_ddb.waivers.waiver import Waiver
    from secure_ddb.waivers.waiver_policy import WaiverPolicy

__all__ = [
    "AcceptedAwsKeyMaterial",
    "AccessAnalyzer",
    "AccessFindings",
    "AccountBaseline",
    "AccountService",
    "AlarmSettings",
    "ApplicationReads",
    "ArchiveDestination",
    "ArchiveSettings",
    "AuditDestination",
    "AuditSettings",
    "AuditorRole",
    "BackupCopy",
    "BackupCopyVault",
    "BackupFrequency",
    "BackupSettings",
    "ChangeStream",
    "Containment",
    "DataClassification",
    "DeliverySettings",
    "DetectionSettings",
    "DriftDetection",
    "DynamoDbEndpoints",
    "EncryptionSettings",
    "ExistingAuditFunction",
    "ExistingEndpoints",
    "ExistingSharedResources",
    "ExpiredItems",
    "HookMode",
    "IdentityProviderMfa",
    "ImportedMaterialKey",
    "ImportedTable",
    "IncidentEvidence",
    "InterfaceEndpoints",
    "InvalidArgumentError",
    "ItemRetention",
    "Lane",
    "LeadingKeys",
    "LeastRetention",
    "Lifecycle",
    "LoggedKeys",
    "ManagementTrail",
    "NamedTable",
    "NotCreatedError",
    "OidcSignIn",
    "OperatorRole",
    "OrganizationTrail",
    "OtherAccounts",
    "OwnKey",
    "Ownership",
    "PerimeterMode",
    "PerimeterSettings",
    "ReaderRole",
    "Remediation",
    "ReplicaSettings",
    "RestoreTesting",
    "SamlSignIn",
    "SecureDdbChecks",
    "SecureTable",
    "SharedResources",
    "TableAlarm",
    "TableConfigRules",
    "TableControls",
    "TableDashboard",
    "TableDefaults",
    "TableExports",
    "TableHook",
    "TableNaming",
    "TableNetwork",
    "TableTrail",
    "TagKeys",
    "Threshold",
    "UnlimitedRetention",
    "VaultLock",
    "Waiver",
    "WaiverPolicy",
    "WatchedNetwork",
    "permissions_boundary",
    "publish_names",
    "published_shared_resources",
    "service_control_policy",
]

_MODULES = {
    "AcceptedAwsKeyMaterial": "encryption.key_material",
    "AccessAnalyzer": "people.access_findings",
    "AccessFindings": "people.access_findings",
    "AccountBaseline": "account_baseline.construct",
    "AccountService": "account_baseline.construct",
    "AlarmSettings": "monitoring.settings",
    "ApplicationReads": "audit.application_reads",
    "ArchiveDestination": "audit.destination_settings",
    "ArchiveSettings": "audit.archive_settings",
    "AuditDestination": "audit.destination",
    "AuditSettings": "audit.settings",
    "AuditorRole": "people.federated_role",
    "BackupCopy": "backup.copies",
    "BackupCopyVault": "backup.copy_vault",
    "BackupFrequency": "backup.copies",
    "BackupSettings": "backup.settings",
    "ChangeStream": "audit.change_stream",
    "Containment": "containment.construct",
    "DataClassification": "classification",
    "DeliverySettings": "audit.delivery_settings",
    "DetectionSettings": "detection.settings",
    "DriftDetection": "drift.construct",
    "DynamoDbEndpoints": "network.endpoints",
    "EncryptionSettings": "encryption.encryption",
    "ExistingAuditFunction": "sharing.existing",
    "ExistingEndpoints": "network.existing",
    "ExistingSharedResources": "sharing.existing",
    "ExpiredItems": "item_archive.expired",
    "HookMode": "config_rules.hook",
    "IdentityProviderMfa": "access.identity_provider_mfa",
    "ImportedMaterialKey": "encryption.imported_material_key",
    "ImportedTable": "imported_table",
    "IncidentEvidence": "containment.evidence",
    "InterfaceEndpoints": "network.interface_endpoints",
    "InvalidArgumentError": "errors",
    "ItemRetention": "item_retention",
    "Lane": "network.lane",
    "LeadingKeys": "access.leading_keys",
    "LeastRetention": "defaults.least_retention",
    "Lifecycle": "lifecycle",
    "LoggedKeys": "audit.settings",
    "ManagementTrail": "detection.settings",
    "NamedTable": "defaults.table_naming",
    "NotCreatedError": "errors",
    "OidcSignIn": "people.sign_in",
    "OperatorRole": "people.federated_role",
    "OrganizationTrail": "audit.reads",
    "OtherAccounts": "access.other_accounts",
    "OwnKey": "encryption.own_key",
    "Ownership": "tags.ownership",
    "PerimeterMode": "perimeter.settings",
    "PerimeterSettings": "perimeter.settings",
    "ReaderRole": "people.federated_role",
    "Remediation": "remediation.construct",
    "ReplicaSettings": "replicas.settings",
    "RestoreTesting": "restore_testing.construct",
    "SamlSignIn": "people.sign_in",
    "SecureDdbChecks": "judging.plugin",
    "SecureTable": "table",
    "SharedResources": "sharing.resources",
    "TableAlarm": "table_alarm",
    "TableConfigRules": "config_rules.construct",
    "TableControls": "declared_elsewhere.table_controls",
    "TableDashboard": "monitoring.dashboard",
    "TableDefaults": "defaults.table_defaults",
    "TableExports": "item_archive.exports",
    "TableHook": "config_rules.hook",
    "TableNaming": "defaults.table_naming",
    "TableNetwork": "network.table_network",
    "TableTrail": "audit.reads",
    "TagKeys": "tags.tag_keys",
    "Threshold": "monitoring.thresholds",
    "UnlimitedRetention": "item_retention",
    "VaultLock": "backup.vault_lock",
    "Waiver": "waivers.waiver",
    "WaiverPolicy": "waivers.waiver_policy",
    "WatchedNetwork": "detection.networks",
    "permissions_boundary": "access.guardrails",
    "publish_names": "sharing.published_names",
    "published_shared_resources": "sharing.published_names",
    "service_control_policy": "access.guardrails",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands in the module
    """Load a public name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module 'secure_ddb' has no attribute {name!r}")
    value = getattr(import_module(f"secure_ddb.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
