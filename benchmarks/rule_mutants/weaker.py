"""Values that are weaker than those of the templates, each with the reason.

Written down from what each property of AWS does, before looking at what the rules find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Weaker(NamedTuple):
    """A weaker value of a property.

    Attributes:
        kind: Type of the resource.
        path: The property; `*` stands for each item of a list.
        value: The weaker value, or what makes it of the value that is there.
        why: Why it is weaker.
        added: Whether to set it where the property is not there, too.
    """

    kind: str
    path: str
    value: Any | Callable[[Any], Any]
    why: str
    added: bool = False


def _and(more: Any) -> Callable[[Any], Any]:
    return lambda values: [*(values if isinstance(values, list) else []), more]


_ALARM, _BUCKET = "AWS::CloudWatch::Alarm", "AWS::S3::Bucket"
_BACKUP_PLAN, _FUNCTION, _KEY = "AWS::Backup::BackupPlan", "AWS::Lambda::Function", "AWS::KMS::Key"
_FIREHOSE, _LOG_GROUP = "AWS::KinesisFirehose::DeliveryStream", "AWS::Logs::LogGroup"
_MAPPING, _TABLE, _TRAIL = "AWS::Lambda::EventSourceMapping", "AWS::DynamoDB::GlobalTable", "AWS::CloudTrail::Trail"
_RETENTION = "ObjectLockConfiguration.Rule.DefaultRetention.Days"
_ENCRYPTION = "BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault"

WEAKER = (
    Weaker(
        _KEY,
        "Enabled",
        False,
        "a key that is disabled locks everybody out, and the table is archived after a week",
        added=True,
    ),
    Weaker(_KEY, "PendingWindowInDays", 7, "there is less time to notice that the key is about to be deleted"),
    Weaker(_KEY, "RotationPeriodInDays", 2560, "one key's material protects seven years of data"),
    Weaker(_TABLE, "StreamSpecification.StreamViewType", "KEYS_ONLY", "what was changed cannot be recorded"),
    Weaker(_TABLE, "StreamSpecification.StreamViewType", "NEW_IMAGE", "what was there before cannot be recorded"),
    Weaker(
        _TABLE,
        "Replicas.*.PointInTimeRecoverySpecification.RecoveryPeriodInDays",
        1,
        "damage of the day before yesterday cannot be repaired",
    ),
    Weaker(_TABLE, "Replicas.*.SSESpecification.KMSMasterKeyId", "alias/aws/dynamodb", "the key is AWS's"),
    Weaker("AWS::Backup::BackupVault", "LockConfiguration.MinRetentionDays", 1, "the lock keeps nothing for long"),
    Weaker("AWS::Backup::BackupVault", "EncryptionKeyArn", "alias/aws/backup", "the key is AWS's"),
    Weaker(_BACKUP_PLAN, "BackupPlan.BackupPlanRule.*.Lifecycle.DeleteAfterDays", 1, "copies are kept for a day"),
    Weaker(
        _BACKUP_PLAN, "BackupPlan.BackupPlanRule.*.ScheduleExpression", "cron(0 5 1 1 ? *)", "it copies once a year"
    ),
    Weaker("AWS::Backup::BackupSelection", "BackupSelection.NotResources", ["*"], "everything is left out", added=True),
    Weaker(_MAPPING, "Enabled", False, "nobody reads the stream", added=True),
    Weaker(
        _MAPPING,
        "FilterCriteria",
        {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        "changes and deletions are not recorded",
        added=True,
    ),
    Weaker(_MAPPING, "StartingPosition", "LATEST", "what was written before the function was there is not recorded"),
    Weaker(_MAPPING, "MaximumRetryAttempts", -1, "one bad record blocks its shard until the stream forgets"),
    Weaker(_MAPPING, "MaximumRetryAttempts", 0, "a record is given up at the first fault"),
    Weaker(_MAPPING, "MaximumRecordAgeInSeconds", -1, "one bad record blocks its shard until the stream forgets"),
    Weaker(_MAPPING, "MaximumRecordAgeInSeconds", 60, "whatever a short outage delays is given up"),
    Weaker(_FUNCTION, "ReservedConcurrentExecutions", 0, "the function never runs", added=True),
    Weaker(_FUNCTION, "Handler", "other.handler", "another program runs in its place"),
    Weaker(_FUNCTION, "Environment.Variables.KEYS", "plain", "item keys are logged in clear"),
    Weaker(
        _FUNCTION, "Environment.Variables.CLEAR_ATTRIBUTES", '["iban"]', "an attribute is logged in clear", added=True
    ),
    Weaker(_LOG_GROUP, "RetentionInDays", 1, "records are gone after a day"),
    Weaker(_BUCKET, f"{_ENCRYPTION}.SSEAlgorithm", "AES256", "the key is AWS's"),
    Weaker(_BUCKET, _RETENTION, 1, "objects can be deleted after a day"),
    Weaker(_BUCKET, "AccessControl", "PublicRead", "everybody may read it", added=True),
    Weaker(_BUCKET, "OwnershipControls.Rules.*.ObjectOwnership", "ObjectWriter", "access lists of objects count again"),
    Weaker(_BUCKET, "VersioningConfiguration.Status", "Suspended", "what is overwritten is lost"),
    Weaker(_BUCKET, "LifecycleConfiguration.Rules.*.ExpirationInDays", 1, "objects disappear after a day"),
    Weaker("AWS::SNS::Topic", "KmsMasterKeyId", "alias/aws/sns", "the key is AWS's, and no alarm may use it"),
    Weaker(_ALARM, "ActionsEnabled", False, "nobody is told", added=True),
    Weaker(_ALARM, "Threshold", 10**9, "it never rings"),
    Weaker(_ALARM, "TreatMissingData", "ignore", "after it rang once it stays as it is, and never rings again"),
    Weaker(_ALARM, "ComparisonOperator", "LessThanThreshold", "it rings when all is well"),
    Weaker(_ALARM, "Statistic", "Minimum", "one good value hides all bad ones"),
    Weaker(_ALARM, "Period", 86400, "it rings after days"),
    Weaker(_ALARM, "Metrics.*.Period", 86400, "it rings after days"),
    Weaker(_ALARM, "MetricName", "AccountMaxReads", "it watches something else"),
    Weaker(_ALARM, "Namespace", "AWS/EC2", "it watches something else"),
    Weaker("AWS::Events::Rule", "State", "DISABLED", "a disabled rule sends no notification", added=True),
    Weaker("AWS::Events::Rule", "EventBusName", "theirs", "services of AWS send no events there", added=True),
    Weaker("AWS::Events::Rule", "EventPattern.detail.state", ["COMPLETED"], "it tells of what went well"),
    Weaker(
        "AWS::IAM::Role",
        "ManagedPolicyArns",
        _and("arn:aws:iam::aws:policy/AdministratorAccess"),
        "it may do everything",
        added=True,
    ),
    Weaker(
        _TRAIL,
        "AdvancedEventSelectors.*.FieldSelectors",
        _and({"Field": "readOnly", "Equals": ["false"]}),
        "reads are not recorded",
    ),
    Weaker(
        _TRAIL,
        "AdvancedEventSelectors.*.FieldSelectors",
        _and({"Field": "eventName", "Equals": ["PutItem"]}),
        "only one operation is recorded",
    ),
    Weaker(_FIREHOSE, "DeliveryStreamEncryptionConfigurationInput", {"KeyType": "AWS_OWNED_CMK"}, "the key is AWS's"),
    Weaker("AWS::Logs::SubscriptionFilter", "FilterPattern", "nothing", "what does not say so is not archived"),
    Weaker("AWS::EC2::NetworkAclEntry", "RuleAction", "allow", "what it kept out is let in"),
    Weaker("AWS::EC2::NetworkAclEntry", "Protocol", -1, "it is about every protocol"),
    Weaker("AWS::EC2::FlowLog", "TrafficType", "ACCEPT", "what was refused is not recorded"),
)
