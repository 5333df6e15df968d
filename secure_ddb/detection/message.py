"""The messages: plain text with values of the event, which EventBridge fills in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_ddb.detection.subject import Subject

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
LONGEST_TEMPLATE = 8192
# Every event has them.
_PATHS = {"time": "$.time", "account": "$.account", "region": "$.region"}
_WHEN = "<time>, account <account>, Region <region>"
_VARIABLE = re.compile(r"<([a-z-]+)>")


def template(subject: Subject, runbook_url: str) -> str:
    """Return the template of a message.

    Each line is a text in quotes: EventBridge takes a template of several lines only so, and the quotes stay.
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    """
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in _lines(subject, runbook_url))


def variables(subject: Subject) -> dict[str, str]:
    """Return the variables that the message uses, with their JSON paths in the event.

    A value that the event does not have is left out of the text.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    used = _VARIABLE.findall(" ".join((*subject.fields.values(), _WHEN)))
    paths = {**_PATHS, **subject.paths}
    return {name: paths[name] for name in sorted(set(used))}


def runbook(url: str) -> str:
    """Return the part of a runbook's location before `#`."""
    return url or "docs/detection.md of secure_ddb, "


def _lines(subject: Subject, runbook_url: str) -> list[str]:
    where = f"{runbook(runbook_url)}#{subject.anchor}"
    fields = {**subject.fields, "When": _WHEN, "What to do": " ".join(subject.steps), "Runbook": where}
    return [subject.happened, *(f"{name}: {text}" for name, text in fields.items())]
