"""The log of changes."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_number, at, unknown
from secure_ddb.iam.confused_deputy import is_of_account
from secure_ddb.landscape.key_permissions import lets_service_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.retention import policies_retained, retained
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_value, lets
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.landscape.table import Table


@Rule(
    id="SecureDdb-AUD5",
    title="Audit records are encrypted with a customer managed key",
    problem="Audit records are not encrypted with a customer managed key",
    severity=Severity.HIGH,
    requirements=("AUD-1", "ENC-1"),
    controls=("CS-1", "PR.DS-1", *nist("AU-9(3)", "SC-28(1)"), *security_hub("S3.17"), *pci("3.5.1")),
    rationale="Change records reveal information about items, and failed records contain them in full.",
    remedy="Write to a log group in the app with KmsKeyId, and encrypt the failure bucket with SSE-KMS.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)
def records_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group, and each bucket or queue for what failed; topics are for the alarms' rules."""
    for function, tables in assembly.audit.functions.items():
        if assembly.functions.log_group_of(function) is None:
            detail = "its log group is not in the app, so nothing shows that it is encrypted"
            yield judged(function, "Properties.LoggingConfig", False, detail, tables=tables)
    for table, reader, _ in assembly.audit.all_consumers:
        if reader.type == kinds.SERVERLESS_FUNCTION:
            detail = "AWS SAM creates the function and its role, which are not in the template"
            yield judged(reader, "Properties.Events", None, detail, tables=[table])
    for resource, tables in (*assembly.audit.log_groups.items(), *assembly.audit.failure_destinations.items()):
        if resource.type != kinds.TOPIC:
            yield encrypted_with_own_key(assembly, resource, tables)


@Rule(
    id="SecureDdb-AUD8",
    title="Audit records are retained when their stack is deleted",
    problem="Audit records are deleted with their stack",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9", "AU-11"), *pci("10.5.1")),
    rationale=(
        "Audit records would be deleted with the stack. Without its policy, a retained bucket accepts objects from "
        "other principals, and without TLS."
    ),
    remedy=(
        "Set DeletionPolicy and UpdateReplacePolicy of the log group, the bucket and its policy to Retain "
        "(RemovalPolicy.RETAIN)."
    ),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    skip_ephemeral=True,
)
def records_retained(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group, and each bucket for what failed with its policy; a queue forgets after two weeks."""
    for resource, tables in (*assembly.audit.log_groups.items(), *assembly.audit.failure_destinations.items()):
        if resource.type in (kinds.LOG_GROUP, kinds.BUCKET):
            yield from retained(resource, tables)
        if resource.type == kinds.BUCKET:
            yield from policies_retained(assembly, resource, tables)


@Rule(
    id="SecureDdb-AUD6",
    title="The audit log is kept for as long as the data's classification requires",
    problem="The audit log's retention is too short for the data's classification",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-11", "SI-12"), *security_hub("CloudWatch.16"), *pci("10.5.1")),
    rationale="Breaches are often noticed months later. The log must then go back to the start of the breach.",
    remedy="Set RetentionInDays to 365 or more for confidential data, and to 400 or more for restricted data.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
)
def log_retention(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group; one without an end keeps its records for ever."""
    path = "Properties.RetentionInDays"
    for group, tables in assembly.audit.log_groups.items():
        days = group.properties.get("RetentionInDays")
        least = max(table.floor.log_retention for table in tables)
        if days is None:
            yield judged(group, path, True, "it keeps records forever", tables=tables)
        else:
            yield judged_value(group, path, days, good=(as_number(days) or 0) >= least, tables=tables)


_NEEDED = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


@Rule(
    id="SecureDdb-AUD7",
    title="CloudWatch Logs can use the audit log's key",
    problem="CloudWatch Logs cannot use the audit log's key",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9(3)", "AU-12")),
    rationale=(
        "CDK does not add this to the key's policy. A log group accepts no records if CloudWatch Logs cannot use its "
        "key."
    ),
    remedy=(
        "Allow logs.REGION.amazonaws.com kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey* and "
        "kms:DescribeKey, limited to the log group by kms:EncryptionContext:aws:logs:arn."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)
def log_key(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each log group's key."""
    for group, tables in assembly.audit.log_groups.items():
        key = assembly.find_key(key_named_by(group), group)
        if key is None:
            continue
        arn = _arn_as_far_as_known(group, assembly.policies.of_key(key))
        context = {
            "aws:sourceaccount": (group.account,),
            "aws:sourcearn": (arn,),
            "kms:encryptioncontext:aws:logs:arn": (arn,),
        }
        services = (f"logs.{group.region}.amazonaws.com", "logs.amazonaws.com")
        answer = any_of(lets_service_use(assembly, key, service, _NEEDED, context) for service in services)
        detail = f"the key's policy {lets(answer)} CloudWatch Logs use it for this log group"
        yield judged(group, "Properties.KmsKeyId", answer, detail, tables=tables)


def _arn_as_far_as_known(group: Resource, policy: Policy) -> str:
    """Return a log group's ARN; its name begins with the stack's, which may be known only at deployment."""
    arn = group.arn.removesuffix(":*")
    stack_name = group.template.pseudo_parameters["AWS::StackName"]
    # A policy that refers to the stack's name as well can be compared with it, even if it is unknown.
    if group.template.stack_name or stack_name in str(policy.document):
        return arn
    return arn.replace(stack_name, unknown(stack_name))


@Rule(
    id="SecureDdb-AUD28",
    title="The audit log is not sent to another account",
    problem="The audit log is sent to another account",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AC-4", "AU-9", "SC-7(10)")),
    rationale=(
        "A subscription filter sends every line. Templates do not show whether the other account belongs to the "
        "company."
    ),
    remedy="Send the log to a target in its own account, or acknowledge the finding if the other account is intended.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html",
)
def log_subscribers(assembly: Assembly) -> Iterator[Judgement]:
    """Look where each subscription filter, of the log group or of its account, sends the log of changes."""
    of_accounts: defaultdict[Resource, list[Table]] = defaultdict(list)
    for group, tables in assembly.audit.log_groups.items():
        for subscription in assembly.archive.subscriptions.get(group, ()):
            destination = subscription.properties.get("DestinationArn")
            yield _judged(subscription, "Properties.DestinationArn", destination, tables)
        for policy in assembly.archive.account_subscriptions(group):
            of_accounts[policy] += tables
    for policy, tables in of_accounts.items():
        yield _judged(policy, "Properties.PolicyDocument", _destination(policy), list(dict.fromkeys(tables)))


def _judged(subscription: Resource, path: str, destination: object, tables: Sequence[Table]) -> Judgement:
    stays = is_of_account(str(destination), subscription)
    # Whether another account is one of the company's, no template shows.
    where = choose(stays, "its own account", "another account", "an account known only at deployment")
    return judged(subscription, path, stays or None, f"it sends the log to {where}", tables=tables)


def _destination(policy: Resource) -> object:
    """Return where a policy sends the logs of an account; text that is not JSON is known only at deployment."""
    document = policy.properties.get("PolicyDocument")
    if isinstance(document, str):
        with suppress(ValueError):
            document = json.loads(document)
    found = at(document, "DestinationArn")
    return found if found is not None else unknown("DestinationArn")


@Rule(
    id="SecureDdb-AUD30",
    title="The audit log has deletion protection",
    problem="The audit log has no deletion protection",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-9"), *pci("10.5.1")),
    rationale="One request deletes the log group, and with it the records of all changes.",
    remedy="Set DeletionProtectionEnabled of the log group to true, and its DeletionPolicy to Retain.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/protecting-log-groups-from-deletion.html",
    skip_ephemeral=True,
)
def log_deletion(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each log group."""
    for group, tables in assembly.audit.log_groups.items():
        value = group.properties.get("DeletionProtectionEnabled", False)
        path = "Properties.DeletionProtectionEnabled"
        yield judged_value(group, path, value, good=as_bool(value), tables=tables)
