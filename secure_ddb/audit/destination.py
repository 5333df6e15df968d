"""`AuditDestination`: the archive of a security account for the audit logs of other accounts (AUD-4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk.aws_logs import CfnDestination
from constructs import Construct

from secure_ddb.audit.archive_settings import ArchiveSettings
from secure_ddb.audit.measures import archive_measures
from secure_ddb.audit.permissions import archive_key_statements, audit_key_statements
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import raise_alarms
from secure_ddb.part import Part
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import StackEnvironment
    from secure_ddb.encryption.table_key import KeyPolicy
    from secure_ddb.tags.ownership import Ownership

_ACCOUNT = re.compile(r"\d{12}")
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDestinationPolicy.html
_LONGEST_POLICY = 5120


class AuditDestination(Construct):
    """A write-once archive in a security account, and the destination that other accounts' audit logs go to.

    docs/security-account.md shows both sides.

    Attributes:
        destination_arn: For `ArchiveDestination` in the other accounts.
        bucket: The archive.
        alarms: They fire when Firehose cannot write, or not unpack.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source_accounts: Sequence[str],
        alarm_topic: ITopic,
        ownership: Ownership,
        destination_name: str = "secure-ddb-audit",
        archive: ArchiveSettings = ArchiveSettings(),  # noqa: B008 - a frozen value
        classification: DataClassification = DataClassification.RESTRICTED,
    ) -> None:
        """Make the archive with its key, the delivery stream and the destination.

        Args:
            scope: Where to make them: in the security account, in the Region of the tables.
            id: Construct id.
            source_accounts: Ids of the accounts whose audit logs are taken. No others can send.
            alarm_topic: Where the alarms go, which CloudWatch has to be allowed to publish to.
            ownership: Their owner and cost center.
            destination_name: The end of the destination's ARN, which the other accounts name.
            archive: How long lines can be neither altered nor deleted.
            classification: The most sensitive data of the tables; sets the floor for the retention.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.

        Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions-Firehose.html
        """
        # It takes half a second to load, so it is loaded only for archives.
        from secure_ddb.audit.archive import make_delivery  # noqa: PLC0415
        from secure_ddb.audit.locked_bucket import as_imported  # noqa: PLC0415

        _check_accounts(source_accounts)
        require_interface("alarm_topic", alarm_topic, "topic_arn", "an aws_sns.ITopic")
        if not isinstance(destination_name, str) or is_token(destination_name) or not _NAME.fullmatch(destination_name):
            reject("destination_name", destination_name, "1 to 100 letters, digits, and . _ -, known at synth")
        require_type("archive", archive, ArchiveSettings)
        context = table_context(self, scope, ownership, classification, Lifecycle.retained())
        archive.check(context)
        encryption = Encryption(context, DEFAULT_ENCRYPTION)

        super().__init__(scope, id)
        state_construct(self)

        key = encryption.provide_key([_KeyUse()])
        delivery = make_delivery(context, archive, key, sources_trust(context.environment, source_accounts))
        environment = context.environment
        self.destination_arn = environment.arn("logs", f"destination:{destination_name}")
        policy = Stack.of(self).to_json_string(destination_policy(self.destination_arn, source_accounts))
        CfnDestination(
            self,
            "Destination",
            destination_name=destination_name,
            target_arn=delivery.stream_arn,
            role_arn=delivery.role_arn,
            destination_policy=policy,
        )
        self.bucket: IBucket = as_imported(delivery.bucket, delivery.bucket_arn, key)
        self.alarms = raise_alarms(context, archive_measures(delivery.stream.ref), alarm_topic.topic_arn)
        tag_table(context)


class _KeyUse(Part):
    """The statements that the key needs: bucket, delivery stream and error log."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Return the same as of a table's key, of which the other accounts need nothing."""
        return [*audit_key_statements(policy), *archive_key_statements(policy)]


def _check_accounts(accounts: Sequence[str]) -> None:
    allowed = "ids of one or more accounts, such as ['111122223333']"
    if isinstance(accounts, str) or not accounts:
        reject("source_accounts", accounts, allowed)
    for position, account in enumerate(accounts):
        if not isinstance(account, str) or is_token(account) or not _ACCOUNT.fullmatch(account):
            reject(f"source_accounts[{position}]", account, "12 digits, known at synth")
    length = len(json.dumps(destination_policy("x" * 200, accounts)))
    if length > _LONGEST_POLICY:
        reject(
            "source_accounts", f"{len(accounts)} accounts", f"fewer: a policy of at most {_LONGEST_POLICY} characters"
        )


def destination_policy(destination_arn: str, accounts: Sequence[str]) -> dict[str, Any]:
    """Return who may send to the destination: these accounts, by a subscription filter.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateFirehoseStreamDestination.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TakeAuditLogs",
                "Effect": "Allow",
                "Principal": {"AWS": list(accounts)},
                "Action": "logs:PutSubscriptionFilter",
                "Resource": destination_arn,
            }
        ],
    }


def sources_trust(environment: StackEnvironment, accounts: Sequence[str]) -> dict[str, Any]:
    """Return the condition under which CloudWatch Logs assumes its role: for these accounts, and this one.

    This one, because CloudWatch Logs tests the destination on its behalf when it is made.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateFirehoseStreamDestination.html
    """
    of_sources = [f"arn:{environment.partition}:logs:{environment.region}:{account}:*" for account in accounts]
    return {"StringLike": {"aws:SourceArn": [*of_sources, environment.arn("logs", "*")]}}
