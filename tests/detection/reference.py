"""What EventBridge does with a rule, for tests: whether it matches, by moto, and what it sends, as documented."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.events.models import EventPattern

from secure_ddb import DetectionSettings
from secure_ddb.context import StackEnvironment
from secure_ddb.detection.audit_calls import AuditNames
from secure_ddb.detection.message import template, variables
from secure_ddb.detection.rules import subjects

if TYPE_CHECKING:
    from secure_ddb.detection.subject import Subject

EVENTS = Path(__file__).parent / "events"
PAGE_OF_TEMPLATES = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html"
NAMES = AuditNames(
    function="Platform-SharedAuditFunction92796201-AbCdEf", log_group="Platform-SharedAuditLogGroup1F208C1D-AbCdEf"
)
ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Platform")
WATCH_ROLE = "Platform-SharedWatchRole1A2B3C4D-AbCdEf"


def reported(
    settings: DetectionSettings, names: AuditNames = NAMES, watch_role: str = WATCH_ROLE
) -> dict[str, Subject]:
    """Return what is reported, by name."""
    return {each.name: each for each in subjects(settings, names, ENVIRONMENT, watch_role=watch_role)}


SUBJECTS = reported(DetectionSettings())


class Sample(NamedTuple):
    """An event of a service.

    Attributes:
        subject: Whose file it is in.
        is_reported: Whether the subject's rule reports it.
        page: The page of AWS that shows it, or that documents the call.
        is_published: Whether the page shows an event of this shape; others follow the records of other calls.
        event: The event.
    """

    subject: str
    is_reported: bool
    page: str
    is_published: bool
    event: dict[str, Any]

    @property
    def title(self) -> str:
        """The call or type of the event."""
        detail = self.event["detail"]
        state = detail.get("state") or detail.get("status")
        return str(detail.get("eventName") or " ".join(filter(None, (self.event["detail-type"], state))))


@cache
def samples() -> tuple[Sample, ...]:
    """Return every event of the files."""
    return tuple(
        Sample(subject.name, reported, each["page"], each["shape"] == "as published", each["event"])
        for subject in SUBJECTS.values()
        for key, reported in (("reported", True), ("not_reported", False))
        for each in json.loads((EVENTS / f"{subject.anchor}.json").read_text(encoding="utf-8"))[key]
    )


def matches(pattern: Any, event: dict[str, Any]) -> bool:
    """Tell whether moto, another implementation of EventBridge's patterns, matches an event."""
    return bool(EventPattern(json.dumps(pattern), pattern).matches_event(_with_single_objects(event)))


def _with_single_objects(value: Any) -> Any:
    """Replace lists of one object by the object, which EventBridge's patterns tell as little apart; moto does not."""
    if isinstance(value, dict):
        return {name: _with_single_objects(each) for name, each in value.items()}
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return _with_single_objects(value[0])
    return value


def message(subject: str, event: dict[str, Any], runbook_url: str = "") -> str:
    """Return the text that EventBridge sends: values as they are, nothing for those that the event does not have.

    That nothing stands there was seen on AWS: the snapshots of localstack/localstack, tests/aws/services/events/
    test_events_inputs.snapshot.json, custom-variables-not-match-all.
    """
    paths = variables(SUBJECTS[subject])
    return re.sub(
        r"<([a-z-]+)>", lambda found: _text(value_at(event, paths[found[1]])), template(SUBJECTS[subject], runbook_url)
    )


def value_at(event: Any, path: str) -> Any:
    """Return the value of a path; None where the event has none."""
    value = event
    for name, position in re.findall(r"([\w-]+)(?:\[(\d+)\])?", path.removeprefix("$.")):
        value = value.get(name) if isinstance(value, dict) else None
        if position:
            value = value[int(position)] if isinstance(value, list) and len(value) > int(position) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
