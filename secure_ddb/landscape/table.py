"""A DynamoDB table of either type as rules see it."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.classification import DataClassification
from secure_ddb.cloudformation.kinds import GLOBAL_TABLE
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.errors import InvalidArgumentError
from secure_ddb.table_alarm import WAIVED_ALARMS
from secure_ddb.table_evidence import Guarantee
from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS, stated_keys
from secure_ddb.waivers.stated_waiver import StatedWaiver, read_waiver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from secure_ddb.classification import Floor
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.tags.tag_keys import TagKeys

# Where a `SecureTable` states its waivers: secure_ddb.table_evidence.
_METADATA_KEY = "SecureTable"
_GUARANTEES = frozenset([*Guarantee, *WAIVED_ALARMS])
_ROW = re.compile(r"\(([A-Z]+-\d+)\)")


class Waived(NamedTuple):
    """A waived guarantee of a `SecureTable`.

    Attributes:
        guarantee: In words, with its row of the requirements.
        row: That row, such as `BAK-2`.
        waiver: Why, by whose approval and until when.
        rule: The only rule that it waives, where it is about a single alarm; empty if no rule looks for that alarm.
            None for every rule of the row.
    """

    guarantee: str
    row: str
    waiver: StatedWaiver
    rule: str | None = None

    def covers(self, rule_id: str, rows: Sequence[str]) -> bool:
        """Return whether it waives what a rule for some rows finds."""
        return self.row in rows if self.rule is None else self.rule == rule_id

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, which takes an approver and a last day."""
        return self.waiver.is_complete and self.waiver.expires is not None and self.waiver.expires >= day


class Replica(NamedTuple):
    """A table in one Region.

    Attributes:
        region: The Region.
        path: Where its properties stand.
        properties: Its properties: of an `AWS::DynamoDB::Table` those of the resource. Text with a placeholder if all
            of them are known only at deployment.
        arn: Its ARN.
    """

    region: str
    path: str
    properties: Any
    arn: str

    def at(self, *names: str) -> Any:  # noqa: ANN401 - a value of a template
        """Return a property inside of properties."""
        return at(self.properties, *names)

    @property
    def policy(self) -> Any:  # noqa: ANN401 - a value of a template
        """The policy document, if there is any."""
        return self.at("ResourcePolicy", "PolicyDocument")

    @property
    def policy_path(self) -> str:
        """Where the policy stands."""
        return f"{self.path}.ResourcePolicy.PolicyDocument"

    @property
    def stream_policy_path(self) -> str:
        """Where the policy of the stream stands: of a global table in each replica."""
        is_global = self.path != "Properties"
        return f"{self.path}.{'Replica' if is_global else ''}StreamSpecification.ResourcePolicy.PolicyDocument"


class Table:
    """A table with its replicas."""

    def __init__(self, resource: Resource, chosen: Sequence[TagKeys] = ()) -> None:
        """Read a table's resource; `chosen` are the keys that the app's other tables state for mandatory tags."""
        self.resource = resource
        self._chosen = chosen
        self.name = resource.name
        self.arn = resource.arn

    @cached_property
    def replicas(self) -> list[Replica]:
        """The table in each of its Regions, that of its stack first."""
        resource = self.resource
        if resource.type != GLOBAL_TABLE:
            return [Replica(resource.region, "Properties", resource.properties, resource.arn)]
        # A missing or unknown one has no properties.
        replicas = as_list(resource.properties.get("Replicas")) or [{}]
        found = [
            Replica(region, f"Properties.Replicas.{position}", replica, resource.arn_in(region))
            for position, replica in enumerate(replicas)
            if isinstance(replica, dict) or is_unknown(replica)
            for region in [str(at(replica, "Region") or resource.region)]
        ]
        return sorted(found, key=lambda each: each.region != resource.region)

    def in_region(self, region: str) -> Replica | None:
        """Return the table in a Region, if it is there; one with a single replica is, whatever its Region is called."""
        if len(self.replicas) == 1:
            return self.replicas[0]
        return next((each for each in self.replicas if each.region == region), None)

    def arn_of(self, replica: Replica) -> str:
        """Return its ARN in a Region; in that of its stack, as others of the stack refer to it."""
        return self.arn if replica is self.replicas[0] else replica.arn

    @property
    def is_global(self) -> bool:
        """Whether it is an `AWS::DynamoDB::GlobalTable`, with one replica or more."""
        return self.resource.type == GLOBAL_TABLE

    @cached_property
    def encrypts(self) -> Any:  # noqa: ANN401 - a value of a template
        """Whether encryption with AWS KMS is switched on, of a global table for all replicas at once."""
        return at(self.resource.properties, "SSESpecification", "SSEEnabled")

    def key_of(self, replica: Replica) -> Any:  # noqa: ANN401 - a value of a template
        """Return the key that is named for a replica, if there is any."""
        return replica.at("SSESpecification", "KMSMasterKeyId")

    @property
    def has_stream(self) -> bool:
        """Whether its changes are in a stream, which several replicas always have."""
        return bool(self.resource.properties.get("StreamSpecification")) or len(self.replicas) > 1

    @cached_property
    def index_names(self) -> list[str]:
        """Names of the global secondary indexes."""
        indexes = as_list(self.resource.properties.get("GlobalSecondaryIndexes"))
        return [str(index.get("IndexName", "")) for index in indexes if isinstance(index, dict)]

    @property
    def has_indexes(self) -> bool:
        """Whether it has an index of any kind."""
        return any(self.resource.properties.get(f"{kind}SecondaryIndexes") for kind in ("Global", "Local"))

    @cached_property
    def tags(self) -> dict[str, Any]:
        """Its tags; of several replicas those in the Region of its stack."""
        return tags_of(self.replicas[0].at("Tags")) if self.replicas else {}

    @cached_property
    def has_unknown_tags(self) -> bool:
        """Whether the deployment may give it more tags."""
        return bool(self.replicas) and has_unknown_tags(self.replicas[0].at("Tags"))

    @cached_property
    def tag_keys(self) -> tuple[TagKeys, ...]:
        """The possible keys of its mandatory tags: those that it states, or else any of its neighbours'."""
        stated = stated_tag_keys(self.resource)
        return (stated,) if stated else tuple(dict.fromkeys((DEFAULT_TAG_KEYS, *self._chosen)))

    @cached_property
    def _classification_tags(self) -> list[Any]:
        tags = self.replicas[0].at("Tags") if self.replicas else None
        keys = dict.fromkeys(each.data_classification for each in self.tag_keys)
        return [value for key in keys for value in tag_values(tags, key)]

    @property
    def classification_tag(self) -> Any:  # noqa: ANN401 - a value of a template
        """The value of the tag with its classification, if it has one."""
        return self._classification_tags[-1] if self._classification_tags else None

    @cached_property
    def classification(self) -> DataClassification | None:
        """How sensitive its tag says that its data is."""
        # Which of two tags with one key is the table's, only the deployment knows: the strictest counts.
        named = self._classification_tags
        return next((level for level in reversed(DataClassification) if level.value in named), None)

    @property
    def floor(self) -> Floor:
        """The least that it has to have; unless tagged otherwise, as much as a `SecureTable` has by default."""
        return (self.classification or DataClassification.CONFIDENTIAL).floor

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """The metadata of a `SecureTable`."""
        evidence = self.resource.metadata.get(_METADATA_KEY)
        return evidence if isinstance(evidence, dict) else {}

    def stated_value(self, kind: str, argument: str) -> str:
        """Return the value that a `SecureTable` states for an argument, in its `settings` or `claims`."""
        return self.stated(kind).get(argument, "")

    def stated(self, kind: str) -> dict[str, str]:
        """Return all that a `SecureTable` states among its `settings`, `claims` or `waivers`."""
        stated = self.evidence.get(kind)
        return {name: str(text) for name, text in stated.items()} if isinstance(stated, dict) else {}

    @cached_property
    def ephemeral(self) -> str:
        """Why it may go away with its stack; empty if its classification forbids that."""
        return str(self.evidence.get("ephemeral", "")) if self.floor.may_be_ephemeral else ""

    @property
    def _waivers(self) -> dict[str, Any]:
        stated = self.evidence.get("waivers")
        return stated if isinstance(stated, dict) else {}

    @cached_property
    def waivers(self) -> list[Waived]:
        """Its waived guarantees."""
        return [_waived(name, stated) for name, stated in self._waivers.items() if name in _GUARANTEES]

    @property
    def unknown_waivers(self) -> list[str]:
        """Its unknown waivers, which waive nothing."""
        return [name for name in self._waivers if name not in _GUARANTEES]


def stated_tag_keys(table: Resource) -> TagKeys | None:
    """Return the keys of mandatory tags that a `SecureTable` states; None if it states none that can be used."""
    settings = at(table.metadata, _METADATA_KEY, "settings")
    if not isinstance(settings, dict):
        return None
    with suppress(InvalidArgumentError):
        return stated_keys({name: str(text) for name, text in settings.items()})
    return None


def _waived(guarantee: str, stated: object) -> Waived:
    row = _ROW.search(guarantee)
    return Waived(guarantee, row[1] if row else "", read_waiver(stated), WAIVED_ALARMS.get(guarantee))


def tags_of(tags: Any) -> dict[str, Any]:  # noqa: ANN401 - a value of a template
    """Return tags, however their resource's type writes them: key to value."""
    if isinstance(tags, dict):
        return tags
    return {str(tag.get("Key")): tag.get("Value") for tag in as_list(tags) if isinstance(tag, dict)}


def has_unknown_tags(tags: Any) -> bool:  # noqa: ANN401 - a value of a template
    """Return whether the deployment may bring more tags, or other ones."""
    return not isinstance(tags, dict) and any(is_unknown(at(tag, "Key")) for tag in as_list(tags))


def tag_values(tags: Any, key: str) -> list[Any]:  # noqa: ANN401 - a value of a template
    """Return the values of a tag, which a list may hold more than once."""
    if isinstance(tags, dict):
        return [tags[key]] if key in tags else []
    return [tag.get("Value") for tag in as_list(tags) if isinstance(tag, dict) and str(tag.get("Key")) == key]
