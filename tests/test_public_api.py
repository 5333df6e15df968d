"""What users of the library rely on, pinned: names and arguments."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pytest

import secure_ddb
from secure_ddb import (
    AccountBaseline,
    ApplicationReads,
    AuditDestination,
    BackupCopyVault,
    ChangeStream,
    Containment,
    DriftDetection,
    DynamoDbEndpoints,
    ExpiredItems,
    ImportedTable,
    LeadingKeys,
    Lifecycle,
    Remediation,
    RestoreTesting,
    SecureTable,
    SharedResources,
    TableConfigRules,
    TableControls,
    TableDashboard,
    TableExports,
    TableHook,
)

if TYPE_CHECKING:
    from collections.abc import Callable

REQUIRED = inspect.Parameter.empty
KEYWORD = inspect.Parameter.KEYWORD_ONLY
POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD

TABLE_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "partition_key": (KEYWORD, True),
    "ownership": (KEYWORD, False),
    "classification": (KEYWORD, False),
    "lifecycle": (KEYWORD, False),
    "network": (KEYWORD, False),
    "endpoints": (KEYWORD, False),
    "perimeter": (KEYWORD, False),
    "encryption": (KEYWORD, False),
    "backup": (KEYWORD, False),
    "audit": (KEYWORD, False),
    "alarms": (KEYWORD, False),
    "shared_resources": (KEYWORD, False),
    "other_accounts": (KEYWORD, False),
    "item_retention": (KEYWORD, False),
    "sort_key": (KEYWORD, False),
    "billing": (KEYWORD, False),
    "global_secondary_indexes": (KEYWORD, False),
    "local_secondary_indexes": (KEYWORD, False),
    "time_to_live_attribute": (KEYWORD, False),
    "table_class": (KEYWORD, False),
    "warm_throughput": (KEYWORD, False),
    "table_name": (KEYWORD, False),
    "contributor_insights_specification": (KEYWORD, False),
    "kinesis_stream": (KEYWORD, False),
    "replicas": (KEYWORD, False),
    "multi_region_consistency": (KEYWORD, False),
    "witness_region": (KEYWORD, False),
}
SHARED_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "ownership": (KEYWORD, True),
    "classification": (KEYWORD, False),
    "lifecycle": (KEYWORD, False),
    "encryption": (KEYWORD, False),
    "backup": (KEYWORD, False),
    "audit": (KEYWORD, False),
    "alarms": (KEYWORD, False),
    "detection": (KEYWORD, False),
    "tables_of_other_apps": (KEYWORD, False),
}
IMPORT_ARGUMENTS = {
    "id": (POSITIONAL, True),
    "table_name": (KEYWORD, True),
    "encryption_key": (KEYWORD, True),
    "partition_key": (KEYWORD, True),
    "sort_key": (KEYWORD, False),
    "global_secondary_indexes": (KEYWORD, False),
    "local_secondary_indexes": (KEYWORD, False),
    "stream_arn": (KEYWORD, False),
    "account": (KEYWORD, False),
}
EXPORT_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "tables": (KEYWORD, True),
    "retention": (KEYWORD, True),
    "ownership": (KEYWORD, True),
    "full_every": (KEYWORD, False),
    "incremental_every": (KEYWORD, False),
    "readers": (KEYWORD, False),
    "alarm_topic": (KEYWORD, False),
}
EXPIRED_ARGUMENTS = {
    name: kind for name, kind in EXPORT_ARGUMENTS.items() if name not in ("full_every", "incremental_every")
}
READS_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "table": (KEYWORD, True),
    "log_retention": (KEYWORD, False),
}
CHANGES_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "table": (KEYWORD, True),
    "retention": (KEYWORD, False),
    "shards": (KEYWORD, False),
    "encryption": (KEYWORD, False),
    "alarm_topic": (KEYWORD, False),
}
DESTINATION_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "source_accounts": (KEYWORD, True),
    "alarm_topic": (KEYWORD, True),
    "ownership": (KEYWORD, True),
    "destination_name": (KEYWORD, False),
    "archive": (KEYWORD, False),
    "classification": (KEYWORD, False),
}
CONTAINMENT_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "tables": (KEYWORD, True),
    "responders": (KEYWORD, True),
    "ownership": (KEYWORD, True),
    "stream_readers": (KEYWORD, False),
    "roles": (KEYWORD, False),
    "users": (KEYWORD, False),
}
DASHBOARD_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "tables": (KEYWORD, True),
    "ownership": (KEYWORD, True),
    "shared_resources": (KEYWORD, False),
}
# As of a SecureTable, without what only a declaration can have, and with the table.
CONTROLS_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "table": (KEYWORD, True),
    "partition_key": (KEYWORD, True),
    "ownership": (KEYWORD, False),
    "classification": (KEYWORD, False),
    "lifecycle": (KEYWORD, False),
    "network": (KEYWORD, False),
    "endpoints": (KEYWORD, False),
    "perimeter": (KEYWORD, False),
    "encryption": (KEYWORD, False),
    "backup": (KEYWORD, False),
    "audit": (KEYWORD, False),
    "alarms": (KEYWORD, False),
    "shared_resources": (KEYWORD, False),
    "sort_key": (KEYWORD, False),
    "global_secondary_indexes": (KEYWORD, False),
    "local_secondary_indexes": (KEYWORD, False),
}
# Of constructs that a platform team makes beside tables: after scope and id, each argument with whether it has to be
# given.
BESIDE_TABLES = {
    AccountBaseline: {"create": True, "ownership": True, "config_bucket": False},
    DriftDetection: {"stacks": True, "topic": True, "ownership": True, "read_actions": False},
    Remediation: {"tables": True, "topic": True, "ownership": True, "most_per_hour": False},
    TableConfigRules: {"tables": True, "topic": True},
    TableHook: {"ownership": True, "mode": False, "except_stacks": False},
}
ENDPOINT_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "vpc": (KEYWORD, True),
    "control_plane_subnets": (KEYWORD, True),
    "data_plane_subnets": (KEYWORD, False),
    "lanes": (KEYWORD, False),
    "organization_id": (KEYWORD, False),
    "ownership": (KEYWORD, False),
}
# Each field with whether it has to be given.
SETTINGS = {
    "AcceptedAwsKeyMaterial": {"stated_by": True},
    "AlarmSettings": {
        "topic": False,
        "latency": False,
        "iterator_age": False,
        "bulk_latency": False,
        "unusual_reads": False,
        "unused_days": False,
        "health": False,
        "thresholds": False,
        "waived": False,
    },
    "ArchiveDestination": {"arn": True},
    "ArchiveSettings": {"retention": False},
    "AuditSettings": {
        "log_retention": False,
        "keys": False,
        "clear_attributes": False,
        "reads": False,
        "archive": False,
        "delivery": False,
        "digest_regions": False,
        "own_function": False,
    },
    "BackupSettings": {
        "vault": False,
        "recovery_period_in_days": False,
        "daily_retention": False,
        "weekly_retention": False,
        "monthly_retention": False,
        "lock": False,
        "copies": False,
    },
    "BackupCopy": {"vault": True, "retention": False, "frequencies": False, "residency_accepted_by": False},
    "DeliverySettings": {"batch_size": False, "retries": False, "longest_age": False},
    "DetectionSettings": dict.fromkeys(
        ("guard_duty_severity", "expected_denials", "trail", "runbook_url", "networks"), False
    ),
    "EncryptionSettings": {"key": False, "rotation_period": False, "key_material": False, "other_keys": False},
    "ExistingAuditFunction": {"alias_arn": True, "role_arn": True, "failure_bucket_arn": True},
    "ExistingEndpoints": {"data_plane": True},
    "ExistingSharedResources": {"classification": False, "audit": False, "alarm_topic": False, "backup_plan": False},
    "IdentityProviderMfa": {"stated_by": True, "provider": False, "issuer": False, "permission_set": False},
    "LeadingKeys": {"allowed": True},
    "Lifecycle": {"reason": False},
    "OidcSignIn": {"provider": True, "audience": True, "session_tags": False},
    "ManagementTrail": {"trail": True, "stated_by": True},
    "OrganizationTrail": {"trail": True, "stated_by": True},
    "OtherAccounts": {"organization_id": True, "readers": False, "writers": False},
    "OwnKey": {"generation": False},
    "Ownership": {"owner": True, "cost_center": True, "application": True, "environment": True},
    "PerimeterSettings": {
        "mode": False,
        "organization_id": False,
        "exempt_roles": False,
        "corporate_cidrs": False,
        "observe_approval": False,
    },
    "ReplicaSettings": {
        "region": True,
        **dict.fromkeys(
            (
                "is_opt_in_region",
                "encryption_key",
                "endpoints",
                "network",
                "backup",
                "alarms",
                "shared_resources",
                "stream_arn",
                "digest_key_arn",
                "without_policies",
                "residency_accepted_by",
                "contributor_insights_specification",
                "kinesis_stream",
                "table_class",
                "read_capacity",
                "max_read_request_units",
                "global_secondary_index_options",
            ),
            False,
        ),
    },
    "LeastRetention": dict.fromkeys(
        ("log_retention", "recovery_period", "daily_backup", "weekly_backup", "monthly_backup"), False
    ),
    "ItemRetention": {"longest": True, "stated_by": True},
    "UnlimitedRetention": {"reason": True, "approved_by": True},
    "TableNaming": {"pattern": False, "make": False},
    "TableDefaults": dict.fromkeys(
        (
            "least_classification",
            "ownership",
            "encryption",
            "backup",
            "audit",
            "alarms",
            "network",
            "perimeter",
            "shared_resources",
            "least_retention",
            "longest_item_retention",
            "table_naming",
            "tag_keys",
            "permissions_boundary",
        ),
        False,
    ),
    "TableNetwork": {
        "vpc": True,
        "data_plane_subnets": True,
        "control_plane_subnets": True,
        "organization_id": False,
        "ownership": False,
    },
    "WaiverPolicy": {"longest_days": False, "approved_by": False},
    "WatchedNetwork": {"vpc": True, "interface_endpoints": False},
    "SamlSignIn": {"provider": True, "issuer": True, "session_tags": False},
    "TableTrail": {"retention": False},
    "Threshold": {"value": True, "unit": True},
    "TagKeys": {
        "owner": False,
        "cost_center": False,
        "application": False,
        "environment": False,
        "data_classification": False,
    },
    "VaultLock": {"min_retention": False, "max_retention": False},
    "Waiver": {"reason": True, "approved_by": True, "expires": True},
}
GRANT_ARGUMENTS = {"grantee": (POSITIONAL, True), "attributes": (KEYWORD, False), "leading_keys": (KEYWORD, False)}


COPY_VAULT_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "ownership": (KEYWORD, True),
    "classification": (KEYWORD, False),
    "source_accounts": (KEYWORD, False),
    "organization_id": (KEYWORD, False),
    "lock": (KEYWORD, False),
}
RESTORE_TESTING_ARGUMENTS = {
    "scope": (POSITIONAL, True),
    "id": (POSITIONAL, True),
    "tables": (KEYWORD, True),
    "topic": (KEYWORD, True),
    "ownership": (KEYWORD, True),
    "classification": (KEYWORD, False),
    "frequency": (KEYWORD, False),
    "least_share": (KEYWORD, False),
    "most_items": (KEYWORD, False),
}


def arguments(function: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """Return a function's arguments in their order: name to kind, and whether it has to be given."""
    parameters = [*inspect.signature(function).parameters.values()]
    return {parameter.name: (parameter.kind, parameter.default is REQUIRED) for parameter in parameters[1:]}


def test_public_names_are_these() -> None:
    assert secure_ddb.__all__ == [
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
    assert all(hasattr(secure_ddb, name) for name in secure_ddb.__all__)


def test_table_takes_these_arguments() -> None:
    assert list(arguments(SecureTable.__init__).items()) == list(TABLE_ARGUMENTS.items())


def test_shared_resources_take_these_arguments() -> None:
    assert list(arguments(SharedResources.__init__).items()) == list(SHARED_ARGUMENTS.items())


def test_tables_are_imported_with_these_arguments() -> None:
    # The first one, `scope`, takes the place of `self`.
    assert list(arguments(SecureTable.from_attributes).items()) == list(IMPORT_ARGUMENTS.items())
    assert list(arguments(ImportedTable.__init__).items())[1:] == list(IMPORT_ARGUMENTS.items())


def test_containment_takes_these_arguments() -> None:
    assert list(arguments(Containment.__init__).items()) == list(CONTAINMENT_ARGUMENTS.items())


def test_dashboards_take_these_arguments() -> None:
    assert list(arguments(TableDashboard.__init__).items()) == list(DASHBOARD_ARGUMENTS.items())


def test_controls_take_these_arguments() -> None:
    assert list(arguments(TableControls.__init__).items()) == list(CONTROLS_ARGUMENTS.items())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TableExports, EXPORT_ARGUMENTS),
        (ExpiredItems, EXPIRED_ARGUMENTS),
        (AuditDestination, DESTINATION_ARGUMENTS),
        (ApplicationReads, READS_ARGUMENTS),
        (ChangeStream, CHANGES_ARGUMENTS),
    ],
)
def test_copies_and_destinations_take_these_arguments(kind: type, expected: dict[str, tuple[Any, bool]]) -> None:
    assert list(arguments(kind.__init__).items()) == list(expected.items())  # type: ignore[misc]


@pytest.mark.parametrize("construct", BESIDE_TABLES)
def test_constructs_beside_tables_take_these_arguments(construct: Any) -> None:
    whole = {"scope": (POSITIONAL, True), "id": (POSITIONAL, True)}
    others = {name: (KEYWORD, required) for name, required in BESIDE_TABLES[construct].items()}
    assert list(arguments(construct.__init__).items()) == [*whole.items(), *others.items()]


def test_endpoints_take_these_arguments() -> None:
    assert list(arguments(DynamoDbEndpoints.__init__).items()) == list(ENDPOINT_ARGUMENTS.items())


def test_backup_constructs_take_these_arguments() -> None:
    assert list(arguments(BackupCopyVault.__init__).items()) == list(COPY_VAULT_ARGUMENTS.items())
    assert list(arguments(RestoreTesting.__init__).items()) == list(RESTORE_TESTING_ARGUMENTS.items())


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_have_these_fields(name: str) -> None:
    kind = getattr(secure_ddb, name)
    required = {argument: needed for argument, (_, needed) in arguments(kind.__init__).items()}
    assert [field.name for field in fields(kind) if field.init] == list(SETTINGS[name])
    assert list(required.items()) == list(SETTINGS[name].items())


def test_every_public_dataclass_is_pinned() -> None:
    assert {name for name in secure_ddb.__all__ if is_dataclass(getattr(secure_ddb, name))} == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_cannot_be_changed(name: str) -> None:
    kind = getattr(secure_ddb, name)
    with pytest.raises(FrozenInstanceError):
        setattr(kind.__new__(kind), fields(kind)[0].name, None)


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"LeadingKeys", "Lifecycle", "Threshold"}))
def test_settings_are_given_by_name(name: str) -> None:
    # These are made with their class methods. A replica's Region needs no name.
    assert all(field.kw_only for field in fields(getattr(secure_ddb, name)) if field.name != "region")


def test_lifecycle_is_retained_or_ephemeral_for_a_reason() -> None:
    assert arguments(Lifecycle.retained.__func__) == {}  # type: ignore[attr-defined]
    assert arguments(Lifecycle.ephemeral.__func__) == {"reason": (KEYWORD, True)}  # type: ignore[attr-defined]


def test_classifications_are_these() -> None:
    assert [(level.name, level.value) for level in secure_ddb.DataClassification] == [
        ("PUBLIC", "public"),
        ("INTERNAL", "internal"),
        ("CONFIDENTIAL", "confidential"),
        ("RESTRICTED", "restricted"),
    ]


def test_errors_can_be_caught_as_python_s_own() -> None:
    assert issubclass(secure_ddb.InvalidArgumentError, ValueError)
    assert issubclass(secure_ddb.NotCreatedError, AttributeError)


@pytest.mark.parametrize("name", ["grant_read_data", "grant_read_write_data", "grant_write_data"])
def test_grants_of_data_take_these_arguments(name: str) -> None:
    expected = GRANT_ARGUMENTS | ({"index": (KEYWORD, False)} if name == "grant_read_data" else {})
    for table in (SecureTable, ImportedTable, TableControls):
        assert arguments(getattr(table, name)) == expected


def test_grants_of_consumers_take_these_arguments() -> None:
    grantee = {"grantee": (POSITIONAL, True)}
    assert arguments(SecureTable.grant_stream_read) == arguments(SecureTable.grant_describe) == grantee
    assert arguments(SecureTable.grant_export) == grantee | {"bucket": (POSITIONAL, True), "prefix": (POSITIONAL, True)}


def test_grant_of_the_control_plane_takes_these_arguments() -> None:
    assert arguments(SecureTable.grant_audit) == {"grantee": (POSITIONAL, True)}
    assert arguments(SecureTable.grant_control_plane) == {"grantee": (POSITIONAL, True), "mfa": (KEYWORD, False)}


def test_guardrails_take_these_arguments() -> None:
    for function, is_needed in ((secure_ddb.permissions_boundary, False), (secure_ddb.service_control_policy, True)):
        parameters = inspect.signature(function).parameters.values()
        taken = {parameter.name: (parameter.kind, parameter.default is REQUIRED) for parameter in parameters}
        assert taken == {
            "exempt_roles": (KEYWORD, is_needed),
            "tables": (KEYWORD, False),
            "replica_regions": (KEYWORD, False),
        }


def test_leading_keys_are_made_in_three_ways() -> None:
    methods = [name for name, value in vars(LeadingKeys).items() if isinstance(value, classmethod)]
    makers = {name: list(inspect.signature(getattr(LeadingKeys, name)).parameters) for name in methods}
    assert makers == {"principal_tag": ["key"], "web_identity": ["claim"], "values": ["values"]}
