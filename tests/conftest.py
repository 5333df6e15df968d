"""What all tests share: each configuration is built once per process."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Where Python must not write bytecode beside the sources, it goes to a folder of its own: without any, each worker and
# each process that a test starts compiles everything that it loads, pytest's rewritten tests included.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# CDK's own validation takes five seconds; only tests/synthesis/ runs with it.
os.environ["CDK_VALIDATION"] = "false"

from aws_cdk import App, Environment, Stack
from botocore.loaders import JSONFileLoader  # type: ignore[import-untyped]

from secure_ddb.judging.gc_pause import without_garbage_collection
from tests.configurations import CONFIGURATIONS
from tests.e2e.summary import pytest_terminal_summary  # noqa: F401 - a hook, which only a conftest of the start can have
from tests.synthesis.runs import Run, run_once
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.template import Template

# AWS's descriptions of its services: boto3 reads them for each session, and with moto each test begins one.
_read = cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = lambda _, path: _read(path)

# Those that take ten seconds and more, which would leave the other workers with nothing to do if one came last.
FIRST = (
    "test_requests.py",
    "test_lint_templates.py",
    "test_app.py",
    "test_wheel.py",
    "test_threat_applications.py",
    "test_token_properties.py",
    "test_rule_mutants.py",
    "test_company_policies.py",
    "test_accessible.py",
    "test_access.py",
    "test_planted.py",
    "test_orders_stack.py",
    "test_all_packs.py",
    "test_cdk_cli.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect a million objects, all of which stay, without looking for garbage among them."""
    with without_garbage_collection():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(FIRST)))


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


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Return what runs a script of the checkout with every check, once for all workers; do not change what it wrote."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "checked"
    folder.mkdir(exist_ok=True)
    return lambda script: run_once(script, folder)


@pytest.fixture
def stack() -> Stack:
    """Return an empty stack, for tests of what is refused."""
    return Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))


@pytest.fixture
def stacks() -> Callable[[str], Stack]:
    """Return a maker of stacks in one app."""
    app = App()
    return lambda name: Stack(app, name, env=Environment(account="111122223333", region="eu-central-1"))
