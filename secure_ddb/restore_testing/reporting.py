"""Notices of failed or missing restore tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk.aws_events import CfnRule

from secure_ddb.backup.copies import BackupFrequency
from secure_ddb.monitoring.measure import Measure
from secure_ddb.restore_testing.validation_names import FAILED_TESTS, METRIC_NAMESPACE, PLAN, TESTS
from secure_ddb.waivers.accepted_findings import BACKUP_RULE_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

_DAY = 24 * 60 * 60
# In which a restore ends without a table. Restore jobs have a status, and no state.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
_BAD_ENDS = ["ABORTED", "EXPIRED", "FAILED"]


def tests_of(plan_arn: str, statuses: list[str]) -> dict[str, object]:
    """Return the pattern of the events of a plan's restore tests."""
    return {
        "source": ["aws.backup"],
        "detail-type": ["Restore Job State Change"],
        "detail": {"resourceType": ["DynamoDB"], "status": statuses, "restoreTestingPlanArn": [plan_arn]},
    }


def notify_of_failed_restores(scope: Construct, plan_arn: str, topic_arn: str) -> None:
    """Send each restore that ended without a table to the topic: then there is nothing to count."""
    text = (
        "A restore test of <table> ended with status <status>: <reason>. Restore job <job>. Until it is fixed, do not "
        "rely on the backups of this table. docs/recovery.md of secure_ddb."
    )
    rule = CfnRule(
        scope,
        "RestoreFailed",
        description="Restore tests of DynamoDB tables that failed, were aborted or expired",
        event_pattern=tests_of(plan_arn, _BAD_ENDS),
        targets=[
            CfnRule.TargetProperty(
                arn=topic_arn,
                id="AlarmTopic",
                input_transformer=CfnRule.InputTransformerProperty(
                    input_template=json.dumps(text),
                    input_paths_map={
                        "table": "$.detail.sourceResourceArn",
                        "status": "$.detail.status",
                        "reason": "$.detail.statusMessage",
                        "job": "$.detail.restoreJobId",
                    },
                ),
            )
        ],
    )
    acknowledge(rule, BACKUP_RULE_FINDINGS)


def restore_measures(plan: str, function_name: str, frequency: BackupFrequency) -> Iterator[Measure]:
    """Yield the measures: results, the function itself, and that there are tests at all.

    No alarm looks back for as long as a month, so that of monthly tests nothing says that there are none.
    """
    yield Measure(
        name="RestoreTestFailed",
        description=(
            "A restored table differs from its backup. AWS Backup's restore job and the log of the validation "
            "function show the reason. docs/recovery.md."
        ),
        namespace=METRIC_NAMESPACE,
        metric=FAILED_TESTS,
        dimensions={PLAN: plan},
        threshold=1,
        period=60 * 60,
    )
    yield Measure(
        name="RestoreTestErrors",
        description="The function that counts restored items failed, so a restore test has no result. See its log.",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": function_name},
        threshold=1,
        period=60 * 60,
    )
    if frequency is not BackupFrequency.MONTHLY:
        is_weekly = frequency is BackupFrequency.WEEKLY
        yield Measure(
            name="RestoreTestMissing",
            description="No restore was tested " + ("in the last calendar week." if is_weekly else "for two days."),
            namespace=METRIC_NAMESPACE,
            metric=TESTS,
            dimensions={PLAN: plan},
            threshold=1,
            comparison="LessThanThreshold",
            missing_data="breaching",
            period=7 * _DAY if is_weekly else _DAY,
            periods=1 if is_weekly else 2,
            periods_to_alarm=1 if is_weekly else 2,
            is_calendar=is_weekly,
        )
