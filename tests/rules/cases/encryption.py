"""Encryption at rest and in transit."""

from __future__ import annotations

from typing import Any

from tests.rules.cases.making import (
    BUCKET_STATEMENTS,
    ELSEWHERE,
    KEY,
    KEY_STATEMENTS,
    OTHER_ACCOUNT,
    TABLE,
    TABLE_STATEMENT,
    TOPIC_STATEMENTS,
    Cases,
    P,
    key_of,
    merged,
    perhaps,
    removal,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, Body, no_tls

STREAM_STATEMENT = f"{TABLE}/StreamSpecification/ResourcePolicy/PolicyDocument/Statement"


def administration(who: Any, **condition: Any) -> Body:
    """Return a statement that lets somebody administer the key."""
    return {"Effect": "Allow", "Principal": who, "Action": "kms:Put*", "Resource": "*", "Condition": condition}


CASES: dict[str, Cases] = {
    "ENC1": merged(
        key_of(f"{TABLE}/SSESpecification/KMSMasterKeyId", as_table=True),
        Cases(
            broken=[
                (f"{TABLE}/SSESpecification", None),
                (f"{TABLE}/SSESpecification/SSEEnabled", False),
                (f"{TABLE}/SSESpecification/SSEType", "AES256"),
            ],
            unknown=[(f"{TABLE}/SSESpecification", PARAMETER)],
        ),
    ),
    "ENC2": Cases(
        broken=[
            (f"{KEY}/EnableKeyRotation", None),
            (f"{KEY}/EnableKeyRotation", False),
            (f"{KEY}/RotationPeriodInDays", 366),
            (f"{KEY}/RotationPeriodInDays", 89),
            # CS-9 asks for a year, however little the data's classification demands.
            [(f"{TABLE}/Tags/4/Value", "public"), (f"{KEY}/RotationPeriodInDays", 366)],
        ],
        unknown=[
            (f"{KEY}/EnableKeyRotation", PARAMETER),
            (f"{KEY}/RotationPeriodInDays", PARAMETER),
            (f"{TABLE}/SSESpecification/KMSMasterKeyId", ELSEWHERE),
        ],
    ),
    "ENC3": Cases(
        broken=[
            (f"{TABLE}/ResourcePolicy", None),
            (f"{TABLE_STATEMENT}/Effect", "Allow"),
            (f"{TABLE_STATEMENT}/Principal", {"AWS": ACCOUNT}),
            (f"{TABLE_STATEMENT}/Action", ["dynamodb:*Item"]),
            (f"{TABLE_STATEMENT}/Resource", {"Fn::GetAtt": "Table.Arn"}),
            (f"{TABLE_STATEMENT}/Condition", None),
            (f"{TABLE_STATEMENT}/Condition", {"Bool": {"aws:SecureTransport": "true"}}),
            (f"{TABLE_STATEMENT}/Condition/StringNotEquals", {"aws:PrincipalArn": "arn:aws:iam::*:role/legacy"}),
            ("Table/Properties/ResourcePolicy/PolicyDocument/Statement", no_tls("dynamodb:GetItem", "*")),
            (f"{TABLE}/StreamSpecification/ResourcePolicy", None),
            (f"{STREAM_STATEMENT}/Effect", "Allow"),
            (f"{STREAM_STATEMENT}/Action", ["dynamodb:DescribeStream", "dynamodb:GetRecords"]),
            (f"{STREAM_STATEMENT}/Condition", None),
        ],
        unknown=[
            (TABLE_STATEMENT, perhaps(no_tls("dynamodb:*", "*"))),
            (f"{TABLE_STATEMENT}/Condition", perhaps({"Bool": {"aws:SecureTransport": "false"}})),
            (f"{TABLE_STATEMENT}/Condition/StringEquals", perhaps({"aws:PrincipalArn": "x"})),
            (f"{TABLE_STATEMENT}/Principal", PARAMETER),
            (f"{TABLE}/ResourcePolicy", PARAMETER),
            (f"{TABLE_STATEMENT}/Action", PARAMETER),
            (f"{TABLE}/StreamSpecification/ResourcePolicy", PARAMETER),
        ],
    ),
    "ENC4": Cases(broken=[(f"{KEY}/PendingWindowInDays", 7)], unknown=[(f"{KEY}/PendingWindowInDays", PARAMETER)]),
    "ENC5": removal("Key"),
    "ENC6": Cases(
        broken=[
            (f"{KEY}/Enabled", False),
            (f"{KEY}/KeySpec", "RSA_4096"),
            (f"{KEY}/KeyUsage", "GENERATE_VERIFY_MAC"),
            [(f"{KEY}/KeySpec", "RSA_4096"), (f"{KEY}/KeyUsage", PARAMETER)],
            [(f"{KEY}/KeySpec", PARAMETER), (f"{KEY}/KeyUsage", "SIGN_VERIFY")],
            (f"{KEY_STATEMENTS}/1/Effect", "Deny"),
            (f"{KEY_STATEMENTS}/1/Action", ["kms:Decrypt"]),
            (f"{KEY_STATEMENTS}/1/Principal", OTHER_ACCOUNT),
            (f"{KEY_STATEMENTS}/1/Condition/StringLike", {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}),
            (f"{KEY_STATEMENTS}/1/Condition/StringEquals", {"kms:CallerAccount": "444455556666"}),
        ],
        unknown=[(f"{KEY}/{name}", PARAMETER) for name in ("Enabled", "KeyPolicy", "KeySpec", "KeyUsage")],
    ),
    "ENC7": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/0/Action", "kms:*"),
            (f"{KEY_STATEMENTS}/0/Action", ["kms:PutKeyPolicy", "kms:Decrypt"]),
            [
                (f"{KEY_STATEMENTS}/1/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
                (f"{KEY_STATEMENTS}/1/Condition", None),
                (f"{KEY_STATEMENTS}/0/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
            ],
            [
                *((f"{KEY_STATEMENTS}/{n}/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}) for n in range(3)),
                (f"{KEY_STATEMENTS}/1/Condition", None),
            ],
            (f"{KEY_STATEMENTS}/0/Action", ["kms:PutKeyPolicy", "kms:Decrypt", PARAMETER]),
        ],
        unknown=[
            (f"{KEY}/KeyPolicy", PARAMETER),
            (f"{KEY_STATEMENTS}/0/Action", ["kms:PutKeyPolicy", PARAMETER]),
            (f"{KEY_STATEMENTS}/1/Action", ["kms:Decrypt", PARAMETER]),
            [
                *((f"{KEY_STATEMENTS}/{n}/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}) for n in range(2)),
                (f"{KEY_STATEMENTS}/1/Condition", PARAMETER),
            ],
            [
                (f"{KEY_STATEMENTS}/1/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
                (f"{KEY_STATEMENTS}/1/Condition", None),
                (f"{KEY_STATEMENTS}/1/Action", ["kms:DescribeKey", PARAMETER]),
                (f"{KEY_STATEMENTS}/0/Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
            ],
        ],
    ),
    "ENC8": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/1/Condition", None),
            (f"{KEY_STATEMENTS}/1/Condition/StringLike", {"kms:ViaService": "dynamodb.*.amazonaws.com"}),
            (f"{KEY_STATEMENTS}/1/Condition/StringEquals", {"kms:CallerAccount": "444455556666"}),
            (f"{KEY_STATEMENTS}/1/Condition/StringLike", {"aws:PrincipalArn": "*"}),
        ],
        unknown=[(f"{KEY_STATEMENTS}/1/Condition/StringEquals", {"kms:CallerAccount": PARAMETER})],
    ),
    "ENC9": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/2/Condition/Bool", {"kms:GrantIsForAWSResource": "false"}),
            (f"{KEY_STATEMENTS}/2/Condition/Bool", None),
        ],
        unknown=[(f"{KEY_STATEMENTS}/2/Condition/Bool", {"kms:GrantIsForAWSResource": PARAMETER})],
    ),
    "ENC10": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/3/Condition", None),
            (f"{KEY_STATEMENTS}/4/Condition", None),
            (f"{KEY_STATEMENTS}/4/Condition/StringLike", {"aws:SourceAccount": "444455556666"}),
            (f"{KEY_STATEMENTS}/4/Action", "kms:*"),
            (f"{KEY_STATEMENTS}/4/Condition", {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}),
            (f"{KEY_STATEMENTS}/4/Condition", {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}),
            (f"{KEY_STATEMENTS}/4/Condition", {"Null": {"aws:SourceAccount": "false"}}),
        ],
        unknown=[(f"{KEY_STATEMENTS}/4/Condition/StringLike", {"aws:SourceAccount": PARAMETER})],
    ),
    "ENC11": Cases(
        broken=[
            (f"{TOPIC_STATEMENTS}/0/Effect", "Allow"),
            (f"{TOPIC_STATEMENTS}/0/Condition", None),
            ("TopicPolicy/Type", "AWS::CloudFormation::WaitConditionHandle"),
            (f"{BUCKET_STATEMENTS}/0/Action", "s3:Get*"),
            (f"{BUCKET_STATEMENTS}/0/Resource", {"Fn::GetAtt": "Bucket.Arn"}),
        ],
        unknown=[(f"TopicPolicy/{P}/PolicyDocument", PARAMETER)],
    ),
    "ENC12": Cases(
        broken=[(f"Changes/{P}/StreamEncryption", None), (f"Changes/{P}/StreamEncryption/KeyId", "alias/aws/kinesis")],
        unknown=[
            (f"Changes/{P}/StreamEncryption/KeyId", PARAMETER),
            (f"Changes/{P}/StreamEncryption/KeyId", ELSEWHERE),
            (f"{TABLE}/KinesisStreamSpecification/StreamArn", PARAMETER),
        ],
    ),
    "ENC13": Cases(
        broken=[
            (f"{KEY_STATEMENTS}/0/Effect", "Deny"),
            (f"{KEY_STATEMENTS}/0/Action", ["kms:PutKeyPolicy"]),
            (f"{KEY_STATEMENTS}/0/Principal", OTHER_ACCOUNT),
            (f"{KEY_STATEMENTS}/0/Principal", {"AWS": "arn:aws:iam::444455556666:role/admin"}),
            *((f"{KEY_STATEMENTS}/1", administration(who)) for who in (OTHER_ACCOUNT, {"AWS": "444455556666"}, "*")),
            (f"{KEY_STATEMENTS}/1", administration({"AWS": [*OTHER_ACCOUNT.values(), f"arn:aws:iam::{ACCOUNT}:root"]})),
            (f"{KEY_STATEMENTS}/1", administration("*", StringEquals={"kms:CallerAccount": "444455556666"})),
        ],
        unknown=[
            (f"{KEY}/KeyPolicy", PARAMETER),
            (f"{KEY_STATEMENTS}/1", administration({"AWS": PARAMETER})),
            (f"{KEY_STATEMENTS}/1", administration({"AWS": {"Fn::Sub": "arn:aws:iam::${Parameter}:role/admin"}})),
            # The id of a role, which shows no account.
            (f"{KEY_STATEMENTS}/1", administration({"AWS": "AROA1234567890EXAMPLE"})),
            (f"{KEY_STATEMENTS}/1", administration("*", StringEquals={"kms:CallerAccount": PARAMETER})),
        ],
    ),
    # What is manual about it is in ../test_key_material.py.
    "ENC14": Cases(
        broken=[],
        unknown=[(f"{KEY}/Origin", PARAMETER), (f"{TABLE}/SSESpecification/KMSMasterKeyId", ELSEWHERE)],
    ),
}
