"""Templates of configurations, each synthesized once per process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aws_cdk import App, Environment, Stack

from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def synthesized(configuration: Callable[[Stack], None]) -> Template:
    """Return the template of the stack `Test` that a configuration fills; do not change it."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    configuration(stack)
    return Template(app.synth().get_stack_by_name("Test").template)
