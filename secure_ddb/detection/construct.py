"""Detection: rules that report events, and the watch function, made once for the tables of an account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import PolicyStatement

from secure_ddb.detection.measures import watch_measures
from secure_ddb.detection.rules import make_rules, subjects
from secure_ddb.detection.watch import let_watch, make_watch, run_watch
from secure_ddb.detection.watch_permissions import watch_key_statement
from secure_ddb.encryption.table_key import KeyPolicy
from secure_ddb.part import Part

if TYPE_CHECKING:
    from aws_cdk.aws_events import CfnRule

    from secure_ddb.context import TableContext
    from secure_ddb.detection.audit_calls import AuditNames
    from secure_ddb.detection.settings import DetectionSettings
    from secure_ddb.encryption.table_key import TableKey
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.topic import AlarmTopic


class Detection(Part):
    """The rules and the watch function, unless an account baseline has its own.

    Attributes:
        rules: The rules that report; none without detection.
        watched: The measures to raise alarms for.
    """

    def __init__(self, context: TableContext, settings: DetectionSettings | None) -> None:
        """Take the settings."""
        self._context, self._settings = context, settings
        self.rules: tuple[CfnRule, ...] = ()
        self.watched: list[Measure] = []

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the watch function encrypt its messages."""
        return [] if self._settings is None else [watch_key_statement(policy)]

    def make_shared(self, key: TableKey, topic: AlarmTopic, *, audit: AuditNames, audit_alias_arn: str) -> None:
        """Make the rules and the watch function."""
        context, settings = self._context, self._settings
        if settings is None:
            return
        watch = make_watch(
            context,
            key=key.key,
            topic_arn=topic.arn,
            audit_alias_arn=audit_alias_arn,
            runbook_url=settings.runbook_url,
        )
        function_arn = watch.function.function_arn
        settings.record(context.evidence)
        reported = subjects(settings, audit, context.environment, watch_role=watch.role.role_name)
        rules = make_rules(
            context, reported, topic_arn=topic.arn, watch_arn=function_arn, runbook_url=settings.runbook_url
        )
        invoking = {subject.name for subject in reported if subject.is_counted or subject.concerns_key}
        schedule = run_watch(context, watch, rules, invoking)
        let_watch(context, watch, rules, topic_arn=topic.arn, topic_key_arn=self._key_of(topic))
        self.rules = tuple(rules.values())
        self.watched = list(
            watch_measures(
                function_name=watch.function.function_name,
                schedule=schedule.ref,
                topic_name=topic.topic.topic_name,
                denied=rules["AccessDenied"].ref,
                key_failed=rules["KeyFailed"].ref,
            )
        )
        if settings.networks:
            # CDK's module for networks takes long to load, for which only those wait who watch one.
            from secure_ddb.detection.rejected_traffic import watch_rejected_traffic  # noqa: PLC0415

            self.watched.append(watch_rejected_traffic(context, settings.networks, key.key))

    def _key_of(self, topic: AlarmTopic) -> str:
        """Return the ARN of the topic's key, which lets the function publish; empty if it cannot be seen."""
        if topic.key_arn:
            return topic.key_arn
        environment, key = self._context.environment, topic.topic.master_key
        if key is not None:
            statement = watch_key_statement(KeyPolicy(environment=environment, names_nested_stack=False))
            statement["Sid"] += environment.sid_suffix
            if key.add_to_resource_policy(PolicyStatement.from_json(statement)).statement_added:
                return key.key_arn
        self._context.evidence.not_verifiable.append(
            "that the key of the existing topic lets the watch function publish (see docs/existing-key.md)"
        )
        return key.key_arn if key is not None else ""
