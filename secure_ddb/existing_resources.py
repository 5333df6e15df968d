"""Resources that are given instead of made have to be in the table's Region and account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.encryption.existing_key import ExistingKey
from secure_ddb.errors import reject
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk import IResource

    from secure_ddb.context import StackEnvironment
    from secure_ddb.table_evidence import TableEvidence


def require_same_environment(
    argument: str, resource: IResource | ExistingKey, environment: StackEnvironment, evidence: TableEvidence
) -> None:
    """Reject a resource of another Region or account, and record where the two cannot be compared at synth.

    CDK knows both of constructs of the app, from their stack, and of imported ones, from their ARN.
    """
    given = resource if isinstance(resource, ExistingKey) else resource.env
    for kind, actual, expected in (
        ("Region", given.region, environment.region),
        ("account", given.account, environment.account),
    ):
        if actual == expected:
            continue
        if is_token(actual) or is_token(expected):
            evidence.not_verifiable.append(f"that {argument} is in the table's {kind}")
        else:
            reject(argument, f"in {kind} {actual}", f"one in {kind} {expected}, as the table")
