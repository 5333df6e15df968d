"""What all tests share: each configuration is built once per process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

# CDK's own validation takes five seconds; only tests/synthesis/ runs with it.
os.environ["CDK_VALIDATION"] = "false"

from aws_cdk import App, Environment, Stack

from tests.configurations import CONFIGURATIONS
from tests.e2e.summary import pytest_terminal_summary  # noqa: F401 - a hook, which only a conftest of the start can have
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

# Each waits for processes of its own. One that came last would leave the other workers with nothing to do.
FIRST = (
    "test_wheel.py",
    "test_planted.py",
    "test_app.py",
    "test_cdk_cli.py",
    "test_all_packs.py",
    "test_requests.py",
    "test_orders_stack.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long."""
    items.sort(key=lambda item: item.path.name not in FIRST)


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
