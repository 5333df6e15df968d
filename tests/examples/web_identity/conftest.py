"""The profiles, synthesized once for all tests, for users of Cognito and of another provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment

from examples.web_identity.identities import OidcIdentities
from examples.web_identity.settings import ProfileSettings
from examples.web_identity.stack import ProfilesStack
from tests.examples.web_identity.profile_users import PROVIDER
from tests.policies.resolve import Deployed
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.synthesis.runs import Run


@pytest.fixture(scope="session")
def synthesized(checked: Callable[[str], Run]) -> Run:
    """Run `python -m examples.web_identity`."""
    return checked("examples/web_identity/__main__.py")


@pytest.fixture(scope="session")
def of_cognito(synthesized: Run) -> Deployed:
    return Deployed(Template.read(synthesized.directory / "Profiles.template.json"))


@pytest.fixture(scope="session")
def of_provider() -> Deployed:
    """Return the profiles of users of another provider."""
    app = App()
    ProfilesStack(
        app,
        "Profiles",
        settings=ProfileSettings(company_networks=["203.0.113.0/24"]),
        identities=lambda stack: OidcIdentities(stack, "Identities", provider=PROVIDER, audience="profiles"),
        env=Environment(account="111122223333", region="eu-central-1"),
    )
    return Deployed(Template(app.synth().get_stack_by_name("Profiles").template))
