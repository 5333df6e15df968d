"""Synthesizes apps that have something to find, and prints as JSON what became of each.

Each function fills an app. They share a process, which is faster than one for each.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import jsii
from aws_cdk import (
    Acknowledgment,
    Annotations,
    CfnResource,
    Environment,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    Stack,
    Validations,
)
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic

from secure_ddb import AuditSettings, Ownership, SecureTable, TableTrail, Waiver
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.details import print_details
from secure_ddb.synthesis import checked_app, synthesize
from tests.configurations import ephemeral, ephemeral_trail

if TYPE_CHECKING:
    from aws_cdk import IPolicyValidationContext
    from constructs import Construct, IConstruct

NOT_ENCRYPTED = [
    f"{pack}::{pack}-SNSEncryptedKMS" for pack in ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
]


def resource(construct: Construct) -> IConstruct:
    """Return the resource that a construct makes: it has the findings."""
    found = construct.node.default_child
    assert found
    return found


def unencrypted_topic(stack: Stack) -> None:
    Topic(stack, "Planted")


def waived_topic(stack: Stack) -> None:
    waiver = Waiver(reason="carries no data", approved_by="SEC-7", expires=date(2099, 12, 31))
    waiver.acknowledge(resource(Topic(stack, "Planted")), "AwsSolutions::AwsSolutions-SNS3", *NOT_ENCRYPTED)


def left_over(stack: Stack) -> None:
    key = Key(stack, "Planted", enable_key_rotation=True)
    waiver = Waiver(reason="carries no data", approved_by="SEC-7", expires=date(2099, 12, 31))
    waiver.acknowledge(resource(key), "AwsSolutions::AwsSolutions-KMS5")


def run_out(stack: Stack) -> None:
    topic = resource(Topic(stack, "Planted", enforce_ssl=True))
    reason = "carries no data (approved by SEC-7, expires 2020-12-31)"
    Validations.of(topic).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule in NOT_ENCRYPTED))


def wrong_type(stack: Stack) -> None:
    CfnResource(stack, "Planted", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": {"not": "text"}})


def annotated(stack: Stack) -> None:
    CfnResource(stack, "Planted", type="AWS::CloudFormation::WaitConditionHandle")
    Annotations.of(stack).add_error("planted by hand")


@jsii.implements(IPolicyValidationPlugin)
class BreaksDown:
    """A rule pack that does not come to an end."""

    @property
    def name(self) -> str:
        return "Broken"

    @property
    def version(self) -> None:
        pass

    @property
    def rule_ids(self) -> list[str]:
        return []

    def validate(self, _context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        raise RuntimeError("planted")


def broken_down(stack: Stack) -> None:
    CfnResource(stack, "Planted", type="AWS::CloudFormation::WaitConditionHandle")
    Validations.of(stack.node.root).add_plugins(BreaksDown())


def orders(stack: Stack, audit: AuditSettings) -> None:
    SecureTable(
        stack,
        "Orders",
        partition_key=Attribute(name="pk", type=AttributeType.STRING),
        ownership=Ownership(owner="a@example.com", cost_center="CC-1", application="orders", environment="prod"),
        audit=audit,
    )


def by_default(stack: Stack) -> None:
    orders(stack, AuditSettings())


def own_trail(stack: Stack) -> None:
    orders(stack, AuditSettings(reads=TableTrail()))


def nothing_acknowledged(stack: Stack) -> None:
    Validations.acknowledge = lambda *_: None  # type: ignore[method-assign]
    own_trail(stack)


# The last one leaves nothing as it was.
APPS = (
    unencrypted_topic,
    waived_topic,
    left_over,
    run_out,
    wrong_type,
    annotated,
    broken_down,
    by_default,
    own_trail,
    ephemeral,
    ephemeral_trail,
    nothing_acknowledged,
)


def main(*names: str) -> int:
    """Synthesize the apps of some names, or else all of them, and return the last one's status."""
    found = {}
    status = 0
    for fill in [app for app in APPS if app.__name__ in names] or APPS:
        os.environ["CDK_OUTDIR"] = fill.__name__
        app = checked_app()
        environment = Environment(account="111122223333", region="eu-central-1")
        fill(Stack(app, "Minimal", env=environment, termination_protection=True))
        with contextlib.redirect_stdout(io.StringIO()) as summary:
            status = synthesize(app)
        with contextlib.redirect_stdout(io.StringIO()) as details:
            print_details(collect(Path(fill.__name__)))
        found[fill.__name__] = {"status": status, "summary": summary.getvalue(), "details": details.getvalue()}
    print(json.dumps(found))  # noqa: T201 - its answer
    return status


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
