"""The CloudTrail trail that records reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.classification import DataClassification
from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.landscape.key_permissions import lets_service_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.audit.bucket import (
    KEEP_OBJECTS,
    REMEDY,
    kept_and_closed,
    only_writers_alter,
    services_bound_to_account,
)
from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, lets
from secure_ddb.table_evidence import READS
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.trails import Recording
    from secure_ddb.three_valued import Truth

# From this classification on, reads matter.
_READS_MATTER = {DataClassification.CONFIDENTIAL.floor, DataClassification.RESTRICTED.floor}


@Rule(
    id="SecureDdb-AUD16",
    title="CloudTrail records who reads and writes items",
    problem="CloudTrail does not record who reads and writes items",
    severity=Severity.MEDIUM,
    requirements=("AUD-2",),
    controls=("CS-4", *nist("AU-2", "AU-3", "AU-12")),
    rationale=(
        "The change log shows neither who changed an item nor who read it. CloudTrail does, if a trail or event data "
        "store selects all data events of the table. CloudTrail does not count a SELECT in PartiQL as read-only. A "
        "trail of the organization appears in no template of the app."
    ),
    remedy=(
        "In a trail whose IsLogging is true, select resources.type AWS::DynamoDB::Table with the table's "
        "resources.ARN, without readOnly or eventName. Or have the SecureTable state which OrganizationTrail records "
        "them."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html",
)
def reads_recorded(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a trail or event data store that records every request for items, in each Region of each table."""
    for table, replica, recordings in assembly.trails.recordings:
        claim = table.stated_value("claims", READS)
        if recordings:
            answers = (_answer(assembly, table, each) for each in recordings)
            answer, detail = max(answers, key=lambda each: (each[0] is True, each[0] is None))
        elif table.stated_value("settings", READS):
            answer, detail = False, "it has a trail of its own, but no trail in the app selects its data events"
        elif table.floor in _READS_MATTER or claim:
            answer, detail = None, "no trail in the app selects its data events; trails elsewhere cannot be checked"
        else:
            continue
        if claim and not answer:
            # Parts that are missing here may exist elsewhere.
            answer, detail = None, f"{detail}; claimed, not verified: {claim}"
        yield judged(table.resource, replica.path, answer, detail, key=replica.region, tables=[table])


def _answer(assembly: Assembly, table: Table, recording: Recording) -> tuple[Truth, str]:
    """Return whether a trail records everything, and the events that it omits."""
    name = recording.recorder.logical_id
    if recording.is_on is False:
        return False, f"{name} selects its data events but is not logging"
    missed = [request for request, answer in recording.requests.items() if answer is False]
    if missed:
        return False, f"{name} does not record {', '.join(missed)}"
    strangers = [who for who in recording.left_out if not _is_audit_function(assembly, table, who)]
    if any(not is_unknown(who) for who in strangers):
        return False, f"{name} does not record requests by {', '.join(strangers)}"
    answer = all_of(recording.is_on, *recording.requests.values(), None if strangers else True)
    return answer, f"{name} {'records' if answer else 'may record'} its data events"


def _is_audit_function(assembly: Assembly, table: Table, who: str) -> bool:
    """Return whether a principal is the function that reads the stream, four times a second, and no item."""
    roles = [role.name for role, tables in assembly.audit.roles.items() if table in tables]
    return any(who.partition(":assumed-role/")[2].partition("/")[0] == role for role in roles)


@Rule(
    id="SecureDdb-AUD17",
    title="The trail has log file validation",
    problem="The trail has no log file validation",
    severity=Severity.MEDIUM,
    requirements=("AUD-2",),
    controls=("CS-4", *nist("AU-9", "SI-7"), *security_hub("CloudTrail.4")),
    rationale="Signed digests reveal log files that were changed or deleted.",
    remedy="Set EnableLogFileValidation to true.",
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
)
def trail_validated(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each trail that records data events of tables; an event data store cannot be altered."""
    path = "Properties.EnableLogFileValidation"
    for trail, tables in assembly.trails.all.items():
        if trail.type == kinds.TRAIL:
            value = trail.properties.get("EnableLogFileValidation")
            yield judged_value(trail, path, value, good=as_bool(value), tables=tables)


_CONTEXT = "kms:encryptioncontext:aws:cloudtrail:arn"


@Rule(
    id="SecureDdb-AUD18",
    title="The trail is encrypted with a customer managed key that CloudTrail can use",
    problem="The trail is not encrypted with a customer managed key that CloudTrail can use",
    severity=Severity.HIGH,
    requirements=("AUD-2",),
    controls=("CS-1", "CS-4", "PR.DS-1", *nist("AU-9(3)", "SC-28(1)"), *security_hub("CloudTrail.2")),
    rationale="Log files show item keys in clear. If CloudTrail cannot use the key, the trail delivers nothing.",
    remedy=(
        "Set KMSKeyId to a customer managed key, and allow cloudtrail.amazonaws.com kms:GenerateDataKey* and "
        "kms:DescribeKey in its policy, with the trail's ARN as aws:SourceArn."
    ),
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
)
def trail_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key of each trail and event data store that records data events of tables."""
    for recorder, tables in assembly.trails.all.items():
        yield encrypted_with_own_key(assembly, recorder, tables)
        key = assembly.find_key(key_named_by(recorder), recorder)
        if key and recorder.type == kinds.TRAIL:
            answer = _may_use(assembly, key, recorder)
            detail = f"the key's policy {lets(answer)} CloudTrail use it for this trail"
            yield judged(recorder, "Properties.KMSKeyId", answer, detail, key="KeyPolicy", tables=tables)


def _may_use(assembly: Assembly, key: Resource, trail: Resource) -> Truth:
    source = {"aws:sourcearn": (trail.arn,), "aws:sourceaccount": (trail.account,)}
    # Only encrypted data has an encryption context.
    contexts: dict[str, Sequence[str]] = {"kms:GenerateDataKey": (trail.arn,), "kms:DescribeKey": ()}
    answers = (
        lets_service_use(assembly, key, "cloudtrail.amazonaws.com", (action,), {**source, _CONTEXT: context})
        for action, context in contexts.items()
    )
    return all_of(*answers)


@Rule(
    id="SecureDdb-AUD19",
    title="The trail's bucket is locked, private and retained",
    problem="The trail's bucket is not locked, not private, or deleted with its stack",
    severity=Severity.HIGH,
    requirements=("AUD-2",),
    controls=("CS-4", "CS-6", *nist("AU-9", "AU-9(2)", "AU-11"), *security_hub("CloudTrail.6", "S3.8", "S3.15")),
    rationale=(
        "Anyone who can delete log files can read items unnoticed, and anyone who can read them learns item keys."
    ),
    remedy=REMEDY,
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    skip_ephemeral=True,
)
def trail_bucket(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the bucket of each trail that records data events of tables."""
    for trail, tables in assembly.trails.all.items():
        bucket = assembly.find(trail.properties.get("S3BucketName"), trail, kinds.BUCKET)
        if trail.type == kinds.TRAIL and bucket is None:
            detail = "the bucket is not in the app, so its protection cannot be checked"
            yield judged(trail, "Properties.S3BucketName", None, detail, tables=tables)
    yield from kept_and_closed(assembly, assembly.trails.buckets)


@Rule(
    id="SecureDdb-AUD20",
    title="Only CloudTrail can alter the trail's bucket, and only for this account",
    problem="Principals other than CloudTrail can alter the trail's bucket",
    severity=Severity.LOW,
    requirements=("AUD-2",),
    controls=("CS-4", *nist("AU-9", "AC-6")),
    rationale=(
        "AWS services act for every account: without aws:SourceArn, a trail of another account can fill the bucket. "
        "Templates do not show which roles of the account can write or delete, unless the bucket's policy denies them."
    ),
    remedy=(
        "Allow cloudtrail.amazonaws.com with the trail's ARN as aws:SourceArn, and deny s3:PutObject to all requests "
        f"without that aws:SourceArn. {KEEP_OBJECTS}"
    ),
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
)
def trail_bucket_writers(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of the bucket of each trail that records data events of tables."""
    for bucket, tables in assembly.trails.buckets.items():
        yield from only_writers_alter(assembly, bucket, tables, {})
        for policy in assembly.policies.on(bucket):
            yield from services_bound_to_account(policy, "lets a service use it for", bucket, tables)
