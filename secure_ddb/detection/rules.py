"""The EventBridge rules, made once for the tables of an account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_events import CfnRule

from secure_ddb.detection.api_calls import ENDPOINT_CHANGED, KEY_CHANGED, TABLE_CHANGED, TABLE_COPIED, TRAIL_CHANGED
from secure_ddb.detection.audit_calls import audit_changed
from secure_ddb.detection.key_use import KEY_FAILED
from secure_ddb.detection.message import template, variables
from secure_ddb.detection.service_events import (
    BACKUP_CHANGED,
    BACKUP_JOB_FAILED,
    HEALTH_EVENT,
    KEY_LOST,
    MACIE_FINDING,
    SECURITY_HUB_FINDING,
    access_denied,
    guard_duty_finding,
)
from secure_ddb.waivers.accepted_findings import DETECTION_RULE_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.detection.audit_calls import AuditNames
    from secure_ddb.detection.settings import DetectionSettings
    from secure_ddb.detection.subject import Subject

# Of reading calls there are many more. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
_WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def subjects(
    settings: DetectionSettings, audit: AuditNames, environment: StackEnvironment, *, watch_role: str
) -> tuple[Subject, ...]:
    """Return the reported events, each with its own rule.

    Patterns are for the account and Region, because a pattern has 2,048 characters, which name few tables.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html

    Args:
        settings: What can be chosen.
        audit: The audit function and its log.
        environment: Where the rules are.
        watch_role: Name of the watch function's role. It asks for each key once an hour, also for those whose policy
            does not let it: reported, its own requests would keep the alarm on denied ones on.
    """
    sessions = f"arn:{environment.partition}:sts::{environment.account}:assumed-role"
    expected = (watch_role, *settings.expected_denials)
    return (
        KEY_CHANGED,
        KEY_LOST,
        KEY_FAILED,
        TABLE_CHANGED,
        TABLE_COPIED,
        BACKUP_JOB_FAILED,
        BACKUP_CHANGED,
        ENDPOINT_CHANGED,
        audit_changed(audit),
        TRAIL_CHANGED,
        access_denied([f"{sessions}/{role}/" for role in expected]),
        HEALTH_EVENT,
        guard_duty_finding(settings.guard_duty_severity),
        MACIE_FINDING,
        SECURITY_HUB_FINDING,
    )


def make_rules(
    context: TableContext, reported: Iterable[Subject], *, topic_arn: str, watch_arn: str, runbook_url: str
) -> dict[str, CfnRule]:
    """Make the rules, which send their messages to the topic, or their events to the watch function.

    Returns:
        Name of the subject to its rule.
    """
    rules = {}
    for subject in reported:
        targets = []
        if not subject.is_counted:
            targets.append(_message_to(topic_arn, subject, runbook_url))
        if subject.is_counted or subject.concerns_key:
            targets.append(CfnRule.TargetProperty(arn=watch_arn, id="WatchFunction"))
        rules[subject.name] = _make_rule(context, subject, targets)
    return rules


def _message_to(topic_arn: str, subject: Subject, runbook_url: str) -> CfnRule.TargetProperty:
    message = CfnRule.InputTransformerProperty(
        input_template=template(subject, runbook_url), input_paths_map=variables(subject)
    )
    return CfnRule.TargetProperty(arn=topic_arn, id="AlarmTopic", input_transformer=message)


def _make_rule(context: TableContext, subject: Subject, targets: list[CfnRule.TargetProperty]) -> CfnRule:
    rule = CfnRule(
        context.scope,
        subject.name,
        description=subject.happened,
        event_pattern=dict(subject.pattern),
        state=_WITH_READS if subject.reads else None,
        targets=targets,
    )
    acknowledge(rule, DETECTION_RULE_FINDINGS)
    return rule
