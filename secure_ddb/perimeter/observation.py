"""Counts requests that ENFORCE would deny, in the trail's data events; changes no decision."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_logs import CfnMetricFilter, LogGroup, RetentionDays

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.errors import reject
from secure_ddb.monitoring.measure import Measure
from secure_ddb.perimeter.policy import exempt_arns, length_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudtrail import CfnTrail

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.encryption.table_key import TableKey
    from secure_ddb.perimeter.settings import PerimeterSettings

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
LONGEST_FILTER = 1024
_LONGEST_METRIC_NAME = 128

_NAMESPACE = "SecureTable"
_ISSUER = "$.userIdentity.sessionContext.sessionIssuer.arn"


def observe(context: TableContext, filter_pattern: str, trail: CfnTrail, key: TableKey) -> str:
    """Let the trail write its events to a log group as well, count there, and return the name of the metric.

    The log group shows item keys in clear, as the trail's log files do, so it keeps events for a month only.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
    """
    scope = context.scope
    log_group = LogGroup(
        scope,
        "PerimeterLogGroup",
        encryption_key=key.key,
        retention=RetentionDays.ONE_MONTH,
        removal_policy=context.lifecycle.removal_policy,
    )
    log_group_arn = log_group.log_group_arn
    policy = ManagedPolicy(
        scope,
        "PerimeterLogPolicy",
        path=SERVICE_ROLE_PATH,
        description="Lets CloudTrail write one log group",
        document=PolicyDocument.from_json(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "WriteDataEvents",
                        "Effect": "Allow",
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Resource": log_group_arn,
                    }
                ],
            }
        ),
    )
    role = Role(
        scope,
        "PerimeterLogRole",
        path=SERVICE_ROLE_PATH,
        assumed_by=ServicePrincipal("cloudtrail.amazonaws.com"),
        managed_policies=[policy],
    )
    trail.cloud_watch_logs_log_group_arn = log_group_arn
    trail.cloud_watch_logs_role_arn = role.role_arn
    metric = f"RequestsFromOutside-{context.regional_name(_LONGEST_METRIC_NAME - len('RequestsFromOutside-'))}"
    CfnMetricFilter(
        scope,
        "PerimeterFilter",
        log_group_name=log_group.log_group_name,
        filter_pattern=filter_pattern,
        metric_transformations=[
            CfnMetricFilter.MetricTransformationProperty(
                metric_namespace=_NAMESPACE, metric_name=metric, metric_value="1"
            )
        ],
    )
    return metric


def perimeter_measure(metric: str) -> Measure:
    """Return the measure of a perimeter that is observed."""
    return Measure(
        name="PerimeterRequestsFromOutside",
        description=(
            "Requests came from outside the table's perimeter; ENFORCE would deny them. See the data events in the "
            "perimeter's log group."
        ),
        namespace=_NAMESPACE,
        metric=metric,
        threshold=1,
        period=300,
    )


def outside_filter(settings: PerimeterSettings, environment: StackEnvironment, endpoint_ids: Sequence[str]) -> str:
    """Return the filter pattern of data events that ENFORCE would deny, unless CloudWatch Logs would refuse its length.

    Services that act for themselves do not count. Those that act for their caller do, as ENFORCE denies them too: their
    events have `invokedBy`, and the name of the service in place of an address.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    An event names the account of its caller and not the organization, so requests from other accounts count even where
    they are of the same organization. Address blocks that do not end at a dot are not known to filters either.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
    """
    outside = [
        _is_none_of(_ISSUER, exempt_arns(settings, environment)),
        _is_none_of("$.vpcEndpointId", endpoint_ids),
        _is_none_of("$.sourceIPAddress", [text for block in settings.corporate_cidrs for text in _wildcard(block)]),
    ]
    pattern = (
        '{ $.eventSource = "dynamodb.amazonaws.com" && $.userIdentity.type != "AWSService" '
        f"&& (({' && '.join(filter(None, outside))}) "
        f'|| $.userIdentity.accountId != "{environment.account}") }}'
    )
    if length_of(pattern) > LONGEST_FILTER:
        allowed = f"at most {LONGEST_FILTER} characters: fewer perimeter.exempt_roles, corporate_cidrs or endpoints"
        reject("perimeter", f"a metric filter of about {length_of(pattern)} characters", allowed)
    return pattern


def _is_none_of(field: str, values: Sequence[str]) -> str:
    if not values:
        return ""
    others = " && ".join(f'{field} != "{value}"' for value in values)
    # A comparison with a field that is not there matches nothing, in either direction.
    return f"({field} NOT EXISTS || ({others}))"


def _wildcard(block: str) -> list[str]:
    network: Any = ipaddress.ip_network(block)
    if network.version != 4 or network.prefixlen % 8:  # noqa: PLR2004 - of the Internet Protocol
        return []
    octets = str(network.network_address).split(".")[: network.prefixlen // 8]
    return [".".join(octets) + (".*" if len(octets) < 4 else "")]  # noqa: PLR2004 - octets of an address
