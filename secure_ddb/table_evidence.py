"""The statements of a table about itself in its template, for the summary and for security."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from secure_ddb.table_alarm import waived_alarm

if TYPE_CHECKING:
    from aws_cdk import CfnResource
    from constructs import IConstruct

    from secure_ddb.table_alarm import TableAlarm
    from secure_ddb.waivers.waiver import Waiver

METADATA_KEY = "SecureTable"
# Of a template: the statements on tables that are declared elsewhere, followed by a slash and the construct's path.
CONTROLS_KEY = "TableControls"
# Prefix of a template's keys that name the path of a construct of this library other than a table.
CONSTRUCT_KEY = "SecureDdbConstruct"
# Arguments whose claims rules read: on the trail that records reads, the archive of the log of changes, the origin of
# the key material, the MFA of people, and, of what tables share, the trail that logs management events.
READS = "audit.reads"
ARCHIVE = "audit.archive"
KEY_MATERIAL = "encryption.key_material"
MFA = "grant_control_plane.mfa"
MANAGEMENT_EVENTS = "detection.trail"
# For how long items are kept, as a setting and as a claim.
ITEM_RETENTION = "item_retention"


class Guarantee(StrEnum):
    """A guarantee that a waiver can give up: in words, with its row of the requirements."""

    ALARMS = "Alarms (MON-1)"
    ARCHIVE = "Archive of the audit trail (AUD-3)"
    AUDIT_TRAIL = "Audit trail (AUD-1)"
    BACKUP = "AWS Backup (BAK-2)"
    PERIMETER = "Perimeter (NET-4)"
    TRANSIT = "Denial of requests without TLS (ENC-3)"


@dataclass(kw_only=True)
class TableEvidence:
    """Facts collected while a table is built. They end in the metadata of its `AWS::DynamoDB::GlobalTable`.

    Attributes:
        controls: Path of the `TableControls` around a table that is declared elsewhere; empty for a `SecureTable`.
        ephemeral: Why the table may go away with its stack; empty if it may not.
        waivers: Guarantee given up to the waiver.
        settings: Argument that differs from the default to the chosen value.
        claims: Argument to a statement that nothing here can verify. Never counted as met.
        not_verifiable: Facts about existing resources that cannot be seen at synth. Never counted as met.
    """

    controls: str = ""
    ephemeral: str = ""
    waivers: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    not_verifiable: list[str] = field(default_factory=list)

    def waive(self, guarantee: Guarantee, waiver: Waiver) -> None:
        """Record that a guarantee was given up."""
        self.waivers[guarantee.value] = waiver.stated.as_metadata()

    def waive_alarm(self, alarm: TableAlarm, waiver: Waiver) -> None:
        """Record that one alarm was left out."""
        self.waivers[waived_alarm(alarm)] = waiver.stated.as_metadata()

    def compare(self, argument: str, value: object, default: object, unit: str = "") -> None:
        """Record a setting if it is not the default."""
        if value != default:
            self.settings[argument] = f"{value}{unit} (default {default}{unit})"

    def include(self, other: TableEvidence) -> None:
        """Take over the evidence of resources that the table shares."""
        self.waivers |= other.waivers
        self.settings |= other.settings
        self.claims |= other.claims
        self.not_verifiable += other.not_verifiable

    def include_replica(self, region: str, other: TableEvidence) -> None:
        """Take over the evidence of a replica, with its Region."""
        self.waivers |= other.waivers
        self.settings |= {f"replicas[{region}].{argument}": text for argument, text in other.settings.items()}
        self.claims |= {f"replicas[{region}].{argument}": text for argument, text in other.claims.items()}
        self.not_verifiable += [f"{fact} ({region})" for fact in other.not_verifiable]

    def as_metadata(self) -> dict[str, Any]:
        """Return all statements that are not empty, ready for a template."""
        return {key: value for key, value in vars(self).items() if value}

    def state_on(self, table: IConstruct) -> None:
        """Write the statements into the metadata of a table's resource, if there are any; an imported one has none."""
        metadata = self.as_metadata()
        resource = cast("CfnResource | None", table.node.default_child) if metadata else None
        if resource is not None:
            resource.add_metadata(METADATA_KEY, metadata)
