"""Who may do what with it."""

from __future__ import annotations

from tests.rules.handwritten.making import ACCOUNT, KEY_ARN, Body, allow, grants

ACCESS: Body = {
    "Reader": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/people"},
                        "Action": "sts:AssumeRole",
                    }
                ]
            }
        },
    },
    "ReaderPolicy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "Roles": [{"Ref": "Reader"}],
            **grants(
                allow(
                    ["dynamodb:GetItem", "dynamodb:Query"],
                    {"Fn::GetAtt": "Table.Arn"},
                    **{
                        "ForAllValues:StringEquals": {
                            "dynamodb:LeadingKeys": ["${aws:PrincipalTag/tenant}"],
                            "dynamodb:Attributes": ["pk", "status"],
                        },
                        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
                        "Null": {"dynamodb:LeadingKeys": "false"},
                    },
                ),
                allow(
                    "dynamodb:UpdateTable",
                    {"Fn::GetAtt": "Table.Arn"},
                    Bool={"aws:MultiFactorAuthPresent": "true"},
                ),
                allow("kms:Decrypt", KEY_ARN),
            ),
        },
    },
}
