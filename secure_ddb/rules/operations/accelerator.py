"""DynamoDB Accelerator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_TYPES = ("AWS::DAX::Cluster", "AWS::DAX::ParameterGroup", "AWS::DAX::SubnetGroup")


@Rule(
    id="SecureDdb-OPS2",
    title="There is no DynamoDB Accelerator (DAX) cluster",
    problem="There is a DynamoDB Accelerator (DAX) cluster",
    severity=Severity.HIGH,
    requirements=("OPS-2",),
    controls=("CS-1", "PR.DS-1", *nist("CM-7"), *security_hub("DynamoDB.3", "DynamoDB.7")),
    rationale=(
        "A DAX cluster stores items under a key of AWS and answers with its own role, which bypasses the table's "
        "permissions."
    ),
    remedy="Remove the cluster. DAX is not approved.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.access-control.html",
)
def no_dax(assembly: Assembly) -> Iterator[Judgement]:
    """Look for DynamoDB Accelerator anywhere in the app."""
    for resource in assembly.of_type(*_TYPES):
        yield judged(resource, "Type", False, f"it is an {resource.type}")
