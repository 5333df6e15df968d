"""A permissions boundary and a service control policy that promise to keep the guarantees."""

from __future__ import annotations

import json

from secure_ddb.access.guardrails import permissions_boundary, service_control_policy
from tests.rules.cases.making import Cases, Change, P
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, Body

DEPLOYS = [f"arn:aws:iam::{ACCOUNT}:role/deploy", "arn:aws:iam::*:role/cdk-*"]
STATEMENTS = f"Boundary/{P}/PolicyDocument/Statement"
EXEMPT = "Condition/ArnNotLike/aws:PrincipalArn"


def organization_policy(content: Body | str) -> Change:
    return (
        "ServiceControlPolicy",
        {
            "Type": "AWS::Organizations::Policy",
            "Properties": {"Name": "tables", "Type": "SERVICE_CONTROL_POLICY", "Content": content},
        },
    )


GUARDRAILS: list[Change] = [
    (
        "Boundary",
        {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": permissions_boundary(exempt_roles=DEPLOYS, tables=["orders*", "carts"])},
        },
    ),
    (f"Reader/{P}/PermissionsBoundary", {"Ref": "Boundary"}),
    organization_policy(json.dumps(service_control_policy(exempt_roles=DEPLOYS))),
]


def weakened(*changes: Change) -> list[Change]:
    """Return the guardrails with something else in the boundary."""
    return [*GUARDRAILS, *changes]


def shortened() -> Body:
    """Return the service control policy without what keeps keys, records and the like."""
    document = service_control_policy(exempt_roles=DEPLOYS)
    statements = [each for each in document["Statement"] if each["Sid"] != "KeepResources"]
    return {**document, "Statement": statements}


# Of the boundary: 0 is what it allows, 1 keeps tables, 2 resources, 3 identities, 4 service roles, 5 the boundary.
CASES: dict[str, Cases] = {
    "IAM13": Cases(
        broken=[
            *(weakened((f"{STATEMENTS}/{number}/Effect", "Allow")) for number in range(1, 6)),
            *(weakened((f"{STATEMENTS}/{number}/Action/0", "sts:AssumeRole")) for number in range(1, 6)),
            *(weakened((f"{STATEMENTS}/{number}/{EXEMPT}", "*")) for number in range(1, 6)),
            *(weakened((f"{STATEMENTS}/{number}/Resource", "arn:aws:s3:::other")) for number in range(2, 6)),
            weakened((f"{STATEMENTS}/2/{EXEMPT}", [*DEPLOYS, f"arn:aws:iam::{ACCOUNT}:role/*"])),
            weakened((f"{STATEMENTS}/2/Condition/Bool", {"aws:MultiFactorAuthPresent": "false"})),
            weakened((f"{STATEMENTS}/1/Resource", ["arn:*:dynamodb:*:*:table/orders"])),
            weakened((f"{STATEMENTS}/3/Resource", DEPLOYS[:1])),
            weakened((f"{STATEMENTS}/3/Resource", DEPLOYS)),
            [organization_policy(shortened())],
        ],
        unknown=[
            weakened((f"{STATEMENTS}/2/Action", ["kms:PutKeyPolicy", PARAMETER])),
            weakened((f"{STATEMENTS}/2/{EXEMPT}", PARAMETER)),
        ],
    ),
}
