"""Resource types that the emulator cannot make: of the reference VPC, CDK's own functions, and policies of functions.

Nothing is made.
"""

from __future__ import annotations

from tests.e2e.harness.handlers import HANDLERS, Made, Properties

KINDS = (
    "AWS::EC2::FlowLog",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SubnetNetworkAclAssociation",
    # Policies are decided by an engine, and not here.
    "AWS::Lambda::ResourcePolicy",
    # Their functions need clients of the AWS SDK for Node, which the emulator does not bring.
    "Custom::S3AutoDeleteObjects",
    "Custom::VpcRestrictDefaultSG",
)


def install() -> None:
    """Accept the resource types."""
    for kind in KINDS:
        HANDLERS[kind] = {"create": _create, "update": _update, "delete": _delete}


def _create(logical_id: str, _properties: Properties, _stack: str) -> Made:
    return f"placeholder-{logical_id}", {"Id": f"placeholder-{logical_id}"}


def _update(physical_id: str, _old: Properties, _new: Properties, _stack: str) -> Made:
    return physical_id, {"Id": physical_id}


def _delete(_physical_id: str, _properties: Properties) -> None:
    """There is nothing to delete."""
