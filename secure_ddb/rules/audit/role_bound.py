"""The role of the audit function is of no use to other code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import STREAM_POLICY
from secure_ddb.cloudformation import kinds
from secure_ddb.iam.evaluation import in_code_of
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.landscape.audit import destination_of
from secure_ddb.landscape.identities import managed_by_aws
from secure_ddb.landscape.key_permissions import DIGEST_USAGE, lets_role_use
from secure_ddb.rules.audit.function_permissions import LOG_OF_AWS, WRITE_LOG, permitted
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.evaluation import Context
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Check the role of each function that digests item keys: only there is a secret that other code could use."""
    for table, mapping in assembly.audit.mappings:
        function = assembly.functions.of(mapping)
        role = assembly.find(function.properties.get("Role"), function, kinds.ROLE) if function else None
        if function is None or role is None:
            continue
        keys = [key for key in assembly.audit.keys_told(function) if key.properties.get("KeyUsage") == DIGEST_USAGE]
        if not keys:
            continue
        possible = [
            *_by_code(assembly, table, mapping, role, in_code_of(function.arn)),
            *_by_another_function(assembly, mapping, function, role, keys),
        ]
        for what, answer in possible:
            can = "cannot" if answer is False else "can" if answer else "may be able to"
            yield judged(role, "Properties", negate(answer), f"{can} {what}", key=what, tables=[table])


def _by_code(
    assembly: Assembly, table: Table, mapping: Resource, role: Resource, code: Context
) -> Iterator[tuple[str, Truth]]:
    """Yield what only Lambda's poller should do with the role."""
    for action in STREAM_POLICY:
        yield (
            f"be used by code for {action}",
            permitted(assembly, role, (action,), table.resource.stream_arn, context=code),
        )
    bucket = assembly.find(destination_of(mapping), mapping, kinds.BUCKET)
    if bucket:
        answer = permitted(assembly, role, ("s3:PutObject",), f"{bucket.arn}/{ANY_NAME}", context=code)
        yield "be used by code to write to the failure destination", answer


def _by_another_function(
    assembly: Assembly, mapping: Resource, function: Resource, role: Resource, keys: list[Resource]
) -> Iterator[tuple[str, Truth]]:
    """Yield what only the audit function should do with the role."""
    other = in_code_of(f"{function.arn}-other")
    bucket = assembly.find(destination_of(mapping), mapping, kinds.BUCKET)
    if bucket:
        answer = permitted(assembly, role, ("s3:GetObject",), f"{bucket.arn}/{ANY_NAME}", context=other)
        yield "be used by another function to read the failure destination", answer
    group = assembly.functions.log_group_of(function)
    if group:
        stream = f"{group.arn.removesuffix('*')}log-stream:{ANY_NAME}"
        granted = bool(LOG_OF_AWS & set(managed_by_aws(role)))
        for action in WRITE_LOG:
            answer = permitted(assembly, role, (action,), stream, granted=granted, context=other)
            yield f"be used by another function for {action}", answer
    for key in keys:
        answer = lets_role_use(assembly, key, role, "", ("kms:GenerateMac",), context=other)
        yield "be used by another function to digest item keys", answer


RULE = Rule(
    id="SecureDdb-AUD31",
    title="The role of the audit function is bound to it",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-9"),
    explanation=(
        "Another function that is given this role can read the stream without a record, digest guesses of item keys, "
        "and write lines of its own into the log."
    ),
    remedy=(
        "Deny the role reads of the stream and s3:PutObject where lambda:SourceFunctionArn is present, and "
        "kms:GenerateMac, logs:CreateLogStream, logs:PutLogEvents and s3:GetObject unless it is the function's ARN."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html",
    check=check,
)
