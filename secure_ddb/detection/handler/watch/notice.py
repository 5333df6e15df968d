"""A notice for people: what, which table, who, when and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_LONGEST_SUBJECT = 99


@dataclass(frozen=True)
class Notice:
    """What is published.

    Attributes:
        subject: The subject of a mail.
        happened: A sentence that begins the message.
        fields: Name of a line to its text.
        steps: What to do about it.
        anchor: The section of the runbook.
    """

    subject: str
    happened: str
    fields: Mapping[str, str] = field(default_factory=dict)
    steps: str = ""
    anchor: str = ""

    def text(self, now: datetime, account: str, region: str, runbook: str) -> str:
        """Return the message, in the form of those that EventBridge writes, without their quotes."""
        lines = {
            **self.fields,
            "When": f"{written(now)}, account {account}, Region {region}",
            "What to do": self.steps,
            "Runbook": f"{runbook}#{self.anchor}",
        }
        return "\n".join([self.happened, *(f"{name}: {text}" for name, text in lines.items())])

    def publish(self, sns: Any, topic_arn: str, now: datetime, runbook: str) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Send it to a topic."""
        region, account = topic_arn.split(":")[3:5]
        text = self.text(now, account, region, runbook)
        # SNS takes ASCII only, and names of tables are.
        sns.publish(TopicArn=topic_arn, Subject=self.subject[:_LONGEST_SUBJECT], Message=text)


def written(time: datetime) -> str:
    """Return a time in UTC as EventBridge writes it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
