"""docs/detection.md shows the messages as they are."""

from __future__ import annotations

from aws_cdk import App, Environment

from examples.detection import PlatformStack
from secure_ddb.evidence.catalogue.load import load_catalogues
from tests.detection.page import PAGE, ROWS, with_messages
from tests.detection.reference import SUBJECTS
from tests.template import Template


def test_page_is_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_messages(text) == text, "run python -m tests.detection.page"


def test_each_message_serves_a_row_of_the_requirements() -> None:
    known = {control.id for control in load_catalogues()[0].controls}
    assert set(ROWS) == set(SUBJECTS)
    assert set(ROWS.values()) <= known


def test_example_makes_the_rules() -> None:
    app = App()
    PlatformStack(app, "Platform", env=Environment(region="eu-central-1"))
    template = Template(app.synth().get_stack_by_name("Platform").template)
    # And the one that runs the watch function.
    assert len(template.of_type("AWS::Events::Rule")) == len(SUBJECTS) + 1
    assert template.of_type("AWS::SNS::Subscription")
