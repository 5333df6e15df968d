"""Permissions that the handlers name and the deployment policies leave out, each with the reason."""

from __future__ import annotations

from typing import NamedTuple


class Unused(NamedTuple):
    """Permissions for properties that no template of ours sets.

    Attributes:
        resource_type: The type whose handlers name them.
        properties: The properties that need them.
        actions: The actions, with wildcards.
    """

    resource_type: str
    properties: tuple[str, ...]
    actions: tuple[str, ...]


class Refused(NamedTuple):
    """Permissions left out for another reason.

    Attributes:
        actions: The actions, with wildcards.
        reason: Why, in one sentence.
    """

    actions: tuple[str, ...]
    reason: str


# Only permissions on other services and on data: for its own service a handler may use one without the property.
UNUSED = (
    Unused(
        "AWS::CloudTrail::Trail",
        ("IsOrganizationTrail",),
        ("organizations:DescribeOrganization",),
    ),
    Unused("AWS::EC2::VPCEndpoint", ("ServiceNetworkArn", "ResourceConfigurationArn"), ("vpc-lattice:*",)),
    Unused("AWS::EC2::VPCEndpoint", ("ServiceRegion",), ("vpce:AllowMultiRegion",)),
    Unused("AWS::IAM::ManagedPolicy", ("Groups",), ("iam:AttachGroupPolicy", "iam:DetachGroupPolicy")),
    Unused("AWS::IAM::ManagedPolicy", ("Users",), ("iam:AttachUserPolicy", "iam:DetachUserPolicy")),
    Unused("AWS::Lambda::Function", ("CapacityProviderConfig",), ("lambda:PassCapacityProvider",)),
    Unused("AWS::Lambda::Function", ("CodeSigningConfigArn",), ("lambda:GetCodeSigningConfig",)),
    Unused("AWS::Lambda::Function", ("Layers",), ("lambda:GetLayerVersion",)),
    Unused("AWS::Lambda::Function", ("FileSystemConfigs",), ("elasticfilesystem:*", "s3files:*")),
    Unused("AWS::Lambda::Function", ("VpcConfig",), ("ec2:DescribeNetworkInterfaces",)),
    Unused("AWS::Logs::LogGroup", ("DataProtectionPolicy",), ("logs:CreateLogDelivery",)),
    Unused("AWS::Logs::LogGroup", ("FieldIndexPolicies",), ("logs:DeleteIndexPolicy", "logs:PutIndexPolicy")),
    Unused("AWS::Logs::LogGroup", ("BearerTokenAuthenticationEnabled",), ("logs:PutBearerTokenAuthentication",)),
    Unused(
        "AWS::Logs::LogGroup",
        ("ResourcePolicyDocument",),
        ("logs:DeleteResourcePolicy", "logs:PutResourcePolicy"),
    ),
    Unused(
        "AWS::S3::Bucket",
        ("MetadataTableConfiguration", "MetadataConfiguration"),
        ("s3tables:*", "s3:CreateBucketMetadata*", "s3:DeleteBucketMetadata*", "s3:UpdateBucketMetadata*"),
    ),
    Unused("AWS::S3::Bucket", ("AccessControl",), ("s3:PutBucketAcl", "s3:PutObjectAcl")),
)

ITEMS = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)

REFUSED = (
    Refused(
        ITEMS,
        "Items. [AWS asks for these to add a replica]"
        "(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html), in its Region: "
        "`replicas.json` has them.",
    ),
    Refused(("s3:DeleteObject",), "Objects of the audit trail's buckets. Creating a bucket needs no deletion."),
    Refused(
        ("codedeploy:*",),
        "Gradual updates of an alias, for which a template has "
        "[an UpdatePolicy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-attribute-updatepolicy.html); none of ours has one.",
    ),
    Refused(
        ("organizations:ListAWSServiceAccessForOrganization", "organizations:ListDelegatedAdministrators"),
        "Trails and [analyzers of an organization]"
        "(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-getting-started.html); "
        "all of ours are of an account.",
    ),
    Refused(
        ("iam:DeleteRolePermissionsBoundary",),
        "Would let a deployment take a role out of its permissions boundary.",
    ),
    Refused(
        (
            "backup-storage:Mount",
            "s3:DeleteBucketAnalyticsConfiguration",
            "s3:DeleteBucketCors",
            "s3:DeleteBucketEncryption",
            "s3:DeleteBucketLifecycle",
            "s3:DeleteBucketMetricsConfiguration",
            "s3:DeleteBucketReplication",
            "s3:PutBucketReplication",
            "s3:PutObjectLockConfiguration",
            "s3:REST.PUT.OBJECT",
        ),
        "Operations, not IAM actions. [IAM checks others for them]"
        "(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html); those are allowed.",
    ),
)
