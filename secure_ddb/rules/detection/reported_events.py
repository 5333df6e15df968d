"""Shared by rules on detection: events, and whether a topic receives all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.rules.rule import Judgement, judged
from secure_ddb.table_evidence import MANAGEMENT_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.event_patterns import Event
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.three_valued import Truth

API_CALL = "AWS API Call via CloudTrail"
_ELSEWHERE = "rules elsewhere, such as in an account baseline, cannot be checked"


class ReportableEvent(NamedTuple):
    """An event that should be reported.

    Attributes:
        name: Its name, such as an API call.
        event: The event.
        service: The service whose call it is; empty if a service sends it by itself.
        reads: Whether it is a call that only reads.
        is_data: Whether it is a data event of a table.
    """

    name: str
    event: Event
    service: str = ""
    reads: bool = False
    is_data: bool = False


def call(
    table: Table,
    replica: Replica,
    service: str,
    name: str,
    *,
    reads: bool = False,
    is_data: bool = False,
    **detail: Any,  # noqa: ANN401 - what the record of a call says
) -> ReportableEvent:
    """Return a call of an API in a table's account and Region, as CloudTrail records it."""
    event: Event = {
        "source": f"aws.{service}",
        "detail-type": API_CALL,
        **_place(table, replica),
        "detail": {
            "awsRegion": replica.region,
            "eventName": name,
            "eventSource": f"{service}.amazonaws.com",
            # A person's event, not a service's; a call unless `detail` says otherwise.
            "sourceIPAddress": "192.0.2.0",
            "errorCode": None,
            **detail,
        },
    }
    return ReportableEvent(name, event, service, reads, is_data)


def service_event(table: Table, replica: Replica, source: str, kind: str, name: str, **detail: Any) -> ReportableEvent:  # noqa: ANN401 - what the event says
    """Return an event that a service sends by itself, in a table's account and Region."""
    event: Event = {"source": f"aws.{source}", "detail-type": kind, **_place(table, replica), "detail": detail}
    return ReportableEvent(name, event)


def own_event(table: Table, replica: Replica, kind: str) -> ReportableEvent:
    """Return an event that a function of this library sends in a table's account and Region."""
    return ReportableEvent(kind, {"source": "secure-ddb", "detail-type": kind, **_place(table, replica)})


def _place(table: Table, replica: Replica) -> dict[str, str]:
    return {"account": table.resource.account, "region": replica.region}


def judge_reported(
    assembly: Assembly, table: Table, replica: Replica, events: Iterable[ReportableEvent]
) -> Iterator[Judgement]:
    """Judge whether a topic receives every event, if a rule of the app may report any of them.

    Yields nothing otherwise: an account baseline may have the detection, which a person must show.
    """
    found = [(each, assembly.reporting.of(each.event, reads=each.reads)) for each in events]
    if not any(reported.rule for _, reported in found):
        return
    silent = [(each.name, reported.rule) for each, reported in found if reported.answer is False]
    open_ = [each.name for each, reported in found if reported.answer is None]
    certain = (each for each, reported in found if reported.answer)
    unlogged = [each.name for each in certain if not _is_logged(assembly, table, replica, each)]
    answer: Truth = False if silent else None if open_ or unlogged else True
    if silent:
        rules = dict.fromkeys(rule.logical_id for _, rule in silent if rule)
        detail = (
            f"{', '.join(rules)} matches {_names(name for name, _ in silent)}, but is off or does not report to a topic"
        )
    elif open_:
        detail = f"no rule of the app is certain to report {_names(open_)}; {_ELSEWHERE}"
    elif unlogged:
        claim = table.stated_value("claims", MANAGEMENT_EVENTS)
        claimed = f"; claimed, not verified: {claim}" if claim else ""
        detail = f"{_names(unlogged)}: reported only if a trail logs it, which no trail of the app does{claimed}"
    else:
        detail = f"{_names(each.name for each, _ in found)}: reported to a topic"
    yield judged(table.resource, replica.path, answer, detail, key=replica.region, tables=[table])


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _is_logged(assembly: Assembly, table: Table, replica: Replica, reportable: ReportableEvent) -> bool:
    """Return whether CloudTrail passes a call on, for which a trail of the app has to log it."""
    if not reportable.service:
        return True
    if reportable.is_data:
        return _records_data_events(assembly, table, replica, reportable.name)
    account, trails = table.resource.account, assembly.management_trails
    return trails.log(account, replica.region, reportable.service, reads=reportable.reads) is True


def _records_data_events(assembly: Assembly, table: Table, replica: Replica, request: str) -> bool:
    return any(
        each.is_on is True and each.requests.get(request) is True
        for each in assembly.trails.recordings_of(table, replica)
        if each.recorder.type == kinds.TRAIL
    )
