"""Policies that protect a table's guarantees: one for roles, one for a whole account."""

import json
from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from constructs import Construct

from secure_ddb import permissions_boundary, service_control_policy

# The role with which CloudFormation deploys for CDK; `cdk-hnb659fds-*` would also exempt the roles that CI assumes.
EXEMPT_ROLES = ["arn:aws:iam::*:role/cdk-hnb659fds-cfn-exec-role-*", "arn:aws:iam::*:role/break-glass"]


class GuardrailsStack(Stack):
    """A permissions boundary, and a role that has it."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the boundary, then the role."""
        super().__init__(scope, id, **stack_properties)
        boundary = ManagedPolicy(self, "Boundary", document=PolicyDocument.from_json(permissions_boundary()))
        Role(self, "Service", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"), permissions_boundary=boundary)


def write_service_control_policy(file: Path) -> None:
    """Write the policy for the organization's administrators; AWS Organizations counts white space too."""
    policy = service_control_policy(exempt_roles=EXEMPT_ROLES)
    file.write_text(json.dumps(policy, separators=(",", ":")), encoding="utf-8")
