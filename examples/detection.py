"""Shared resources that report what happens to tables, with the company's runbooks."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_sns_subscriptions import EmailSubscription

from secure_ddb import DetectionSettings, ManagementTrail, Ownership, SharedResources


class PlatformStack(Stack):
    """Made once for an account and Region."""

    def __init__(self, scope: App, id: str, **kwargs: Any) -> None:
        """Make the shared resources."""
        super().__init__(scope, id, **kwargs)
        shared = SharedResources(
            self,
            "Shared",
            ownership=Ownership(
                owner="platform@example.com", cost_center="CC-1", application="platform", environment="prod"
            ),
            detection=DetectionSettings(
                trail=ManagementTrail(trail="organization", stated_by="SEC-142"),
                runbook_url="https://wiki.example.com/dynamodb",
                guard_duty_severity=7,
                expected_denials=["posture-scanner"],
            ),
        )
        shared.alarm_topic.add_subscription(EmailSubscription("on-call@example.com"))


if __name__ == "__main__":
    app = App()
    PlatformStack(app, "Platform", env=Environment(region="eu-central-1"))
    app.synth()
