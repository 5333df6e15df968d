"""The table's perimeter, and who is locked out by a policy."""

from __future__ import annotations

from typing import Any

from tests.rules.cases.making import (
    BUCKET_STATEMENTS,
    ENDPOINT_STATEMENT,
    TABLE,
    TABLE_STATEMENT,
    TOPIC_STATEMENTS,
    Cases,
    Change,
    P,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, Body, no_tls

ROLES = f"arn:aws:iam::{ACCOUNT}:role"
BREAK_GLASS = f"{ROLES}/break-glass"
SERVICE_LINKED = "arn:aws:iam::*:role/aws-service-role/*"
FROM_OUTSIDE: Body = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": [
        *("dynamodb:*Item", "dynamodb:PartiQL*", "dynamodb:Query", "dynamodb:Scan"),
        *("dynamodb:Export*", "dynamodb:Restore*"),
    ],
    "Resource": [{"Fn::GetAtt": "Table.Arn"}, {"Fn::Sub": "${Table.Arn}/index/*"}],
    "Condition": {
        "StringNotEqualsIfExists": {"aws:sourcevpce": [{"Fn::GetAtt": "Endpoint.Id"}]},
        "NotIpAddressIfExists": {"AWS:SourceIp": "203.0.113.0/24"},
        "StringNotLike": {"aws:PrincipalArn": [SERVICE_LINKED, BREAK_GLASS]},
        "Bool": {"aws:PrincipalIsAWSService": False},
    },
}
STRANGERS: Body = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "NotAction": "dynamodb:DescribeStream",
    "Resource": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}
PERIMETER: Change = TABLE_STATEMENT, [no_tls("dynamodb:*", "*"), FROM_OUTSIDE, STRANGERS]
RESTRICTED: Change = f"{TABLE}/Tags/4/Value", "restricted"
OUTSIDE, OTHERS = f"{TABLE_STATEMENT}/1", f"{TABLE_STATEMENT}/2"
CONDITION = f"{OUTSIDE}/Condition"
VARIABLES: Change = f"{TABLE}/ResourcePolicy/PolicyDocument/Version", "2012-10-17"
OWN_ROLES = "arn:aws:iam::${aws:ResourceAccount}:role"
NO_ENDPOINT = "StringNotEqualsIfExists"
NO_ADDRESS = "NotIpAddressIfExists"


def without(*changes: Change) -> list[Change]:
    """Return the perimeter with something else in it."""
    return [PERIMETER, *changes]


def denying(actions: list[str] | str, **more: Any) -> Body:
    return {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*", **more}


CASES: dict[str, Cases] = {
    "NET6": Cases(
        broken=[
            without((f"{CONDITION}/Bool/aws:ViaAWSService", "false")),
            RESTRICTED,
            [RESTRICTED, (f"{TABLE}/ResourcePolicy", None)],
            [RESTRICTED, *without((f"{OUTSIDE}/Effect", "Allow"))],
            [
                RESTRICTED,
                *without((f"{CONDITION}/{NO_ENDPOINT}", None), (f"{CONDITION}/{NO_ADDRESS}", None)),
                (f"{CONDITION}/IpAddress", {"aws:SourceIp": "198.51.100.0/24"}),
            ],
            without((f"{OUTSIDE}/Action", ["dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQL*"])),
            without((f"{OUTSIDE}/Action", ["dynamodb:PutItem"])),
            without((f"{OUTSIDE}/Resource", {"Fn::GetAtt": "Table.Arn"})),
            without((f"{OUTSIDE}/Principal", {"AWS": BREAK_GLASS})),
            without((f"{CONDITION}/{NO_ADDRESS}", {"aws:SourceIp": "0.0.0.0/0"})),
            without((f"{CONDITION}/StringNotLike/aws:SourceVpce", "vpce-*"), (f"{CONDITION}/{NO_ENDPOINT}", None)),
            # Every role of the account passes.
            without(VARIABLES, (f"{CONDITION}/StringNotEquals", {"aws:PrincipalAccount": "${aws:ResourceAccount}"})),
            without(VARIABLES, (f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": f"{OWN_ROLES}/*"})),
            without(VARIABLES, (f"{CONDITION}/ArnNotLike", {"aws:PrincipalArn": f"{OWN_ROLES}/*"})),
            without((f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": "*"})),
            without((f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": [BREAK_GLASS, f"{ROLES}/*"]})),
            without((f"{CONDITION}/Bool", {"aws:PrincipalIsAWSService": "true"})),
            without((f"{CONDITION}/StringNotEquals", {"aws:PrincipalOrgID": "o-exampleorgid"})),
            without((f"{CONDITION}/Null", {"aws:SourceVpce": "false"})),
            without((f"{CONDITION}/Null", {"aws:SourceVpce": "true"})),
            without((f"{CONDITION}/BoolIfExists", {"aws:MultiFactorAuthPresent": "false"})),
        ],
        unknown=[
            [RESTRICTED, (f"{TABLE}/ResourcePolicy", PARAMETER)],
            (f"{TABLE}/Tags/4/Value", PARAMETER),
            without((f"{CONDITION}/{NO_ADDRESS}", {"aws:SourceIp": PARAMETER})),
            without((f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": PARAMETER})),
            without((f"{OUTSIDE}/Action", ["dynamodb:Scan", PARAMETER])),
            without((f"{CONDITION}/StringNotEquals", {"aws:PrincipalTag/team": "rescue"})),
            without(VARIABLES, (f"{CONDITION}/StringNotEquals", {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"})),
            # In a policy without a version, a variable is no variable.
            without((f"{CONDITION}/StringNotEquals", {"aws:PrincipalAccount": "${aws:ResourceAccount}"})),
        ],
    ),
    "NET7": Cases(
        broken=[
            RESTRICTED,
            without((f"{OTHERS}/Effect", "Allow")),
            without((OTHERS, FROM_OUTSIDE)),
            without((f"{OTHERS}/NotAction", None), (f"{OTHERS}/Action", ["dynamodb:*Item"])),
            without((f"{OTHERS}/NotAction", [f"dynamodb:{name}" for name in ("DescribeStream", "UpdateTable")])),
            without((f"{OTHERS}/Resource", {"Fn::GetAtt": "Table.Arn"})),
            without((f"{OTHERS}/Principal", {"AWS": ACCOUNT})),
            without((f"{OTHERS}/Condition/StringNotEqualsIfExists/aws:SourceVpce", {"Fn::GetAtt": "Endpoint.Id"})),
            without((f"{OTHERS}/Condition/StringNotLike", {"aws:PrincipalOrgID": "o-*"})),
        ],
        unknown=[
            [RESTRICTED, (f"{TABLE}/ResourcePolicy", PARAMETER)],
            without((f"{OTHERS}/Condition/StringNotEqualsIfExists", {"aws:PrincipalOrgID": PARAMETER})),
        ],
    ),
    "NET8": Cases(
        broken=[
            without((f"{CONDITION}/Bool", None)),
            without((f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": BREAK_GLASS})),
            without((f"{OTHERS}/Condition/BoolIfExists", None)),
            without((f"{OUTSIDE}/Action", "dynamodb:*")),
        ],
        unknown=[without((f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": [PARAMETER, BREAK_GLASS]}))],
    ),
    "NET9": Cases(
        broken=[
            without((f"{CONDITION}/{NO_ENDPOINT}/aws:sourcevpce", [{"Ref": "Endpoint"}, {"Ref": "Management"}])),
            without((f"{ENDPOINT_STATEMENT}/Resource", f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/other")),
            without((f"Endpoint/{P}/PolicyDocument", None)),
        ],
        unknown=[
            without((f"{CONDITION}/{NO_ENDPOINT}/aws:sourcevpce", [{"Ref": "Endpoint"}, "vpce-0123456789abcdef0"])),
            without((f"{CONDITION}/{NO_ENDPOINT}/aws:sourcevpce", PARAMETER)),
            without((f"Endpoint/{P}/PolicyDocument", PARAMETER)),
        ],
    ),
    "IAM12": Cases(
        broken=[
            (TABLE_STATEMENT, denying("dynamodb:*")),
            (TABLE_STATEMENT, denying(["dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"])),
            (TABLE_STATEMENT, {"Effect": "Deny", "Principal": "*", "NotAction": "dynamodb:GetItem", "Resource": "*"}),
            (TABLE_STATEMENT, denying("*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
            (TABLE_STATEMENT, denying("*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
            (TABLE_STATEMENT, denying("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),
            (TABLE_STATEMENT, denying("*", Condition={"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}})),
            (
                TABLE_STATEMENT,
                denying("*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/admin"}}),
            ),
            (
                TABLE_STATEMENT,
                [
                    denying("*", Condition={"ArnNotLike": {"aws:PrincipalArn": f"{ROLES}/{name}"}})
                    for name in ("one", "another")
                ],
            ),
            (f"{TOPIC_STATEMENTS}/0", denying("sns:*")),
            (f"{BUCKET_STATEMENTS}/0/Condition", None),
            (f"{BUCKET_STATEMENTS}/1", denying(["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])),
        ],
        unknown=[
            (f"{TABLE}/ResourcePolicy/PolicyDocument", PARAMETER),
            (TABLE_STATEMENT, denying("*", Condition={"StringNotLike": {"aws:userid": "AROAEXAMPLE:*"}})),
            (TABLE_STATEMENT, denying("*", Condition={"StringNotEquals": {"aws:PrincipalAccount": PARAMETER}})),
            (f"TopicPolicy/{P}/PolicyDocument", PARAMETER),
        ],
    ),
}
