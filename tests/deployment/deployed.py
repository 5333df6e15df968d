"""The configurations whose deployment the policies allow: those that all tests look at, and archives beside tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_sns import Topic

from secure_ddb import AuditDestination
from tests.configurations import CONFIGURATIONS
from tests.item_archive.archived import exporting, keeping
from tests.orders import OWNERSHIP

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def destination(stack: Stack) -> None:
    """The archive of a security account."""
    topic = Topic.from_topic_arn(stack, "Alarms", "arn:aws:sns:eu-central-1:111122223333:security-alarms")
    AuditDestination(stack, "Audit", source_accounts=["444455556666"], alarm_topic=topic, ownership=OWNERSHIP)


DEPLOYED: dict[str, Callable[[Stack], None]] = CONFIGURATIONS | {
    function.__name__: function for function in (exporting, keeping, destination)
}
