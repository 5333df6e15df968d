"""The alarms that tables share, as each of them sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.monitoring.settings import DEFAULT_ALARMS

if TYPE_CHECKING:
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.monitoring.topic import AlarmTopic


@dataclass(frozen=True, kw_only=True)
class SharedAlarms:
    """The alarms that tables share.

    Attributes:
        topic: The topic of all alarms.
        settings: Also those of the alarms that each table keeps.
        health_name: Name of the composite alarm on them, or empty.
    """

    topic: AlarmTopic
    settings: AlarmSettings = DEFAULT_ALARMS
    health_name: str = ""
