"""Secure DynamoDB tables for the AWS CDK. Everything that is public stands here.

Names are loaded when they are first asked for, so that the command `secure-ddb` does not start the CDK.
Documents that docstrings name, such as `docs/audit-trail.md`, are in the folder of this installed package, or at the
root of its source.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secure_ddb.account_baseline.construct import AccountBaseline, AccountService
    from secure_ddb.audit.archive_settings import ArchiveSettings
    from secure_ddb.audit.reads import OrganizationTrail, TableTrail
    from secure_ddb.audit.settings import AuditSettings, LoggedKeys
    from secure_ddb.backup_settings import BackupSettings
    from secure_ddb.classification import DataClassification
    from secure_ddb.config_rules.construct import TableConfigRules
    from secure_ddb.config_rules.hook import HookMode, TableHook
    from secure_ddb.containment.construct import Containment
    from secure_ddb.detection.settings import DetectionSettings, ManagementTrail
    from secure_ddb.drift.construct import DriftDetection
    from secure_ddb.encryption import EncryptionSettings
    from secure_ddb.errors import InvalidArgumentError, NotCreatedError
    from secure_ddb.guardrails import permissions_boundary, service_control_policy
    from secure_ddb.identity_provider_mfa import IdentityProviderMfa
    from secure_ddb.imported_material_key import ImportedMaterialKey
    from secure_ddb.imported_table import ImportedTable
    from secure_ddb.judging.plugin import SecureDdbChecks
    from secure_ddb.key_material import AcceptedAwsKeyMaterial
    from secure_ddb.leading_keys import LeadingKeys
    from secure_ddb.lifecycle import Lifecycle
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.network.endpoints import DynamoDbEndpoints
    from secure_ddb.network.existing import ExistingEndpoints
    from secure_ddb.network.interface_endpoints import InterfaceEndpoints
    from secure_ddb.network.lane import Lane
    from secure_ddb.network.table_network import TableNetwork
    from secure_ddb.other_accounts import OtherAccounts
    from secure_ddb.ownership import Ownership
    from secure_ddb.people.access_findings import AccessAnalyzer, AccessFindings
    from secure_ddb.people.federated_role import AuditorRole, OperatorRole, ReaderRole
    from secure_ddb.people.sign_in import OidcSignIn, SamlSignIn
    from secure_ddb.perimeter.settings import PerimeterMode, PerimeterSettings
    from secure_ddb.remediation.construct import Remediation
    from secure_ddb.sharing.existing import ExistingAuditFunction, ExistingSharedResources
    from secure_ddb.sharing.published_names import publish_names, published_shared_resources
    from secure_ddb.sharing.resources import SharedResources
    from secure_ddb.table import SecureTable
    from secure_ddb.table_defaults import TableDefaults
    from secure_ddb.tag_keys import TagKeys
    from secure_ddb.waiver import Waiver
    from secure_ddb.waiver_policy import WaiverPolicy

__all__ = [
    "AcceptedAwsKeyMaterial",
    "AccessAnalyzer",
    "AccessFindings",
    "AccountBaseline",
    "AccountService",
    "AlarmSettings",
    "ArchiveSettings",
    "AuditSettings",
    "AuditorRole",
    "BackupSettings",
    "Containment",
    "DataClassification",
    "DetectionSettings",
    "DriftDetection",
    "DynamoDbEndpoints",
    "EncryptionSettings",
    "ExistingAuditFunction",
    "ExistingEndpoints",
    "ExistingSharedResources",
    "HookMode",
    "IdentityProviderMfa",
    "ImportedMaterialKey",
    "ImportedTable",
    "InterfaceEndpoints",
    "InvalidArgumentError",
    "Lane",
    "LeadingKeys",
    "Lifecycle",
    "LoggedKeys",
    "ManagementTrail",
    "NotCreatedError",
    "OidcSignIn",
    "OperatorRole",
    "OrganizationTrail",
    "OtherAccounts",
    "Ownership",
    "PerimeterMode",
    "PerimeterSettings",
    "ReaderRole",
    "Remediation",
    "SamlSignIn",
    "SecureDdbChecks",
    "SecureTable",
    "SharedResources",
    "TableConfigRules",
    "TableDefaults",
    "TableHook",
    "TableNetwork",
    "TableTrail",
    "TagKeys",
    "Waiver",
    "WaiverPolicy",
    "permissions_boundary",
    "publish_names",
    "published_shared_resources",
    "service_control_policy",
]

_MODULES = {
    "AcceptedAwsKeyMaterial": "key_material",
    "AccessAnalyzer": "people.access_findings",
    "AccessFindings": "people.access_findings",
    "AccountBaseline": "account_baseline.construct",
    "AccountService": "account_baseline.construct",
    "AlarmSettings": "monitoring.settings",
    "ArchiveSettings": "audit.archive_settings",
    "AuditSettings": "audit.settings",
    "AuditorRole": "people.federated_role",
    "BackupSettings": "backup_settings",
    "Containment": "containment.construct",
    "DataClassification": "classification",
    "DetectionSettings": "detection.settings",
    "DriftDetection": "drift.construct",
    "DynamoDbEndpoints": "network.endpoints",
    "EncryptionSettings": "encryption",
    "ExistingAuditFunction": "sharing.existing",
    "ExistingEndpoints": "network.existing",
    "ExistingSharedResources": "sharing.existing",
    "HookMode": "config_rules.hook",
    "IdentityProviderMfa": "identity_provider_mfa",
    "ImportedMaterialKey": "imported_material_key",
    "ImportedTable": "imported_table",
    "InterfaceEndpoints": "network.interface_endpoints",
    "InvalidArgumentError": "errors",
    "Lane": "network.lane",
    "LeadingKeys": "leading_keys",
    "Lifecycle": "lifecycle",
    "LoggedKeys": "audit.settings",
    "ManagementTrail": "detection.settings",
    "NotCreatedError": "errors",
    "OidcSignIn": "people.sign_in",
    "OperatorRole": "people.federated_role",
    "OrganizationTrail": "audit.reads",
    "OtherAccounts": "other_accounts",
    "Ownership": "ownership",
    "PerimeterMode": "perimeter.settings",
    "PerimeterSettings": "perimeter.settings",
    "ReaderRole": "people.federated_role",
    "Remediation": "remediation.construct",
    "SamlSignIn": "people.sign_in",
    "SecureDdbChecks": "judging.plugin",
    "SecureTable": "table",
    "SharedResources": "sharing.resources",
    "TableConfigRules": "config_rules.construct",
    "TableDefaults": "table_defaults",
    "TableHook": "config_rules.hook",
    "TableNetwork": "network.table_network",
    "TableTrail": "audit.reads",
    "TagKeys": "tag_keys",
    "Waiver": "waiver",
    "WaiverPolicy": "waiver_policy",
    "permissions_boundary": "guardrails",
    "publish_names": "sharing.published_names",
    "published_shared_resources": "sharing.published_names",
    "service_control_policy": "guardrails",
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
