"""The templates that are weakened: configurations of the tests, and the stacks of the reference app."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# CDK's own validation takes five seconds and has nothing to do with it.
os.environ["CDK_VALIDATION"] = "false"

from aws_cdk import App, Environment

from benchmarks.rule_mutants.run import Deployed
from examples.bring_your_own import BringYourOwnStack
from examples.minimal import MinimalStack
from examples.shared_network import SharedNetworkStack
from tests.configurations import CONFIGURATIONS
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Those that lack nothing. Of the others, what is waived or not verifiable cannot get worse.
NAMES = (
    "minimal",
    "everything",
    "restricted",
    "archived",
    "own_trail",
    "narrow_grants",
    "enforced",
    "two_lanes",
    "bring_your_own",
)
STACKS = {
    "app/Minimal": MinimalStack,
    "app/SharedNetwork": SharedNetworkStack,
    "app/BringYourOwn": BringYourOwnStack,
}


def configuration(name: str) -> Deployed:
    """Return the template of a configuration of the tests."""
    return Deployed(body=synthesized(CONFIGURATIONS[name]).body, stack_name="Test", account="111122223333")


def stack(name: str) -> Deployed:
    """Return the template of a stack of the reference app, whose account is known only at deployment."""
    app = App()
    identity = name.rpartition("/")[2]
    STACKS[name](app, identity, env=Environment(region="eu-central-1"))
    return Deployed(body=app.synth().get_stack_by_name(identity).template, stack_name=identity)


def templates(names: Iterable[str]) -> Iterator[tuple[str, Deployed]]:
    """Yield templates with their names."""
    for name in names:
        yield name, stack(name) if name in STACKS else configuration(name)
