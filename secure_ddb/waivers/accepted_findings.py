"""The findings of cdk-nag on every SecureTable that this library accepts by design, each with the reason.

The parts acknowledge these findings where they make the resources. By the same texts the evidence tells them from
waivers of people. Nothing here needs CDK. See docs/decisions/waivers-of-our-own-findings.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
_LOCK = "Object Lock keeps the objects from being altered."
# An ephemeral table says why it is one in between.
_EPHEMERAL = ("The table is ephemeral: ", ". Its stack could not be deleted with locked objects in it.")

_DLQ = (
    "A dead-letter queue serves asynchronous invocations only. This function is invoked by an event source "
    "mapping, which keeps failed records in the audit failure bucket."
)
_VPC = (
    "The function gets its records from Lambda's poller and calls CloudWatch Logs, AWS KMS and Amazon S3 only, over "
    "TLS and with a role that may do nothing else; in a VPC each of them would need an endpoint of its own."
)
_CONCURRENCY = (
    "Lambda runs one invocation per shard of the stream, which bounds concurrency already. A reserved limit "
    "could throttle the audit trail until the stream forgets records."
)
_TRACING = (
    "An event source mapping of DynamoDB passes no trace on, and the permission that tracing needs covers all "
    "resources of the account."
)
_CLOUDWATCH_LOGS = (
    "The log files show item keys in clear. A log group would be a second place to protect them in and to pay for; "
    "the bucket is enough to find out who read."
)

FUNCTION_FINDINGS = {
    "HIPAA.Security::HIPAA.Security-LambdaConcurrency": _CONCURRENCY,
    "HIPAA.Security::HIPAA.Security-LambdaDLQ": _DLQ,
    "HIPAA.Security::HIPAA.Security-LambdaInsideVPC": _VPC,
    "NIST.800.53.R4::NIST.800.53.R4-LambdaInsideVPC": _VPC,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaConcurrency": _CONCURRENCY,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ": _DLQ,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaInsideVPC": _VPC,
    "PCI.DSS.321::PCI.DSS.321-LambdaInsideVPC": _VPC,
    "Serverless::Serverless-LambdaDLQ": _DLQ,
    "Serverless::Serverless-LambdaTracing": _TRACING,
}
# https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
SUBSCRIPTION_FINDINGS = {
    "Serverless::Serverless-SNSRedrivePolicy": (
        "Amazon SNS tries again, for mail over six hours. After that a message on an alarm is stale: the alarm's state "
        "and CloudTrail say what it said. A subscription that should keep it can have a dead_letter_queue."
    )
}
_RESTORE_DLQ = (
    "AWS Lambda tries twice more, an alarm watches errors, and AWS Backup shows a restore test without a result as "
    "timed out, so a dead-letter queue adds nothing."
)
_RESTORE_VPC = (
    "The function calls Amazon DynamoDB, AWS Backup and CloudWatch only, over TLS and with a role that reads restored "
    "tables and no others; in a VPC each of them would need an endpoint."
)
_RESTORE_CONCURRENCY = "One invocation for each restore test: AWS Backup bounds them by the tables of the plan."
_RESTORE_TRACING = "The function runs once for each restore test and logs its result, so a trace adds nothing."
RESTORE_FUNCTION_FINDINGS = {
    "HIPAA.Security::HIPAA.Security-LambdaConcurrency": _RESTORE_CONCURRENCY,
    "HIPAA.Security::HIPAA.Security-LambdaDLQ": _RESTORE_DLQ,
    "HIPAA.Security::HIPAA.Security-LambdaInsideVPC": _RESTORE_VPC,
    "NIST.800.53.R4::NIST.800.53.R4-LambdaInsideVPC": _RESTORE_VPC,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaConcurrency": _RESTORE_CONCURRENCY,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ": _RESTORE_DLQ,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaInsideVPC": _RESTORE_VPC,
    "PCI.DSS.321::PCI.DSS.321-LambdaInsideVPC": _RESTORE_VPC,
    "Serverless::Serverless-LambdaDLQ": _RESTORE_DLQ,
    "Serverless::Serverless-LambdaTracing": _RESTORE_TRACING,
}
_NEXT_RUN = (
    "The function runs each hour, and each run does what the one before did not. An alarm tells of failures, and of "
    "runs that are missing, so a dead-letter queue adds nothing."
)
_EXPORT_VPC = (
    "The function calls DynamoDB and Amazon S3 only, over TLS and with a role that may do nothing else. It reads no "
    "item: DynamoDB writes the export itself."
)
_ONE_RUN = "One run at a time is all that the schedule starts. A reserved limit would take concurrency from others."
_NO_TRACE = "A run is a few calls, each of which is in CloudTrail; tracing needs a permission for the whole account."
EXPORT_FUNCTION_FINDINGS = {
    **{f"{pack}::{pack}-LambdaDLQ": _NEXT_RUN for pack in ("HIPAA.Security", "NIST.800.53.R5")},
    **{f"{pack}::{pack}-LambdaInsideVPC": _EXPORT_VPC for pack in _PACKS},
    **{f"{pack}::{pack}-LambdaConcurrency": _ONE_RUN for pack in ("HIPAA.Security", "NIST.800.53.R5")},
    "Serverless::Serverless-LambdaDLQ": _NEXT_RUN,
    "Serverless::Serverless-LambdaTracing": _NO_TRACE,
}
_EXPIRED_VPC = (
    "The function gets its records from Lambda's poller and calls Amazon S3 only, over TLS and with a role that may do "
    "nothing else."
)
_EXPIRED_DLQ = (
    "A dead-letter queue serves asynchronous invocations only. This function is invoked by an event source mapping, "
    "which keeps what failed in the same bucket."
)
EXPIRED_FUNCTION_FINDINGS = {
    **FUNCTION_FINDINGS,
    **{rule: _EXPIRED_VPC for rule in FUNCTION_FINDINGS if rule.endswith("LambdaInsideVPC")},
    **{rule: _EXPIRED_DLQ for rule in FUNCTION_FINDINGS if rule.endswith("LambdaDLQ")},
}
EXPORT_RULE_FINDINGS = {"Serverless::Serverless-EventBusDLQ": _NEXT_RUN}
_WATCH_DLQ = (
    "The function looks at what is there, and does so again at the next full hour. An alarm goes off when it fails or "
    "does not run."
)
_WATCH_VPC = (
    "The function reads the state of tables, keys, rules and mappings over TLS, with a role that changes nothing; in a "
    "VPC each of these services would need an endpoint of its own."
)
_WATCH_CONCURRENCY = (
    "It takes milliseconds for a denied request. A reserved limit would take from what the account's functions share, "
    "and AWS refuses one where little is left."
)
_WATCH_TRACING = "It calls AWS only, once an hour, and CloudTrail has the calls."
WATCH_FUNCTION_FINDINGS = {
    "Serverless::Serverless-LambdaAsyncFailureDestination": _WATCH_DLQ,
} | {
    rule: {"DLQ": _WATCH_DLQ, "VPC": _WATCH_VPC, "Concurrency": _WATCH_CONCURRENCY, "Tracing": _WATCH_TRACING}[about]
    for rule in FUNCTION_FINDINGS
    for about in ("DLQ", "VPC", "Concurrency", "Tracing")
    if about in rule
}
TRAIL_FINDINGS = {f"{pack}::{pack}-CloudTrailCloudWatchLogsEnabled": _CLOUDWATCH_LOGS for pack in _PACKS}
BACKUP_RULE_FINDINGS = {
    "Serverless::Serverless-EventBusDLQ": (
        "EventBridge retries for 24 hours. AWS Backup keeps the job's status, so a dead-letter queue adds nothing."
    )
}
ACCESS_RULE_FINDINGS = {
    "Serverless::Serverless-EventBusDLQ": (
        "EventBridge retries for 24 hours. IAM Access Analyzer keeps a finding until it is resolved, so a dead-letter "
        "queue adds nothing."
    )
}
DETECTION_RULE_FINDINGS = {
    "Serverless::Serverless-EventBusDLQ": (
        "EventBridge retries for 24 hours, and counts in FailedInvocations what it gives up. The events themselves are "
        "in CloudTrail and in the services that sent them."
    )
}
_WATCHER_DLQ = (
    "A run that fails raises an alarm, and AWS Lambda runs it twice again. What it looks at stays as it is until the "
    "next run, so a dead-letter queue adds nothing."
)
_WATCHER_VPC = (
    "The function calls APIs of AWS only, over TLS and with a role that may do nothing else; in a VPC each of them "
    "would need an endpoint of its own."
)
_WATCHER_CONCURRENCY = "It runs once a day, or when a setting was changed; a limit could keep it from running at all."
_WATCHER_TRACING = "It calls a handful of APIs, which its log and CloudTrail show."
WATCHING_FUNCTION_FINDINGS = {
    "HIPAA.Security::HIPAA.Security-LambdaConcurrency": _WATCHER_CONCURRENCY,
    "HIPAA.Security::HIPAA.Security-LambdaDLQ": _WATCHER_DLQ,
    "HIPAA.Security::HIPAA.Security-LambdaInsideVPC": _WATCHER_VPC,
    "NIST.800.53.R4::NIST.800.53.R4-LambdaInsideVPC": _WATCHER_VPC,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaConcurrency": _WATCHER_CONCURRENCY,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ": _WATCHER_DLQ,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaInsideVPC": _WATCHER_VPC,
    "PCI.DSS.321::PCI.DSS.321-LambdaInsideVPC": _WATCHER_VPC,
    "Serverless::Serverless-LambdaDLQ": _WATCHER_DLQ,
    "Serverless::Serverless-LambdaTracing": _WATCHER_TRACING,
}
_WATCHER_LOG = (
    "The log says which settings of which stacks and tables were looked at, and no items. CloudWatch Logs encrypts it "
    "with a key of its own."
)
WATCHING_LOG_FINDINGS = {f"{pack}::{pack}-CloudWatchLogGroupEncrypted": _WATCHER_LOG for pack in _PACKS}
NOTICE_RULE_FINDINGS = {
    "Serverless::Serverless-EventBusDLQ": (
        "EventBridge retries for 24 hours, and counts in FailedInvocations what it gives up. AWS Config, or the log of "
        "the function that sent the event, keeps what was to be reported."
    )
}

# Reasons of AwsSolutions-IAM5, whose id has the wildcard in it.
ALL_OBJECTS = (
    "All objects of one bucket that only this role writes. AWS chooses their names, and Lambda was seen to refuse a "
    "role that is limited to the prefix that Lambda uses."
)
AUDITED_OBJECTS = "An auditor reads the whole archive of the audit log, and all log files of the table's trail."
BACKUPS_OF_TABLE = "DynamoDB chooses the names of this table's backups."
PUBLIC_KEYS = "The public keys that verify CloudTrail's digest files belong to no resource, and are no secret."
READ_ITEMS = "A reader reads all copies of items in one bucket, whose policy names the readers."
RECOVERY_POINTS = "AWS Backup tags each recovery point, whose id it chooses."
STREAM_NAMES = "DynamoDB chooses the name of this table's stream."
METRICS_OF_NAMESPACE = "CloudWatch knows no resources for metrics; a condition limits them to one namespace."
EXPORTS = "CloudWatch Logs knows no resources for export tasks, and DynamoDB chooses the ids of exports and streams."
EVIDENCE = "All objects of the evidence bucket, whose keys begin with names of tables and times."
AUTOMATIONS = "Systems Manager chooses the ids of automations, and a new version of a runbook must be usable at once."
DOCUMENTS_LISTED = "Listing documents knows no resources, and shows names only."
RESTORED_TABLES = "AWS Backup chooses the names of restored tables, which begin so."
CHANGE_STREAM_FINDINGS = {
    "AwsSolutions::AwsSolutions-KDS3": (
        "The rule asks for the key of AWS for Kinesis, to save requests to AWS KMS. The stream holds items, which only "
        "a customer managed key may encrypt, as those of the table."
    )
}
DIGESTS_OF_READS = (
    "Applications that log what they read digest the keys of items as the audit function does. They read these items, "
    "and this key signs no lines: the key of MACs is another, which only the audit function uses."
)
RESTORED_TABLE_FINDINGS = {"SecureDdb::SecureDdb-IAM3": RESTORED_TABLES}
RESTORE_RESULTS = "IAM knows no resources for restore jobs and metrics; a condition limits metrics to one namespace."
EXPORT_NAMES = "DynamoDB chooses the ids of this table's exports."
LOG_STREAM_NAMES = "AWS Lambda chooses the names of this log group's streams."
WATCHED = "Detection is for all tables and keys of the account and Region; of these it reads state only, and no item."
SETTINGS_OF_STACKS = (
    "CloudFormation reads the settings of a stack's resources with this role, and knows only then which there are."
)
PARTS_OF_TABLE = "DynamoDB chooses the name of this table's stream, and its indexes have settings of their own."
STACK_IDS = "CloudFormation chooses the id of this stack."
WILDCARD_RULE = "AwsSolutions::AwsSolutions-IAM5"


class BucketReasons(NamedTuple):
    """Why a bucket has neither access logs nor a replica."""

    access_logs: str
    replication: str


FAILURE_BUCKET = BucketReasons(
    access_logs=(
        "The bucket's policy lets only the audit function's role write, which it does when a change could not be "
        "logged. Reads are CloudTrail data events, where a trail records them."
    ),
    replication=(
        "The bucket holds only what the audit function could not handle. The changes themselves are in the table."
    ),
)
ARCHIVE_BUCKET = BucketReasons(
    access_logs=(
        "The bucket's policy lets only the role of the delivery stream write. Reads are CloudTrail data events, where "
        "a trail records them."
    ),
    replication=(
        "The archive is itself a copy, in a service of its own, of a log group that keeps its lines for a year and "
        "more. It is versioned and locked, and Amazon S3 keeps each object in several Availability Zones."
    ),
)
TRAIL_BUCKET = BucketReasons(
    access_logs=(
        "The bucket's policy lets only CloudTrail write, for this one trail, and log file validation shows if a log "
        "file is missing or altered. Reads of log files are for a trail of the account to record."
    ),
    replication=(
        "The bucket holds the record of who used one table. A copy in another Region would be a second place that "
        "shows item keys, and nothing that runs needs it."
    ),
)

CONTAINMENT_BUCKET = BucketReasons(
    access_logs=(
        "The bucket's policy lets only the role of the runbooks write, and it holds policies, no items. Reads are "
        "CloudTrail data events, where a trail records them."
    ),
    replication=(
        "The bucket holds the policies of tables in quarantine, for as long as the quarantine lasts. The same are in "
        "CloudTrail and in the templates."
    ),
)
ITEM_BUCKET = BucketReasons(
    access_logs=(
        "The bucket's policy lets one role write and the named readers read. Reads are CloudTrail data events, where a "
        "trail records them."
    ),
    replication=(
        "The bucket is itself a copy of items. A second one would be one more place that shows them, and Amazon S3 "
        "keeps each object in several Availability Zones."
    ),
)

EVIDENCE_BUCKET = BucketReasons(
    access_logs=(
        "The bucket's policy lets only responders and CloudWatch Logs write, and a manifest has the SHA-256 of every "
        "object. Reads are CloudTrail data events, where a trail records them."
    ),
    replication=(
        "The bucket holds copies of a table and its logs for an investigation. Another copy would be a further place "
        "with items; it is versioned and locked."
    ),
)


def bucket_findings(reasons: BucketReasons, *, ephemeral: str = "") -> dict[str, str]:
    """Return the packs' findings on a locked bucket, with the reasons.

    The reasons must hold for every table, also for one with waivers; only an ephemeral one has no Object Lock.

    Args:
        reasons: Of the bucket.
        ephemeral: Why the table is ephemeral; empty if it is not.
    """
    unlocked = ephemeral.join(_EPHEMERAL)
    without_logs = f"{reasons.access_logs} {unlocked if ephemeral else _LOCK}"
    without_lock = {"NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled": unlocked}
    return {
        "AwsSolutions::AwsSolutions-S1": without_logs,
        **{f"{pack}::{pack}-S3BucketLoggingEnabled": without_logs for pack in _PACKS},
        **{f"{pack}::{pack}-S3BucketReplicationEnabled": reasons.replication for pack in _PACKS},
        **(without_lock if ephemeral else {}),
    }


def is_accepted_by_design(rule: str, reason: str) -> bool:
    """Return whether a reason is the one with which this library accepts a rule's finding.

    Args:
        rule: Such as `AwsSolutions::AwsSolutions-S1`, without the key of a finding.
        reason: With which the finding was acknowledged.
    """
    start, end = _EPHEMERAL
    before, found, after = reason.partition(start)
    # The reason of an ephemeral table may be any text.
    text = f"{before}{start}x{end}" if found and after.endswith(end) and after != end else reason
    return (rule, text) in _ACCEPTED


_WILDCARDS = (
    ALL_OBJECTS,
    AUDITED_OBJECTS,
    AUTOMATIONS,
    BACKUPS_OF_TABLE,
    DOCUMENTS_LISTED,
    EVIDENCE,
    EXPORTS,
    EXPORT_NAMES,
    LOG_STREAM_NAMES,
    METRICS_OF_NAMESPACE,
    PARTS_OF_TABLE,
    PUBLIC_KEYS,
    READ_ITEMS,
    RECOVERY_POINTS,
    RESTORED_TABLES,
    RESTORE_RESULTS,
    SETTINGS_OF_STACKS,
    STACK_IDS,
    STREAM_NAMES,
    WATCHED,
)


def _accepted(*findings: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    wildcards = {(WILDCARD_RULE, reason) for reason in _WILDCARDS}
    return frozenset(wildcards.union(*(each.items() for each in findings)))


_ACCEPTED = _accepted(
    FUNCTION_FINDINGS,
    RESTORE_FUNCTION_FINDINGS,
    CHANGE_STREAM_FINDINGS,
    {"SecureDdb::SecureDdb-AUD14": DIGESTS_OF_READS},
    RESTORED_TABLE_FINDINGS,
    SUBSCRIPTION_FINDINGS,
    WATCH_FUNCTION_FINDINGS,
    TRAIL_FINDINGS,
    BACKUP_RULE_FINDINGS,
    ACCESS_RULE_FINDINGS,
    DETECTION_RULE_FINDINGS,
    EXPIRED_FUNCTION_FINDINGS,
    EXPORT_FUNCTION_FINDINGS,
    EXPORT_RULE_FINDINGS,
    NOTICE_RULE_FINDINGS,
    WATCHING_FUNCTION_FINDINGS,
    WATCHING_LOG_FINDINGS,
    *(
        bucket_findings(reasons, ephemeral=ephemeral)
        for reasons in (FAILURE_BUCKET, ARCHIVE_BUCKET, TRAIL_BUCKET, CONTAINMENT_BUCKET, EVIDENCE_BUCKET, ITEM_BUCKET)
        for ephemeral in ("", "x")
    ),
)
