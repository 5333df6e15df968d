"""Services of an account and Region that the controls of tables rely on."""

from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_s3 import Bucket
from constructs import Construct

from secure_ddb import AccountBaseline, AccountService, Ownership

OWNERSHIP = Ownership(owner="platform@example.com", cost_center="CC-1042", application="platform", environment="prod")


class AccountBaselineStack(Stack):
    """What the account and Region does not have yet."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make a detector, an analyzer and a recorder, which delivers to the bucket of the log archive."""
        super().__init__(scope, id, **stack_properties)
        AccountBaseline(
            self,
            "Baseline",
            create=[AccountService.GUARD_DUTY, AccountService.ACCESS_ANALYZER, AccountService.CONFIG_RECORDER],
            config_bucket=Bucket.from_bucket_name(self, "ConfigBucket", "company-config-archive"),
            ownership=OWNERSHIP,
        )
