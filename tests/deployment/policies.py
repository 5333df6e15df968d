"""The policies for CloudFormation's execution role, made from the permissions that the handlers need."""

from __future__ import annotations

import warnings
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from tests.deployment.deployed import DEPLOYED
from tests.deployment.left_out import REFUSED, UNUSED
from tests.deployment.permissions import REGION, needed, resource_types
from tests.synthesized import synthesized
from tests.template import as_list, walk

with warnings.catch_warnings():
    # It leaves its data file open, and newer setuptools deprecate the module that it finds it with.
    warnings.simplefilter("ignore")
    from parliament import iam_definition

Document = dict[str, Any]

ACCOUNT = "111122223333"
STACK = "Orders"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
LONGEST_POLICY = 6144

# File to the services in it, because one policy would be longer than IAM accepts.
FILES = {
    "table": ("application-autoscaling", "cloudwatch", "dynamodb", "events", "kinesis", "kms", "sns", "ssm"),
    "backup": ("backup", "backup-storage"),
    "audit": ("cloudtrail", "firehose", "lambda", "logs", "s3"),
    "roles": ("iam",),
    "network": ("ec2",),
    # Beside the permissions on the analyzers, those of `roles` for the roles of people.
    "people": ("access-analyzer",),
    "platform": ("cloudformation", "config", "guardduty"),
}

# What CDK and CloudFormation name after the stack, by the resource types of AWS's service authorization reference.
# Where an id is made at random, the ARN ends in a wildcard; where IAM supports no resource, the policy says `*`.
_NAMES = {
    # CloudFormation documents no beginning of the name that it makes.
    "access-analyzer": {"Analyzer": "analyzer/*", "ArchiveRule": "analyzer/*/archive-rule/*"},
    "backup": {
        "backupPlan": "backup-plan:*",
        "backupVault": "backup-vault:{stack}*",
        "restoreTestingPlan": "restore-testing-plan:{stack}*",
    },
    "cloudtrail": {"trail": "trail/{stack}*"},
    "cloudwatch": {"alarm": "alarm:{stack}-*"},
    "config": {"ConfigRule": "config-rule/*", "ConfigurationRecorder": "configuration-recorder/*"},
    "dynamodb": {"table": "table/{stack}*"},
    "ec2": {
        "route-table": "route-table/*",
        "security-group": "security-group/*",
        "security-group-rule": "security-group-rule/*",
        "subnet": "subnet/*",
        "vpc": "vpc/*",
        "vpc-endpoint": "vpc-endpoint/*",
    },
    "events": {"rule-on-default-event-bus": "rule/{stack}-*"},
    "firehose": {"deliverystream": "deliverystream/{stack}-*"},
    "guardduty": {"detector": "detector/*"},
    # A table may also send its changes to a stream that another stack has made.
    "kinesis": {"stream": "stream/{stack}-*", "streamOfOthers": "stream/*"},
    "kms": {"alias": "alias/{stack}/*", "key": "key/*"},
    "lambda": {"function": "function:{stack}-*", "eventSourceMapping": "event-source-mapping:*"},
    "logs": {
        # Its name is chosen, because other accounts have to know it.
        "destination": "destination:*",
        "log-group": "log-group:{stack}-*",
        "log-stream": "log-group:{stack}-*:log-stream:*",
    },
    "sns": {"topic": "{stack}-*"},
}
_ROLES = (
    f"arn:aws:iam::{ACCOUNT}:role{SERVICE_ROLE_PATH}{{stack}}-*",
    # Of the function with which CDK empties the buckets of an ephemeral table.
    f"arn:aws:iam::{ACCOUNT}:role/{{stack}}-CustomS3AutoDeleteObjects*",
)
_PARAMETERS = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
_GLOBAL_NAMES: dict[str, dict[str, str | tuple[str, ...]]] = {
    "kinesis": {"kmsKey": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"},
    "iam": {"policy": f"arn:aws:iam::{ACCOUNT}:policy{SERVICE_ROLE_PATH}{{stack}}-*", "role": _ROLES},
    "cloudwatch": {"dashboard": f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{{stack}}*"},
    # CDK's bucket for assets; `hnb659fds` is the qualifier that `cdk bootstrap` uses by default.
    "s3": {"bucket": "arn:aws:s3:::{lower}-*", "object": f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-{REGION}/*"},
    "ssm": {
        # The library names the runbooks after what they do, and then after the stack.
        "document": f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/*-{{stack}}*",
        # What `publish_names` was given as prefixes.
        "parameter": (f"{_PARAMETERS}/platform/*", f"{_PARAMETERS}/tables/*"),
    },
    "application-autoscaling": {
        "ScalableTarget": f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/*"
    },
}
# Actions with a wildcard, and actions newer than parliament's copy of the service authorization reference.
_RESOURCES = {
    "cloudtrail:GetEventConfiguration": ["trail"],
    "cloudtrail:PutEventConfiguration": ["trail"],
    "dynamodb:Describe*": ["table"],
    "dynamodb:DisassociateTableReplica": ["table"],
    "kinesis:DescribeStream": ["streamOfOthers"],
    "kinesis:ListTagsForResource": ["stream"],
    "kinesis:PutRecords": ["streamOfOthers"],
    "kinesis:TagResource": ["stream"],
    "kinesis:UntagResource": ["stream"],
    "kinesis:UpdateMaxRecordSize": ["stream"],
    "kinesis:UpdateStreamRecordDistributionStrategy": ["stream"],
    "kinesis:UpdateStreamWarmThroughput": ["stream"],
    "kms:GenerateDataKey*": ["key"],
    "kms:ReEncrypt*": ["key"],
    "lambda:AssociateRuntimeAlias": ["function"],
    "lambda:GetFunctionScalingConfig": ["function"],
    "lambda:PutFunctionScalingConfig": ["function"],
    "logs:PutLogGroupDeletionProtection": ["log-group"],
    "s3:GetBucketAbac": ["bucket"],
    "s3:ListTagsForResource": ["bucket"],
    "s3:PutBucketAbac": ["bucket"],
    "s3:TagResource": ["bucket"],
    "s3:UntagResource": ["bucket"],
}

_SERVICE_LINKED_ROLES = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role"
# The recorder of AWS Config runs with the role of the service, which has the same name in each account.
_RECORDER_ROLE = f"{_SERVICE_LINKED_ROLES}/config.amazonaws.com/AWSServiceRoleForConfig"
# What actions are on, beside the resources of their kinds: the handler of a detector looks for the service's role.
_FURTHER_RESOURCES = {"iam:GetRole": (f"{_SERVICE_LINKED_ROLES}/guardduty.amazonaws.com/*",)}

_USE_OF_KEY = ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
# Service-linked roles that AWS creates when a feature is first used in an account.
SERVICE_LINKED_ROLES = {
    "access-analyzer.amazonaws.com": "`AccessFindings(analyzers=...)`",
    "backup.amazonaws.com": "AWS Backup, for the backup plan",
    "contributorinsights.dynamodb.amazonaws.com": "Contributor Insights, which a table has by default",
    "dynamodb.application-autoscaling.amazonaws.com": "autoscaled capacity",
    "guardduty.amazonaws.com": "`AccountBaseline(create=[AccountService.GUARD_DUTY])`",
    "kinesisreplication.dynamodb.amazonaws.com": "`ChangeStream` or `kinesis_stream=`",
}


def is_left_out(action: str) -> bool:
    """Whether the policies leave an action out."""
    return any(_matches(action, list(row.actions)) for row in (*UNUSED, *REFUSED))


@cache
def documents(stack: str = STACK) -> dict[str, Document]:
    """Return the policies by file: the account, the Region and the stack are the documentation's."""
    found = {name: _document(services, stack) for name, services in FILES.items()}
    people = [*found["people"]["Statement"], *_roles_of_people(found["roles"], stack)]
    return {**found, "people": {"Version": "2012-10-17", "Statement": people}}


def _roles_of_people(roles: Document, stack: str) -> list[Document]:
    """Return what may be done with roles and policies that have no path, as those of people do; none is passed on."""
    kinds = {"role": f"arn:aws:iam::{ACCOUNT}:role/{stack}-*", "policy": f"arn:aws:iam::{ACCOUNT}:policy/{stack}-*"}
    return [
        {**statement, "Resource": [arn for kind, arn in kinds.items() if f":{kind}/" in str(statement["Resource"])]}
        for statement in roles["Statement"]
        if "Sid" not in statement and statement["Resource"] != "*"
    ]


def key_services() -> list[str]:
    """Return the services through which the key policies let the account's principals use the key."""
    return sorted(
        {
            service
            for configuration in DEPLOYED.values()
            for key in synthesized(configuration).of_type("AWS::KMS::Key").values()
            for statement in key["Properties"]["KeyPolicy"]["Statement"]
            for service in as_list(statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", []))
        }
    )


def passed_to() -> list[str]:
    """Return the services that resources of the templates hand a role to."""
    return sorted({service for configuration in DEPLOYED.values() for service in _passed(configuration)})


def _passed(configuration: Any) -> set[str]:
    resources = synthesized(configuration).resources
    services = set()
    for resource in resources.values():
        for value in walk(resource.get("Properties", {})) if resource["Type"] in resource_types() else ():
            for name, inner in value.items() if isinstance(value, dict) else ():
                if name.lower().removesuffix("arn").endswith("role") and isinstance(inner, dict):
                    if "/aws-service-role/" in str(inner):
                        services.add(str(inner).partition("/aws-service-role/")[2].partition("/")[0])
                        continue
                    # A variable of a function's environment may be the name of a role.
                    if "Fn::GetAtt" not in inner:
                        continue
                    role = resources[inner["Fn::GetAtt"][0]]["Properties"]
                    for statement in role["AssumeRolePolicyDocument"]["Statement"]:
                        services.add(statement["Principal"]["Service"])
    return services


def _document(services: tuple[str, ...], stack: str) -> Document:
    with_conditions = [each for each in special_statements(stack) if _service(as_list(each["Action"])[0]) in services]
    covered = [pattern for each in special_statements(stack) for pattern in as_list(each["Action"])]
    by_resources: dict[tuple[str, ...], list[str]] = {}
    for action in needed():
        if _service(action) in services and not is_left_out(action) and not _matches(action, covered):
            by_resources.setdefault(_resources_of(action, stack), []).append(action)
    statements = [
        {
            "Effect": "Allow",
            "Action": _without_covered(actions),
            "Resource": list(resources) if len(resources) > 1 else resources[0],
        }
        for resources, actions in sorted(by_resources.items())
    ]
    return {"Version": "2012-10-17", "Statement": [*statements, *with_conditions]}


def special_statements(stack: str) -> list[Document]:
    """Return the statements that have a condition, or that no handler asks for."""
    return [
        {
            # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
            "Sid": "UseKeyThroughServices",
            "Effect": "Allow",
            "Action": list(_USE_OF_KEY),
            "Resource": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*",
            "Condition": {"StringEquals": {"kms:ViaService": key_services()}},
        },
        {
            # https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
            "Sid": "ConnectStreamToOwnFunctions",
            "Effect": "Allow",
            "Action": "lambda:CreateEventSourceMapping",
            "Resource": "*",
            "Condition": {"ArnLike": {"lambda:FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{stack}-*"}},
        },
        {
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
            "Sid": "PassRoles",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": [*_arns("iam", stack)["role"], _RECORDER_ROLE],
            "Condition": {"StringEquals": {"iam:PassedToService": passed_to()}},
        },
        {
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
            "Sid": "CreateServiceLinkedRoles",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": f"{_SERVICE_LINKED_ROLES}/*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": list(SERVICE_LINKED_ROLES)}},
        },
        {
            # BootstrapVersion of each template that CDK writes, and what `published_shared_resources` reads.
            "Sid": "ReadParameters",
            "Effect": "Allow",
            "Action": "ssm:GetParameters",
            "Resource": [f"{_PARAMETERS}/cdk-bootstrap/hnb659fds/version", *_arns("ssm", stack)["parameter"]],
        },
        {
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-lambda.html
            "Sid": "EmptyBucketsOfEphemeralTables",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{stack}-CustomS3AutoDeleteObjects*",
        },
    ]


def _resources_of(action: str, stack: str) -> tuple[str, ...]:
    kinds = _RESOURCES.get(action) or _reference().get(action.lower(), [])
    names = _arns(_service(action), stack)
    found = tuple(arn for kind in kinds if kind in names for arn in names[kind]) or ("*",)
    return (*found, *_FURTHER_RESOURCES.get(action, ()))


def _arns(service: str, stack: str) -> dict[str, tuple[str, ...]]:
    regional: dict[str, str | tuple[str, ...]] = {
        kind: f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}" for kind, name in _NAMES.get(service, {}).items()
    }
    every = {**regional, **_GLOBAL_NAMES.get(service, {})}
    return {
        kind: tuple(
            arn.format(stack=stack, lower=stack.lower()) for arn in (arns if isinstance(arns, tuple) else (arns,))
        )
        for kind, arns in every.items()
    }


@cache
def _reference() -> dict[str, list[str]]:
    """Return the resource types that a policy may name for each action, without the star of the required ones."""
    return {
        f"{service['prefix']}:{privilege['privilege']}".lower(): sorted(
            {kind["resource_type"].rstrip("*") for kind in privilege["resource_types"]}
        )
        for service in iam_definition
        for privilege in service["privileges"]
    }


def _without_covered(actions: list[str]) -> list[str]:
    """Return the actions without those that a wildcard among them covers."""
    return [action for action in actions if not _matches(action, [each for each in actions if each != action])]


def _matches(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def _service(action: str) -> str:
    return action.split(":", maxsplit=1)[0]
