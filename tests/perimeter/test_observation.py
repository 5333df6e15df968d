"""OBSERVE changes no decision, and counts what ENFORCE would deny."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb import InvalidArgumentError, PerimeterMode, PerimeterSettings
from secure_ddb.context import StackEnvironment
from secure_ddb.perimeter.observation import LONGEST_FILTER, outside_filter
from tests.refusals import a_role
from tests.template import statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Test")
ROLES = "$.userIdentity.sessionContext.sessionIssuer.arn"


@pytest.fixture
def observed(template: Callable[[str], Template]) -> Template:
    return template("observed")


def test_observing_denies_nothing_but_requests_without_tls(observed: Template) -> None:
    (replica,) = observed.only("AWS::DynamoDB::GlobalTable")["Properties"]["Replicas"]
    assert set(statements(replica["ResourcePolicy"]["PolicyDocument"])) == {"DenyRequestsWithoutTls"}


def test_the_filter_reads_the_log_group_that_the_trail_writes(observed: Template) -> None:
    log_group = observed.named("AWS::Logs::LogGroup", "OrdersPerimeterLogGroup")
    trail = observed.properties("AWS::CloudTrail::Trail")
    assert text(trail["CloudWatchLogsLogGroupArn"]) == f"<{log_group}.Arn>"
    assert text(observed.properties("AWS::Logs::MetricFilter")["LogGroupName"]) == f"<{log_group}>"
    role = observed.named("AWS::IAM::Role", "OrdersPerimeterLogRole")
    assert text(trail["CloudWatchLogsRoleArn"]) == f"<{role}.Arn>"


def test_the_log_group_is_encrypted_and_forgets_after_a_month(observed: Template) -> None:
    log_group = observed.properties("AWS::Logs::LogGroup", "OrdersPerimeterLogGroup")
    assert log_group["RetentionInDays"] == 30
    assert text(log_group["KmsKeyId"]) == f"<{observed.named('AWS::KMS::Key', 'OrdersKey')}.Arn>"


def test_cloudtrail_may_write_that_log_group_and_nothing_else(observed: Template) -> None:
    document = observed.properties("AWS::IAM::ManagedPolicy", "OrdersPerimeterLogPolicy")["PolicyDocument"]
    (statement,) = statements(document).values()
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    log_group = observed.named("AWS::Logs::LogGroup", "OrdersPerimeterLogGroup")
    assert text(statement["Resource"]) == f"<{log_group}.Arn>"


def test_a_request_from_outside_rings_an_alarm(observed: Template) -> None:
    (transformation,) = observed.properties("AWS::Logs::MetricFilter")["MetricTransformations"]
    alarm = observed.properties("AWS::CloudWatch::Alarm", "OrdersPerimeterRequestsFromOutside")
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        transformation["MetricNamespace"],
        transformation["MetricName"],
    )
    assert (alarm["Threshold"], alarm["Statistic"], transformation["MetricValue"]) == (1, "Sum", "1")
    assert len(transformation["MetricName"]) <= 128


def test_enforcing_counts_nothing(template: Callable[[str], Template]) -> None:
    assert template("enforced").of_type("AWS::Logs::MetricFilter") == {}


def test_the_filter_says_what_is_outside() -> None:
    settings = PerimeterSettings(
        mode=PerimeterMode.OBSERVE,
        exempt_roles=[a_role("break-glass")],
        corporate_cidrs=["203.0.113.0/24", "198.51.100.7/32", "192.0.2.0/25"],
    )
    assert outside_filter(settings, ENVIRONMENT, ["vpce-1", "vpce-2"]) == (
        '{ $.eventSource = "dynamodb.amazonaws.com" && $.userIdentity.type != "AWSService" '
        f'&& ((({ROLES} NOT EXISTS || ({ROLES} != "arn:aws:iam::111122223333:role/aws-service-role/*" '
        f'&& {ROLES} != "arn:aws:iam::111122223333:role/break-glass")) '
        '&& ($.vpcEndpointId NOT EXISTS || ($.vpcEndpointId != "vpce-1" && $.vpcEndpointId != "vpce-2")) '
        '&& ($.sourceIPAddress NOT EXISTS || ($.sourceIPAddress != "203.0.113.*" '
        '&& $.sourceIPAddress != "198.51.100.7"))) '
        '|| $.userIdentity.accountId != "111122223333") }'
    )


def test_without_endpoints_every_network_is_outside() -> None:
    settings = PerimeterSettings(mode=PerimeterMode.OBSERVE, exempt_roles=[a_role("break-glass")])
    pattern = outside_filter(settings, ENVIRONMENT, [])
    assert "vpcEndpointId" not in pattern
    assert "sourceIPAddress" not in pattern


def test_a_filter_that_is_too_long_is_refused() -> None:
    settings = PerimeterSettings(mode=PerimeterMode.OBSERVE, exempt_roles=[a_role("r" * 64 + str(n)) for n in range(9)])
    with pytest.raises(InvalidArgumentError, match=f"at most {LONGEST_FILTER} characters"):
        outside_filter(settings, ENVIRONMENT, [])
