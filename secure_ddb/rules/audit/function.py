"""The permissions of the audit function's role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import STREAM_POLICY
from secure_ddb.cloudformation import kinds
from secure_ddb.iam.evaluation import allowed, asked_by, assumed_by, denied, in_code_of
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.landscape.audit import destination_of
from secure_ddb.landscape.identities import managed_by_aws
from secure_ddb.landscape.key_permissions import lets_account_use, lets_role_use, makes_digests
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, may
from secure_ddb.three_valued import all_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.evaluation import Context
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

# https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
_READ_KINESIS = ("kinesis:GetRecords", "kinesis:GetShardIterator")
_KINESIS_OF_AWS = "AWSLambdaKinesisExecutionRole"
_STREAM_OF_AWS = {"AWSLambdaDynamoDBExecutionRole", "AWSLambdaInvocation-DynamoDB"}
WRITE_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
LOG_OF_AWS = {"AWSLambdaBasicExecutionRole", "AWSLambdaDynamoDBExecutionRole", "AWSLambdaVPCAccessExecutionRole"}
_SEND = {kinds.BUCKET: ("s3:PutObject",), kinds.QUEUE: ("sqs:SendMessage",), kinds.TOPIC: ("sns:Publish",)}
_FIND = ("s3:ListBucket",)


@Rule(
    id="SecureDdb-AUD9",
    title="The audit function has the permissions it needs",
    problem="The audit function lacks permissions it needs",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-5", "AU-12")),
    rationale=(
        "A function that cannot read, decrypt or write records nothing, and changes that it cannot store are lost."
    ),
    remedy=(
        "Allow its role to read the stream, write to the log group and use the table's key through DynamoDB. For the "
        "failure destination, the role itself needs s3:PutObject on all objects and s3:ListBucket on the bucket (or "
        "sqs:SendMessage, sns:Publish), and use of the destination's key; a permission in the bucket's policy is not "
        "enough."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html",
)
def function_permissions(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the role of each function that reads a table's stream; a role elsewhere cannot be seen."""
    for table, mapping in assembly.audit.mappings:
        function = assembly.functions.of(mapping)
        if function is None:
            detail = "the function is not in the app, so its permissions and code cannot be checked"
            yield judged(mapping, "Properties.FunctionName", None, detail, tables=[table])
            continue
        role = assembly.find(function.properties.get("Role"), function, kinds.ROLE)
        if role is None:
            yield role_elsewhere(function, "Properties.Role", function.properties.get("Role"), [table])
            continue
        for what, answer in _answers(assembly, table, mapping, function, role):
            yield judged(role, "Properties", answer, f"{may(answer)} {what}", key=what, tables=[table])


def role_elsewhere(
    resource: Resource, path: str, named: object, tables: Sequence[Table], *, missing: str = "it has no role"
) -> Judgement:
    """Report that a resource names no role, or one outside the app."""
    detail = "the role is not in the app, so its permissions cannot be checked" if named else missing
    return judged(resource, path, None if named else False, detail, tables=tables)


def _answers(
    assembly: Assembly, table: Table, mapping: Resource, function: Resource, role: Resource
) -> Iterator[tuple[str, Truth]]:
    trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
    yield "be assumed by AWS Lambda", allowed(trust.statements, assumed_by("lambda", role))
    yield from reading_stream(assembly, table, mapping, role)
    in_code = in_code_of(function.arn)
    group = assembly.functions.log_group_of(function)
    if group:
        request = asked_by(role, WRITE_LOG, _log_streams(group), group.arn, context=in_code)
        granted = _is_granted(role, LOG_OF_AWS)
        yield "write the log", assembly.identities.role_may_all(role, request, granted=granted)
    kept = assembly.find(destination_of(mapping), mapping, *_SEND)
    if kept:
        yield "write to the failure destination", may_send(assembly, role, kept)
    for digest in _digest_keys(assembly, function):
        answer = lets_role_use(assembly, digest, role, "", ("kms:GenerateMac",), context=in_code)
        yield "digest item keys", answer


def _is_granted(role: Resource, managed_policies: set[str]) -> bool:
    """Return whether a role has one of some policies of AWS."""
    return not managed_policies.isdisjoint(managed_by_aws(role))


def _log_streams(group: Resource) -> str:
    return f"{group.arn.removesuffix('*')}log-stream:{ANY_NAME}"


def _digest_keys(assembly: Assembly, function: Resource) -> list[Resource]:
    """Return the HMAC keys configured in a function."""
    return [key for key in assembly.audit.keys_told(function) if makes_digests(key)]


def reading_stream(assembly: Assembly, table: Table, mapping: Resource, role: Resource) -> Iterator[tuple[str, Truth]]:
    """Yield the actions that a role needs to read a mapping's stream, and whether it may."""
    in_kinesis = assembly.audit.change_stream_of(mapping)
    actions: tuple[str, ...] = STREAM_POLICY
    if in_kinesis:
        source = str(mapping.properties.get("EventSourceArn"))
        # A registered consumer has records pushed, and does not ask for them.
        actions = _READ_KINESIS if source == in_kinesis.arn else ("kinesis:SubscribeToShard",)
        granted, key = _is_granted(role, {_KINESIS_OF_AWS}), assembly.find_key(key_named_by(in_kinesis), in_kinesis)
    else:
        source, replica = assembly.audit.stream_read(table, mapping)
        granted = _is_granted(role, _STREAM_OF_AWS)
        key = assembly.find_key(table.key_of(replica), table.resource) if replica else None
    yield "read the stream", assembly.identities.role_may_all(role, asked_by(role, actions, source), granted=granted)
    if key:
        service = "kinesis" if in_kinesis else "dynamodb"
        yield "decrypt the stream", lets_role_use(assembly, key, role, service, ("kms:Decrypt",))


def may_send(assembly: Assembly, role: Resource, target: Resource, beginning: str = "") -> Truth:
    """Return whether a role's policies let it write to a bucket, queue or topic with its key, and nothing denies it.

    Lambda checks the execution role when it makes the mapping: a permission in the target's policy does not help.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    In a bucket it has to write all objects whose names have a `beginning`.
    """
    of_bucket = target.type == kinds.BUCKET
    requests = [asked_by(role, _SEND[target.type], f"{target.arn}/{beginning}{ANY_NAME}" if of_bucket else target.arn)]
    if of_bucket:
        requests.append(asked_by(role, _FIND, target.arn))
    found = [statement for policy in assembly.policies.on(target) for statement in policy.statements]
    answers = [assembly.identities.role_may_all(role, each) for each in requests]
    refused = [denied(found, each) for each in requests]
    key = assembly.find_key(key_named_by(target), target)
    service = _SEND[target.type][0].partition(":")[0]
    writes = lets_role_use(assembly, key, role, service, ("kms:GenerateDataKey",)) if key else True
    # The objects have to be readable for a replay.
    reads = lets_account_use(assembly, key, service, ("kms:Decrypt",)) if key else True
    return all_of(*answers, *map(negate, refused), writes, reads)


@Rule(
    id="SecureDdb-AUD31",
    title="Only the audit function's code can use its role",
    problem="Other code can use the audit function's role",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9")),
    rationale=(
        "With this role, another function can read the stream, digest guesses of item keys, and write to the log."
    ),
    remedy=(
        "Deny the role stream reads and s3:PutObject if lambda:SourceFunctionArn is present. Deny it kms:GenerateMac, "
        "logs:CreateLogStream, logs:PutLogEvents and s3:GetObject unless lambda:SourceFunctionArn is the function's "
        "ARN."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html",
)
def role_bound(assembly: Assembly) -> Iterator[Judgement]:
    """Check the role of each function that digests item keys: only there is a secret that other code could use."""
    for table, mapping in assembly.audit.mappings:
        function = assembly.functions.of(mapping)
        role = assembly.find(function.properties.get("Role"), function, kinds.ROLE) if function else None
        keys = _digest_keys(assembly, function) if function else []
        if function is None or role is None or not keys:
            continue
        by_code = _by_code(assembly, table, mapping, role, in_code_of(function.arn))
        for what, answer in (*by_code, *_by_another_function(assembly, mapping, function, role, keys)):
            can = choose(answer, "can", "cannot", "may be able to")
            yield judged(role, "Properties", negate(answer), f"{can} {what}", key=what, tables=[table])


def _by_code(
    assembly: Assembly, table: Table, mapping: Resource, role: Resource, code: Context
) -> Iterator[tuple[str, Truth]]:
    """Yield the actions that only Lambda's poller should perform with the role."""
    for action in STREAM_POLICY:
        request = asked_by(role, (action,), assembly.audit.stream_read(table, mapping)[0], context=code)
        yield f"be used by code for {action}", assembly.identities.role_may_all(role, request)
    bucket = assembly.find(destination_of(mapping), mapping, kinds.BUCKET)
    if bucket:
        request = asked_by(role, ("s3:PutObject",), f"{bucket.arn}/{ANY_NAME}", context=code)
        answer = assembly.identities.role_may_all(role, request)
        yield "be used by code to write to the failure destination", answer


def _by_another_function(
    assembly: Assembly, mapping: Resource, function: Resource, role: Resource, keys: list[Resource]
) -> Iterator[tuple[str, Truth]]:
    """Yield the actions that only the audit function should perform with the role."""
    other = in_code_of(f"{function.arn}-other")
    bucket = assembly.find(destination_of(mapping), mapping, kinds.BUCKET)
    if bucket:
        request = asked_by(role, ("s3:GetObject",), f"{bucket.arn}/{ANY_NAME}", context=other)
        answer = assembly.identities.role_may_all(role, request)
        yield "be used by another function to read the failure destination", answer
    group = assembly.functions.log_group_of(function)
    if group:
        for action in WRITE_LOG:
            request = asked_by(role, (action,), _log_streams(group), context=other)
            answer = assembly.identities.role_may_all(role, request, granted=_is_granted(role, LOG_OF_AWS))
            yield f"be used by another function for {action}", answer
    for key in keys:
        answer = lets_role_use(assembly, key, role, "", ("kms:GenerateMac",), context=other)
        yield "be used by another function to digest item keys", answer
