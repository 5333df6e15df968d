"""Topics that carry alarms."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.iam.evaluation import Request, allowed
from secure_ddb.landscape.key_permissions import NO_PRINCIPAL, lets_service_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.own_key import encrypted_with_own_key
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_statement, lets, may
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.three_valued import Truth


def by_service(publishers: Iterable[tuple[str, Resource]], policies: Iterable[Policy]) -> dict[str, list[Resource]]:
    """Return the services that publish, each with resources that make it do so."""
    statements = [statement for policy in policies for statement in policy.statements]
    conditions = [condition for each in statements for condition in each.conditions_on("aws:SourceArn")]
    # Unless a policy tells one alarm from another, one of each account and Region speaks for all: a tenth faster.
    apart = any(not value.endswith(":*") for condition in conditions for value in condition.values)
    found: defaultdict[str, dict[object, Resource]] = defaultdict(dict)
    for service, source in publishers:
        found[service][source if apart else (source.account, source.region)] = source
    return {service: list(sources.values()) for service, sources in found.items()}


@Rule(
    id="SecureDdb-MON7",
    title="Alarms report to a topic",
    problem="Alarms have no action that reports to a topic",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "MON-2"),
    controls=(*nist("SI-4(5)", "AU-5"), *security_hub("CloudWatch.15", "CloudWatch.17"), *pci("10.7.2")),
    rationale="An alarm without an action changes its state but notifies no one.",
    remedy="Set AlarmActions to a topic, and leave ActionsEnabled on.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
)
def alarms_reach_topic(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the actions of each alarm on a table, its audit trail or its backups, or of a composite alarm for it."""
    for alarm, tables in assembly.alarms.all.items():
        reports_to = [
            (reporting, reports, all_of(reports, _notifies_topic(assembly, reporting)))
            for reporting, reports in assembly.alarms.reporting[alarm]
        ]
        answer = any_of([each for _, _, each in reports_to])
        detail = choose(answer, "it reports to a topic", "it reports to no topic", _open(reports_to))
        yield judged(alarm.resource, "Properties.AlarmActions", answer, detail, tables=tables)


def _notifies_topic(assembly: Assembly, alarm: Alarm) -> Truth:
    if not alarm.acts:
        return None if is_unknown(alarm.properties.get("ActionsEnabled")) and alarm.actions else False
    if any(assembly.find(arn, alarm.resource, kinds.TOPIC) for arn in alarm.actions):
        return True
    return None if any(is_unknown(arn) or ":sns:" in str(arn) for arn in alarm.actions) else False


def _open(reports_to: Iterable[tuple[Alarm, Truth, Truth]]) -> str:
    """Return why it is unknown whether it reports to a topic."""
    for alarm, reports, answer in reports_to:
        if reports is None and answer is None:
            return f"the templates do not show whether {alarm.resource.logical_id} reports for it"
    return "it reports to a topic that is not in the app, so its policy and key cannot be checked"


@Rule(
    id="SecureDdb-MON8",
    title="The topic's policy allows the alarms to publish",
    problem="The topic's policy does not allow the alarms to publish",
    severity=Severity.HIGH,
    requirements=("MON-1", "MON-2"),
    controls=(*nist("SI-4(5)", "AU-5"), *pci("10.7.2")),
    rationale="If an alarm's message is refused, it still looks as if it had been sent.",
    remedy="Allow cloudwatch.amazonaws.com sns:Publish, with aws:SourceAccount and aws:SourceArn.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
)
def topic_publishers(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each topic, once for each service that has something to publish to it."""
    for topic, publishers in assembly.alarms.publishers.items():
        tables = assembly.alarms.topics.get(topic, [])
        policies = assembly.policies.on(topic)
        for service, sources in by_service(publishers, policies).items():
            answer = all_of(*(_may_publish(assembly, topic, service, source) for source in sources))
            detail = f"{service}.amazonaws.com {may(answer)} publish to it"
            if answer and policies:
                (shown, path), key = (policies[0].resource, policies[0].path), f"{topic.logical_id}.{service}"
            else:
                # An acknowledgment may name this place.
                shown, path, key = topic, "Properties", service
            yield judged(shown, path, answer, detail, key=key, tables=tables)


def _may_publish(assembly: Assembly, topic: Resource, service: str, source: Resource) -> Truth:
    policies = assembly.policies.on(topic)
    if not policies:
        # SNS's default policy lets the topic's account publish.
        return True if source.account == topic.account else None
    if any(policy.is_unknown for policy in policies):
        return None
    request = Request(
        actions=("sns:Publish",),
        resources=[topic.arn],
        service=f"{service}.amazonaws.com",
        context={
            **NO_PRINCIPAL,
            "aws:securetransport": ("true",),
            "aws:sourceaccount": (source.account,),
            "aws:sourcearn": (source.arn,),
            "aws:sourceowner": (source.account,),
        },
    )
    return allowed([statement for policy in policies for statement in policy.statements], request)


@Rule(
    id="SecureDdb-MON9",
    title="The alarm topic is encrypted with a customer managed key",
    problem="The alarm topic is not encrypted with a customer managed key",
    severity=Severity.MEDIUM,
    requirements=("MON-2",),
    controls=("CS-1", "PR.DS-1", *nist("SC-28"), *security_hub("SNS.1")),
    rationale="Alarms name resources and accounts. With the default SNS key, CloudWatch could not publish at all.",
    remedy="Set KmsMasterKeyId to a customer managed key.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
)
def topic_encrypted(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key of each topic."""
    for topic, tables in assembly.alarms.topics.items():
        yield encrypted_with_own_key(assembly, topic, tables)


_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")


@Rule(
    id="SecureDdb-MON10",
    title="The topic's key allows the alarms to publish",
    problem="The topic's key does not allow the alarms to publish",
    severity=Severity.HIGH,
    requirements=("MON-2",),
    controls=(*nist("SI-4(5)", "AU-5"), *pci("10.7.2")),
    rationale="CDK does not add this to the key's policy. Without it, alarms change state but no notification is sent.",
    remedy="Allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, with aws:SourceAccount.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
)
def topic_key(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key of each topic, once for each service that has something to publish to it."""
    for topic, publishers in assembly.alarms.publishers.items():
        key = assembly.find_key(key_named_by(topic), topic)
        if key is None:
            continue
        tables = assembly.alarms.topics.get(topic, [])
        for service, sources in by_service(publishers, [assembly.policies.of_key(key)]).items():
            answer = all_of(*(_may_use(assembly, key, topic, service, source) for source in sources))
            detail = f"the key's policy {lets(answer)} {service}.amazonaws.com use it"
            yield judged(topic, "Properties.KmsMasterKeyId", answer, detail, key=service, tables=tables)


def _may_use(assembly: Assembly, key: Resource, topic: Resource, service: str, source: Resource) -> Truth:
    # EventBridge sends neither: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    sends_source = service != "events"
    context: dict[str, Sequence[str]] = {
        "kms:encryptioncontext:aws:sns:topicarn": (topic.arn,),
        "aws:sourceaccount": (source.account,) if sends_source else (),
        "aws:sourcearn": (source.arn,) if sends_source else (),
    }
    return lets_service_use(assembly, key, f"{service}.amazonaws.com", _NEEDED, context)


# It supports no conditions in a topic's policy.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
_WITHOUT_CONDITIONS = "events.amazonaws.com"


@Rule(
    id="SecureDdb-MON12",
    title="Services can only publish to the alarm topic, and only for this account",
    problem="A service can do more than publish to the alarm topic, or can act for other accounts",
    severity=Severity.MEDIUM,
    requirements=("MON-2",),
    controls=("PR.AC-3", *nist("AC-3", "AC-6")),
    rationale="Without the condition, other accounts can send false alarms to the people on call.",
    remedy="Allow only sns:Publish, with aws:SourceAccount if the service sends it.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
)
def topic_services(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a topic's policy that is for a service."""
    for topic, tables in assembly.alarms.topics.items():
        for policy in assembly.policies.on(topic):
            for statement in policy.allowing:
                services = {who.value for who in statement.principals if who.kind == "Service"}
                if services:
                    more = [action for action in statement.actions if action != "sns:publish"]
                    bound = services == {_WITHOUT_CONDITIONS} or bound_to_account(statement, topic)
                    answer = False if more or statement.excludes_actions else bound
                    what = f"also {more[0]}" if more else "publish" if bound else "publish for any account"
                    detail = f"{statement.label} lets a service {what}"
                    yield judged_statement(policy, statement, answer, detail, tables=tables)
