"""Where in IAM the roles are that AWS services assume for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_ddb.context import StackEnvironment

# Tells these roles and their policies from all others, so that a statement of the guardrails can name them. IAM cannot
# change a path: CloudFormation replaces a role or policy whose path changes.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names
SERVICE_ROLE_PATH = "/secure-ddb/"


def service_role_arn(environment: StackEnvironment, name: str) -> str:
    """Return the ARN of such a role by its name, for policies in stacks that cannot refer to it."""
    return f"arn:{environment.partition}:iam::{environment.account}:role{SERVICE_ROLE_PATH}{name}"
