"""`Remediation`: turns disabled guarantees of tables on again (IR-2)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_lambda import CfnPermission
from constructs import Construct

from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.declared_elsewhere.declared_settings import declared_tables
from secure_ddb.detection.api_calls import calls
from secure_ddb.errors import reject, require_interface
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.notice import SOURCE, Notice, make_notice_rule
from secure_ddb.remediation.handler.remediation import NOT_RESTORED, RESTORED
from secure_ddb.remediation.permissions import remediation_statements
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import NOTICE_RULE_FINDINGS
from secure_ddb.waivers.waiver import acknowledge
from secure_ddb.watching_function import WatchingFunction, make_watching_function

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.aws_sns import ITopic

    from secure_ddb.declared_elsewhere.declared_settings import DeclaredSettings
    from secure_ddb.table import SecureTable
    from secure_ddb.tags.ownership import Ownership

_HANDLER = Path(__file__).parent / "handler" / "remediation.py"
# Their expected settings are in an environment variable, and all variables together have 4 KB.
_MOST_TABLES = 8
_MOST_PER_HOUR = range(1, 11)
_TIMEOUT_SECONDS = 60
_PATHS = {name: f"$.detail.{name}" for name in ("subject", "guarantee", "call", "who", "why")}
_RESTORED = Notice(
    happened="A guarantee of a table was switched off, and was switched on again.",
    pattern={"source": [SOURCE], "detail-type": [RESTORED]},
    lines=(
        "What: <guarantee> of <subject>, by <call>",
        "Who: <who>",
        "What to do: find out why. Point-in-time recovery has a gap: its period starts again.",
    ),
    paths=_PATHS,
)
_NOT_RESTORED = Notice(
    happened="A guarantee of a table was switched off, and could not be switched on again.",
    pattern={"source": [SOURCE], "detail-type": [NOT_RESTORED]},
    lines=(
        "What: <guarantee> of <subject>, by <call>",
        "Who: <who>",
        "Why: <why>",
        "What to do: stop the caller, and deploy the stack again.",
    ),
    paths=_PATHS,
)


def switched_off() -> dict[str, Any]:
    """Return the pattern of calls that can switch something off: of all tables and keys, because a pattern is short."""
    dynamodb = ["UpdateContinuousBackups", "UpdateTable"]
    kms = ["DisableKey", "DisableKeyRotation", "ScheduleKeyDeletion"]
    return calls(["aws.dynamodb", "aws.kms"], [*dynamodb, *kms])


class Remediation(Construct):
    """Switches point-in-time recovery, deletion protection, keys and their rotation on again. docs/remediation.md.

    It restores the settings in the tables' templates, so never waived ones. It needs a trail that logs
    management events.

    Attributes:
        role_arn: ARN of the function's role, for `exempt_roles` of a permissions boundary.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Sequence[SecureTable],
        topic: ITopic,
        ownership: Ownership,
        most_per_hour: int = 5,
    ) -> None:
        """Make the rule, the function and the messages.

        Args:
            scope: Where to make them: in the account and Region of the tables.
            id: Construct id.
            tables: The tables, 8 at most.
            topic: The topic, such as `SharedResources.alarm_topic`. Its policy and key have to let EventBridge publish.
            ownership: Its owner and cost center.
            most_per_hour: How often it switches one guarantee of one table or key on in an hour, 1 to 10. After that it
                only tells.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        declared = declared_tables(scope, tables, _MOST_TABLES)
        require_interface("topic", topic, "topic_arn", "an aws_sns.ITopic")
        if isinstance(most_per_hour, bool) or most_per_hour not in _MOST_PER_HOUR:
            reject("most_per_hour", most_per_hour, f"{_MOST_PER_HOUR[0]} to {_MOST_PER_HOUR[-1]}")
        super().__init__(scope, id)
        state_construct(self)
        keys = {each.table.encryption_key.key_id: each for each in declared}
        stack, topic_arn = Stack.of(self), topic.topic_arn
        about = WatchingFunction(
            description="Switches guarantees of tables on again",
            handler=_HANDLER,
            variables={
                "TABLES": stack.to_json_string([_of_table(each) for each in declared]),
                "KEYS": stack.to_json_string(
                    [{"id": id_, "rotation_days": each.rotation_days or 0} for id_, each in keys.items()]
                ),
                "MOST_PER_HOUR": str(most_per_hour),
            },
            statements=lambda log_group_arn: remediation_statements(
                context.environment,
                recoverable=[each.table.table_arn for each in declared if each.recovery_days is not None],
                tables=[each.table.table_arn for each in declared],
                keys=[each.table.encryption_key.key_arn for each in keys.values()],
                rotating=[each.table.encryption_key.key_arn for each in keys.values() if each.rotation_days],
                log_group_arn=log_group_arn,
            ),
            wildcards={},
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        made = make_watching_function(context, about, topic_arn)
        self.role_arn, function_arn = made.role_arn, made.function_arn
        rule = CfnRule(
            self,
            "SwitchedOff",
            description="Calls that can switch off a guarantee of a table or a key",
            event_pattern=switched_off(),
            targets=[CfnRule.TargetProperty(arn=function_arn, id="Function")],
        )
        acknowledge(rule, NOTICE_RULE_FINDINGS)
        CfnPermission(
            self,
            "LetRuleInvoke",
            action="lambda:InvokeFunction",
            function_name=function_arn,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )
        make_notice_rule(self, "Restored", _RESTORED, topic_arn)
        make_notice_rule(self, "NotRestored", _NOT_RESTORED, topic_arn)
        tag_table(context)


def _of_table(declared: DeclaredSettings) -> Mapping[str, Any]:
    return {
        "name": declared.table.table_name,
        # CDK omits None.
        "recovery_days": declared.recovery_days or 0,
        "deletion_protection": declared.has_deletion_protection,
        "stream": declared.is_audited,
    }
