"""What can be chosen about the alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment

if TYPE_CHECKING:
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import TableContext

# Past the age at which Lambda gives a record up there would be nothing left to warn of.
_LONGEST_ITERATOR_AGE = 12 * 60 * 60 * 1000


@dataclass(frozen=True, kw_only=True, repr=False)
class AlarmSettings(BriefRepr):
    """When to raise an alarm, and where to.

    Attributes:
        topic: An existing topic instead of one made for the table. The policies of a topic of this app and of its key
            are extended for the alarms; those of an imported one are not visible, and the summary says so.
        latency: From which average latency of a successful request on an operation counts as slow.
        iterator_age: How far the audit log may lag behind the table, at most 12 hours.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range.
    """

    topic: ITopic | None = None
    latency: Duration = Duration.millis(100)
    iterator_age: Duration = Duration.hours(1)

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

    @property
    def latency_milliseconds(self) -> int:
        """Latency from which on a request counts as slow."""
        return in_milliseconds(self.latency, "alarms.latency")

    @property
    def iterator_age_milliseconds(self) -> int:
        """Age from which on the audit log lags."""
        return in_milliseconds(self.iterator_age, "alarms.iterator_age")

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


DEFAULT_ALARMS = AlarmSettings()
