"""Settings of the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from aws_cdk.aws_logs import RetentionDays

from secure_ddb.audit.archive_settings import ArchiveSettings
from secure_ddb.audit.delivery_settings import DEFAULT_DELIVERY, DeliverySettings
from secure_ddb.audit.destination_settings import ArchiveDestination
from secure_ddb.audit.reads import OrganizationTrail, TableTrail
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.context import REGION
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import READS
from secure_ddb.tokens import is_token
from secure_ddb.waivers.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import TableContext

# CDK's enumeration does not show its numbers to Python.
_RETENTION_DAYS = {
    RetentionDays.ONE_DAY: 1,
    RetentionDays.THREE_DAYS: 3,
    RetentionDays.FIVE_DAYS: 5,
    RetentionDays.ONE_WEEK: 7,
    RetentionDays.TWO_WEEKS: 14,
    RetentionDays.ONE_MONTH: 30,
    RetentionDays.TWO_MONTHS: 60,
    RetentionDays.THREE_MONTHS: 90,
    RetentionDays.FOUR_MONTHS: 120,
    RetentionDays.FIVE_MONTHS: 150,
    RetentionDays.SIX_MONTHS: 180,
    RetentionDays.ONE_YEAR: 365,
    RetentionDays.THIRTEEN_MONTHS: 400,
    RetentionDays.EIGHTEEN_MONTHS: 545,
    RetentionDays.TWO_YEARS: 731,
    RetentionDays.THREE_YEARS: 1096,
    RetentionDays.FIVE_YEARS: 1827,
    RetentionDays.SIX_YEARS: 2192,
    RetentionDays.SEVEN_YEARS: 2557,
    RetentionDays.EIGHT_YEARS: 2922,
    RetentionDays.NINE_YEARS: 3288,
    RetentionDays.TEN_YEARS: 3653,
    RetentionDays.INFINITE: 9999,
}


class LoggedKeys(Enum):
    """How the audit log names the item that a change was made to."""

    DIGEST = "digest"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True, repr=False)
class AuditSettings(BriefRepr):
    """How the changes of items are recorded.

    Attributes:
        log_retention: How long the log group keeps the records.
        keys: Whether item keys are logged as digests, which only tell that two changes concern the same item, or
            in clear. Above INTERNAL only digests are allowed.
        clear_attributes: Attributes whose values are logged in clear, before and after. Shown in the summary.
        reads: The trail that records who reads, and who is behind each change: one of the table's own, or the
            statement that one of the organization does. Without either, the summary of CONFIDENTIAL and higher
            tables reports it as unknown.
        archive: A write-once copy of the log, one in a security account, a waiver of it, or what the classification
            says: RESTRICTED has one.
        delivery: How AWS Lambda hands the changes to the audit function.
        digest_regions: Further Regions in which items have the same digests, so that the logs of all Regions can be
            compared: the digest key is a multi-Region key then. One that is there is replaced, and digests change.
        own_function: Whether a table that is given shared resources has an audit function of its own nevertheless, and
            so its own log, retention and archive.

    Raises:
        InvalidArgumentError: A value has the wrong type, or an attribute no name or one that stands twice.
    """

    log_retention: RetentionDays = RetentionDays.THIRTEEN_MONTHS
    keys: LoggedKeys = LoggedKeys.DIGEST
    clear_attributes: Sequence[str] = ()
    reads: TableTrail | OrganizationTrail | None = None
    archive: ArchiveSettings | ArchiveDestination | Waiver | None = None
    delivery: DeliverySettings = DEFAULT_DELIVERY
    digest_regions: Sequence[str] = ()
    own_function: bool = False

    def __post_init__(self) -> None:
        """Reject values that CloudWatch Logs or the audit function do not support."""
        require_type("audit.log_retention", self.log_retention, RetentionDays)
        require_type("audit.keys", self.keys, LoggedKeys, "LoggedKeys.DIGEST or LoggedKeys.PLAIN")
        require_type("audit.clear_attributes", self.clear_attributes, (list, tuple), "a list of attribute names")
        for position, name in enumerate(self.clear_attributes):
            require_type(f"audit.clear_attributes[{position}]", name, str)
            if not name or is_token(name) or name in self.clear_attributes[:position]:
                reject(f"audit.clear_attributes[{position}]", name, "a name that is known at synth and stands once")
        if self.reads is not None:
            require_type("audit.reads", self.reads, (TableTrail, OrganizationTrail))
        if self.archive is not None:
            require_type("audit.archive", self.archive, (ArchiveSettings, ArchiveDestination, Waiver))
        require_type("audit.delivery", self.delivery, DeliverySettings)
        require_type("audit.own_function", self.own_function, bool)
        self._check_digest_regions()

    def _check_digest_regions(self) -> None:
        name, regions = "audit.digest_regions", self.digest_regions
        require_type(name, regions, (list, tuple), "a list of Regions")
        for position, region in enumerate(regions):
            if not isinstance(region, str) or not REGION.fullmatch(region) or region in regions[:position]:
                reject(f"{name}[{position}]", region, "a Region of the partition aws that stands once")
        if regions and self.keys is LoggedKeys.PLAIN:
            reject(name, list(regions), "none with LoggedKeys.PLAIN, which makes no digests")

    def check(self, context: TableContext) -> None:
        """Check against the classification's floor, and record deviations from the default.

        Raises:
            InvalidArgumentError: A retention is below the floor, or keys must not be logged in clear.
        """
        self.require_retention(context, "audit.log_retention")
        own = context.environment.region
        if own in self.digest_regions:
            reject("audit.digest_regions", own, f"Regions of replicas: the table itself is in {own}")
        if self.digest_regions:
            context.evidence.settings["audit.digest_regions"] = ", ".join(self.digest_regions)
        self._check_lines(context)
        context.evidence.compare("audit.log_retention", self.log_retention.name, DEFAULT_AUDIT.log_retention.name)

    def require_retention(self, context: TableContext, argument: str) -> None:
        """Reject a log that keeps records for too short a time.

        Raises:
            InvalidArgumentError: It does.
        """
        require_log_retention(context, argument, self.log_retention)

    def check_on_shared(self, context: TableContext, shared: AuditSettings | None) -> None:
        """Check against the choices of a table that shares its audit function, and record deviations.

        Args:
            context: Of the table.
            shared: The settings of the function; None, if it is of another app.

        Raises:
            InvalidArgumentError: A setting is one of the function, its log or its archive, which all tables share; or
                it is below the floor of the table's classification.
        """
        kept = shared.log_retention if shared else DEFAULT_AUDIT.log_retention
        if self.log_retention not in (DEFAULT_AUDIT.log_retention, kept):
            reject("audit.log_retention", self.log_retention.name, f"{kept.name}, {_AS_SHARED}")
        if self.digest_regions:
            reject(
                "audit.digest_regions", list(self.digest_regions), f"none, {_AS_SHARED}: its digests are of one Region"
            )
        if self.archive is not None and self.archive != (shared.archive if shared else None):
            reject("audit.archive", self.archive, f"None, {_AS_SHARED}")
        if shared is None and (self.clear_attributes or self.keys is not DEFAULT_AUDIT.keys):
            chosen = {"keys": self.keys.value, "clear_attributes": list(self.clear_attributes)}
            reject("audit", chosen, f"reads and delivery here; the function's app gives the rest: {_OF_OTHER_APPS}")
        if shared is not None and shared.keys is LoggedKeys.PLAIN and self.keys is LoggedKeys.DIGEST:
            reject(
                "audit.keys",
                "LoggedKeys.DIGEST",
                f"LoggedKeys.PLAIN, {_AS_SHARED}: the shared function has no key for digests",
            )
        for name in ("audit.keys", "audit.clear_attributes"):
            # Said of the function's own settings, which do not hold for this table.
            context.evidence.settings.pop(name, None)
        if self.reads is not None:
            context.evidence.claims.pop(READS, None)
        self._check_lines(context)

    def _check_lines(self, context: TableContext) -> None:
        """Check and record the settings for the lines of one table."""
        classification, evidence = context.classification, context.evidence
        if self.keys is LoggedKeys.PLAIN and not classification.floor.may_log_keys:
            reject("audit.keys", "LoggedKeys.PLAIN", f"LoggedKeys.DIGEST for {classification.name}")
        evidence.compare("audit.keys", self.keys.value, DEFAULT_AUDIT.keys.value)
        if self.clear_attributes:
            evidence.settings["audit.clear_attributes"] = ", ".join(self.clear_attributes)
        self.delivery.record(evidence)
        if self.reads is not None:
            self.reads.check(context)


def require_log_retention(context: TableContext, argument: str, retention: RetentionDays) -> None:
    """Reject a log that keeps lines for too short a time.

    Raises:
        InvalidArgumentError: It does, or the retention is something else.
    """
    require_type(argument, retention, RetentionDays)
    least, allowed = context.least("log_retention")
    if _RETENTION_DAYS[retention] < least:
        reject(argument, retention.name, allowed)


DEFAULT_AUDIT = AuditSettings()
_AS_SHARED = "as the tables that share the audit function, or own_function=True"
_OF_OTHER_APPS = "SharedResources(tables_of_other_apps={name: AuditSettings(...)})"
