"""Settings of the front end, and its stack, as `python -m examples.front_end` makes it."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_cdk import App, Environment

from examples.front_end.settings import FrontEndSettings, Truststore
from examples.front_end.stack import FrontEndStack
from tests.template import Template

STACK = "FrontEnd"
SHOP, CALL_CENTRE = (f"arn:aws:iam::444455556666:role/{name}" for name in ("Shop", "CallCentre"))
AUTHORITY = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"


def settings(**changes: Any) -> FrontEndSettings:
    """Return allowed settings, but for the changes."""
    given: dict[str, Any] = {
        "domain_name": "contacts.example.com",
        "hosted_zone_id": "Z0123456789EXAMPLE",
        "zone_name": "example.com",
        "authority_arn": AUTHORITY,
        "truststore": Truststore(bucket="example-truststore", key="authority.pem", version="3HL4kqtJvjVBH40Nrjfkd"),
        "callers": [SHOP, CALL_CENTRE],
        "countries": ["AT", "CH", "DE"],
    }
    return FrontEndSettings(**{**given, **changes})


def front_end(app: App, **changes: Any) -> None:
    """Make the stack in an app."""
    env = Environment(account="111122223333", region="eu-central-1")
    FrontEndStack(app, STACK, settings=settings(**changes), env=env, termination_protection=True)


@cache
def template(*, shield_advanced: bool = False) -> Template:
    """Return the stack's template."""
    app = App()
    front_end(app, shield_advanced=shield_advanced)
    return Template(app.synth().get_stack_by_name(STACK).template)
