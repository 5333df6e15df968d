"""The DynamoDB table itself: TableV2's arguments, checked before CDK sees them, and what every table has."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_dynamodb import (
    Attribute,
    Billing,
    ContributorInsightsMode,
    ContributorInsightsSpecification,
    GlobalSecondaryIndexPropsV2,
    LocalSecondaryIndexProps,
    PointInTimeRecoverySpecification,
    StreamViewType,
    TableClass,
    TableEncryptionV2,
    TableV2,
    WarmThroughput,
)
from aws_cdk.aws_iam import PolicyDocument

from secure_ddb.access import table_policy
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_kinesis import IStream

    from secure_ddb.context import TableContext
    from secure_ddb.encryption import TableKey

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_NAME_ALLOWED = "3 to 255 letters, digits, _, . and -"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
_MOST_GLOBAL_INDEXES = 20
_MOST_LOCAL_INDEXES = 5


@dataclass(frozen=True, kw_only=True)
class TableArguments:
    """TableV2's own arguments, by its names.

    Raises:
        InvalidArgumentError: One of them cannot be right.
    """

    partition_key: Attribute
    sort_key: Attribute | None
    billing: Billing | None
    global_secondary_indexes: Sequence[GlobalSecondaryIndexPropsV2] | None
    local_secondary_indexes: Sequence[LocalSecondaryIndexProps] | None
    time_to_live_attribute: str | None
    table_class: TableClass | None
    warm_throughput: WarmThroughput | None
    table_name: str | None
    contributor_insights_specification: ContributorInsightsSpecification | None
    kinesis_stream: IStream | None

    def __post_init__(self) -> None:
        """Check what DynamoDB or CDK would refuse later and less clearly."""
        require_type("partition_key", self.partition_key, Attribute, "an aws_dynamodb.Attribute")
        _check_key_name("partition_key.name", self.partition_key)
        for argument, expected in _OPTIONAL_TYPES.items():
            if getattr(self, argument) is not None:
                require_type(argument, getattr(self, argument), expected)
        if self.kinesis_stream is not None:
            require_interface("kinesis_stream", self.kinesis_stream, "stream_arn", "an aws_kinesis.IStream")
        if self.sort_key is not None:
            _check_key_name("sort_key.name", self.sort_key)
            if self.sort_key.name == self.partition_key.name:
                reject("sort_key.name", self.sort_key.name, "another attribute than the partition key")
        if self.table_name is not None:
            _check_name("table_name", self.table_name)
        if self.time_to_live_attribute == "":
            reject("time_to_live_attribute", "", "the name of an attribute")
        _check_indexes(
            self.global_secondary_indexes or (),
            self.local_secondary_indexes or (),
            has_sort_key=self.sort_key is not None,
        )

    @property
    def global_index_names(self) -> list[str]:
        """Names of the global secondary indexes."""
        return [index.index_name for index in self.global_secondary_indexes or ()]

    @property
    def has_index(self) -> bool:
        """Whether the table has an index of any kind."""
        return bool(self.global_secondary_indexes or self.local_secondary_indexes)


def create_table(
    context: TableContext, arguments: TableArguments, key: TableKey, recovery_period_in_days: int
) -> TableV2:
    """Make the table with what every table has, whatever its arguments."""
    default_insights = _default_insights(context)
    insights = arguments.contributor_insights_specification or default_insights
    context.evidence.compare("contributor_insights_specification", _shown(insights), _shown(default_insights))
    values = {field.name: getattr(arguments, field.name) for field in fields(arguments)}
    return TableV2(
        context.scope,
        "Table",
        **{
            **values,
            "contributor_insights_specification": insights,
            "encryption": TableEncryptionV2.customer_managed_key(key.key),
            "point_in_time_recovery_specification": PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=recovery_period_in_days
            ),
            "deletion_protection": not context.lifecycle.is_ephemeral,
            "removal_policy": context.lifecycle.removal_policy,
            "dynamo_stream": StreamViewType.NEW_AND_OLD_IMAGES,
            "resource_policy": PolicyDocument.from_json(table_policy()),
        },
    )


def _default_insights(context: TableContext) -> ContributorInsightsSpecification:
    """Show the keys that are throttled, and none at all of restricted data: CloudWatch shows them in clear.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
    """
    if not context.classification.floor.may_show_keys:
        return ContributorInsightsSpecification(enabled=False)
    return ContributorInsightsSpecification(enabled=True, mode=ContributorInsightsMode.THROTTLED_KEYS)


def _shown(insights: ContributorInsightsSpecification) -> str:
    return insights.mode.name if insights.enabled and insights.mode else "on" if insights.enabled else "off"


def _check_indexes(
    global_indexes: Sequence[GlobalSecondaryIndexPropsV2],
    local_indexes: Sequence[LocalSecondaryIndexProps],
    *,
    has_sort_key: bool,
) -> None:
    _check_number("global_secondary_indexes", global_indexes, _MOST_GLOBAL_INDEXES)
    _check_number("local_secondary_indexes", local_indexes, _MOST_LOCAL_INDEXES)
    if local_indexes and not has_sort_key:
        reject("local_secondary_indexes", local_indexes[0].index_name, "none, for a table without sort_key")
    seen: set[str] = set()
    kinds: tuple[tuple[str, Sequence[Any], type], ...] = (
        ("global_secondary_indexes", global_indexes, GlobalSecondaryIndexPropsV2),
        ("local_secondary_indexes", local_indexes, LocalSecondaryIndexProps),
    )
    for argument, indexes, expected in kinds:
        for position, index in enumerate(indexes):
            require_type(f"{argument}[{position}]", index, expected)
            name = index.index_name
            _check_name(f"{argument}[{position}].index_name", name)
            if name in seen:
                reject(f"{argument}[{position}].index_name", name, "a name that no other index of the table has")
            seen.add(name)


def _check_number(argument: str, indexes: Sequence[object], most: int) -> None:
    if len(indexes) > most:
        reject(argument, f"{len(indexes)} indexes", f"at most {most}")


def _check_name(argument: str, name: str) -> None:
    require_type(argument, name, str)
    if not is_token(name) and not _NAME.fullmatch(name):
        reject(argument, name, _NAME_ALLOWED)


def _check_key_name(argument: str, attribute: Attribute) -> None:
    if not attribute.name:
        reject(argument, attribute.name, "the name of an attribute")


_OPTIONAL_TYPES: dict[str, type | tuple[type, ...]] = {
    "sort_key": Attribute,
    "billing": Billing,
    "global_secondary_indexes": (list, tuple),
    "local_secondary_indexes": (list, tuple),
    "time_to_live_attribute": str,
    "table_class": TableClass,
    "warm_throughput": WarmThroughput,
    "table_name": str,
    "contributor_insights_specification": ContributorInsightsSpecification,
}
