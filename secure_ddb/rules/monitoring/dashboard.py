"""Dashboards of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# What has to be seen at a glance, and the metrics of which one shows it.
_SIGNALS = {
    "traffic": ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "SuccessfulRequestLatency"),
    "throttles": ("ReadThrottleEvents", "ThrottledRequests", "WriteThrottleEvents"),
    "latency": ("SuccessfulRequestLatency",),
    "errors": ("SystemErrors",),
}


@Rule(
    id="SecureDdb-MON17",
    title="Dashboards that show the table include traffic, throttles, latency and errors",
    problem="A dashboard that shows the table lacks traffic, throttles, latency or errors",
    severity=Severity.LOW,
    requirements=("MON-2",),
    controls=nist("CA-7", "SI-4"),
    rationale="During an incident, people assume that what a dashboard does not show is fine.",
    remedy=(
        "Add graphs of ConsumedReadCapacityUnits, ReadThrottleEvents, SuccessfulRequestLatency and SystemErrors of "
        "the table, or use a TableDashboard."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html",
)
def dashboard(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table that a dashboard shows. Whether others are on one elsewhere, a person has to show."""
    for resource, tables in assembly.dashboards.shown.items():
        for table, metrics in tables.items():
            missing = [signal for signal, shown in _SIGNALS.items() if metrics.isdisjoint(shown)]
            detail = f"it shows no {' and no '.join(missing)}" if missing else "it shows all four"
            path, key = "Properties.DashboardBody", table.resource.logical_id
            yield judged(resource, path, not missing, f"{detail} of {table.name}", key=key, tables=[table])
