"""What all tests share: each configuration is built once per session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

# CDK's own validation takes five seconds; tests/synthesis/test_app.py is the one that runs with it.
os.environ["CDK_VALIDATION"] = "false"

from aws_cdk import App, Environment, Stack

from tests.configurations import CONFIGURATIONS
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template


@pytest.fixture(scope="session")
def template() -> Callable[[str], Template]:
    """Return the template of a configuration by its name; do not change it."""
    return lambda name: synthesized(CONFIGURATIONS[name])


@pytest.fixture(scope="session", params=sorted(CONFIGURATIONS))
def each_template(request: pytest.FixtureRequest) -> Template:
    """Return the template of each configuration in turn."""
    return synthesized(CONFIGURATIONS[request.param])


@pytest.fixture(scope="session")
def minimal() -> Template:
    """Return the template of a table with every default."""
    return synthesized(CONFIGURATIONS["minimal"])


@pytest.fixture
def stack() -> Stack:
    """Return an empty stack, for tests of what is refused."""
    return Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))


@pytest.fixture
def stacks() -> Callable[[str], Stack]:
    """Return a maker of stacks in one app."""
    app = App()
    return lambda name: Stack(app, name, env=Environment(account="111122223333", region="eu-central-1"))
