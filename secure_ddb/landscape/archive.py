"""Where the log of changes is archived: log group to subscription filter to Amazon Data Firehose to a bucket."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.audit import Audit
    from secure_ddb.landscape.table import Table

_DESTINATIONS = ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration")


class Delivery(NamedTuple):
    """A subscription filter that hands a log of changes to a delivery stream, which writes it to Amazon S3."""

    subscription: Resource
    group: Resource
    stream: Resource
    tables: list[Table]


class Archive:
    """Where the log of changes is archived."""

    def __init__(self, templates: Templates, audit: Audit) -> None:
        """Store the templates and the recorders of changes."""
        self._templates = templates
        self._audit = audit

    @cached_property
    def subscriptions(self) -> dict[Resource, list[Resource]]:
        """Log group of changes to its subscription filters."""
        found: defaultdict[Resource, list[Resource]] = defaultdict(list)
        for subscription in self._templates.of_type(kinds.SUBSCRIPTION_FILTER):
            group = self._templates.find(subscription.properties.get("LogGroupName"), subscription, kinds.LOG_GROUP)
            if group in self._audit.log_groups:
                found[group].append(subscription)
        return found

    def account_subscriptions(self, group: Resource) -> list[Resource]:
        """Return the subscription filters of all log groups of an account and Region, so of this one unless left out.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters-AccountLevel.html
        """
        return [
            policy
            for policy in self._templates.of_type(kinds.SUBSCRIPTION_OF_ACCOUNT)
            if (policy.account, policy.region) == (group.account, group.region)
            and policy.properties.get("PolicyType") == "SUBSCRIPTION_FILTER_POLICY"
        ]

    def stream_of(self, subscription: Resource) -> Resource | None:
        """Return the delivery stream to Amazon S3 that a subscription filter hands its lines to."""
        arn = subscription.properties.get("DestinationArn")
        stream = self._templates.find(arn, subscription, kinds.DELIVERY_STREAM)
        return stream if stream and destination_in_s3(stream) else None

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """Each way on which the log of changes gets into an archive."""
        return [
            Delivery(subscription, group, stream, self._audit.log_groups[group])
            for group, subscriptions in self.subscriptions.items()
            for subscription in subscriptions
            if (stream := self.stream_of(subscription))
        ]

    @cached_property
    def delivery_streams(self) -> TablesByResource:
        """Each delivery stream to an archive."""
        return tables_by_resource((each.stream, each.tables) for each in self.deliveries)

    @cached_property
    def buckets(self) -> TablesByResource:
        """Each bucket that is an archive."""
        return tables_by_resource((self.bucket_of(stream), tables) for stream, tables in self.delivery_streams.items())

    def bucket_of(self, stream: Resource) -> Resource | None:
        """Return the bucket that a delivery stream writes to."""
        return self._templates.find(destination_in_s3(stream).get("BucketARN"), stream, kinds.BUCKET)

    @cached_property
    def roles(self) -> TablesByResource:
        """Each role with which the log is handed on: of CloudWatch Logs and of Firehose."""
        return tables_by_resource(
            (self._templates.find(named, each.stream, kinds.ROLE), each.tables)
            for each in self.deliveries
            for named in (each.subscription.properties.get("RoleArn"), destination_in_s3(each.stream).get("RoleARN"))
        )

    @cached_property
    def error_logs(self) -> TablesByResource:
        """Each log group in which such streams log errors."""
        return tables_by_resource(
            (self._templates.find(at(destination_in_s3(stream), *_ERROR_LOG), stream, kinds.LOG_GROUP), tables)
            for stream, tables in self.delivery_streams.items()
        )


_ERROR_LOG = ("CloudWatchLoggingOptions", "LogGroupName")


def destination_in_s3(stream: Resource) -> dict[str, Any]:
    """Return how a delivery stream writes to Amazon S3; empty if it writes elsewhere."""
    name = destination_name(stream)
    return stream.properties[name] if name else {}


def destination_name(stream: Resource) -> str:
    """Return the property that says how a delivery stream writes to Amazon S3; empty if it writes elsewhere."""
    return next((name for name in _DESTINATIONS if isinstance(stream.properties.get(name), dict)), "")
