"""TableV2's own arguments, checked before CDK sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_dynamodb import (
    Attribute,
    Billing,
    ContributorInsightsMode,
    ContributorInsightsSpecification,
    GlobalSecondaryIndexPropsV2,
    LocalSecondaryIndexProps,
    ProjectionType,
    TableClass,
    WarmThroughput,
)

from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.key_schema import IndexKeys, KeySchema
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk.aws_kinesis import IStream

    from secure_ddb.classification import DataClassification
    from secure_ddb.table_evidence import TableEvidence

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
LONGEST_TABLE_NAME = 255
_NAME = re.compile(rf"[a-zA-Z0-9_.-]{{3,{LONGEST_TABLE_NAME}}}")
_NAME_ALLOWED = "3 to 255 letters, digits, _, . and -"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
_LONGEST_ATTRIBUTE_NAME = 255
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
        """Check values that DynamoDB or CDK would reject later and less clearly."""
        require_type("partition_key", self.partition_key, Attribute, "an aws_dynamodb.Attribute")
        for argument, expected in _OPTIONAL_TYPES.items():
            if getattr(self, argument) is not None:
                require_type(argument, getattr(self, argument), expected)
        if self.kinesis_stream is not None:
            require_interface("kinesis_stream", self.kinesis_stream, "stream_arn", "an aws_kinesis.IStream")
        if self.table_name is not None and not is_token(self.table_name):
            require_table_name("table_name", self.table_name)
        if self.time_to_live_attribute is not None:
            _check_attribute_name("time_to_live_attribute", self.time_to_live_attribute)
        self._check_indexes()
        self._check_keys()

    @classmethod
    def of_existing(
        cls,
        table_name: str,
        partition_key: Attribute,
        sort_key: Attribute | None,
        global_secondary_indexes: Sequence[GlobalSecondaryIndexPropsV2] | None,
        local_secondary_indexes: Sequence[LocalSecondaryIndexProps] | None,
    ) -> TableArguments:
        """Return the attributes of an existing table that grants need, checked as for a new one."""
        known: dict[str, Any] = {field.name: None for field in fields(cls)} | {
            "table_name": table_name,
            "partition_key": partition_key,
            "sort_key": sort_key,
            "global_secondary_indexes": global_secondary_indexes,
            "local_secondary_indexes": local_secondary_indexes,
        }
        return cls(**known)

    def named(self, name: str) -> TableArguments:
        """Return the same arguments with a name that is known by now."""
        return replace(self, table_name=name)

    def _check_indexes(self) -> None:
        _check_number("global_secondary_indexes", self.global_secondary_indexes, _MOST_GLOBAL_INDEXES)
        _check_number("local_secondary_indexes", self.local_secondary_indexes, _MOST_LOCAL_INDEXES)
        seen: set[str] = set()
        for argument, index, expected in self._indexes():
            require_type(argument, index, expected)
            require_table_name(f"{argument}.index_name", index.index_name)
            if index.index_name in seen:
                reject(f"{argument}.index_name", index.index_name, "a name that no other index of the table has")
            seen.add(index.index_name)
            _check_projection(argument, index)
        if self.local_secondary_indexes and self.sort_key is None:
            name = self.local_secondary_indexes[0].index_name
            reject("local_secondary_indexes", name, "none, for a table without sort_key")

    def _check_keys(self) -> None:
        types: dict[str, Any] = {}
        for argument, attribute in self._key_attributes():
            _check_attribute_name(f"{argument}.name", attribute.name)
            known = types.setdefault(attribute.name, attribute.type)
            if attribute.type != known:
                reject(f"{argument}.type", attribute.type.name, f"{known.name}, as for the same attribute elsewhere")
        if self.sort_key is not None and self.sort_key.name == self.partition_key.name:
            reject("sort_key.name", self.sort_key.name, "another attribute than the partition key")

    def _indexes(self) -> Iterator[tuple[str, Any, type]]:
        for position, index in enumerate(self.global_secondary_indexes or ()):
            yield f"global_secondary_indexes[{position}]", index, GlobalSecondaryIndexPropsV2
        for position, local in enumerate(self.local_secondary_indexes or ()):
            yield f"local_secondary_indexes[{position}]", local, LocalSecondaryIndexProps

    def _key_attributes(self) -> Iterator[tuple[str, Attribute]]:
        yield "partition_key", self.partition_key
        if self.sort_key is not None:
            yield "sort_key", self.sort_key
        for argument, index, _ in self._indexes():
            if isinstance(index, GlobalSecondaryIndexPropsV2):
                partition = _one_or_many(argument, "partition_key", index.partition_key, index.partition_keys)
                if not partition:
                    reject(f"{argument}.partition_key", None, "an attribute, or up to 4 as partition_keys")
                sort = _one_or_many(argument, "sort_key", index.sort_key, index.sort_keys)
                yield from chain(partition, sort)
            else:
                yield f"{argument}.sort_key", index.sort_key

    def check(self, classification: DataClassification, evidence: TableEvidence) -> None:
        """Compare with what the classification allows and record what differs from the default.

        Raises:
            InvalidArgumentError: Contributor Insights would show keys that must not be shown.
        """
        default = default_insights(classification)
        chosen = self.contributor_insights_specification or default
        refuse_shown_keys("contributor_insights_specification", chosen, classification)
        evidence.compare("contributor_insights_specification", _shown(chosen), _shown(default))
        if self.kinesis_stream is not None:
            evidence.settings["kinesis_stream"] = "sends every change, old and new item included, to a stream"
            evidence.not_verifiable.append("who reads the Kinesis stream, and how it is encrypted")

    @property
    def global_index_names(self) -> list[str]:
        """Names of the global secondary indexes."""
        return [index.index_name for index in self.global_secondary_indexes or ()]

    @property
    def key_schema(self) -> KeySchema:
        """Names of the key attributes of the table and its indexes."""
        return KeySchema(
            partition=self.partition_key.name,
            sort=self.sort_key.name if self.sort_key else None,
            indexes=tuple(self._index_keys(argument, index) for argument, index, _ in self._indexes()),
        )

    def _index_keys(self, argument: str, index: GlobalSecondaryIndexPropsV2 | LocalSecondaryIndexProps) -> IndexKeys:
        if isinstance(index, LocalSecondaryIndexProps):
            partition, sort = [self.partition_key], [index.sort_key]
        else:
            keys = (
                ("partition_key", index.partition_key, index.partition_keys),
                ("sort_key", index.sort_key, index.sort_keys),
            )
            partition, sort = ([attribute for _, attribute in _one_or_many(argument, *key)] for key in keys)
        return IndexKeys(
            name=index.index_name,
            partition=tuple(attribute.name for attribute in partition),
            sort=tuple(attribute.name for attribute in sort),
            is_global=isinstance(index, GlobalSecondaryIndexPropsV2),
        )


def default_insights(classification: DataClassification) -> ContributorInsightsSpecification:
    """Show the keys that are throttled, and none at all of restricted data: CloudWatch shows them in clear.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
    """
    if not classification.floor.may_show_keys:
        return ContributorInsightsSpecification(enabled=False)
    return ContributorInsightsSpecification(enabled=True, mode=ContributorInsightsMode.THROTTLED_KEYS)


def refuse_shown_keys(
    argument: str, insights: ContributorInsightsSpecification | None, classification: DataClassification
) -> None:
    """Refuse Contributor Insights where the classification forbids to show keys.

    Raises:
        InvalidArgumentError: It is on.
    """
    if insights is not None and insights.enabled and not classification.floor.may_show_keys:
        reject(argument, _shown(insights), f"off for {classification.name}: CloudWatch would show keys in clear")


def _shown(insights: ContributorInsightsSpecification) -> str:
    if not insights.enabled:
        return "off"
    return insights.mode.name if insights.mode else "on"


def _one_or_many(
    argument: str, name: str, one: Attribute | None, many: Sequence[Attribute] | None
) -> list[tuple[str, Attribute]]:
    if one is not None and many:
        reject(f"{argument}.{name}s", f"{len(many)} attributes", f"only without {name}")
    if many is not None and len(many) > _MOST_KEY_ATTRIBUTES:
        reject(f"{argument}.{name}s", f"{len(many)} attributes", f"at most {_MOST_KEY_ATTRIBUTES}")
    if one is not None:
        return [(f"{argument}.{name}", one)]
    return [(f"{argument}.{name}s[{position}]", attribute) for position, attribute in enumerate(many or ())]


def _check_projection(argument: str, index: GlobalSecondaryIndexPropsV2 | LocalSecondaryIndexProps) -> None:
    included = index.projection_type is ProjectionType.INCLUDE
    if included and not index.non_key_attributes:
        reject(f"{argument}.non_key_attributes", None, "the attributes that ProjectionType.INCLUDE includes")
    if index.non_key_attributes and not included:
        reject(f"{argument}.non_key_attributes", index.non_key_attributes, "none without ProjectionType.INCLUDE")


def _check_number(argument: str, indexes: Sequence[object] | None, most: int) -> None:
    if indexes is not None and len(indexes) > most:
        reject(argument, f"{len(indexes)} indexes", f"at most {most}")


def require_table_name(argument: str, name: str) -> None:
    """Reject names that DynamoDB does not accept, and names known only at deployment.

    Raises:
        InvalidArgumentError: It is one of these.
    """
    require_type(argument, name, str)
    if not _NAME.fullmatch(name):
        # An index's name becomes part of a construct id, which cannot wait until deployment.
        reject(argument, "known only at deployment" if is_token(name) else name, _NAME_ALLOWED)


def _check_attribute_name(argument: str, name: str) -> None:
    if not 0 < len(name.strip()) <= len(name) <= _LONGEST_ATTRIBUTE_NAME and not is_token(name):
        reject(argument, name, f"the name of an attribute, 1 to {_LONGEST_ATTRIBUTE_NAME} characters")


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
_MOST_KEY_ATTRIBUTES = 4

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
