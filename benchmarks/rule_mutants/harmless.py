"""Changes after which nothing is weaker: a pattern of mutants' names, and why.

A name begins with the template's, such as `minimal/OrdersKey AWS::KMS::Key Description: property removed`.
Harmless mutants are judged all the same. A rule that finds one says that it is not harmless, and the program fails.
"""

from __future__ import annotations

# What serves a table has a name that begins with the table's; everything else are applications and their grants.
_SERVING = r"(?!\S+/(Orders|Invoices|Payments|Sessions|Settlements|Network)[A-Z])"
_GRANT, _APPLICATION = rf"{_SERVING}\S+ AWS::IAM::ManagedPolicy", rf"{_SERVING}\S+ AWS::IAM::Role"
_RESTRICTED = r"(everything/Orders|restricted/Orders|app/SharedNetwork/Payments)"
_ALARM = r"\S+ AWS::CloudWatch::Alarm "
_TABLE = r"\S+ AWS::DynamoDB::GlobalTable "
_COST = "what the table costs, or how it can be asked"

_TEXTS = {
    r".* (Alarm)?Description: property removed": "a text for people",
    r"\S+ AWS::(S3::Bucket|CloudTrail::Trail) .*\.(Id|Name): property removed": "a text for people",
    r"\S+ AWS::KMS::Alias\b.*": "an alias is a name for people; nothing refers to the key by it",
    rf"{_GRANT} Path: property removed": "it is the path that AWS gives by default",
    r"\S+ AWS::KMS::Key KeyPolicy\.Statement\.VerifyLinks: statement removed": "fewer may verify who wrote the trail",
    # What else serves this one has a policy that names it.
    r"(?!app/SharedNetwork/Payments)\S+ AWS::DynamoDB::GlobalTable TableName: property removed": (
        "CloudFormation makes up a name, and all references have it"
    ),
    r"\S+ AWS::EC2::(VPC|Subnet|RouteTable|NetworkAcl) Tags\b.*": "they are names for people",
    r"\S+ AWS::Events::Rule Targets\.\w+\.InputTransformer\b.*": "a text for people; the event arrives without it",
}
_TABLES = {
    rf"{_TABLE}(Replicas\.\S+?\.)?(TableClass|\w+OnDemandThroughputSettings)\b.*": _COST,
    rf"everything/{_TABLE}(BillingMode|Replicas\.\S+?\.ReadProvisionedThroughputSettings\S*): property removed": (
        "PROVISIONED is the default, and the reads of this table do not scale anyway"
    ),
    rf"{_TABLE}(AttributeDefinitions|KeySchema|(Global|Local)SecondaryIndexes)\b(?!.*Provisioned).*": _COST,
    rf"{_TABLE}Replicas\.\S+?\.GlobalSecondaryIndexes(\.[\w-]+)?(\.Read\w+ThroughputSettings\S*)?: .*": _COST,
    rf"{_TABLE}TimeToLiveSpecification\b.*": "items stay longer than their owner wanted",
    rf"{_TABLE}Replicas\.\S+\.KinesisStreamSpecification: property removed": "fewer copies of items are handed out",
    rf"{_RESTRICTED}\S+ \S+ Replicas\.\S+\.ContributorInsightsSpecification: property removed": (
        "they are off by default, too"
    ),
    rf"{_TABLE}Replicas\.\S+\.ContributorInsightsSpecification\.Mode: property removed": (
        "which of the keys are shown that may be"
    ),
    r"\S+ AWS::DynamoDB::GlobalTable: resource removed": "there is nothing left to protect",
    r"everything/Changes AWS::Kinesis::Stream\b.*": "CDK's own stream, already reported, as its key is AWS's",
}
_DEFAULTS = {
    r"\S+ AWS::KMS::Key (PendingWindowInDays|RotationPeriodInDays): property removed": (
        "AWS's defaults, 30 and 365 days, are as good"
    ),
    rf"{_TABLE}(.*\.RecoveryPeriodInDays|SSESpecification\.SSEType): property removed": (
        "AWS's defaults are the same: 35 days, and KMS"
    ),
    r"\S+ AWS::S3::Bucket (OwnershipControls|PublicAccessBlockConfiguration): property removed": (
        "S3 keeps access lists and public access out of new buckets by itself"
    ),
    r"\S+ AWS::S3::Bucket .*BucketKeyEnabled: .*": "how often S3 calls KMS, which is a matter of cost",
    r"\S+ AWS::Logs::LogGroup RetentionInDays: property removed": "records are kept for ever",
    r"\S+ AWS::Backup::BackupPlan .*Lifecycle(\.\w+)?: property removed": "copies are kept for ever, or cost more",
    r"\S+ AWS::Backup::BackupPlan .*ScheduleExpression: property removed": "AWS Backup copies every day then",
    r"\S+ AWS::Lambda::Function (Architectures|MemorySize|Timeout|LoggingConfig\.(\w+Level|LogFormat)): .*": (
        "how fast it is, and how its own messages look; what it fails at is counted, rung about and kept"
    ),
    r"\S+ AWS::Lambda::EventSourceMapping (BatchSize|BisectBatchOnFunctionError|FunctionResponseTypes): .*": (
        "how many at once; each of the other two isolates a record that fails, and one of them is left"
    ),
    r"\S+ AWS::EC2::VPCEndpoint VpcEndpointType: property removed": "it is a gateway by default",
    rf"(?!\S+BackupMissing ){_ALARM}TreatMissingData: property removed": (
        "it falls silent all the same when nothing is measured"
    ),
    rf"{_ALARM}DatapointsToAlarm: property removed": "it rings a few minutes later",
    r"\S+UserErrors AWS::CloudWatch::Alarm Dimensions: property removed": "there are none",
    rf"{_ALARM}Metrics\.(sum|result)\.(Period: .*|ReturnData: property removed)": "the default is the same",
}
_SAID_TWICE = {
    r"\S+ AWS::KMS::Key .*Condition \w+\.kms:CallerAccount: .*": "the statement is for the account's principals anyway",
    r"\S+ AWS::(KMS::Key|SNS::TopicPolicy) .*\.PublishAlarms\.Condition \w+\.aws:Source(Arn|Account): .*": (
        "both say that the alarm is one of the account"
    ),
    r"\S+ AWS::SNS::TopicPolicy .*PublishAlarms\.Principal: everybody": "only CloudWatch sends an alarm's ARN",
    r"\S+ AWS::(S3::BucketPolicy|SNS::TopicPolicy) .*\.Resource: every resource": (
        "the policy of a bucket or topic is about nothing else"
    ),
    r"\S+ AWS::IAM::ManagedPolicy .*Condition \w+\.kms:(ViaService|GrantIsForAWSResource): .*": (
        "the key's policy demands the same of everybody"
    ),
    r"\S+ AWS::IAM::ManagedPolicy .*\.GrantTableKey\.Condition: all conditions removed": (
        "the key's policy demands the same of everybody"
    ),
    r"\S+ AWS::EC2::VPCEndpoint .*Principal: another account": "its condition on the account lets nobody pass then",
    r"app/SharedNetwork/\w+UserErrors AWS::CloudWatch::Alarm( (?!Tags|Alarm|Actions).*|: resource removed)": (
        "two more alarms of the stack watch this metric, which DynamoDB counts for the whole account"
    ),
    r"\S+BackupMissing AWS::CloudWatch::Alarm EvaluationWindow\b.*: property removed": (
        "the alarm goes off as before, and sometimes while no backup is missing"
    ),
    r"\S+/OperatorPolicy .*\.Allow \S+\.Condition \w+\.aws:MultiFactorAuthPresent: condition removed": (
        "the same policy denies the actions without MFA"
    ),
    r"\S+/OperatorPolicy .*\.Deny dynamodb:CreateBackup(?!\.Effect)\b.*": "it is allowed with MFA only",
    r"\S+/OperatorPolicy .*\.Deny dynamodb:BatchGetItem(?!\.Effect)\b.*": "nothing in the policy allows it",
}
_EVENTS = {
    r"\S+ AWS::Events::Rule EventPattern\.\S+: property removed": "the pattern matches more events, and these as well",
}
_GRANTS = {
    rf"{_GRANT}( PolicyDocument\.Statement\.Allow \S+: statement removed|: resource removed| Roles.*)": (
        "an application may do less"
    ),
    rf"{_APPLICATION}( AssumeRolePolicyDocument\.Statement\.Allow \S+: statement removed|: resource removed)": (
        "an application may do less"
    ),
    rf"{_GRANT} .*kms:EncryptionContext:\S+: for another account": "an application may do less",
    rf"{_GRANT} .*Condition \w+\.kms:EncryptionContext:\S+: .*": "the key encrypts this table only",
    rf"{_GRANT} .*\.Allow kms:\w+\.Condition: all conditions removed": (
        "the key encrypts this table only, and its policy demands kms:ViaService"
    ),
    rf"{_GRANT} .*Condition Null\.dynamodb:LeadingKeys: condition removed": (
        "all actions of the statement carry leading keys; a rule finds those that do not"
    ),
    rf"{_GRANT} .*\.Allow kms:DescribeKey\.Resource: every resource": "what describes a key shows no data",
}
_DELIVERY = r"\S+ AWS::KinesisFirehose::DeliveryStream "
_ARCHIVES = {
    rf"{_DELIVERY}DeliveryStreamType: property removed": "records are put there by default, too",
    rf"{_DELIVERY}\w+\.(BufferingHints|CompressionFormat|ErrorOutputPrefix|Prefix)\S*: property removed": (
        "how the same lines are cut into objects, and what those are called"
    ),
    rf"{_DELIVERY}\w+\.ProcessingConfiguration\b.*": "the same lines are archived as CloudWatch Logs packs them",
    r"\S+ArchiveSubscriptionRole \S+ .*\.Principal: everybody": "only CloudWatch Logs sends an ARN of CloudWatch Logs",
    r"\S+ AWS::S3::Bucket LifecycleConfiguration\b.*: property removed": "objects are kept for longer",
}
_SELECTORS = r"\S+ AWS::CloudTrail::Trail AdvancedEventSelectors\."
_TRAILS = {
    r"\S+ AWS::CloudTrail::Trail (IncludeGlobalServiceEvents|IsMultiRegionTrail): .*": (
        "they are off; without them it records as much, and with them more"
    ),
    rf"{_SELECTORS}\w+\.FieldSelectors\.(resources\.ARN|userIdentity\.arn): item removed": "more is recorded",
    rf"{_SELECTORS}(\w+\.FieldSelectors\.eventCategory|Stream\.FieldSelectors\.resources\.type): item removed": (
        "CloudTrail refuses a selector that does not say which events of which resources it is about"
    ),
    rf"{_SELECTORS}(\w+\.FieldSelectors\.(eventCategory|userIdentity\.arn)|Stream\.\S+)\.\w+: property removed": (
        "CloudTrail refuses a field without an operator"
    ),
    r"\S+TrailBucketPolicy \S+ .*\.(CheckBucket|DeliverLogFiles)(: statement removed|\.Principal: another account)": (
        "CloudTrail refuses a trail whose bucket it may not write to"
    ),
    r"\S+TrailBucketPolicy \S+ .*\.(CheckBucket|DeliverLogFiles)\.Principal: everybody": (
        "only CloudTrail sends the trail's ARN"
    ),
    r"\S+TrailBucketPolicy \S+ .*\.DenyWritingToOthers\.Condition\.\w+\.aws:SourceArn: one more exempted": (
        "no service asks for the sake of a role"
    ),
    r"\S+TrailBucketPolicy \S+ .*Condition \w+\.s3:x-amz-acl: .*": (
        "the bucket's owner owns every object, whatever its access list says"
    ),
    r"\S+TrailBucket AWS::S3::Bucket BucketEncryption\b.*": (
        "CloudTrail encrypts each log file with the trail's key, and digests with that of S3, whatever the bucket does"
    ),
    r"\S+ AWS::KMS::Key .*\.EncryptLogFiles\w+\.Condition \w+\.(aws:SourceArn|kms:EncryptionContext:\S+): .*": (
        "both say that the trail is one of the account"
    ),
    r"\S+ AWS::KMS::Key .*\.DescribeKey\w+\.Principal: everybody": "what describes a key shows no data",
}
_NETWORKS = {
    r"\S+ AWS::EC2::(RouteTable|Subnet|SubnetRouteTableAssociation|VPC): resource removed": (
        "from what is not there nothing is reached"
    ),
    r"\S+ AWS::EC2::Subnet (AvailabilityZone|MapPublicIpOnLaunch): property removed": (
        "any zone will do, and there is no public address by default"
    ),
    r"\S+Vpcisolated\S+ AWS::EC2::Subnet MapPublicIpOnLaunch: flipped": (
        "no route leads from there to the internet or to DynamoDB"
    ),
    r"\S+ AWS::EC2::VPC (EnableDns\w+|InstanceTenancy): .*": (
        "without names less is reached; what hardware it runs on is the same by default"
    ),
    r"\S+ AWS::EC2::NetworkAclEntry Egress: .*": (
        "EC2 refuses two entries with one number in one direction, and each has its counterpart"
    ),
    r"\S+(In|E)gress200 AWS::EC2::NetworkAclEntry: resource removed": "less is let through",
    rf"{_TABLE}.*Condition BoolIfExists\.aws:PrincipalIsAWSService: only if it exists": (
        "every signed request carries the key"
    ),
}

HARMLESS: dict[str, str] = (
    _TEXTS | _TABLES | _DEFAULTS | _SAID_TWICE | _EVENTS | _GRANTS | _ARCHIVES | _TRAILS | _NETWORKS
)
