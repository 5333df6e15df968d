"""Users of the profiles: their providers and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.policies.resolve import Deployed

COGNITO = "cognito-identity.amazonaws.com"
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/id.example.com/workforce"


def role_named(deployed: Deployed, name: str) -> str:
    """Return the ARN of a role by its construct id."""
    (arn,) = (arn for arn, logical_id in deployed.roles.items() if logical_id[:-8].endswith(name))
    return arn
