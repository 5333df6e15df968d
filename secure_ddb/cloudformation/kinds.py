"""What CloudFormation returns for a resource: its name or ARN, as text that equals every other way to write it.

A name that is not in the template is made at deployment and becomes a placeholder, `${stack.logical id}`.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """How resources of a type are named.

    Attributes:
        name: Property that holds the name, if it was chosen.
        arn: Their ARN.
        ref_is_arn: Whether `Ref` returns the ARN instead of the name.
        arn_attributes: Attributes that are the ARN.
        name_attributes: Attributes that are the name.
    """

    name: str
    arn: str = ""
    ref_is_arn: bool = False
    arn_attributes: tuple[str, ...] = ("Arn",)
    name_attributes: tuple[str, ...] = ()


ALIAS = "AWS::KMS::Alias"
ANALYZER = "AWS::AccessAnalyzer::Analyzer"
ALARM = "AWS::CloudWatch::Alarm"
BACKUP_PLAN = "AWS::Backup::BackupPlan"
BACKUP_SELECTION = "AWS::Backup::BackupSelection"
BACKUP_VAULT = "AWS::Backup::BackupVault"
BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"
CONFIG_RECORDER = "AWS::Config::ConfigurationRecorder"
CONFIG_RULE = "AWS::Config::ConfigRule"
DASHBOARD = "AWS::CloudWatch::Dashboard"
DETECTOR = "AWS::GuardDuty::Detector"
DELIVERY_STREAM = "AWS::KinesisFirehose::DeliveryStream"
DOCUMENT = "AWS::SSM::Document"
ENDPOINT = "AWS::EC2::VPCEndpoint"
EVENT_DATA_STORE = "AWS::CloudTrail::EventDataStore"
EVENT_RULE = "AWS::Events::Rule"
EVENT_SOURCE = "AWS::Lambda::EventSourceMapping"
FLOW_LOG = "AWS::EC2::FlowLog"
FUNCTION = "AWS::Lambda::Function"
FUNCTION_ALIAS = "AWS::Lambda::Alias"
FUNCTION_PERMISSION = "AWS::Lambda::Permission"
FUNCTION_URL = "AWS::Lambda::Url"
FUNCTION_VERSION = "AWS::Lambda::Version"
GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
GROUP = "AWS::IAM::Group"
GROUP_POLICY = "AWS::IAM::GroupPolicy"
GUARD_HOOK = "AWS::CloudFormation::GuardHook"
INTERNET_GATEWAY = "AWS::EC2::InternetGateway"
KEY = "AWS::KMS::Key"
LOG_DESTINATION = "AWS::Logs::Destination"
LOG_GROUP = "AWS::Logs::LogGroup"
LOG_POLICY = "AWS::Logs::ResourcePolicy"
LOG_STREAM = "AWS::Logs::LogStream"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
METRIC_FILTER = "AWS::Logs::MetricFilter"
NETWORK_ACL = "AWS::EC2::NetworkAcl"
NETWORK_ACL_ASSOCIATION = "AWS::EC2::SubnetNetworkAclAssociation"
NETWORK_ACL_ENTRY = "AWS::EC2::NetworkAclEntry"
NESTED_STACK = "AWS::CloudFormation::Stack"
PERMISSION_SET = "AWS::SSO::PermissionSet"
PIPE = "AWS::Pipes::Pipe"
POLICY = "AWS::IAM::Policy"
QUEUE = "AWS::SQS::Queue"
QUEUE_POLICY = "AWS::SQS::QueuePolicy"
REPLICA_KEY = "AWS::KMS::ReplicaKey"
RESTORE_TEST_PLAN = "AWS::Backup::RestoreTestingPlan"
RESTORE_TEST_SELECTION = "AWS::Backup::RestoreTestingSelection"
ROLE = "AWS::IAM::Role"
ROLE_POLICY = "AWS::IAM::RolePolicy"
ROUTE = "AWS::EC2::Route"
ROUTE_TABLE = "AWS::EC2::RouteTable"
ROUTE_TABLE_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
SCALABLE_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
SCHEDULE = "AWS::Scheduler::Schedule"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
SECURITY_GROUP_INGRESS = "AWS::EC2::SecurityGroupIngress"
SERVERLESS_FUNCTION = "AWS::Serverless::Function"
SERVICE_CONTROL_POLICY = "AWS::Organizations::Policy"
STREAM = "AWS::Kinesis::Stream"
STREAM_CONSUMER = "AWS::Kinesis::StreamConsumer"
STREAM_POLICY = "AWS::Kinesis::ResourcePolicy"
SUBSCRIPTION = "AWS::SNS::Subscription"
SUBSCRIPTION_FILTER = "AWS::Logs::SubscriptionFilter"
SUBSCRIPTION_OF_ACCOUNT = "AWS::Logs::AccountPolicy"
SUBNET = "AWS::EC2::Subnet"
TABLE = "AWS::DynamoDB::Table"
TOPIC = "AWS::SNS::Topic"
TOPIC_POLICY = "AWS::SNS::TopicPolicy"
TRAIL = "AWS::CloudTrail::Trail"
USER = "AWS::IAM::User"
USER_POLICY = "AWS::IAM::UserPolicy"
VPN_GATEWAY = "AWS::EC2::VPNGateway"

_PLACE = "{region}:{account}"
KINDS = {
    ALARM: Kind("AlarmName", f"cloudwatch:{_PLACE}:alarm:{{name}}"),
    ALIAS: Kind("AliasName", f"kms:{_PLACE}:{{name}}", arn_attributes=()),
    BACKUP_PLAN: Kind(
        "",
        f"backup:{_PLACE}:backup-plan:{{name}}",
        arn_attributes=("BackupPlanArn",),
        name_attributes=("BackupPlanId",),
    ),
    BACKUP_VAULT: Kind(
        "BackupVaultName",
        f"backup:{_PLACE}:backup-vault:{{name}}",
        arn_attributes=("BackupVaultArn",),
        name_attributes=("BackupVaultName",),
    ),
    BUCKET: Kind("BucketName", "s3:::{name}"),
    COMPOSITE_ALARM: Kind("AlarmName", f"cloudwatch:{_PLACE}:alarm:{{name}}"),
    # Its ARN ends with an id that AWS Config makes.
    CONFIG_RULE: Kind("ConfigRuleName"),
    # Their names are of an account, and in no Region.
    DASHBOARD: Kind("DashboardName", "cloudwatch::{account}:dashboard/{name}"),
    DELIVERY_STREAM: Kind("DeliveryStreamName", f"firehose:{_PLACE}:deliverystream/{{name}}"),
    ENDPOINT: Kind("", name_attributes=("Id",)),
    # Their ARNs end with the name or the number, after the function's own.
    FUNCTION_ALIAS: Kind("", ref_is_arn=True, arn_attributes=("AliasArn",)),
    FUNCTION_VERSION: Kind("", ref_is_arn=True, arn_attributes=("FunctionArn",)),
    FUNCTION: Kind("FunctionName", f"lambda:{_PLACE}:function:{{name}}"),
    GLOBAL_TABLE: Kind("TableName", f"dynamodb:{_PLACE}:table/{{name}}"),
    INTERNET_GATEWAY: Kind("", name_attributes=("InternetGatewayId",)),
    KEY: Kind("", f"kms:{_PLACE}:key/{{name}}", name_attributes=("KeyId",)),
    LOG_GROUP: Kind("LogGroupName", f"logs:{_PLACE}:log-group:{{name}}:*"),
    LOG_STREAM: Kind("LogStreamName"),
    MANAGED_POLICY: Kind(
        "ManagedPolicyName", "iam::{account}:policy{path}{name}", ref_is_arn=True, arn_attributes=("PolicyArn",)
    ),
    NETWORK_ACL: Kind("", name_attributes=("Id",)),
    QUEUE: Kind("QueueName", f"sqs:{_PLACE}:{{name}}", name_attributes=("QueueName",)),
    REPLICA_KEY: Kind("", f"kms:{_PLACE}:key/{{name}}", name_attributes=("KeyId",)),
    # Its ARN ends with an id that AWS Backup adds to the name.
    RESTORE_TEST_PLAN: Kind("RestoreTestingPlanName", arn_attributes=("RestoreTestingPlanArn",)),
    ROLE: Kind("RoleName", "iam::{account}:role{path}{name}"),
    ROUTE_TABLE: Kind("", name_attributes=("RouteTableId",)),
    SECURITY_GROUP: Kind("", name_attributes=("GroupId", "Id")),
    STREAM: Kind("Name", f"kinesis:{_PLACE}:stream/{{name}}"),
    # Its ARN ends with the time at which it was made.
    STREAM_CONSUMER: Kind("", ref_is_arn=True, arn_attributes=("ConsumerARN",)),
    SUBNET: Kind("", name_attributes=("SubnetId",)),
    TABLE: Kind("TableName", f"dynamodb:{_PLACE}:table/{{name}}"),
    TOPIC: Kind(
        "TopicName",
        f"sns:{_PLACE}:{{name}}",
        ref_is_arn=True,
        arn_attributes=("TopicArn",),
        name_attributes=("TopicName",),
    ),
    TRAIL: Kind("TrailName", f"cloudtrail:{_PLACE}:trail/{{name}}"),
    VPN_GATEWAY: Kind("", name_attributes=("VPNGatewayId",)),
    USER: Kind("UserName", "iam::{account}:user{path}{name}"),
}
ANY_KIND = Kind("")


def partition(region: str) -> str:
    """Return the partition of a Region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
