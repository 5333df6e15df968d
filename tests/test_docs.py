"""What the documents show is run, and what they refer to exists."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from aws_cdk import App, Environment

from examples.choices import ChoicesStack
from secure_ddb import DataClassification
from secure_ddb.classification import Floor
from secure_ddb.monitoring.metrics import audit_measures

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = [*sorted(ROOT.glob("examples/*.py")), ROOT / "app.py"]
FLOORS = {
    "Audit log kept, days": "log_retention",
    "Point-in-time recovery, days": "recovery_period",
    "Daily backups kept, days": "daily_backup",
    "Weekly backups kept, days": "weekly_backup",
    "Monthly backups kept, days": "monthly_backup",
    "Audit log archived, write-once": "must_be_archived",
    "Key rotates at least every, days": "longest_key_rotation",
    "May go away with its stack": "may_be_ephemeral",
    "Keys may show in Contributor Insights": "may_show_keys",
    "Keys may be logged in clear": "may_log_keys",
}


def blocks(language: str) -> list[tuple[str, str]]:
    found = []
    for document in DOCUMENTS:
        pattern = rf"^```{language}\n(.*?)^```"
        found += [
            (document.name, block)
            for block in re.findall(pattern, document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        ]
    return found


@pytest.mark.parametrize(("document", "block"), blocks("python"))
def test_python_shown_is_part_of_a_file_that_runs(document: str, block: str) -> None:
    assert any(block in source.read_text(encoding="utf-8") for source in SOURCES), f"{document} shows:\n{block}"


@pytest.mark.parametrize(("document", "block"), blocks("sh"))
def test_commands_shown_are_targets_of_make(document: str, block: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in block.splitlines():
        command, *arguments = line.split()
        assert command == "make", document
        assert set(arguments) <= targets, document


def test_example_of_choices_synthesizes() -> None:
    app = App()
    ChoicesStack(app, "Choices", env=Environment(account="111122223333", region="eu-central-1"))
    resources = app.synth().get_stack_by_name("Choices").template["Resources"]
    tables = [resource for resource in resources.values() if resource["Type"] == "AWS::DynamoDB::GlobalTable"]
    assert len(tables) == 3


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (document.parent / target).exists(), target


def test_readme_shows_the_floors_as_they_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| (.+) \|$", readme, re.MULTILINE))
    assert set(FLOORS.values()) == {field.name for field in fields(Floor)}
    for title, field in FLOORS.items():
        values = [getattr(classification.floor, field) for classification in DataClassification]
        shown = [str(value).replace("True", "yes").replace("False", "no") for value in values]
        assert rows[title] == " | ".join(shown), title


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


def test_alarms_of_the_audit_trail_are_explained() -> None:
    page = (ROOT / "docs" / "audit-trail.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`Audit[A-Za-z]+`.*?) \|", page, re.MULTILINE)
    explained = {name for row in rows for name in row.split(", ")}
    assert explained == {f"`{measure.name}`" for measure in audit_measures("function", "mapping", 1)}
