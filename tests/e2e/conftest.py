"""An emulator for each session, and the reference stacks deployed to it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.deployment import Deployment, bootstrap
from tests.e2e.emulator import PYTHON, REQUIRED, Emulator, running
from tests.e2e.proofs import noted
from tests.e2e.stacks import reference_assembly
from tests.e2e.table import Table
from tests.e2e.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note in each test's result what it proves, for the summary of the run."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.user_properties += noted(item)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Return a folder that is gone after the session, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="secure-ddb-e2e-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def environment() -> None:
    """Skip where the emulator is not installed, unless it has to be."""
    if PYTHON.exists():
        return
    reason = "the emulator is not installed: run make e2e, which sets up tests/e2e/.venv"
    if os.environ.get(REQUIRED):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def emulator(environment: None) -> Iterator[Emulator]:  # noqa: ARG001
    """Return an emulator with our model of AWS, bootstrapped for CDK."""
    with running() as started:
        bootstrap(started)
        yield started


@pytest.fixture(scope="session")
def bare(environment: None) -> Iterator[Emulator]:  # noqa: ARG001
    """Return an emulator as it is, bootstrapped for CDK."""
    with running("--bare") as started:
        bootstrap(started)
        yield started


@pytest.fixture(scope="session")
def reference(folder: Path) -> Path:
    """Return the cloud assembly of the reference stacks."""
    return reference_assembly(folder / "reference")


@pytest.fixture(scope="session")
def minimal(emulator: Emulator, reference: Path) -> Table:
    """Return the table of examples/minimal.py, deployed."""
    deployment = Deployment(emulator, reference)
    deployment.deploy("Minimal")
    return Table(deployment, "Minimal")


@pytest.fixture
def versions(emulator: Emulator, folder: Path, request: pytest.FixtureRequest) -> Versions:
    """Return a stack that is named for the test."""
    return Versions(emulator, folder, request.node.originalname.removeprefix("test_").replace("_", "-"))
