"""`AccountBaseline`: enables the services that the tables' controls rely on, in an account and Region (DET-10)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from aws_cdk.aws_accessanalyzer import CfnAnalyzer
from aws_cdk.aws_config import CfnConfigurationRecorder, CfnDeliveryChannel
from aws_cdk.aws_guardduty import CfnDetector
from constructs import Construct

from secure_ddb.account_baseline.check import RECORDED_TYPES
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.errors import reject, require_interface
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.tags.tag_conflicts import tag_table

if TYPE_CHECKING:
    from aws_cdk.aws_s3 import IBucket

    from secure_ddb.context import StackEnvironment
    from secure_ddb.tags.ownership import Ownership

# The service-linked role, which has the same name in each account.
# https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html
_RECORDER_ROLE = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


class AccountService(Enum):
    """A service that is on or off for an account and Region. AWS allows one of each, so create only missing ones."""

    ACCESS_ANALYZER = "AccessAnalyzer"
    """An external access analyzer of IAM Access Analyzer. Free."""

    CONFIG_RECORDER = "ConfigRecorder"
    """The AWS Config recorder, for tables, keys, backups and trails. Charged for each recorded change."""

    GUARD_DUTY = "GuardDuty"
    """An Amazon GuardDuty detector. Charged by the events that it analyzes."""


class AccountBaseline(Construct):
    """Services that the controls of all tables of an account and Region rely on. docs/account-baseline.md.

    AWS Backup's opt-in for DynamoDB and a trail for management events are not among them: `secure-ddb check-account`
    says whether they are on, and how to switch them on.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        create: Sequence[AccountService],
        ownership: Ownership,
        config_bucket: IBucket | None = None,
    ) -> None:
        """Make the services.

        Args:
            scope: Where to make them; once for an account and Region.
            id: Construct id.
            create: The services that the account and Region does not have yet.
            ownership: Their owner and cost center.
            config_bucket: The bucket to which AWS Config delivers what it records, in any account. Its policy, and its
                key's, have to let AWS Config write. AWS Config does not deliver to one with Object Lock.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        _check(create, config_bucket)
        super().__init__(scope, id)
        if AccountService.GUARD_DUTY in create:
            CfnDetector(self, "Detector", enable=True, finding_publishing_frequency="FIFTEEN_MINUTES")
        if AccountService.ACCESS_ANALYZER in create:
            CfnAnalyzer(self, "Analyzer", type="ACCOUNT")
        if config_bucket is not None:
            _make_recorder(self, context.environment, config_bucket)
        tag_table(context)


def _make_recorder(scope: Construct, environment: StackEnvironment, bucket: IBucket) -> None:
    """Make the recorder, which CloudFormation starts once its delivery channel is there.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-configurationrecorder.html
    """
    role = f"arn:{environment.partition}:iam::{environment.account}:{_RECORDER_ROLE}"
    group = CfnConfigurationRecorder.RecordingGroupProperty(
        all_supported=False, include_global_resource_types=False, resource_types=list(RECORDED_TYPES)
    )
    CfnConfigurationRecorder(scope, "Recorder", role_arn=role, recording_group=group)
    CfnDeliveryChannel(scope, "DeliveryChannel", s3_bucket_name=bucket.bucket_name)


def _check(create: Sequence[AccountService], config_bucket: IBucket | None) -> None:
    allowed = f"one or more, each once, of {', '.join(f'AccountService.{each.name}' for each in AccountService)}"
    if isinstance(create, str) or not isinstance(create, Sequence) or not create or len(set(create)) < len(create):
        reject("create", create, allowed)
    for position, service in enumerate(create):
        if not isinstance(service, AccountService):
            reject(f"create[{position}]", service, allowed)
    if config_bucket is not None:
        require_interface("config_bucket", config_bucket, "bucket_arn", "an aws_s3.IBucket")
    if (AccountService.CONFIG_RECORDER in create) != (config_bucket is not None):
        reject("config_bucket", config_bucket, "a bucket with AccountService.CONFIG_RECORDER, and none without")
