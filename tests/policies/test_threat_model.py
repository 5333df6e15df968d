"""docs/threat-model.md says what the engine decides, and why what is open stays open.

That each request is decided as requests/threats.py has it, test_requests.py tests.
"""

from __future__ import annotations

import json

import pytest

from secure_ddb.access.actions import COPY_OF_ALL_ITEMS, DATA_PLANE
from tests.policies.requests.positions import POSITIONS
from tests.policies.requests.threats import GOALS, MEANT, NEVER, NO, USELESS
from tests.policies.service_actions import covers
from tests.policies.threat_model import PAGE, letters_of, page, verdict
from tests.policies.threat_notes import NOTES
from tests.template import as_list

USED = {letter for goal in GOALS for position in POSITIONS for letter in letters_of(goal, position)}


def test_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run python -m tests.policies.threat_model, and read the difference"
    )


def test_whatever_is_open_has_a_note_and_every_note_something_open() -> None:
    assert USED - {MEANT, USELESS, NO, NEVER} == NOTES.keys()


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("x", "never"),
        ("n", "no"),
        ("xn", "no"),
        ("xu", "no"),
        ("xny", "yes"),
        ("xnyA", "open"),
        ("A", "open"),
    ],
)
def test_a_cell_says_the_worst_of_its_requests(letters: str, said: str) -> None:
    assert verdict(set(letters)) == said


@pytest.mark.parametrize("goal", ["Write unrecorded", "Destroy backups"])
def test_guardrails_keep_changes_recorded_and_backups(goal: str) -> None:
    (attempted,) = (each for each in GOALS if each.title == goal)
    guarded = [position for position in POSITIONS if position.title.startswith("Administrator under")]
    assert [verdict(letters_of(attempted, position)) for position in guarded] == ["never", "never"]


def allowed_to_deploy(*, with_replicas: bool) -> set[str]:
    """Return the actions of the deployment policies: those of all, or those without the policy for replicas."""
    files = (PAGE.parent / "deployment-policies").glob("*.json")
    chosen = [file for file in files if with_replicas or file.stem != "replicas"]
    statements = [each for file in chosen for each in json.loads(file.read_text(encoding="utf-8"))["Statement"]]
    return {action for each in statements for action in as_list(each["Action"])}


def test_deployment_policies_read_no_items_and_write_no_lines() -> None:
    allowed = allowed_to_deploy(with_replicas=False)
    assert covers(allowed, "dynamodb:UpdateTable")
    lines = ("logs:PutLogEvents", "firehose:PutRecord")
    for action in (*DATA_PLANE, *COPY_OF_ALL_ITEMS, "dynamodb:GetRecords", *lines):
        assert not covers(allowed, action), action


def test_only_adding_a_replica_takes_permissions_on_items() -> None:
    added = allowed_to_deploy(with_replicas=True) - allowed_to_deploy(with_replicas=False)
    reading = {action for action in (*DATA_PLANE, *COPY_OF_ALL_ITEMS) if covers(added, action)}
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html
    assert {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"} <= reading
    assert not any(covers(added, action) for action in (*COPY_OF_ALL_ITEMS, "dynamodb:GetRecords", "logs:PutLogEvents"))
