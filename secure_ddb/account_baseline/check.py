"""Asks AWS which services are on that the controls of tables rely on. Only reads; loads neither CDK nor boto3."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# The types that AWS Config has to record for rules on tables and their resources.
RECORDED_TYPES = (
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::BackupVault",
    "AWS::CloudTrail::Trail",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
)
_NEEDED_TYPES = {"AWS::DynamoDB::Table", "AWS::KMS::Key"}
# The permissions that the check needs.
PERMISSIONS = (
    "access-analyzer:ListAnalyzers",
    "backup:DescribeRegionSettings",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetTrailStatus",
    "config:DescribeConfigurationRecorderStatus",
    "config:DescribeConfigurationRecorders",
    "guardduty:GetDetector",
    "guardduty:ListDetectors",
)


class State(StrEnum):
    """Whether a service is on."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a service stands in an account and Region.

    Attributes:
        name: What it is.
        state: Whether it is on.
        detail: What was seen.
        relies: What relies on it.
        remedy: How to switch it on.
    """

    name: str
    state: State
    detail: str
    relies: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class _Check:
    """A service, and the function that asks for it."""

    name: str
    ask: Callable[[Clients], tuple[bool, str]]
    relies: str
    remedy: str


class Clients(Protocol):
    """Clients of boto3 by the name of their service."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return the client for a service in the Region."""


def check_account(clients: Clients, failures: tuple[type[Exception], ...]) -> Iterator[Standing]:
    """Yield how each service stands.

    Args:
        clients: What to ask AWS with.
        failures: Errors that mean that AWS does not tell. Any other error ends the check.
    """
    for check in _CHECKS:
        try:
            is_on, detail = check.ask(clients)
            state = State.ON if is_on else State.OFF
        except failures as error:
            state, detail = State.UNKNOWN, " ".join(str(error).split())
        yield Standing(name=check.name, state=state, detail=detail, relies=check.relies, remedy=check.remedy)


def _guard_duty(clients: Clients) -> tuple[bool, str]:
    client = clients.client("guardduty")
    detectors = client.list_detectors()["DetectorIds"]
    if not detectors:
        return False, "there is no detector"
    status = client.get_detector(DetectorId=detectors[0])["Status"]
    return status == "ENABLED", f"detector {detectors[0]} is {status}"


def _recorder(clients: Clients) -> tuple[bool, str]:
    client = clients.client("config")
    # Recorders of other services are not listed here.
    recorders = client.describe_configuration_recorders()["ConfigurationRecorders"]
    if not recorders:
        return False, "there is no configuration recorder"
    recorder = recorders[0]
    missing = sorted(_NEEDED_TYPES - _recorded(recorder.get("recordingGroup", {})))
    if missing:
        return False, f"recorder {recorder['name']} does not record {', '.join(missing)}"
    (status,) = client.describe_configuration_recorder_status(ConfigurationRecorderNames=[recorder["name"]])[
        "ConfigurationRecordersStatus"
    ]
    if not status["recording"]:
        return False, f"recorder {recorder['name']} is stopped"
    if status.get("lastStatus") == "FAILURE":
        return False, f"recorder {recorder['name']} fails: {status.get('lastErrorMessage', 'no reason is given')}"
    return True, f"recorder {recorder['name']} records tables and keys"


def _recorded(group: Mapping[str, Any]) -> set[str]:
    """Return which of the types that are needed a recorder records."""
    strategy = group.get("recordingStrategy", {}).get("useOnly")
    excluded = set(group.get("exclusionByResourceTypes", {}).get("resourceTypes", ()))
    if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
        return _NEEDED_TYPES - excluded
    if group.get("allSupported", not group):
        return set(_NEEDED_TYPES)
    return _NEEDED_TYPES & set(group.get("resourceTypes", ()))


def _backup_opt_in(clients: Clients) -> tuple[bool, str]:
    return _of_backup(clients, "ResourceTypeOptInPreference")


def _backup_advanced(clients: Clients) -> tuple[bool, str]:
    return _of_backup(clients, "ResourceTypeManagementPreference")


def _of_backup(clients: Clients, preference: str) -> tuple[bool, str]:
    chosen = clients.client("backup").describe_region_settings().get(preference, {}).get("DynamoDB", False)
    return bool(chosen), f"{preference} for DynamoDB is {str(chosen).lower()}"


def _analyzer(clients: Clients) -> tuple[bool, str]:
    found = [
        each
        for page in clients.client("accessanalyzer").get_paginator("list_analyzers").paginate()
        for each in page["analyzers"]
        if each["type"] in {"ACCOUNT", "ORGANIZATION"}
    ]
    active = [each["name"] for each in found if each["status"] == "ACTIVE"]
    if active:
        return True, f"analyzer {active[0]} is active"
    return False, (
        "there is no active analyzer in this account; an analyzer of the organization would be in another account"
    )


def _management_trail(clients: Clients) -> tuple[bool, str]:
    client = clients.client("cloudtrail")
    seen = []
    for trail in client.describe_trails()["trailList"]:
        name, arn = trail["Name"], trail["TrailARN"]
        if not client.get_trail_status(Name=arn).get("IsLogging"):
            seen.append(f"{name} is stopped")
        elif not _logs_writes_and_keys(client.get_event_selectors(TrailName=arn)):
            seen.append(f"{name} does not log all management events that write, or not those of AWS KMS")
        else:
            return True, f"trail {name} logs management events"
    return False, "; ".join(seen) or "there is no trail in this Region"


def _logs_writes_and_keys(selectors: Mapping[str, Any]) -> bool:
    basic = any(
        each.get("IncludeManagementEvents")
        and each.get("ReadWriteType") in {"All", "WriteOnly"}
        and "kms.amazonaws.com" not in each.get("ExcludeManagementEventSources", ())
        for each in selectors.get("EventSelectors", ())
    )
    return basic or any(_is_of_all_writes(each) for each in selectors.get("AdvancedEventSelectors", ()))


def _is_of_all_writes(selector: Mapping[str, Any]) -> bool:
    fields = {each["Field"]: each for each in selector["FieldSelectors"]}
    is_management = fields.pop("eventCategory", {}).get("Equals") == ["Management"]
    writes = fields.pop("readOnly", {}).get("Equals", ["false"]) == ["false"]
    # Any other field leaves something out.
    return is_management and writes and not fields


_CHECKS = (
    _Check(
        name="GuardDuty detector",
        ask=_guard_duty,
        relies="DET-1: findings on stolen credentials reach the topic",
        remedy="AccountBaseline(create=[AccountService.GUARD_DUTY]), or aws guardduty create-detector --enable",
    ),
    _Check(
        name="AWS Config recorder",
        ask=_recorder,
        relies="DET-4: AWS Config rules for tables and keys",
        remedy="AccountBaseline(create=[AccountService.CONFIG_RECORDER]), or let the recorder record these types",
    ),
    _Check(
        name="AWS Backup opt-in for DynamoDB",
        ask=_backup_opt_in,
        relies="BAK-2: backup plans include tables",
        remedy="aws backup update-region-settings --resource-type-opt-in-preference DynamoDB=true",
    ),
    _Check(
        name="AWS Backup advanced features for DynamoDB",
        ask=_backup_advanced,
        relies="BAK-2: recovery points have the vault's key, tags and cold storage",
        remedy="aws backup update-region-settings --resource-type-management-preference DynamoDB=true",
    ),
    _Check(
        name="IAM Access Analyzer",
        ask=_analyzer,
        relies="IAM-7: findings of external access reach the topic",
        remedy="AccountBaseline(create=[AccountService.ACCESS_ANALYZER]), or an analyzer of the organization",
    ),
    _Check(
        name="Trail for management events",
        ask=_management_trail,
        relies="DET-2, DET-3, DET-6, DET-8: API calls reach the topic",
        remedy=(
            "a trail of the organization or the account that logs write management events, including those of AWS KMS"
        ),
    ),
)
