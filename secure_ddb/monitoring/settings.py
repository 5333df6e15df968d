"""Settings of the alarms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.classification import DataClassification
from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.monitoring.thresholds import Threshold, check_thresholds, check_waived, waive_alarms
from secure_ddb.monitoring.use import MOST_UNUSED_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import TableContext
    from secure_ddb.table_alarm import TableAlarm
    from secure_ddb.table_evidence import TableEvidence
    from secure_ddb.waivers.waiver import Waiver

# Past the age at which Lambda gives a record up there would be nothing left to warn of.
_LONGEST_ITERATOR_AGE = 12 * 60 * 60 * 1000
_WIDEST_BAND = 10
# Of scans, batches and transactions of restricted data.
_BULK_MILLISECONDS = 1000


@dataclass(frozen=True, kw_only=True, repr=False)
class AlarmSettings(BriefRepr):
    """When to raise an alarm, and where to.

    Attributes:
        topic: An existing topic instead of one made for the table. The policies of a topic of this app and of its key
            are extended for the alarms; those of an imported one are not visible, and the summary says so.
        latency: From which average latency of a successful request on an operation counts as slow.
        iterator_age: How far the audit log may lag behind the table, at most 12 hours.
        bulk_latency: The same for scans, batches and transactions. Unless given, 1 second for RESTRICTED data, and no
            alarm for other data.
        unusual_reads: How many standard deviations above the usual value for the time are too many reads: CloudWatch
            learns the usual value. At most 10. Unless given, 4 for RESTRICTED tables that share no alarms, and no alarm
            for other tables.
        unused_days: After how many days without any read or write a notice is sent, 1 to 7. None: never.
        health: Whether a composite alarm tells if any alarm of the table, or of the `SharedResources`, is in ALARM,
            but for notices of cost. It sends nothing itself.
        thresholds: Further thresholds, each in the unit of its alarm.
        waived: Single alarms that are left out. docs/monitoring.md lists all alarms.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range.
    """

    topic: ITopic | None = None
    latency: Duration = Duration.millis(100)
    iterator_age: Duration = Duration.hours(1)
    bulk_latency: Duration | None = None
    unusual_reads: float | None = None
    unused_days: int | None = None
    health: bool = False
    thresholds: Mapping[TableAlarm, Threshold] = field(default_factory=dict)
    waived: Mapping[TableAlarm, Waiver] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every value."""
        if self.topic is not None:
            require_interface("alarms.topic", self.topic, "topic_arn", "an aws_sns.ITopic")
        require_type("alarms.latency", self.latency, Duration)
        if self.latency_milliseconds < 1:
            reject("alarms.latency", f"{self.latency_milliseconds} ms", "1 ms or more")
        require_type("alarms.iterator_age", self.iterator_age, Duration)
        age = self.iterator_age_milliseconds
        if not 0 < age <= _LONGEST_ITERATOR_AGE:
            reject("alarms.iterator_age", f"{age} ms", "1 ms to 12 hours")
        self._check_optional()
        check_thresholds(self.thresholds)
        check_waived(self.waived)

    def _check_optional(self) -> None:
        if self.bulk_latency is not None:
            require_type("alarms.bulk_latency", self.bulk_latency, Duration)
            milliseconds = in_milliseconds(self.bulk_latency, "alarms.bulk_latency")
            if milliseconds < 1:
                reject("alarms.bulk_latency", f"{milliseconds} ms", "1 ms or more")
        band = self.unusual_reads
        if band is not None and (type(band) not in (int, float) or not 0 < band <= _WIDEST_BAND):
            reject("alarms.unusual_reads", band, f"a number of standard deviations, above 0 and at most {_WIDEST_BAND}")
        days = self.unused_days
        if days is not None and (type(days) is not int or not 1 <= days <= MOST_UNUSED_DAYS):
            allowed = f"1 to {MOST_UNUSED_DAYS}: an alarm looks no further back"
            reject("alarms.unused_days", days, allowed)
        require_type("alarms.health", self.health, bool)

    @property
    def latency_milliseconds(self) -> int:
        """Latency from which on a request counts as slow."""
        return in_milliseconds(self.latency, "alarms.latency")

    @property
    def iterator_age_milliseconds(self) -> int:
        """Age from which on the audit log lags."""
        return in_milliseconds(self.iterator_age, "alarms.iterator_age")

    def bulk_milliseconds(self, classification: DataClassification) -> int | None:
        """Return the latency from which on a scan, batch or transaction counts as slow; None if none is watched."""
        if self.bulk_latency is not None:
            return in_milliseconds(self.bulk_latency, "alarms.bulk_latency")
        return _BULK_MILLISECONDS if classification is DataClassification.RESTRICTED else None

    def check(self, context: TableContext) -> None:
        """Record what differs from the default.

        Raises:
            InvalidArgumentError: The topic is in another Region, where no alarm can reach it, or in another account,
                where events could reach it only with a role, and what its policy needs cannot be seen or added.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
        """
        evidence = context.evidence
        if self.topic is not None:
            require_same_environment("alarms.topic", self.topic, context.environment, evidence)
            evidence.settings["alarms.topic"] = "an existing topic"
        evidence.compare("alarms.latency", self.latency_milliseconds, DEFAULT_ALARMS.latency_milliseconds, " ms")
        evidence.compare(
            "alarms.iterator_age",
            self.iterator_age_milliseconds,
            DEFAULT_ALARMS.iterator_age_milliseconds,
            " ms",
        )
        self._record_optional(evidence)
        waive_alarms(context, self.waived)

    def _record_optional(self, evidence: TableEvidence) -> None:
        if self.bulk_latency is not None:
            evidence.settings["alarms.bulk_latency"] = f"{in_milliseconds(self.bulk_latency)} ms"
        if self.unusual_reads is not None:
            evidence.settings["alarms.unusual_reads"] = f"{self.unusual_reads:g} standard deviations"
        if self.unused_days is not None:
            evidence.settings["alarms.unused_days"] = f"{self.unused_days}"
        evidence.compare("alarms.health", self.health, DEFAULT_ALARMS.health)
        for alarm, threshold in self.thresholds.items():
            evidence.settings[f"alarms.thresholds.{alarm}"] = str(threshold)


DEFAULT_ALARMS = AlarmSettings()
