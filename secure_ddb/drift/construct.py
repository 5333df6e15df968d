"""`DriftDetection`: looks for drift of stacks once a day, and reports it to the topic (DET-5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Stack
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_lambda import CfnPermission
from constructs import Construct, IValidation

from secure_ddb.access.granted_table import arn_by_name
from secure_ddb.classification import DataClassification
from secure_ddb.context import stack_environment, table_context
from secure_ddb.drift.handler.drift_detection import DRIFTED, NOT_CHECKED
from secure_ddb.drift.permissions import drift_statements
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.notice import SOURCE, Notice, make_notice_rule
from secure_ddb.table import SecureTable
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import NOTICE_RULE_FINDINGS, PARTS_OF_TABLE, SETTINGS_OF_STACKS, STACK_IDS
from secure_ddb.waivers.waiver import acknowledge
from secure_ddb.watching_function import WatchingFunction, make_watching_function

if TYPE_CHECKING:
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.tags.ownership import Ownership

_HANDLER = Path(__file__).parent / "handler" / "drift_detection.py"
# Their names are in an environment variable, and all of them have 4 KB.
_MOST_STACKS = 20
# As long as AWS Lambda lets a function run.
_TIMEOUT_SECONDS = 900
_LINES = ("Stack: <stack>", "What: <what>")
_PATHS = {"stack": "$.detail.stack", "what": "$.detail.what"}
_FOUND = Notice(
    happened="Resources of a stack differ from its template.",
    pattern={"source": [SOURCE], "detail-type": [DRIFTED]},
    lines=(
        *_LINES,
        "What to do: find out in CloudTrail who changed them. Deploy the stack again, or make the change in the app.",
    ),
    paths=_PATHS,
)
_NOT_CHECKED = Notice(
    happened="A stack could not be checked for drift.",
    pattern={"source": [SOURCE], "detail-type": [NOT_CHECKED]},
    lines=(*_LINES, "What to do: give the function the missing permission, or wait for tomorrow's run."),
    paths=_PATHS,
)


class DriftDetection(Construct):
    """Asks CloudFormation once a day whether stacks have drifted; messages say which resource and property.

    docs/drift.md says what CloudFormation does not see.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stacks: Sequence[Stack],
        topic: ITopic,
        ownership: Ownership,
        read_actions: Sequence[str] = (),
    ) -> None:
        """Make the schedule, the function and the messages.

        Args:
            scope: Where to make them: in the account and Region of the stacks.
            id: Construct id.
            stacks: The stacks, 20 at most, with all of their tables. A nested stack has to be named by itself.
            topic: The topic, such as `SharedResources.alarm_topic`. Its policy and key have to let EventBridge publish.
            ownership: Its owner and cost center.
            read_actions: Actions with which CloudFormation reads resources that no construct of this library makes,
                such as `ecs:DescribeServices`.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        _check(scope, stacks, read_actions)
        require_interface("topic", topic, "topic_arn", "an aws_sns.ITopic")
        super().__init__(scope, id)
        state_construct(self)
        names = [stack.stack_name for stack in stacks]
        environment = context.environment
        known = _tables_in(stacks)
        self.node.add_validation(_NoLaterTables(stacks, known))
        arns = [arn for own in map(arn_by_name, known) for arn in (own, f"{own}/index/*", f"{own}/stream/*")]
        about = WatchingFunction(
            description="Detects drift of stacks",
            handler=_HANDLER,
            variables={"STACKS": Stack.of(self).to_json_string(names)},
            statements=lambda _: drift_statements(environment, stacks=names, tables=arns, read_actions=read_actions),
            wildcards={
                **{environment.arn("cloudformation", f"stack/{name}/*"): STACK_IDS for name in names},
                **{arn: PARTS_OF_TABLE for arn in arns if arn.endswith("*")},
                "*": SETTINGS_OF_STACKS,
            },
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        arn = make_watching_function(context, about, topic.topic_arn).function_arn
        target = CfnRule.TargetProperty(arn=arn, id="Function", input=json.dumps({}))
        schedule = CfnRule(
            self, "Schedule", description=about.description, schedule_expression="rate(1 day)", targets=[target]
        )
        acknowledge(schedule, NOTICE_RULE_FINDINGS)
        CfnPermission(
            self,
            "LetScheduleInvoke",
            action="lambda:InvokeFunction",
            function_name=arn,
            principal="events.amazonaws.com",
            source_arn=schedule.attr_arn,
        )
        make_notice_rule(self, "Found", _FOUND, topic.topic_arn)
        make_notice_rule(self, "NotChecked", _NOT_CHECKED, topic.topic_arn)
        tag_table(context)


def _tables_in(stacks: Sequence[Stack]) -> list[SecureTable]:
    return [each for stack in stacks for each in stack.node.find_all() if isinstance(each, SecureTable)]


@jsii.implements(IValidation)
class _NoLaterTables:
    """Refuses tables that were made after the function's permissions, which name the tables."""

    def __init__(self, stacks: Sequence[Stack], known: Sequence[SecureTable]) -> None:
        self._stacks = stacks
        self._known = [table.node.path for table in known]

    def validate(self) -> list[str]:
        """Return an error for each table that is not known."""
        later = [each.node.path for each in _tables_in(self._stacks) if each.node.path not in self._known]
        return [f"Create the DriftDetection after the table {path}, whose name it needs." for path in later]


def _check(scope: Construct, stacks: Sequence[Stack], read_actions: Sequence[str]) -> None:
    allowed = f"1 to {_MOST_STACKS} Stacks, each once"
    if not isinstance(stacks, Sequence) or not 0 < len(stacks) <= _MOST_STACKS:
        reject("stacks", stacks, allowed)
    here = stack_environment(scope)
    for position, stack in enumerate(stacks):
        if not isinstance(stack, Stack) or any(stack is other for other in stacks[:position]):
            reject(f"stacks[{position}]", stack, allowed)
        if stack_environment(stack).region != here.region:
            reject(f"stacks[{position}]", stack, f"a stack of {here.region}")
    require_type("read_actions", read_actions, (list, tuple), "a list of actions")
    for position, action in enumerate(read_actions):
        service, _, name = str(action).partition(":")
        if not service.isascii() or not name.startswith(("Describe", "Get", "List", "BatchGet")):
            reject(f"read_actions[{position}]", action, "an action that reads, such as ecs:DescribeServices")
