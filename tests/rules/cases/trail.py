"""The record of reads."""

from __future__ import annotations

from typing import Any

from tests.rules.cases.making import (
    ELSEWHERE,
    KEY_STATEMENTS,
    TRAIL,
    TRAIL_BUCKET,
    TRAIL_STATEMENTS,
    Cases,
    Change,
    P,
    keeping,
    key_of,
    merged,
    open_bucket,
    removal,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER

TABLE_ARN = {"Fn::GetAtt": "Table.Arn"}
SOMEBODY = f"arn:aws:sts::{ACCOUNT}:assumed-role/batch/"
STATEMENT = f"{KEY_STATEMENTS}/5"


def selecting(*others: dict[str, Any], arn: Any = TABLE_ARN) -> list[Change]:
    """Return the trail with advanced event selectors, further fields among them."""
    fields = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
        {"Field": "resources.ARN", "Equals": [arn]},
        *others,
    ]
    return [(f"{TRAIL}/EventSelectors", None), (f"{TRAIL}/AdvancedEventSelectors", [{"FieldSelectors": fields}])]


def stated(kind: str, text: str) -> Change:
    return "Table/Metadata", {"SecureTable": {kind: {"audit.reads": text}}}


OTHER_TABLE = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/other"
CASES: dict[str, Cases] = {
    "AUD16": Cases(
        broken=[
            (f"{TRAIL}/IsLogging", False),
            (f"{TRAIL}/EventSelectors/0/ReadWriteType", "WriteOnly"),
            # CloudTrail says of a SELECT in PartiQL that it is not read-only.
            (f"{TRAIL}/EventSelectors/0/ReadWriteType", "ReadOnly"),
            selecting({"Field": "readOnly", "Equals": ["false"]}),
            selecting({"Field": "readOnly", "Equals": ["true"]}),
            selecting({"Field": "eventName", "Equals": ["GetItem"]}),
            selecting({"Field": "eventName", "NotStartsWith": ["Batch"]}),
            selecting({"Field": "userIdentity.arn", "NotStartsWith": [SOMEBODY]}),
            [(f"{TRAIL}/EventSelectors", None), stated("settings", "a trail of the table's own")],
        ],
        unknown=[
            (f"{TRAIL}/EventSelectors", None),
            (f"{TRAIL}/EventSelectors/0/DataResources/0/Values", [OTHER_TABLE]),
            (f"{TRAIL}/EventSelectors/0/DataResources/0/Type", "AWS::S3::Object"),
            selecting(arn=OTHER_TABLE),
            selecting({"Field": "eventSource", "NotEquals": ["dynamodb.amazonaws.com"]}),
            selecting({"Field": "userIdentity.arn", "NotStartsWith": [f"arn:aws:sts::{ACCOUNT}:"]}),
            (f"{TRAIL}/IsLogging", PARAMETER),
            (f"{TRAIL}/EventSelectors/0/DataResources", PARAMETER),
            (f"{TRAIL}/EventSelectors/0/ReadWriteType", PARAMETER),
            [(f"{TRAIL}/EventSelectors", None), (f"{TRAIL}/AdvancedEventSelectors", PARAMETER)],
            selecting(arn=PARAMETER),
            selecting({"Field": "userIdentity.arn", "NotStartsWith": [PARAMETER]}),
            selecting({"Field": "eventName", "NotEquals": [PARAMETER]}),
            ("Trail/Condition", "Sometimes"),
            [(f"{TRAIL}/EventSelectors", None), stated("claims", "the organization's trail")],
            [(f"{TRAIL}/IsLogging", False), stated("claims", "the organization's trail")],
        ],
    ),
    "AUD17": Cases(
        broken=[(f"{TRAIL}/EnableLogFileValidation", None), (f"{TRAIL}/EnableLogFileValidation", "false")],
        unknown=[(f"{TRAIL}/EnableLogFileValidation", PARAMETER)],
    ),
    "AUD18": merged(
        key_of(f"{TRAIL}/KMSKeyId"),
        Cases(
            broken=[
                (f"{STATEMENT}/Effect", "Deny"),
                (f"{STATEMENT}/Action", "kms:DescribeKey"),
                (f"{STATEMENT}/Action", "kms:GenerateDataKey*"),
                (f"{STATEMENT}/Principal", {"Service": "logs.amazonaws.com"}),
                # Whoever asks for a description encrypts nothing.
                (f"{STATEMENT}/Condition/StringLike", {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:*"}),
                (f"{STATEMENT}/Condition/ArnLike", {"aws:SourceArn": "arn:aws:cloudtrail:*:444455556666:trail/*"}),
            ],
            unknown=[
                (f"{STATEMENT}/Condition/ArnLike", {"aws:SourceArn": PARAMETER}),
                (f"{TRAIL}/KMSKeyId", ELSEWHERE),
            ],
        ),
    ),
    "AUD19": merged(
        open_bucket(TRAIL_BUCKET),
        *map(removal, ("TrailBucket", "TrailBucketPolicy")),
        Cases(broken=[], unknown=[(f"{TRAIL}/S3BucketName", PARAMETER), (f"{TRAIL}/S3BucketName", "company-trails")]),
    ),
    "AUD20": Cases(
        broken=[
            (f"{TRAIL_STATEMENTS}/1/Condition", None),
            (f"{TRAIL_STATEMENTS}/1/Condition", {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}}),
        ],
        unknown=[
            (f"{TRAIL_STATEMENTS}/2/Action", "s3:DeleteObject"),
            *keeping(f"{TRAIL_STATEMENTS}/3"),
            (f"{TRAIL_STATEMENTS}/1/Condition", {"ArnLike": {"aws:SourceArn": PARAMETER}}),
            (f"TrailBucketPolicy/{P}/PolicyDocument", PARAMETER),
        ],
    ),
}
