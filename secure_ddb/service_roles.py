"""Where in IAM the roles are that AWS services assume for a table."""

from __future__ import annotations

# Tells these roles and their policies from all others, so that one statement of the guardrails protects them. IAM
# cannot change a path: CloudFormation replaces a role or policy whose path changes.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names
SERVICE_ROLE_PATH = "/secure-ddb/"
