"""The trail of changes."""

from __future__ import annotations

import json
from typing import Any

from tests.rules.cases.making import (
    AUDIT_STATEMENTS,
    BUCKET,
    BUCKET_STATEMENTS,
    DEFAULT_ENCRYPTION,
    DIGEST_KEY,
    ELSEWHERE,
    FUNCTION,
    HANDLER,
    KEY,
    KEY_STATEMENTS,
    LOG_GROUP,
    LOG_POLICY,
    MAPPING,
    OF_SERVICE,
    ON_LOG,
    PERMISSION,
    TABLE,
    Cases,
    Change,
    P,
    bound,
    keeping,
    key_of,
    merged,
    removal,
    variables,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, REGION, ROOT, allow, grants

LOG_STREAMS = {"Fn::GetAtt": ["LogGroup", "Arn"]}
# A statement with which nothing is wrong, and one that is for everybody.
OF_ACCOUNT = {**ON_LOG, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
ALL = {"Principal": "*"}
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"


def account_subscription(document: Any) -> Change:
    properties = {"PolicyType": "SUBSCRIPTION_FILTER_POLICY", "PolicyDocument": document}
    return "OfAccount", {"Type": "AWS::Logs::AccountPolicy", P: properties}


def functions(path: str) -> list[list[Change]]:
    """Return every way to name the function."""
    own = {"FunctionName": {"Ref": "Function"}}
    alias = "Named", {"Type": "AWS::Lambda::Alias", P: own}
    version = "Named", {"Type": "AWS::Lambda::Version", P: own}
    return [
        *([(path, f"{beginning}audit{end}")] for beginning in ("", FUNCTION_ARN) for end in ("", ":live")),
        [(path, {"Fn::Sub": "${Function.Arn}:live"})],
        [alias, (path, {"Ref": "Named"})],
        [alias, (path, {"Fn::GetAtt": "Named.AliasArn"})],
        [version, (path, {"Ref": "Named"})],
        [version, (path, {"Fn::GetAtt": ["Named", "FunctionArn"]})],
    ]


def partial_arns(path: str) -> list[Change]:
    """Return ways to name the function of which it is not told where it is."""
    beginnings = ("function:", f"{ACCOUNT}:function:", f"{REGION}:{ACCOUNT}:function:")
    return [(path, f"{beginning}audit{end}") for beginning in beginnings for end in ("", ":live")]


# A principal of the account then needs a permission of its own.
TO_ACCOUNT = f"{KEY_STATEMENTS}/1/Principal", ROOT
INDEX_STATEMENTS = f"IndexRole/{P}/Policies/0/PolicyDocument/Statement"

CASES: dict[str, Cases] = {
    "AUD1": Cases(
        broken=[
            (f"{TABLE}/StreamSpecification", None),
            (f"{TABLE}/StreamSpecification/StreamViewType", "KEYS_ONLY"),
        ],
        unknown=[(f"{TABLE}/StreamSpecification/StreamViewType", PARAMETER)],
    ),
    "AUD2": Cases(
        broken=[
            ("Mapping/Type", "AWS::CloudFormation::WaitConditionHandle"),
            (f"{MAPPING}/Enabled", False),
            (f"{MAPPING}/StartingPosition", "LATEST"),
            (f"{MAPPING}/FilterCriteria", {"Filters": [{"Pattern": "{}"}]}),
            (f"{MAPPING}/FunctionName", None),
            (f"{FUNCTION}/ReservedConcurrentExecutions", "0"),
        ],
        unknown=[
            (f"{FUNCTION}/ReservedConcurrentExecutions", PARAMETER),
            (f"{MAPPING}/Enabled", PARAMETER),
            ("Mapping/Condition", "Sometimes"),
        ],
    ),
    "AUD3": Cases(
        broken=[
            (f"{MAPPING}/MaximumRetryAttempts", None),
            (f"{MAPPING}/MaximumRetryAttempts", -1),
            (f"{MAPPING}/MaximumRetryAttempts", 0),
            (f"{MAPPING}/MaximumRecordAgeInSeconds", None),
            (f"{MAPPING}/MaximumRecordAgeInSeconds", 86400),
            (f"{MAPPING}/BisectBatchOnFunctionError", False),
        ],
        unknown=[(f"{MAPPING}/MaximumRetryAttempts", PARAMETER)],
    ),
    "AUD4": Cases(
        broken=[(f"{MAPPING}/DestinationConfig", None)],
        unknown=[
            (f"{MAPPING}/DestinationConfig/OnFailure/Destination", PARAMETER),
            (f"{MAPPING}/DestinationConfig/OnFailure/Destination", "arn:aws:s3:::company"),
        ],
    ),
    "AUD5": merged(
        key_of(f"{LOG_GROUP}/KmsKeyId"),
        key_of(f"{DEFAULT_ENCRYPTION}/KMSMasterKeyID"),
        Cases(
            broken=[
                (f"{BUCKET}/BucketEncryption", None),
                (f"{LOG_GROUP}/LogGroupName", "/aws/lambda/other"),
                (f"{DEFAULT_ENCRYPTION}/SSEAlgorithm", "AES256"),
                [
                    (f"{DEFAULT_ENCRYPTION}/SSEAlgorithm", "AES256"),
                    (f"{DEFAULT_ENCRYPTION}/KMSMasterKeyID", ELSEWHERE),
                ],
            ],
            unknown=[],
        ),
    ),
    "AUD6": Cases(
        broken=[(f"{LOG_GROUP}/RetentionInDays", 180)], unknown=[(f"{LOG_GROUP}/RetentionInDays", PARAMETER)]
    ),
    "AUD7": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/3/Effect", "Deny"),
            (f"{KEY_STATEMENTS}/3/Action", ["kms:Decrypt*"]),
            (f"{KEY_STATEMENTS}/3/Principal", {"Service": "logs.eu-west-1.amazonaws.com"}),
            (
                f"{KEY_STATEMENTS}/3/Condition/ArnEquals",
                {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:other"},
            ),
        ],
        unknown=[
            (f"{KEY}/KeyPolicy", PARAMETER),
            (f"{KEY_STATEMENTS}/3/Condition/ArnEquals", {"kms:EncryptionContext:aws:logs:arn": PARAMETER}),
        ],
    ),
    "AUD8": merged(*map(removal, ("LogGroup", "Bucket", "BucketPolicy"))),
    "AUD9": Cases(
        broken=[
            (f"AuditRole/{P}/ManagedPolicyArns", []),
            (f"AuditRole/{P}/AssumeRolePolicyDocument/Statement/Principal", {"Service": "ec2.amazonaws.com"}),
            [(f"{AUDIT_STATEMENTS}/1/Effect", "Deny"), (f"AuditRole/{P}/ManagedPolicyArns", [])],
            [(f"{AUDIT_STATEMENTS}/2/Resource", ELSEWHERE), (f"AuditRole/{P}/ManagedPolicyArns", [])],
            # The role may do everything else.
            [
                (f"{AUDIT_STATEMENTS}/0", allow(["logs:CreateLogStream", "logs:PutLogEvents"], LOG_STREAMS)),
                (f"{AUDIT_STATEMENTS}/4/Action", "s3:GetBucketLocation"),
                (f"AuditRole/{P}/ManagedPolicyArns", []),
            ],
            (f"{BUCKET_STATEMENTS}/1/Condition", None),
            (f"{FUNCTION}/Role", None),
            [
                ("Boundary", {"Type": "AWS::IAM::ManagedPolicy", P: grants(allow("s3:*", "*"))}),
                (f"AuditRole/{P}/PermissionsBoundary", {"Ref": "Boundary"}),
            ],
            [
                HANDLER,
                (
                    DIGEST_KEY[0],
                    {
                        **DIGEST_KEY[1],
                        "Properties": {"KeyUsage": "GENERATE_VERIFY_MAC", "KeyPolicy": {"Statement": []}},
                    },
                ),
                variables(),
            ],
        ],
        unknown=[
            (f"AuditRole/{P}/PermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:policy/boundary"),
            (f"{FUNCTION}/Role", PARAMETER),
            (f"{MAPPING}/FunctionName", PARAMETER),
            [
                (f"AuditRole/{P}/ManagedPolicyArns", [PARAMETER]),
                (f"{AUDIT_STATEMENTS}/1/Action", "dynamodb:ListStreams"),
            ],
        ],
    ),
    "AUD10": Cases(
        broken=[
            (f"{BUCKET}/ObjectLockEnabled", None),
            (f"{BUCKET}/ObjectLockConfiguration", None),
            (f"{BUCKET}/ObjectLockConfiguration/ObjectLockEnabled", None),
            (f"{BUCKET}/ObjectLockConfiguration/Rule/DefaultRetention/Mode", "NONE"),
            (f"{BUCKET}/ObjectLockConfiguration/Rule/DefaultRetention", {"Mode": "GOVERNANCE", "Days": 364}),
            (f"{BUCKET}/VersioningConfiguration/Status", "Suspended"),
        ],
        unknown=[(f"{BUCKET}/VersioningConfiguration", PARAMETER), (f"{BUCKET}/ObjectLockConfiguration", PARAMETER)],
    ),
    "AUD11": Cases(
        broken=[
            (f"{BUCKET}/PublicAccessBlockConfiguration", {"BlockPublicAcls": True}),
            (f"{BUCKET}/OwnershipControls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}),
            (f"{BUCKET}/AccessControl", "PublicRead"),
        ],
        unknown=[(f"{BUCKET}/PublicAccessBlockConfiguration", PARAMETER)],
    ),
    "AUD12": Cases(
        broken=[],
        unknown=[
            (f"{BUCKET_STATEMENTS}/1/Effect", "Allow"),
            *keeping(f"{BUCKET_STATEMENTS}/2"),
            (f"BucketPolicy/{P}/PolicyDocument", PARAMETER),
            (
                f"{BUCKET_STATEMENTS}/1/Condition/StringNotEquals",
                {"aws:PrincipalArn": [{"Fn::GetAtt": "AuditRole.Arn"}, f"arn:aws:iam::{ACCOUNT}:role/other"]},
            ),
        ],
    ),
    "AUD13": Cases(
        broken=[
            [HANDLER, DIGEST_KEY, variables(KEYS="plain")],
            [HANDLER, DIGEST_KEY, variables(KEYS="")],
            [HANDLER, DIGEST_KEY, (f"Function/{P}/Environment", {"Variables": True})],
            [HANDLER, DIGEST_KEY, variables(HMAC_KEY_ID="")],
            [HANDLER, DIGEST_KEY, variables(HMAC_KEY_ID={"Ref": "Key"})],
            [HANDLER, DIGEST_KEY, variables(TABLES='{"orders":{"clear":[],"keys":"plain"}}')],
        ],
        unknown=[
            [HANDLER, DIGEST_KEY, variables(KEYS=PARAMETER)],
            [HANDLER, DIGEST_KEY, variables(TABLES=PARAMETER)],
            [HANDLER, DIGEST_KEY, variables(TABLES='{"orders":{"clear":["iban"]}}')],
            [HANDLER, DIGEST_KEY, variables(CLEAR_ATTRIBUTES='["iban"]')],
            [HANDLER, DIGEST_KEY, variables(CLEAR_ATTRIBUTES=PARAMETER)],
        ],
    ),
    "AUD14": Cases(
        broken=[
            [
                DIGEST_KEY,
                variables(),
                ("Digest/Properties/KeyPolicy/Statement/0/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
            ],
            [DIGEST_KEY, variables(), ("Digest/Properties/Enabled", False)],
        ],
        unknown=[
            [DIGEST_KEY, variables(), ("Digest/Properties/Enabled", PARAMETER)],
            [DIGEST_KEY, variables(), ("Digest/Properties/KeyPolicy/Statement/0/Principal", {"AWS": PARAMETER})],
        ],
    ),
    "AUD15": Cases(
        broken=[
            [HANDLER, DIGEST_KEY, variables(LOG_GROUP="")],
            [HANDLER, DIGEST_KEY, variables(FAILURE_BUCKET="other")],
        ],
        unknown=[[HANDLER, DIGEST_KEY, variables(LOG_GROUP=PARAMETER)]],
    ),
    "AUD26": Cases(
        broken=[
            (f"{PERMISSION}/SourceArn", None),
            (f"{PERMISSION}/SourceArn", "arn:aws:sns:eu-central-1:444455556666:alarms"),
            # Whoever makes a bucket of this name.
            (f"{PERMISSION}/SourceArn", "arn:aws:s3:::uploads"),
            [(f"{PERMISSION}/SourceArn", None), (f"{PERMISSION}/SourceAccount", "444455556666")],
            *([(f"{PERMISSION}/SourceArn", None), *named] for named in functions(f"{PERMISSION}/FunctionName")),
            [(f"{PERMISSION}/SourceArn", None), (f"{PERMISSION}/Principal", "*")],
            *((LOG_POLICY, json.dumps({"Statement": [OF_ACCOUNT, each]})) for each in (ON_LOG, {**ON_LOG, **ALL})),
            *(
                (LOG_POLICY, json.dumps({"Statement": {**ON_LOG, "Resource": name}}))
                for name in ("*", "arn:aws:logs:*", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/audit:*")
            ),
            (LOG_POLICY, json.dumps({"Statement": {**OF_SERVICE, "NotResource": "arn:aws:logs:*:*:log-group:/x"}})),
            (f"{LOG_GROUP}/ResourcePolicyDocument", {"Statement": [ON_LOG]}),
        ],
        unknown=[
            *([(f"{PERMISSION}/SourceArn", None), named] for named in partial_arns(f"{PERMISSION}/FunctionName")),
            (f"{PERMISSION}/SourceArn", PARAMETER),
            [(f"{PERMISSION}/SourceArn", None), (f"{PERMISSION}/Principal", PARAMETER)],
            *(
                [(f"{PERMISSION}/SourceArn", None), (f"{PERMISSION}/FunctionName", {"Fn::Sub": name})]
                for name in ("${Parameter}", "${Parameter}:live", "a${Parameter}t", f"{FUNCTION_ARN}${{Parameter}}")
            ),
            (LOG_POLICY, PARAMETER),
            *(
                (LOG_POLICY, {"Fn::Sub": json.dumps({"Statement": {**ON_LOG, "Resource": name}})})
                for name in ("${Parameter}", "arn:aws:logs:*:*:log-group:${Parameter}:*")
            ),
        ],
    ),
    "AUD27": Cases(
        broken=[
            (f"Url/{P}/AuthType", "NONE"),
            *([(f"Url/{P}/AuthType", "NONE"), *named] for named in functions(f"Url/{P}/TargetFunctionArn")),
        ],
        unknown=[
            *([(f"Url/{P}/AuthType", "NONE"), named] for named in partial_arns(f"Url/{P}/TargetFunctionArn")),
            (f"Url/{P}/AuthType", PARAMETER),
            [(f"Url/{P}/AuthType", "NONE"), (f"Url/{P}/TargetFunctionArn", PARAMETER)],
        ],
    ),
    "AUD28": Cases(
        broken=[],
        unknown=[
            (f"Subscription/{P}/DestinationArn", PARAMETER),
            (f"Subscription/{P}/DestinationArn", "arn:aws:logs:eu-central-1:444455556666:destination:all"),
            account_subscription('{"DestinationArn": "arn:aws:logs:eu-central-1:444455556666:destination:all"}'),
            account_subscription(PARAMETER),
            account_subscription("{}"),
        ],
    ),
    "AUD29": Cases(
        broken=[
            (f"{INDEX_STATEMENTS}/0/Action", "dynamodb:ListStreams"),
            (f"{INDEX_STATEMENTS}/0/Effect", "Deny"),
            (f"{INDEX_STATEMENTS}/0/Resource", {"Fn::GetAtt": "Table.Arn"}),
            [TO_ACCOUNT, (f"{INDEX_STATEMENTS}/1/Resource", ELSEWHERE)],
            [
                TO_ACCOUNT,
                (f"{INDEX_STATEMENTS}/1/Condition", {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}),
            ],
            (f"{KEY_STATEMENTS}/1/Effect", "Deny"),
            (f"Index/{P}/Role", None),
        ],
        unknown=[
            (f"Index/{P}/Role", PARAMETER),
            (f"IndexMapping/{P}/FunctionName", PARAMETER),
            [(f"IndexRole/{P}/ManagedPolicyArns", [PARAMETER]), (f"{INDEX_STATEMENTS}/0/Action", "s3:GetObject")],
        ],
    ),
    "AUD30": Cases(
        broken=[(f"{LOG_GROUP}/DeletionProtectionEnabled", False), (f"{LOG_GROUP}/DeletionProtectionEnabled", None)],
        unknown=[(f"{LOG_GROUP}/DeletionProtectionEnabled", PARAMETER)],
    ),
    "AUD31": Cases(
        broken=[
            [HANDLER, DIGEST_KEY, variables()],
            bound((0, {"Action": "s3:PutObject"})),
            bound((0, {"Action": "dynamodb:*"})),
            bound((1, {"Action": ["kms:GenerateMac", "logs:PutLogEvents"]})),
            bound((1, {"Action": ["logs:*", "s3:*"]})),
            bound(function=f"{FUNCTION_ARN}*"),
        ],
        unknown=[
            bound(function=PARAMETER),
            bound((0, {"Effect": PARAMETER})),
            bound((0, {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "payments"}}})),
        ],
    ),
}
