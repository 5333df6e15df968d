"""Functions that read a table's stream for another purpose than to record changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.landscape.identities import managed_by_aws
from secure_ddb.landscape.key_permissions import lets_role_use
from secure_ddb.rules.audit.function_permissions import key_of_stream, may_read_stream
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the role of each such function; what a function or a role elsewhere may do cannot be seen."""
    for table, mapping in assembly.audit.other_mappings:
        function = assembly.functions.of(mapping)
        named = function.properties.get("Role") if function else None
        role = assembly.find(named, function, kinds.ROLE) if function else None
        if role:
            for what, answer in _answers(assembly, table, mapping, role):
                may = "may" if answer else "may not" if answer is False else "may or may not"
                key = f"{what} of {table.resource.logical_id}"
                yield judged(role, "Properties", answer, f"{may} {what}", key=key, tables=[table])
        elif function:
            detail = "what a role that is not in the app may do cannot be seen" if named else "it has no role"
            yield judged(function, "Properties.Role", None if named else False, detail, tables=[table])
        else:
            detail = "what a function that is not in the app may do cannot be seen"
            yield judged(mapping, "Properties.FunctionName", None, detail, tables=[table])


def _answers(assembly: Assembly, table: Table, mapping: Resource, role: Resource) -> Iterator[tuple[str, Truth]]:
    in_kinesis = assembly.audit.change_stream_of(mapping)
    yield "read the stream", may_read_stream(assembly, table, mapping, role, set(managed_by_aws(role)))
    key = key_of_stream(assembly, table, in_kinesis)
    if key:
        service = "kinesis" if in_kinesis else "dynamodb"
        yield "decrypt the stream", lets_role_use(assembly, key, role, service, ("kms:Decrypt",))


RULE = Rule(
    id="SecureDdb-AUD29",
    title="Other functions that read the table's stream can read and decrypt it",
    severity=Severity.LOW,
    requirements=("IAM-1",),
    controls=("CS-5", "NIST.800-53.r5 AC-6"),
    explanation=(
        "Lambda reads the stream with the function's role, which needs the table's key as well. A table needs one "
        "consumer that records its changes; the logging and error handling of others are not judged."
    ),
    remedy=(
        "Let the function's role do dynamodb:DescribeStream, GetRecords and GetShardIterator on the stream, and "
        "kms:Decrypt on the table's key with kms:ViaService dynamodb.REGION.amazonaws.com."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html",
    check=check,
)
