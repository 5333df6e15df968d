"""Endpoints, and who may do what."""

from __future__ import annotations

import json

from tests.rules.cases.making import (
    ARCHIVE_STATEMENTS,
    AUDIT_STATEMENTS,
    BUCKET_STATEMENTS,
    CHANGES_STATEMENT,
    ENDPOINT_STATEMENT,
    EVERYBODY,
    KEY_STATEMENTS,
    LOG_POLICY,
    ON_LOG,
    OTHER_ACCOUNT,
    PERMISSION,
    READER_STATEMENTS,
    TABLE_STATEMENT,
    TOPIC_STATEMENTS,
    VAULT,
    Cases,
    P,
    perhaps,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, allow

READER_TRUST = f"Reader/{P}/AssumeRolePolicyDocument/Statement/0"
# A role that everybody can assume.
FOR_EVERYBODY = {
    "Type": "AWS::IAM::Role",
    P: {
        "AssumeRolePolicyDocument": {
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]
        }
    },
}
PROVIDERS, GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider", "token.actions.githubusercontent.com"
OF_AWS = "arn:aws:iam::aws:policy"
WIDE = {"Statement": allow("dynamodb:*", "*")}
# What else gives people permissions.
BESIDE_ROLES = {
    "OfGroup": {"Type": "AWS::IAM::GroupPolicy", P: {"PolicyDocument": WIDE}},
    "OfUser": {"Type": "AWS::IAM::UserPolicy", P: {"PolicyDocument": WIDE}},
    "OfSet": {"Type": "AWS::SSO::PermissionSet", P: {"InlinePolicy": WIDE}},
    "OfSetAsText": {"Type": "AWS::SSO::PermissionSet", P: {"InlinePolicy": json.dumps(WIDE)}},
}
CASES: dict[str, Cases] = {
    "NET1": Cases(
        broken=[
            (f"Endpoint/{P}/PolicyDocument", None),
            *((f"{ENDPOINT_STATEMENT}/Action", action) for action in ("*", "dynamodb*", "*:GetItem")),
            (f"{ENDPOINT_STATEMENT}/Action", ["dynamodb:GetItem", "dynamodb:*"]),
            *((f"{ENDPOINT_STATEMENT}/Resource", name) for name in ("*", "ar*")),
            (f"{ENDPOINT_STATEMENT}/Resource", ["arn:aws:dynamodb:*:*:table/*"]),
            [(f"{ENDPOINT_STATEMENT}/NotAction", "dynamodb:Scan"), (f"{ENDPOINT_STATEMENT}/Action", None)],
        ],
        unknown=[
            (f"{ENDPOINT_STATEMENT}/Action", PARAMETER),
            (f"{ENDPOINT_STATEMENT}/Resource", PARAMETER),
            (f"Endpoint/{P}/PolicyDocument", PARAMETER),
        ],
    ),
    "NET2": Cases(
        broken=[
            (f"{ENDPOINT_STATEMENT}/Action", ["dynamodb:GetItem", "dynamodb:DeleteTable"]),
            (f"{ENDPOINT_STATEMENT}/Action", ["dynamodb:Export*"]),
        ],
        unknown=[
            (f"{ENDPOINT_STATEMENT}/Action", PARAMETER),
            (f"{ENDPOINT_STATEMENT}/Action", ["dynamodb:GetItem", PARAMETER]),
            (f"Endpoint/{P}/PolicyDocument", PARAMETER),
        ],
    ),
    "NET3": Cases(
        broken=[
            (f"{ENDPOINT_STATEMENT}/Condition", None),
            (f"{ENDPOINT_STATEMENT}/Condition", {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}),
        ],
        unknown=[(f"{ENDPOINT_STATEMENT}/Condition", {"StringEquals": {"aws:PrincipalOrgID": PARAMETER}})],
    ),
    "IAM1": Cases(
        broken=[
            ("Person", {"Type": "AWS::IAM::User"}),
            (f"{KEY_STATEMENTS}/1/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/legacy"}),
        ],
        unknown=[],
    ),
    "IAM2": Cases(
        broken=[
            (f"{READER_STATEMENTS}/0/Action", "dynamodb:*"),
            (f"{READER_STATEMENTS}/0/Action", ["dynamodb:Get*"]),
            *((f"{READER_STATEMENTS}/0/Action", action) for action in ("*", "*:*", "dynamodb*", "dynamo*:*")),
            *BESIDE_ROLES.items(),
            [(f"{READER_STATEMENTS}/0/Action", None), (f"{READER_STATEMENTS}/0/NotAction", "s3:*")],
            (f"Reader/{P}/ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]),
            (f"Reader/{P}/ManagedPolicyArns", ["arn:aws:iam::aws:policy/job-function/DatabaseAdministrator"]),
            ("Set", {"Type": "AWS::SSO::PermissionSet", P: {"ManagedPolicies": [f"{OF_AWS}/PowerUserAccess"]}}),
        ],
        unknown=[
            (f"{READER_STATEMENTS}/0", perhaps(allow("dynamodb:*", "*"))),
            (f"{READER_STATEMENTS}/0/Effect", PARAMETER),
            (f"{READER_STATEMENTS}/0/Action", PARAMETER),
            (f"{READER_STATEMENTS}/0/Action", ["dynamodb:GetItem", PARAMETER]),
            (f"Reader/{P}/Policies", perhaps([{"PolicyDocument": {"Statement": allow("dynamodb:*", "*")}}])),
            (f"Reader/{P}/ManagedPolicyArns", [PARAMETER]),
            (f"ReaderPolicy/{P}/PolicyDocument", PARAMETER),
        ],
    ),
    "IAM3": Cases(
        broken=[
            *((f"{READER_STATEMENTS}/0/Resource", name) for name in ("*", "ar*", "*:table/orders")),
            [
                (f"{READER_STATEMENTS}/0/Resource", "*"),
                (f"{READER_STATEMENTS}/0/Condition/StringLike", {"aws:ResourceTag/Owner": "*"}),
            ],
            (
                f"{READER_STATEMENTS}/0/Resource",
                {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*"},
            ),
            [(f"{READER_STATEMENTS}/0/NotResource", "arn:x"), (f"{READER_STATEMENTS}/0/Resource", None)],
        ],
        unknown=[
            (f"{READER_STATEMENTS}/0/Resource", PARAMETER),
            (f"{READER_STATEMENTS}/0", perhaps(allow("dynamodb:GetItem", "*"))),
        ],
    ),
    "IAM4": Cases(
        broken=[
            *(
                [(f"{READER_STATEMENTS}/0/Action", [action]), (f"{READER_STATEMENTS}/0/Condition/Null", None)]
                for action in ("dynamodb:Scan", "dynamodb:PartiQL*", "dynamodb:SearchVectors")
            ),
            *(
                (f"{READER_STATEMENTS}/0/Condition/ForAllValues:StringLike", {"dynamodb:LeadingKeys": value})
                for value in ("*", "?*", "**")
            ),
            (f"{READER_STATEMENTS}/0/Condition", {"ForAnyValue:StringNotEquals": {"dynamodb:LeadingKeys": "x"}}),
            (f"{READER_STATEMENTS}/0/Condition/ForAllValues:StringEquals", None),
        ],
        unknown=[],
    ),
    "IAM5": Cases(
        broken=[
            (f"{READER_STATEMENTS}/0/Condition/ForAllValues:StringEquals", None),
            (f"{READER_STATEMENTS}/0/Condition/ForAllValues:StringEquals", {"dynamodb:Attributes": "*"}),
            (f"{READER_STATEMENTS}/0/Condition/ForAllValues:StringLike", {"dynamodb:Attributes": "?*"}),
            (f"{READER_STATEMENTS}/0/Condition/StringEqualsIfExists", None),
            (f"{READER_STATEMENTS}/0/Condition/StringEqualsIfExists", {"dynamodb:Select": "ALL_ATTRIBUTES"}),
            (f"{READER_STATEMENTS}/0/Action", ["dynamodb:GetItem", "dynamodb:UpdateItem"]),
        ],
        unknown=[],
    ),
    "IAM6": Cases(
        broken=[
            (f"{READER_STATEMENTS}/1/Condition", None),
            [
                (f"{READER_STATEMENTS}/1/Condition", None),
                (f"{READER_STATEMENTS}/1/Action", ["dynamodb:DeleteTable", PARAMETER]),
            ],
            (f"{READER_STATEMENTS}/1/Condition", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
            (f"{READER_STATEMENTS}/1/Condition", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            [
                (f"{READER_TRUST}/Principal", {"Service": "lambda.amazonaws.com"}),
                (f"{READER_STATEMENTS}/1/Condition", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
            ],
        ],
        unknown=[
            (f"{READER_STATEMENTS}/0/Action", ["dynamodb:GetItem", PARAMETER]),
            (f"{READER_STATEMENTS}/1/Condition", {"Bool": {"aws:MultiFactorAuthPresent": PARAMETER}}),
            (f"{READER_STATEMENTS}/1/Condition", perhaps({"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
            [
                (f"{READER_STATEMENTS}/1/Condition", None),
                (f"{READER_TRUST}/Condition", {"Bool": {"aws:MultiFactorAuthPresent": PARAMETER}}),
            ],
        ],
    ),
    "IAM7": Cases(
        broken=[
            (f"{READER_TRUST}/Principal", "*"),
            *(
                [
                    (f"{READER_TRUST}/Principal", {"Federated": f"{PROVIDERS}/{provider}"}),
                    (f"{READER_TRUST}/Condition", says),
                ]
                for provider, says in (
                    (GITHUB, {}),
                    (GITHUB, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}),
                    (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:*"}}),
                    (GITHUB, {"StringNotEquals": {f"{GITHUB}:sub": "repo:other/repository"}}),
                    ("id.example.com", {}),
                    ("id.example.com", {"StringLike": {"id.example.com:aud": "*"}}),
                )
            ),
            [
                ("BreakGlass", FOR_EVERYBODY),
                (
                    f"{VAULT}/AccessPolicy/Statement/Condition",
                    {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": "BreakGlass.Arn"}}},
                ),
            ],
            (f"AuditRole/{P}/AssumeRolePolicyDocument/Statement/Principal", {"AWS": "*"}),
            (f"BackupRole/{P}/AssumeRolePolicyDocument/Statement/Action", "sts:*"),
            # A role on the way to the archive, whether or not the bucket names it.
            [
                (f"ArchiveRole/{P}/AssumeRolePolicyDocument/Statement/0/Action", "sts:*"),
                (
                    f"{ARCHIVE_STATEMENTS}/1/Condition/ArnNotEquals",
                    {"aws:PrincipalArn": "arn:aws:iam::444455556666:root"},
                ),
            ],
            # The account's id is no secret.
            (f"ArchiveRole/{P}/AssumeRolePolicyDocument/Statement/1/Principal", "*"),
        ],
        unknown=[
            (f"{READER_TRUST}", perhaps({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})),
            (f"{READER_TRUST}/Principal", {"Service": PARAMETER}),
            (f"{READER_TRUST}/Principal", OTHER_ACCOUNT),
            [
                (f"{READER_TRUST}/Principal", "*"),
                (
                    f"{READER_TRUST}/Condition",
                    {"StringLike": {"aws:UserAgent": PARAMETER}},
                ),
            ],
        ],
    ),
    "IAM8": Cases(
        broken=[
            (f"{TABLE_STATEMENT}/Effect", "Allow"),
            (f"{TOPIC_STATEMENTS}/1", EVERYBODY),
            (f"{TOPIC_STATEMENTS}/1", {**EVERYBODY, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}}}),
            *(
                (f"{TOPIC_STATEMENTS}/1", {**EVERYBODY, "Condition": {operator: {key: value}}})
                for operator, key, value in (
                    ("StringLike", "aws:PrincipalArn", "*"),
                    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
                    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
                    ("ArnLike", "aws:SourceArn", "arn*"),
                    ("ForAnyValue:StringNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/x"),
                    ("StringLike", "aws:PrincipalOrgID", "o-*"),
                    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-*/r-ab12/*"),
                    ("StringEquals", "aws:ResourceAccount", ACCOUNT),
                    ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}"),
                    ("StringLike", "aws:PrincipalAccount", "1*"),
                    ("StringLike", "aws:SourceVpc", "vpc-*"),
                    ("StringLike", "aws:userid", "A*"),
                    ("StringEquals", "sts:ExternalId", "1"),
                )
            ),
            (f"{BUCKET_STATEMENTS}/1/Effect", "Allow"),
            (f"{VAULT}/AccessPolicy/Statement/Effect", "Allow"),
            (f"{KEY_STATEMENTS}/1/Condition", None),
            (f"{CHANGES_STATEMENT}/Principal", "*"),
            [
                ("Consumer", {"Type": "AWS::Kinesis::StreamConsumer", P: {"StreamARN": {"Fn::GetAtt": "Changes.Arn"}}}),
                (f"ChangesPolicy/{P}/ResourceArn", {"Ref": "Consumer"}),
                (f"{CHANGES_STATEMENT}/Principal", {"AWS": "*"}),
            ],
            [(f"{PERMISSION}/Principal", "*"), (f"{PERMISSION}/SourceArn", None)],
            (LOG_POLICY, json.dumps({"Statement": {**ON_LOG, "Principal": "*"}})),
            (f"LogGroup/{P}/ResourcePolicyDocument", {"Statement": {**ON_LOG, "Principal": {"AWS": "*"}}}),
        ],
        unknown=[
            (f"{CHANGES_STATEMENT}/Principal", OTHER_ACCOUNT),
            *(
                [(f"{PERMISSION}/Principal", who), (f"{PERMISSION}/SourceArn", None)]
                for who in ("444455556666", OTHER_ACCOUNT["AWS"], PARAMETER)
            ),
            (LOG_POLICY, json.dumps({"Statement": {**ON_LOG, "Principal": OTHER_ACCOUNT}})),
            (TABLE_STATEMENT, perhaps(EVERYBODY)),
            (f"{KEY_STATEMENTS}/1", perhaps(EVERYBODY)),
            (f"{TOPIC_STATEMENTS}/1", perhaps(EVERYBODY)),
            (f"{TABLE_STATEMENT}/Effect", {"Fn::If": ["Sometimes", "Deny", "Allow"]}),
            (f"TopicPolicy/{P}/PolicyDocument", PARAMETER),
            (f"{TOPIC_STATEMENTS}/1/Principal", {"AWS": PARAMETER}),
            (f"{TOPIC_STATEMENTS}/1", {**EVERYBODY, "Condition": {"StringLike": {"aws:PrincipalOrgID": PARAMETER}}}),
            (f"{TOPIC_STATEMENTS}/1", {**EVERYBODY, "Principal": OTHER_ACCOUNT}),
            (f"{TOPIC_STATEMENTS}/1", {**EVERYBODY, "Principal": {"AWS": "444455556666"}}),
        ],
    ),
    "IAM9": Cases(
        broken=[
            (f"{READER_STATEMENTS}/2/Resource", "*"),
            (f"{READER_STATEMENTS}/2/Action", "kms:*"),
            (f"{READER_STATEMENTS}/2/Resource", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/*"),
        ],
        unknown=[(f"{READER_STATEMENTS}/2/Resource", PARAMETER), (f"{READER_STATEMENTS}/2/Action", PARAMETER)],
    ),
    "IAM10": Cases(
        broken=[(f"{AUDIT_STATEMENTS}/3", allow("s3:PutObject", "*")), (f"{AUDIT_STATEMENTS}/3/Action", "s3:*")],
        unknown=[
            (f"{AUDIT_STATEMENTS}/3", perhaps(allow("s3:PutObject", "*"))),
            (f"{AUDIT_STATEMENTS}/3/Resource", PARAMETER),
        ],
    ),
    "IAM11": Cases(
        broken=[
            *((f"{TOPIC_STATEMENTS}/1/Action", action) for action in ("sns:*", "sns*", "sns:*Message")),
            *((f"{TABLE_STATEMENT}", allow(action, "*")) for action in ("dynamodb:*Item", "dynamodb:D*")),
            [(f"{TOPIC_STATEMENTS}/1/Action", None), (f"{TOPIC_STATEMENTS}/1/NotAction", "sns:AddPermission")],
            (f"{CHANGES_STATEMENT}/Action", "kinesis:*"),
            (f"{PERMISSION}/Action", "lambda:*"),
            (LOG_POLICY, json.dumps({"Statement": {**ON_LOG, "Action": "logs:*"}})),
        ],
        unknown=[
            (f"{TOPIC_STATEMENTS}/1", perhaps({**EVERYBODY, "Action": "sns:*"})),
            (f"{TOPIC_STATEMENTS}/1/Action", PARAMETER),
        ],
    ),
}
