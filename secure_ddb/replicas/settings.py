"""Settings of a replica, and of all of them together."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import (
    Capacity,
    ContributorInsightsSpecification,
    MultiRegionConsistency,
    ReplicaGlobalSecondaryIndexOptions,
    TableClass,
)

from secure_ddb.backup.settings import BackupSettings
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.claim import require_claim_text
from secure_ddb.context import REGION
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.network.table_network import TableNetwork
from secure_ddb.tokens import is_token
from secure_ddb.waivers.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.aws_kinesis import IStream
    from aws_cdk.aws_kms import IKey

    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.sharing.shared import SharedByTables

# Off in an account until it is switched on. Regions that came after March 2019 are.
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
OPT_IN_REGIONS = frozenset(
    (
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    )
)
_KEY_ARN = re.compile(r"arn:aws:kms:([^:]+):\d{12}:key/.+")


@dataclass(frozen=True, repr=False)
class ReplicaSettings(BriefRepr):
    """The table in a further Region. Its key, alarms and backups are made in a stack of that Region.

    Unset values are those of the table: the perimeter, thresholds of alarms, retention of backups. What
    belongs to one Region (endpoints, topic, vault, shared resources) is its own.

    Attributes:
        region: The Region, such as `eu-west-1`.
        is_opt_in_region: That the account has switched a Region on which is off in new accounts.
        encryption_key: An existing key of that Region, imported by its ARN, instead of one made there.
        endpoints: The endpoints through which it is reached there: ids known at synth, as `ExistingEndpoints` has.
        network: Instead, subnets of a VPC of that Region. Not where the table enforces a perimeter.
        backup: Its backups; of the table, unless given.
        alarms: Its alarms; of the table, unless given.
        shared_resources: `SharedResources` or `ExistingSharedResources` of that Region.
        stream_arn: The replica's stream, which is known once the replica is there. With it, changes are recorded in
            that Region, too, and other consumers can read them there.
        digest_key_arn: The multi-Region key of digests in the table's own Region, which is known once the table is
            deployed with this Region in `AuditSettings.digest_regions`. With it, items have the same digests here.
        without_policies: For the deployment that adds the replica: CloudFormation cannot attach the policies of
            table and stream in the same update. Until the next deployment, without this, only IAM policies protect
            it there.
        residency_accepted_by: Who accepts that a RESTRICTED table's items are kept in that Region, such as a ticket.
            Needed then, and shown as claimed.
        contributor_insights_specification: As of the table, unless given.
        kinesis_stream: A further stream of changes, of that Region.
        table_class: As of the table, unless given.
        read_capacity: For provisioned tables, as of the table, unless given.
        max_read_request_units: For tables on demand, as of the table, unless given.
        global_secondary_index_options: Name of an index to its options there.

    Raises:
        InvalidArgumentError: A value has the wrong type, or cannot be right.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
    """

    region: str
    _: KW_ONLY
    is_opt_in_region: bool = False
    encryption_key: IKey | None = None
    endpoints: TableEndpoints | Sequence[TableEndpoints] | None = None
    network: TableNetwork | None = None
    backup: BackupSettings | None = None
    alarms: AlarmSettings | None = None
    shared_resources: SharedByTables | None = None
    stream_arn: str | None = None
    digest_key_arn: str | None = None
    without_policies: Waiver | None = None
    residency_accepted_by: str = ""
    contributor_insights_specification: ContributorInsightsSpecification | None = None
    kinesis_stream: IStream | None = None
    table_class: TableClass | None = None
    read_capacity: Capacity | None = None
    max_read_request_units: int | None = None
    global_secondary_index_options: Mapping[str, ReplicaGlobalSecondaryIndexOptions] | None = None

    def __post_init__(self) -> None:
        """Check every value that can be checked without the table."""
        if isinstance(self.region, str) and self.region.startswith("arn:"):
            allowed = "a Region, such as eu-west-1. Replicas in other accounts are not supported"
            reject("replica.region", self.region, allowed)
        if not isinstance(self.region, str) or not REGION.fullmatch(self.region):
            reject("replica.region", self.region, "a Region of the partition aws, such as eu-west-1")
        self._check_opt_in()
        for name, kind in _KINDS.items():
            if getattr(self, name) is not None:
                require_type(self._argument(name), getattr(self, name), kind, f"{kind.__name__} or None")
        self._check_key()
        self._check_stream()
        self._check_digest_key()
        if self.residency_accepted_by != "":
            require_claim_text(self._argument("residency_accepted_by"), self.residency_accepted_by)
        if self.kinesis_stream is not None:
            stream = self._argument("kinesis_stream")
            require_interface(stream, self.kinesis_stream, "stream_arn", "an aws_kinesis.IStream")

    def _argument(self, name: str) -> str:
        return f"replicas[{self.region}].{name}"

    def _check_opt_in(self) -> None:
        require_type(self._argument("is_opt_in_region"), self.is_opt_in_region, bool)
        if self.region in OPT_IN_REGIONS and not self.is_opt_in_region:
            allowed = (
                "a Region that every account has; for this one, switch it on in the account, then say "
                "is_opt_in_region=True"
            )
            reject("replica.region", self.region, allowed)
        if self.is_opt_in_region and self.region not in OPT_IN_REGIONS:
            reject(self._argument("is_opt_in_region"), True, f"False: every account has {self.region}")

    def _check_stream(self) -> None:
        if self.stream_arn is None:
            return
        found = _STREAM.fullmatch(self.stream_arn) if isinstance(self.stream_arn, str) else None
        if found is None or found[1] != self.region:
            allowed = f"arn:aws:dynamodb:{self.region}:ACCOUNT:table/NAME/stream/LABEL, known at synth"
            reject(self._argument("stream_arn"), self.stream_arn, allowed)

    def _check_digest_key(self) -> None:
        if self.digest_key_arn is None:
            return
        name, arn = self._argument("digest_key_arn"), self.digest_key_arn
        if not isinstance(arn, str) or not _DIGEST_KEY.fullmatch(arn):
            reject(name, arn, "arn:aws:kms:REGION:ACCOUNT:key/mrk-ID of the table's own Region, known at synth")

    def _check_key(self) -> None:
        if self.encryption_key is None:
            return
        name = self._argument("encryption_key")
        require_interface(name, self.encryption_key, "key_arn", "an aws_kms.IKey")
        arn = self.encryption_key.key_arn
        if is_token(arn):
            allowed = "a key that is imported by its ARN: the table's stack cannot refer to one of another Region"
            reject(name, self.encryption_key.node.path, allowed)
        found = _KEY_ARN.fullmatch(arn)
        if found is None or found[1] != self.region:
            reject(name, arn, f"a key's ARN of its Region, arn:aws:kms:{self.region}:ACCOUNT:key/ID")


_DIGEST_KEY = re.compile(r"arn:aws:kms:[^:]+:\d{12}:key/mrk-[0-9a-f]{32}")
_STREAM = re.compile(r"arn:aws:dynamodb:([^:]+):\d{12}:table/[^/*?]+/stream/[^/*?]+")

_KINDS: dict[str, type] = {
    "network": TableNetwork,
    "backup": BackupSettings,
    "alarms": AlarmSettings,
    "without_policies": Waiver,
    "contributor_insights_specification": ContributorInsightsSpecification,
    "table_class": TableClass,
    "read_capacity": Capacity,
    "max_read_request_units": int,
}


@dataclass(frozen=True, kw_only=True)
class Replication:
    """How a table is replicated, checked as a whole.

    Attributes:
        replicas: Its further Regions.
        consistency: Eventual, unless given.
        witness_region: The Region that holds a part of the data for strong consistency, and cannot be read.
    """

    replicas: Sequence[ReplicaSettings]
    consistency: MultiRegionConsistency | None
    witness_region: str | None

    @property
    def is_strong(self) -> bool:
        """Whether reads are strongly consistent in every Region."""
        return self.consistency is MultiRegionConsistency.STRONG

    def check(self, region: str, *, has_local_index: bool, has_ttl: bool) -> None:
        """Reject Regions that cannot be replicas of a table in `region`.

        Raises:
            InvalidArgumentError: A Region is the table's own or stands twice, or is no place for strong consistency.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
        """
        require_type("replicas", self.replicas, (list, tuple), "a list of ReplicaSettings")
        seen: set[str] = set()
        for position, replica in enumerate(self.replicas):
            name = f"replicas[{position}]"
            require_type(name, replica, ReplicaSettings)
            if replica.region == region:
                reject(name, region, f"another Region: the table itself is in {region}")
            if replica.region in seen:
                reject(name, replica.region, "each Region once")
            seen.add(replica.region)
        if self.consistency is not None:
            require_type("multi_region_consistency", self.consistency, MultiRegionConsistency)
        if self.witness_region is not None:
            require_type("witness_region", self.witness_region, str)
        if self.is_strong:
            self._check_strong({region, *seen}, has_local_index=has_local_index, has_ttl=has_ttl)
        elif self.witness_region is not None:
            reject("witness_region", self.witness_region, "None without MultiRegionConsistency.STRONG")

    def _check_strong(self, regions: set[str], *, has_local_index: bool, has_ttl: bool) -> None:
        # Which Regions have it, CDK knows.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
        places = [*regions, *([self.witness_region] if self.witness_region else [])]
        if len(places) != _STRONG_REGIONS:
            given = f"{len(regions)} Regions" + (" and a witness" if self.witness_region else "")
            reject("multi_region_consistency", f"STRONG with {given}", "three Regions, or two and witness_region")
        if len(set(places)) != len(places):
            reject("witness_region", self.witness_region, "a Region without a replica")
        if has_local_index:
            reject("local_secondary_indexes", "given", "None with MultiRegionConsistency.STRONG")
        if has_ttl:
            reject("time_to_live_attribute", "given", "None with MultiRegionConsistency.STRONG")


_STRONG_REGIONS = 3
