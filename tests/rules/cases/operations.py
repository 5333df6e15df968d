"""Sizes of policies and stacks."""

from __future__ import annotations

from tests.rules.cases.making import (
    ENDPOINT_STATEMENT,
    KEY_STATEMENTS,
    READER_STATEMENTS,
    TABLE,
    TABLE_STATEMENT,
    Cases,
    P,
)
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, REGION, TAGS, Body, allow, grants


def tables(characters: int) -> list[str]:
    """Return ARNs of tables with so many characters together, as they stand in a list."""
    name = "t" * 44
    arns = [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"]
    return arns * (characters // len(f'"{arns[0]}",'))


def managed(characters: int) -> Body:
    statement = allow(["dynamodb:GetItem"], *tables(characters))
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": grants(statement)}


def inline(characters: int) -> list[Body]:
    statement = allow(["dynamodb:GetItem"], *tables(characters))
    return [{"PolicyName": "more", **grants(statement)}]


ROLES = ("AuditRole", "BackupRole", "ArchiveRole")
NOTHING = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
LARGE = "Table/Metadata"

CASES: dict[str, Cases] = {
    "OPS4": Cases(
        broken=[
            ("Managed", managed(6_300)),
            (f"{READER_STATEMENTS}/2/Resource", tables(10_300)),
            # Each fits, and both together do not.
            [(f"Reader/{P}/Policies", inline(5_000)), (f"{READER_STATEMENTS}/2/Resource", tables(5_200))],
            ("Elsewhere", {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["role"], **inline(10_400)[0]}}),
            (f"{TABLE_STATEMENT}/Resource", tables(20_500)),
            (f"{KEY_STATEMENTS}/0/Resource", tables(32_800)),
            (f"{ENDPOINT_STATEMENT}/Resource", tables(20_600)),
        ],
        unknown=[
            (f"{READER_STATEMENTS}/2", PARAMETER),
            (f"{READER_STATEMENTS}/2/Condition", PARAMETER),
            (f"{TABLE}/ResourcePolicy/PolicyDocument", PARAMETER),
            (
                "Managed",
                {"Type": "AWS::IAM::ManagedPolicy", "Properties": grants(allow("dynamodb:*", *[PARAMETER] * 20))},
            ),
        ],
    ),
    "OPS5": Cases(
        broken=[[(f"More{number}", NOTHING) for number in range(500)], (LARGE, {"Note": "x" * 1024 * 1024})],
        unknown=[(LARGE, {"Note": "x" * 980_000})],
    ),
    "OPS6": Cases(
        broken=[
            *((f"{role}/{P}/Tags", [*TAGS, {"Key": "owner", "Value": "x"}]) for role in ROLES),
            (f"AuditRole/{P}/Tags", [*TAGS, TAGS[0], {"Key": PARAMETER, "Value": "x"}]),
            (f"AuditRole/{P}/Tags", [{"Key": "team", "Value": "x"}, {"Key": "Team", "Value": "x"}]),
        ],
        unknown=[
            (f"AuditRole/{P}/Tags", [*TAGS, {"Key": PARAMETER, "Value": "x"}]),
            (f"AuditRole/{P}/Tags", PARAMETER),
        ],
    ),
}
