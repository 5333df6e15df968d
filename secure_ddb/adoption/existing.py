"""An existing table as all readers describe it. A value that is known only at deployment is unknown, not guessed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class AdoptionError(ValueError):
    """A table cannot be read, or cannot become a `SecureTable`; the message names the place and the allowed values."""


class Origin(Enum):
    """Where a table is declared, as far as it is known."""

    CLOUDFORMATION = "CloudFormation"
    TERRAFORM = "Terraform"
    UNKNOWN = "unknown"


class KeyOwner(Enum):
    """Whose key encrypts a table.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """

    DYNAMODB = "AWS owned key"
    AWS = "AWS managed key"
    CUSTOMER = "customer managed key"


@dataclass(frozen=True, kw_only=True)
class KeyAttribute:
    """An attribute of a key.

    Attributes:
        name: Its name.
        type: `S`, `N` or `B`.
    """

    name: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Provisioned capacity in units; fixed unless it has a target.

    Attributes:
        least: The capacity, or the least when it scales.
        most: The same, or the most.
        target: Utilization in percent that autoscaling keeps; None if the capacity is fixed.
    """

    least: int
    most: int
    target: int | None = None


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """How much a table or an index takes in a second.

    Attributes:
        read: Provisioned capacity; None on demand.
        write: Likewise.
        most_reads: The most read request units on demand; None if there is no maximum.
        most_writes: Likewise.
        warm_reads: Read units that are ready at once, if set.
        warm_writes: Likewise.
    """

    read: Capacity | None = None
    write: Capacity | None = None
    most_reads: int | None = None
    most_writes: int | None = None
    warm_reads: int | None = None
    warm_writes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Index:
    """A secondary index.

    Attributes:
        name: Its name.
        partition_keys: Attributes of its partition key.
        sort_keys: Attributes of its sort key.
        projection: `ALL`, `KEYS_ONLY` or `INCLUDE`.
        included: Other attributes that it holds, with `INCLUDE`.
        throughput: Its own, of a global index.
        insights: Mode of Contributor Insights; None if they are off.
    """

    name: str
    partition_keys: tuple[KeyAttribute, ...]
    sort_keys: tuple[KeyAttribute, ...] = ()
    projection: str = "ALL"
    included: tuple[str, ...] = ()
    throughput: Throughput = Throughput()
    insights: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A setting that only the deployment knows.

    Attributes:
        name: The setting, by the name that the source has for it.
        code: The argument or statement that the code leaves out for it.
    """

    name: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class ExistingTable:
    """A table that exists, as far as its source tells.

    Attributes:
        place: Where it was read, such as `orders.yaml: Orders`.
        origin: Its source: template, plan or account.
        declared_as: Its resource type there; empty if that is not known.
        address: Logical id or Terraform address; empty if it is not known.
        stack: The stack that declares it; empty if it is not known.
        retained: Whether its declaration says that it outlives its stack.
        references: What refers to it in the same template.
        name: The table's name.
        region: Its Region; empty if it is not known.
        account: Its account; empty if it is not known.
        partition_key: Its partition key.
        sort_key: Its sort key, if it has one.
        global_indexes: Its global secondary indexes.
        local_indexes: Its local secondary indexes.
        on_demand: Whether it is billed by request.
        throughput: Its capacity.
        time_to_live: The attribute with which items expire.
        table_class: `STANDARD` or `STANDARD_INFREQUENT_ACCESS`.
        key_owner: Whose key encrypts it; None if only the deployment knows.
        key_arn: That key, of a customer's.
        stream: View type of its stream; None if it has none.
        kinesis_stream: ARN of the Kinesis stream that it sends changes to.
        kinesis_precision: Precision of the times there.
        recovery_days: How far point-in-time recovery reaches back; None if it is off.
        protected: Whether it has deletion protection.
        insights: Mode of Contributor Insights; None if they are off.
        policy: Its resource policy.
        stream_policy: The resource policy of its stream.
        tags: Key and value of each tag.
        replicas: Other Regions that have it, each with its settings as CloudFormation writes them.
        unknown: Properties known only at deployment.
    """

    place: str
    origin: Origin
    name: str
    partition_key: KeyAttribute
    declared_as: str = ""
    address: str = ""
    stack: str = ""
    retained: bool = False
    references: tuple[str, ...] = ()
    region: str = ""
    account: str = ""
    sort_key: KeyAttribute | None = None
    global_indexes: tuple[Index, ...] = ()
    local_indexes: tuple[Index, ...] = ()
    on_demand: bool = True
    throughput: Throughput = Throughput()
    time_to_live: str | None = None
    table_class: str = "STANDARD"
    key_owner: KeyOwner | None = KeyOwner.DYNAMODB
    key_arn: str | None = None
    stream: str | None = None
    kinesis_stream: str | None = None
    kinesis_precision: str | None = None
    recovery_days: int | None = None
    protected: bool = False
    insights: str | None = None
    policy: Mapping[str, Any] | None = None
    stream_policy: Mapping[str, Any] | None = None
    tags: tuple[tuple[str, str], ...] = ()
    replicas: tuple[Mapping[str, Any], ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def is_global(self) -> bool:
        """Whether it is declared as an `AWS::DynamoDB::GlobalTable`, with one replica or more."""
        return self.declared_as == "AWS::DynamoDB::GlobalTable"

    @property
    def replica_regions(self) -> tuple[str, ...]:
        """The other Regions that have it."""
        return tuple(str(each["Region"]) for each in self.replicas)
