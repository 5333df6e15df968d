"""Those who hand the log on may do what they have to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at
from secure_ddb.iam.evaluation import allowed, assumed_by
from secure_ddb.landscape.archive import destination_in_s3
from secure_ddb.landscape.key_permissions import lets_account_use, lets_role_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.audit.function_permissions import may_send, permitted
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.archive import Delivery
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the roles of CloudWatch Logs and of Firehose; a role elsewhere cannot be seen."""
    for delivery in assembly.archive.deliveries:
        for where, name, answers in (
            (delivery.subscription, delivery.subscription.properties.get("RoleArn"), _logs),
            (delivery.stream, destination_in_s3(delivery.stream).get("RoleARN"), _firehose),
        ):
            role = assembly.find(name, where, kinds.ROLE)
            if role is None:
                detail = "what a role that is not in the app may do cannot be seen" if name else "it has no role"
                yield judged(where, "Properties", None if name else False, detail, tables=delivery.tables)
                continue
            for what, answer in answers(assembly, delivery, role):
                may = "may" if answer else "may not" if answer is False else "may or may not"
                key = f"{what} {delivery.stream.logical_id}"
                yield judged(role, "Properties", answer, f"{may} {what}", key=key, tables=delivery.tables)


def _logs(assembly: Assembly, delivery: Delivery, role: Resource) -> Iterator[tuple[str, Truth]]:
    group = delivery.group.arn.removesuffix(":*")
    yield "be assumed by CloudWatch Logs", _trusted(assembly, role, "logs", **{"aws:sourcearn": (group,)})
    yield "put lines into the delivery stream", permitted(assembly, role, ("firehose:PutRecord",), delivery.stream.arn)
    key = assembly.find_key(key_named_by(delivery.stream), delivery.stream)
    if key:
        # AWS grants it to its own role for such deliveries, and does not say what happens without.
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForLogDeliveryPolicy.html
        answer = lets_role_use(assembly, key, role, "firehose", ("kms:Decrypt", "kms:GenerateDataKey"))
        yield "use the delivery stream's key", answer or None


def _firehose(assembly: Assembly, delivery: Delivery, role: Resource) -> Iterator[tuple[str, Truth]]:
    # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#firehose-assume-role
    account = {"sts:externalid": (role.account,), "aws:sourcearn": (delivery.stream.arn,)}
    yield "be assumed by Firehose", _trusted(assembly, role, "firehose", **account)
    key = assembly.find_key(key_named_by(delivery.stream), delivery.stream)
    if key:
        # In the name of whoever makes the delivery stream.
        yield "be granted its key", lets_account_use(assembly, key, "firehose", ("kms:CreateGrant",))
    bucket = assembly.archive.bucket_of(delivery.stream)
    if bucket:
        answers = (may_send(assembly, role, bucket, beginning) for beginning in _beginnings(delivery.stream))
        yield "write to the archive", all_of(*answers)


def _beginnings(stream: Resource) -> set[str]:
    """Return how the names of all objects begin, those of what failed too, up to what Firehose fills in.

    https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
    """
    written = destination_in_s3(stream)
    # What arrived, before it was transformed, may be kept in the same bucket.
    arrived = written.get("S3BackupConfiguration")
    same_bucket = isinstance(arrived, dict) and arrived.get("BucketARN") == written.get("BucketARN")
    kept_too = same_bucket and written.get("S3BackupMode") != "Disabled"
    found = set()
    for each in (written, arrived) if kept_too else (written,):
        prefix = at(each, "Prefix") or ""
        found |= {str(text).partition("!{")[0] for text in (prefix, at(each, "ErrorOutputPrefix") or prefix)}
    return found


def _trusted(assembly: Assembly, role: Resource, service: str, **context: tuple[str, ...]) -> Truth:
    request = assumed_by(service, role)
    request = request._replace(context={**request.context, **context})
    return allowed(assembly.policies.of(role, "AssumeRolePolicyDocument").statements, request)


RULE = Rule(
    id="SecureDdb-AUD25",
    title="CloudWatch Logs and Firehose may hand the log of changes on to its archive",
    severity=Severity.HIGH,
    requirements=("AUD-3",),
    controls=("CS-4", "CS-5", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-12"),
    explanation="Lines that cannot be handed on are dropped after 24 hours, and the archive has a gap.",
    remedy=(
        "Let the role of the subscription filter put records into the delivery stream, and that of the delivery stream "
        "write to the bucket with its key."
    ),
    source="https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
    check=check,
)
