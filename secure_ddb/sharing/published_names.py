"""Names and ARNs of tables and shared resources in Parameter Store, for other apps of the account and Region."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from aws_cdk.aws_backup import BackupPlan
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_ssm import CfnParameter, StringParameter
from constructs import Construct

from secure_ddb.classification import DataClassification
from secure_ddb.errors import NotCreatedError, reject, require_made, require_type
from secure_ddb.sharing.existing import ExistingAuditFunction, ExistingSharedResources
from secure_ddb.sharing.resources import SharedResources
from secure_ddb.table import SecureTable

if TYPE_CHECKING:
    from collections.abc import Callable

# https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
_PREFIX = re.compile(r"(?:/[\w.-]+){1,14}", re.ASCII)
_RESERVED = re.compile(r"/(?:aws|ssm)", re.IGNORECASE)
_LONGEST_PREFIX = 900
_ALLOWED = (
    "a path of up to 14 levels, such as /tables/orders, of letters, digits and . _ -, not below /aws or /ssm, "
    f"of at most {_LONGEST_PREFIX} characters"
)


def publish_names(of: SecureTable | SharedResources, prefix: str) -> dict[str, str]:
    """Make a parameter for each name and ARN that other apps need. None of them is secret, and none gives access.

    The parameters have the type String and the standard tier, which costs nothing. What a waiver left out has none.

    Args:
        of: The table or the shared resources.
        prefix: What the parameters' names begin with, such as `/tables/orders`.

    Returns:
        The value published under the parameter's name, such as `table-name` to `/tables/orders/table-name`.

    Raises:
        InvalidArgumentError: It is neither of them, or the prefix is none that Parameter Store accepts.
    """
    require_type("of", of, (SecureTable, SharedResources))
    _check_prefix(prefix)
    values = _values(of)
    # In the construct itself, so that they have its tags.
    scope = Construct(of, "PublishedNames")
    for name, value in values.items():
        CfnParameter(scope, name, name=f"{prefix}/{name}", type="String", tier="Standard", value=value)
    return {name: f"{prefix}/{name}" for name in values}


def published_shared_resources(
    scope: Construct, prefix: str, *, classification: DataClassification = DataClassification.CONFIDENTIAL
) -> ExistingSharedResources:
    """Return the shared resources of another app that are published under a prefix; the deployment reads them.

    https://docs.aws.amazon.com/cdk/v2/guide/get-ssm-value.html

    Args:
        scope: The stack of the tables, or a construct in it; once for each.
        prefix: As of `publish_names`.
        classification: The most sensitive data that they are made for, which no synth can read there.

    Raises:
        InvalidArgumentError: The prefix is none that Parameter Store accepts.
    """
    _check_prefix(prefix)

    def read(name: str) -> str:
        return StringParameter.value_for_string_parameter(scope, f"{prefix}/{name}")

    published = Construct(scope, "PublishedSharedResources")
    return ExistingSharedResources(
        classification=classification,
        audit=ExistingAuditFunction(
            alias_arn=read("audit-alias-arn"),
            role_arn=read("audit-role-arn"),
            failure_bucket_arn=read("audit-failure-bucket-arn"),
        ),
        alarm_topic=Topic.from_topic_arn(published, "Alarms", read("alarm-topic-arn")),
        backup_plan=BackupPlan.from_backup_plan_id(published, "Plan", read("backup-plan-id")),
    )


def _values(of: SecureTable | SharedResources) -> dict[str, str]:
    """Return the values to publish, by name."""
    values: dict[str, str] = {}
    for name, value in _of(of).items():
        with suppress(NotCreatedError):
            values[name] = value()
    return values


def _of(of: SecureTable | SharedResources) -> dict[str, Callable[[], str]]:
    common: dict[str, Callable[[], str]] = {
        "key-arn": lambda: of.encryption_key.key_arn,
        "audit-log-group-name": lambda: of.audit_log_group.log_group_name,
        "alarm-topic-arn": lambda: of.alarm_topic.topic_arn,
    }
    if isinstance(of, SecureTable):
        return {
            "table-name": lambda: of.table_name,
            "table-arn": lambda: of.table_arn,
            "stream-arn": lambda: str(of.table.table_stream_arn),
            **common,
        }
    recorder = require_made(of.shared.recorder, "audit_function")
    return {
        **common,
        "audit-alias-arn": lambda: recorder.alias_arn,
        "audit-role-arn": lambda: recorder.role_arn,
        "audit-failure-bucket-arn": lambda: recorder.failure_bucket_arn,
        "backup-plan-id": lambda: of.backup_plan.backup_plan_id,
    }


def _check_prefix(prefix: object) -> None:
    require_type("prefix", prefix, str)
    text = str(prefix)
    if not _PREFIX.fullmatch(text) or _RESERVED.match(text) or len(text) > _LONGEST_PREFIX:
        reject("prefix", prefix, _ALLOWED)
