"""What is deployed: the reference stacks, and stacks that the tests change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import App, Environment, Stack

from examples.bring_your_own import BringYourOwnStack
from examples.minimal import MinimalStack
from examples.shared_network import SharedNetworkStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.emulator import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = Environment(account=ACCOUNT, region=REGION)
REFERENCE = {"Minimal": MinimalStack, "SharedNetwork": SharedNetworkStack, "BringYourOwn": BringYourOwnStack}


def reference_assembly(folder: Path) -> Path:
    """Write the stacks of app.py, with the same context, so that the templates are those of `make synth`."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder))
    for name, stack in REFERENCE.items():
        stack(app, name, env=ENVIRONMENT)
    return _written(app)


def assembly(folder: Path, name: str, fill: Callable[[Stack], object]) -> Path:
    """Write one stack that a test fills."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder))
    fill(Stack(app, name, env=ENVIRONMENT))
    return _written(app)


def _written(app: App) -> Path:
    return Path(app.synth().directory)
