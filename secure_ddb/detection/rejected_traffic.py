"""Rejected traffic to DynamoDB: a flow log of each watched VPC, and a metric that counts traffic to DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Fn
from aws_cdk.aws_ec2 import CfnFlowLog
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_logs import CfnMetricFilter, LogGroup, RetentionDays

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.monitoring.measure import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_kms import IKey

    from secure_ddb.context import TableContext
    from secure_ddb.detection.networks import WatchedNetwork

_NAMESPACE, _METRIC = "SecureTable", "RejectedTraffic-"
_LONGEST_METRIC_NAME = 128
# The service of an address is known for AWS's public ones, to which gateway endpoints lead. Interface endpoints have
# addresses of the VPC, and are known by their network interfaces.
# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
_FIELDS = ("interface-id", "srcaddr", "dstaddr", "dstport", "action", "pkt-dst-aws-service", "start")
_HTTPS = 443


def watch_rejected_traffic(context: TableContext, networks: Sequence[WatchedNetwork], key: IKey) -> Measure:
    """Create flow logs of traffic that security groups and network ACLs of VPCs reject, and return their measures.

    Denials by an endpoint's policy or the perimeter are denied requests, not rejected traffic.
    """
    scope = context.scope
    log_group = LogGroup(
        scope,
        "RejectedTrafficLogGroup",
        encryption_key=key,
        retention=RetentionDays.THREE_MONTHS,
        removal_policy=context.lifecycle.removal_policy,
    )
    role = _writer(context, log_group)
    metric = f"{_METRIC}{context.regional_name(_LONGEST_METRIC_NAME - len(_METRIC))}"
    _count(context, "RejectedTrafficToDynamoDb", log_group, _to_dynamodb(), metric)
    for position, network in enumerate(networks, start=1):
        CfnFlowLog(
            scope,
            f"RejectedTrafficOfNetwork{position}",
            resource_id=network.vpc.vpc_id,
            resource_type="VPC",
            traffic_type="REJECT",
            log_group_name=log_group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
            log_format=" ".join(f"${{{field}}}" for field in _FIELDS),
        )
        for number, interfaces in enumerate(_interfaces(network), start=1):
            _count(context, f"RejectedByEndpoint{position}-{number}", log_group, _into(interfaces), metric)
    return Measure(
        name="RejectedTraffic",
        description=(
            "Security groups or network ACLs rejected traffic to DynamoDB. The log group of rejected traffic has the "
            "addresses: a new client without a rule, or an intrusion attempt. See docs/detection.md."
        ),
        namespace=_NAMESPACE,
        metric=metric,
        threshold=1,
        period=5 * 60,
        # On until an hour has had none, so that many rejected connections are one alarm.
        periods=12,
    )


def _writer(context: TableContext, log_group: LogGroup) -> Role:
    """Return the role of flow logs. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html ."""
    statement = {
        "Sid": "WriteRejectedTraffic",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": log_group.log_group_arn,
    }
    policy = ManagedPolicy(
        context.scope,
        "RejectedTrafficPolicy",
        path=SERVICE_ROLE_PATH,
        description="Lets flow logs write one log group",
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": [statement]}),
    )
    environment = context.environment
    conditions: dict[str, Any] = {
        "StringEquals": {"aws:SourceAccount": environment.account},
        "ArnLike": {"aws:SourceArn": environment.arn("ec2", "vpc-flow-log/*")},
    }
    return Role(
        context.scope,
        "RejectedTrafficRole",
        path=SERVICE_ROLE_PATH,
        assumed_by=ServicePrincipal("vpc-flow-logs.amazonaws.com", conditions=conditions),
        managed_policies=[policy],
    )


def _interfaces(network: WatchedNetwork) -> list[list[str]]:
    """Return the ids of the network interfaces of each endpoint, a list that the deployment knows."""
    endpoints = [
        endpoint
        for each in network.interface_endpoints
        for endpoint in (each.data_plane_endpoint, each.stream_endpoint)
        if endpoint is not None
    ]
    return [endpoint.attr_network_interface_ids for endpoint in endpoints]


def _to_dynamodb() -> str:
    return _pattern(**{"action": "action = REJECT", "pkt-dst-aws-service": "service = DYNAMODB"})


def _into(interfaces: list[str]) -> str:
    either = f"interface = {Fn.join(' || interface = ', interfaces)}"
    return _pattern(**{"interface-id": either, "dstport": f"port = {_HTTPS}", "action": "action = REJECT"})


def _pattern(**conditions: str) -> str:
    """Return a pattern of lines whose fields are separated by spaces; it names each of them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
    """
    return f"[{', '.join(conditions.get(field, f'f{number}') for number, field in enumerate(_FIELDS))}]"


def _count(context: TableContext, id: str, log_group: LogGroup, pattern: str, metric: str) -> None:
    CfnMetricFilter(
        context.scope,
        id,
        log_group_name=log_group.log_group_name,
        filter_pattern=pattern,
        metric_transformations=[
            CfnMetricFilter.MetricTransformationProperty(
                metric_namespace=_NAMESPACE, metric_name=metric, metric_value="1"
            )
        ],
    )
