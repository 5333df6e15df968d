"""The archive of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.iam.evaluation import allowed, asked_by, assumed_by
from secure_ddb.landscape.archive import destination_in_s3
from secure_ddb.landscape.key_permissions import lets_account_use, lets_role_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.audit.bucket import (
    KEEP_OBJECTS,
    REMEDY,
    kept_and_closed,
    only_writers_alter,
    services_bound_to_account,
)
from secure_ddb.rules.audit.function import may_send, role_elsewhere
from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_value, may
from secure_ddb.table_evidence import ARCHIVE
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.archive import Delivery
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# A filter without a pattern takes every line.
_EVERYTHING = {"", " "}


@Rule(
    id="SecureDdb-AUD21",
    title="The audit log of restricted data is archived completely",
    problem="The audit log of restricted data is not archived completely",
    severity=Severity.MEDIUM,
    requirements=("AUD-3",),
    controls=("CS-4", *nist("AU-4(1)", "AU-9(2)", "AU-11")),
    rationale="An administrator of CloudWatch Logs can delete a log group. Objects under Object Lock stay.",
    remedy=(
        "Add a SubscriptionFilter without FilterPattern to a Firehose stream that writes to Amazon S3 "
        "(AuditSettings.archive)."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
)
def archived(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log of changes that has an archive, has to have one, or was given one."""
    for group, tables in assembly.audit.log_groups.items():
        found = assembly.archive.subscriptions.get(group, [])
        answer = any_of(_archives(assembly, each) for each in found)
        demanded = any(table.floor.must_be_archived or table.stated_value("settings", ARCHIVE) for table in tables)
        if not answer and not demanded:
            continue
        if not answer and assembly.archive.account_subscriptions(group):
            answer = None
        filters = ", ".join(each.logical_id for each in found)
        copies = choose(answer, "copies", "does not copy" if filters else "copies", "may copy")
        detail = f"{filters or 'nothing in the app'} {copies} every line to an archive"
        yield judged(group, "Properties", answer, detail, tables=tables)


def _archives(assembly: Assembly, subscription: Resource) -> Truth:
    """Return whether a subscription filter hands every line to a delivery stream to Amazon S3."""
    pattern = subscription.properties.get("FilterPattern", "")
    if str(pattern) not in _EVERYTHING:
        return None if is_unknown(pattern) else False
    # What becomes of lines that go to another account, or to a stream that is not in the app, cannot be seen.
    return True if assembly.archive.stream_of(subscription) else None


_ENCRYPTION = "DeliveryStreamEncryptionConfigurationInput"


@Rule(
    id="SecureDdb-AUD22",
    title="The archive is encrypted with a customer managed key",
    problem="The archive is not encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("AUD-3",),
    controls=("CS-1", "PR.DS-1", *nist("AU-9(3)", "SC-28(1)"), *security_hub("DataFirehose.1", "S3.17")),
    rationale="Log lines reveal information about items, wherever they are kept.",
    remedy="Encrypt the bucket, the delivery stream and the error log with a customer managed key.",
    source="https://docs.aws.amazon.com/firehose/latest/dev/encryption.html",
)
def archive_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each delivery stream to an archive, its bucket, and the log in which it says what went wrong."""
    for stream, tables in assembly.archive.delivery_streams.items():
        yield encrypted_with_own_key(assembly, stream, tables)
        kind = at(stream.properties, _ENCRYPTION, "KeyType")
        path = f"Properties.{_ENCRYPTION}.KeyType"
        yield judged_value(stream, path, kind, good=kind == "CUSTOMER_MANAGED_CMK", key="KeyType", tables=tables)
    for resource, tables in (*assembly.archive.buckets.items(), *assembly.archive.error_logs.items()):
        yield encrypted_with_own_key(assembly, resource, tables)


@Rule(
    id="SecureDdb-AUD23",
    title="The archive is write-once, private and retained",
    problem="The archive is not write-once, not private, or deleted with its stack",
    severity=Severity.HIGH,
    requirements=("AUD-3",),
    controls=("CS-4", "CS-6", *nist("AU-9", "AU-9(2)", "AU-11"), *security_hub("S3.8", "S3.14", "S3.15")),
    rationale="An archive that can be changed is not evidence.",
    remedy=REMEDY,
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
)
def archive_bucket(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the bucket of each delivery stream to an archive."""
    for stream, tables in assembly.archive.delivery_streams.items():
        if assembly.archive.bucket_of(stream) is None:
            detail = "the bucket is not in the app, so its protection cannot be checked"
            yield judged(stream, "Properties", None, detail, tables=tables)
    yield from kept_and_closed(assembly, assembly.archive.buckets)


@Rule(
    id="SecureDdb-AUD24",
    title="Only the delivery stream can alter the archive",
    problem="Principals other than the delivery stream can alter the archive",
    severity=Severity.LOW,
    requirements=("AUD-3",),
    controls=("CS-4", *nist("AU-9", "AC-6")),
    rationale=(
        "Others could add lines that the audit function never wrote, or hide lines from a query. Only the bucket's "
        "policy shows which roles of the account can. Without a condition, a delivery stream of another account could "
        "assume the role."
    ),
    remedy=(
        "Deny s3:PutObject to all principals except the delivery stream's role (aws:PrincipalArn). Let CloudWatch "
        "Logs assume its role only with this account in aws:SourceArn, and Firehose only with the account as "
        f"sts:ExternalId. {KEEP_OBJECTS}"
    ),
    source="https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
)
def archive_writers(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each bucket that is an archive, and at the trust policies of the roles on the way there."""
    for bucket, tables in assembly.archive.buckets.items():
        yield from only_writers_alter(assembly, bucket, tables, assembly.archive.roles)
    for role, tables in assembly.archive.roles.items():
        trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
        yield from services_bound_to_account(trust, "lets a service assume it for", role, tables)


@Rule(
    id="SecureDdb-AUD25",
    title="The roles that fill the archive have the permissions they need",
    problem="The roles that fill the archive lack permissions they need",
    severity=Severity.HIGH,
    requirements=("AUD-3",),
    controls=("CS-4", "CS-5", *nist("AU-5", "AU-12")),
    rationale="Lines that cannot be delivered are dropped after 24 hours, which leaves a gap in the archive.",
    remedy=(
        "Allow the filter's role to put records into the stream, and the stream's role to write to the bucket with "
        "its key."
    ),
    source="https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
)
def archive_permissions(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the roles of CloudWatch Logs and of Firehose; a role elsewhere cannot be seen."""
    for delivery in assembly.archive.deliveries:
        for where, name, answers in (
            (delivery.subscription, delivery.subscription.properties.get("RoleArn"), _logs),
            (delivery.stream, destination_in_s3(delivery.stream).get("RoleARN"), _firehose),
        ):
            role = assembly.find(name, where, kinds.ROLE)
            if role is None:
                yield role_elsewhere(where, "Properties", name, delivery.tables)
                continue
            for what, answer in answers(assembly, delivery, role):
                key = f"{what} {delivery.stream.logical_id}"
                yield judged(role, "Properties", answer, f"{may(answer)} {what}", key=key, tables=delivery.tables)


def _logs(assembly: Assembly, delivery: Delivery, role: Resource) -> Iterator[tuple[str, Truth]]:
    group = delivery.group.arn.removesuffix(":*")
    yield "be assumed by CloudWatch Logs", _trusted(assembly, role, "logs", **{"aws:sourcearn": (group,)})
    request = asked_by(role, ("firehose:PutRecord",), delivery.stream.arn)
    yield "put lines into the delivery stream", assembly.identities.role_may_all(role, request)
    key = assembly.find_key(key_named_by(delivery.stream), delivery.stream)
    if key:
        # AWS grants it to its own role for such deliveries, and does not document the effect of omitting it.
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForLogDeliveryPolicy.html
        answer = lets_role_use(assembly, key, role, "firehose", ("kms:Decrypt", "kms:GenerateDataKey"))
        yield "use the delivery stream's key", answer or None


def _firehose(assembly: Assembly, delivery: Delivery, role: Resource) -> Iterator[tuple[str, Truth]]:
    # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#firehose-assume-role
    account = {"sts:externalid": (role.account,), "aws:sourcearn": (delivery.stream.arn,)}
    yield "be assumed by Firehose", _trusted(assembly, role, "firehose", **account)
    key = assembly.find_key(key_named_by(delivery.stream), delivery.stream)
    if key:
        # The grant is created in the name of the principal that creates the delivery stream.
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
