"""Shared resources of another app, given by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.audit.recorder import Recorder
from secure_ddb.audit_trail.handler.audit_trail.settings import ALIAS
from secure_ddb.backup.backup import Plan
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.classification import DataClassification
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.monitoring.shared_alarms import SharedAlarms
from secure_ddb.monitoring.topic import AlarmTopic
from secure_ddb.sharing.shared import Shared
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_backup import IBackupPlan
    from aws_cdk.aws_sns import ITopic

_PLAN = "the backup plan of another app: its rules, and the key, access policy and lock of its vault"
_ALIAS_ARN = re.compile(rf"arn:aws:lambda:[a-z0-9-]+:\d{{12}}:function:[\w-]+:{ALIAS}")
_ROLE_ARN = re.compile(r"arn:aws:iam::\d{12}:role/.*?[\w+=,.@-]+")
_BUCKET_ARN = re.compile(r"arn:aws:s3:::[a-z0-9][a-z0-9.-]+")


@dataclass(frozen=True, kw_only=True, repr=False)
class ExistingAuditFunction(BriefRepr):
    """The audit function of `SharedResources` in another app.

    That app has to name the tables: `SharedResources(tables_of_other_apps=[...])`.

    Attributes:
        alias_arn: ARN of its alias `secure-ddb`.
        role_arn: ARN of its role.
        failure_bucket_arn: ARN of the bucket of changes that could not be logged.

    Raises:
        InvalidArgumentError: A value is no such ARN. Tokens pass.
    """

    alias_arn: str
    role_arn: str
    failure_bucket_arn: str

    def __post_init__(self) -> None:
        """Check each ARN."""
        _require_arn("alias_arn", self.alias_arn, _ALIAS_ARN, f"arn:aws:lambda:REGION:ACCOUNT:function:NAME:{ALIAS}")
        _require_arn("role_arn", self.role_arn, _ROLE_ARN, "arn:aws:iam::ACCOUNT:role/PATH/NAME")
        _require_arn("failure_bucket_arn", self.failure_bucket_arn, _BUCKET_ARN, "arn:aws:s3:::BUCKET")

    @property
    def region(self) -> str:
        """The Region that it is in; empty, if only the deployment knows it."""
        return "" if is_token(self.alias_arn) else self.alias_arn.split(":")[3]

    @property
    def recorder(self) -> Recorder:
        """The function as the tables see it."""
        return Recorder(
            alias_arn=self.alias_arn,
            role_arn=self.role_arn,
            role_name=self.role_arn.rpartition("/")[2],
            failure_bucket_arn=self.failure_bucket_arn,
            evidence=TableEvidence(
                not_verifiable=[
                    "the shared audit function of another app: its code, role, log group and failure bucket"
                ]
            ),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class ExistingSharedResources(BriefRepr):
    """`SharedResources` of another app, in the same account and Region. A table creates what is left out.

    What they are and allow cannot be seen at synth, and the summary says so.

    Attributes:
        classification: The most sensitive data that they are made for.
        audit: The audit function.
        alarm_topic: The topic of the alarms on all tables.
        backup_plan: The backup plan.

    Raises:
        InvalidArgumentError: A value has the wrong type.
    """

    classification: DataClassification = DataClassification.CONFIDENTIAL
    audit: ExistingAuditFunction | None = None
    alarm_topic: ITopic | None = None
    backup_plan: IBackupPlan | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        require_type("classification", self.classification, DataClassification)
        if self.audit is not None:
            require_type("audit", self.audit, ExistingAuditFunction)
        if self.alarm_topic is not None:
            require_interface("alarm_topic", self.alarm_topic, "topic_arn", "an aws_sns.ITopic")
        if self.backup_plan is not None:
            require_interface("backup_plan", self.backup_plan, "backup_plan_id", "an aws_backup.IBackupPlan")

    @cached_property
    def shared(self) -> Shared:
        """What tables use of them."""
        topic, plan, evidence = self.alarm_topic, self.backup_plan, TableEvidence(not_verifiable=[_PLAN])
        return Shared(
            path="existing shared resources",
            classification=self.classification,
            region=self.audit.region if self.audit else "",
            recorder=self.audit.recorder if self.audit else None,
            alarms=SharedAlarms(topic=AlarmTopic(resource=topic, arn=topic.topic_arn)) if topic is not None else None,
            plan=Plan(plan=plan, vault=None, evidence=evidence) if plan is not None else None,
        )


def _require_arn(argument: str, value: object, pattern: re.Pattern[str], allowed: str) -> None:
    if not isinstance(value, str) or not (is_token(value) or pattern.fullmatch(value)):
        reject(f"audit.{argument}", value, allowed)
