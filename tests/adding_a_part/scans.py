"""Alarms on unusual requests: scans, of which most tables see none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.errors import reject, require_type
from secure_ddb.monitoring.measure import Measure
from secure_ddb.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.settings import AlarmSettings


@dataclass(frozen=True, kw_only=True, repr=False)
class ScanSettings(BriefRepr):
    """Which requests are unusual for the table.

    Attributes:
        per_hour: The number of scans in an hour from which on they are unusual.

    Raises:
        InvalidArgumentError: It is not a positive number.
    """

    per_hour: int = 1

    def __post_init__(self) -> None:
        """Check the number."""
        require_type("scans.per_hour", self.per_hour, int)
        if self.per_hour < 1:
            reject("scans.per_hour", self.per_hour, "1 or more")


class Scans(Part):
    """An alarm on unusual requests, for tables that ask for it."""

    def __init__(self, context: TableContext, settings: ScanSettings | None) -> None:
        """Check the settings, and record them for the summary."""
        self._settings = settings
        if settings is not None:
            require_type("scans", settings, ScanSettings)
            context.evidence.settings["scans.per_hour"] = str(settings.per_hour)

    def measures(self, table: MadeTable, _alarms: AlarmSettings) -> Iterable[Measure]:
        """Count the scans."""
        if self._settings is None:
            return
        yield Measure(
            name="UnusualScans",
            description="The table was scanned more often than is usual. Its CloudTrail data events say by which role.",
            metric="SuccessfulRequestLatency",
            statistic="SampleCount",
            dimensions={"TableName": table.name, "Operation": "Scan"},
            threshold=self._settings.per_hour,
            period=60 * 60,
        )
