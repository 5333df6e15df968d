"""The web ACL: countries, rate of requests, AWS's managed rules; and its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, ServicePrincipal
from aws_cdk.aws_logs import CfnResourcePolicy, LogGroup, RetentionDays
from aws_cdk.aws_wafv2 import CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_kms import IKey

# Cheapest first. They take 1,178 of the 1,500 capacity units that AWS WAF includes in its price, the rules of our own
# among them. https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
MANAGED_RULES = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
)
# Names that AWS WAF accepts begin with this.
# https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
_LOG_PREFIX = "aws-waf-logs-"
# Paths hold ids of customers, and these headers hold credentials. Bodies are never in this log.
_REDACTED_HEADERS = ("authorization", "x-amz-security-token")
_FIVE_MINUTES = 300


class Firewall(Construct):
    """A web ACL that blocks, and logs without paths, queries and credentials."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        countries: Sequence[str],
        requests_per_address: int,
        log_key: IKey,
    ) -> None:
        """Make it, without anything that it protects yet."""
        super().__init__(scope, id)
        own = [
            _rule(0, "OtherCountries", _not_from(countries), block=True),
            _rule(1, "TooManyRequests", _rate_of(requests_per_address), block=True),
        ]
        managed = [
            _rule(number, name, _managed(name), block=False)
            for number, name in enumerate(MANAGED_RULES, start=len(own))
        ]
        self._acl = CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            # Allowed requests still have to authenticate.
            default_action=CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("WebAcl"),
            rules=[*own, *managed],
        )
        self._log(log_key)

    def protect(self, id: str, arn: str) -> CfnWebACLAssociation:
        """Put the web ACL in front of a stage of an API."""
        return CfnWebACLAssociation(self, id, resource_arn=arn, web_acl_arn=self._acl.attr_arn)

    def _log(self, key: IKey) -> None:
        stack = Stack.of(self)
        name = f"{_LOG_PREFIX}{stack.stack_name.lower()}"
        log_group = LogGroup(
            self,
            "Log",
            log_group_name=name,
            encryption_key=key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # The attribute Arn of a log group ends in `:*`, which AWS WAF does not show for its destinations.
        arn = stack.format_arn(
            service="logs", resource="log-group", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        delivered = PolicyStatement(
            sid="DeliverWebAclLog",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{arn}:*"],
            principals=[ServicePrincipal("delivery.logs.amazonaws.com")],
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {"aws:SourceArn": stack.format_arn(service="logs", resource="*")},
            },
        )
        policy = CfnResourcePolicy(
            self,
            "LogPolicy",
            policy_name=name,
            policy_document=stack.to_json_string(PolicyDocument(statements=[delivered])),
        )
        field = CfnLoggingConfiguration.FieldToMatchProperty
        logging = CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self._acl.attr_arn,
            log_destination_configs=[arn],
            redacted_fields=[
                field(uri_path={}),
                field(query_string={}),
                *(field(single_header={"Name": header}) for header in _REDACTED_HEADERS),
            ],
        )
        logging.node.add_dependency(log_group, policy)


def _not_from(countries: Sequence[str]) -> CfnWebACL.StatementProperty:
    inside = CfnWebACL.StatementProperty(
        geo_match_statement=CfnWebACL.GeoMatchStatementProperty(country_codes=list(countries))
    )
    return CfnWebACL.StatementProperty(not_statement=CfnWebACL.NotStatementProperty(statement=inside))


def _rate_of(limit: int) -> CfnWebACL.StatementProperty:
    return CfnWebACL.StatementProperty(
        rate_based_statement=CfnWebACL.RateBasedStatementProperty(
            limit=limit, aggregate_key_type="IP", evaluation_window_sec=_FIVE_MINUTES
        )
    )


def _managed(name: str) -> CfnWebACL.StatementProperty:
    return CfnWebACL.StatementProperty(
        managed_rule_group_statement=CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
    )


def _rule(priority: int, name: str, statement: CfnWebACL.StatementProperty, *, block: bool) -> CfnWebACL.RuleProperty:
    # A group of managed rules has actions of its own, which `none` leaves as they are.
    acts: dict[str, Any] = {"action": {"block": {}}} if block else {"override_action": {"none": {}}}
    return CfnWebACL.RuleProperty(
        name=name, priority=priority, statement=statement, visibility_config=_visibility(name), **acts
    )


def _visibility(name: str) -> CfnWebACL.VisibilityConfigProperty:
    # Samples show whole requests, and what the log redacts is not redacted there.
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging.html
    return CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
