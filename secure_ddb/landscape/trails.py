"""Which CloudTrail trails and event data stores record the data events of tables, and where they write to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.iam.comparison import same
from secure_ddb.landscape.event_selectors import REQUESTS, event_of, selectors_of
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource
from secure_ddb.three_valued import Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.event_selectors import Selector
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.landscape.tables import Tables


class Recording(NamedTuple):
    """Which requests on a table a trail or event data store records; none of principals that are left out."""

    recorder: Resource
    requests: dict[str, Truth]
    left_out: list[str]

    @property
    def is_on(self) -> Truth:
        """Whether it records at all."""
        name, default = ("IsLogging", None) if self.recorder.type == kinds.TRAIL else ("IngestionEnabled", True)
        value = self.recorder.properties.get(name, default)
        return None if is_unknown(value) else as_bool(value)


class Trails:
    """Which trails and event data stores record the data events of tables, and where they write to."""

    def __init__(self, templates: Templates, tables: Tables) -> None:
        """Store the templates with their tables."""
        self._templates = templates
        self._tables = tables

    @cached_property
    def recordings(self) -> list[tuple[Table, Replica, list[Recording]]]:
        """Each table in each of its Regions, with the recorders of all or some of its data events there."""
        recorders = self._templates.of_type(kinds.TRAIL, kinds.EVENT_DATA_STORE)
        selectors = [(each, selectors_of(each)) for each in recorders]
        return [
            (table, replica, [found for each in selectors if (found := _recording(*each, table, replica))])
            for table, replica in self._tables.replicas
        ]

    def recordings_of(self, table: Table, replica: Replica) -> list[Recording]:
        """Return the trails and event data stores that record all or some data events of a table in a Region."""
        return self._by_replica[table, replica.region]

    @cached_property
    def _by_replica(self) -> dict[tuple[Table, str], list[Recording]]:
        return {(table, replica.region): found for table, replica, found in self.recordings}

    @cached_property
    def all(self) -> TablesByResource:
        """Each trail or event data store that records data events of tables."""
        return tables_by_resource((each.recorder, [table]) for table, _, found in self.recordings for each in found)

    @cached_property
    def buckets(self) -> TablesByResource:
        """Each bucket that such trails write to."""
        return tables_by_resource(
            (self._templates.find(trail.properties.get("S3BucketName"), trail, kinds.BUCKET), tables)
            for trail, tables in self.all.items()
        )


def _is_near(recorder: Resource, table: Table, replica: Replica) -> Truth:
    """Return whether a recorder is in the replica's account, and records its Region."""
    in_account = same(recorder.account, table.resource.account)
    if in_account is False or recorder.region == replica.region:
        return in_account
    of_trail = recorder.type == kinds.TRAIL
    name, default = ("IsMultiRegionTrail", False) if of_trail else ("MultiRegionEnabled", True)
    everywhere = as_bool(recorder.properties.get(name, default))
    return all_of(in_account, everywhere or same(recorder.region, replica.region))


def _recording(recorder: Resource, selectors: Sequence[Selector], table: Table, replica: Replica) -> Recording | None:
    """Return the events of a table in a Region that a trail or event data store records, if there may be any."""
    near = _is_near(recorder, table, replica)
    about = [(each, all_of(near, each.takes_table(replica.arn))) for each in selectors]
    taken = [(each, _requests(each, takes, recorder)) for each, takes in about if takes is not False]
    taken = [(each, requests) for each, requests in taken if set(requests) != {False}]
    if not taken:
        return None
    answers = map(any_of, zip(*(requests for _, requests in taken), strict=True))
    # That another selector takes those whom one leaves out is too rare to be worth a comparison.
    left_out = dict.fromkeys(name for each, _ in taken for name in each.left_out())
    return Recording(recorder, dict(zip(REQUESTS, answers, strict=True)), list(left_out))


def _requests(selector: Selector, takes: Truth, recorder: Resource) -> list[Truth]:
    """Return for each request whether a selector takes it, if it takes the table."""
    events = (event_of(name, recorder.account, kinds.partition(recorder.region)) for name in REQUESTS)
    return [all_of(takes, selector.takes_request(event)) for event in events]
