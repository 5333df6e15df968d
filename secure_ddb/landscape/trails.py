"""Which CloudTrail trails and event data stores record the data events of tables, and where they write to."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.iam.comparison import same
from secure_ddb.landscape.event_selectors import REQUESTS, event_of, selectors_of, table_in
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource
from secure_ddb.three_valued import Truth, all_of, any_of

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.landscape.tables import Tables


class Recording(NamedTuple):
    """What a trail or event data store records of a table.

    Attributes:
        recorder: The trail or event data store.
        requests: Name of a request to whether it is recorded.
        left_out: Principals whose requests are not.
    """

    recorder: Resource
    requests: dict[str, Truth]
    left_out: list[str]

    @property
    def is_on(self) -> Truth:
        """Whether it records at all."""
        name, default = ("IsLogging", None) if self.recorder.type == kinds.TRAIL else ("IngestionEnabled", True)
        value = self.recorder.properties.get(name, default)
        return None if is_unknown(value) else as_bool(value)


class _Recorder:
    """A trail or event data store with its selectors, whose requests are looked at once for all tables."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.selectors = selectors_of(resource)
        self._found: dict[tuple[Truth, ...], dict[str, Truth]] = {}

    @cached_property
    def _by_request(self) -> dict[str, list[Truth]]:
        account, of = self.resource.account, kinds.partition(self.resource.region)
        events = {name: event_of(name, account, of) for name in REQUESTS}
        return {name: [each.takes_request(event) for each in self.selectors] for name, event in events.items()}

    def requests(self, arn: str, near: Truth) -> dict[str, Truth]:
        """Return for each request on a table whether it is recorded."""
        tables = tuple(all_of(near, each.takes_table(arn)) for each in self.selectors)
        found = self._found.get(tables)
        if found is None:
            found = self._found[tables] = {
                name: any_of(all_of(*pair) for pair in zip(tables, taken, strict=True))
                for name, taken in self._by_request.items()
            }
        return found


class Trails:
    """Which trails and event data stores record the data events of tables, and where they write to."""

    def __init__(self, templates: Templates, tables: Tables) -> None:
        """Take the templates with their tables."""
        self._templates = templates
        self._tables = tables

    @cached_property
    def _recorders(self) -> dict[str | None, list[_Recorder]]:
        """Name of a table to what names it; None to what has to be compared."""
        found: defaultdict[str | None, list[_Recorder]] = defaultdict(list)
        for recorder in map(_Recorder, self._templates.of_type(kinds.TRAIL, kinds.EVENT_DATA_STORE)):
            named = (name for selector in recorder.selectors for name in selector.names())
            for table in dict.fromkeys(name and table_in(name) for name in named):
                found[table].append(recorder)
        return found

    @cached_property
    def recordings(self) -> list[tuple[Table, Replica, list[Recording]]]:
        """Each table in each of its Regions, with what records its data events there, all of them or some."""
        return [(table, replica, self._recordings(table, replica)) for table, replica in self._tables.replicas]

    def recordings_of(self, table: Table, replica: Replica) -> list[Recording]:
        """Return what records the data events of a table in one of its Regions, all of them or some."""
        return self._by_replica[table, replica.region]

    @cached_property
    def _by_replica(self) -> dict[tuple[Table, str], list[Recording]]:
        return {(table, replica.region): found for table, replica, found in self.recordings}

    def _recordings(self, table: Table, replica: Replica) -> list[Recording]:
        named = (recorder for name in (table.name, None) for recorder in self._recorders.get(name, ()))
        found = (_recording(recorder, table, replica) for recorder in dict.fromkeys(named))
        return [each for each in found if each]

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
    """Tell whether a recorder is in the replica's account, and records its Region."""
    in_account = same(recorder.account, table.resource.account)
    if in_account is False or recorder.region == replica.region:
        return in_account
    of_trail = recorder.type == kinds.TRAIL
    name, default = ("IsMultiRegionTrail", False) if of_trail else ("MultiRegionEnabled", True)
    everywhere = as_bool(recorder.properties.get(name, default))
    return all_of(in_account, everywhere or same(recorder.region, replica.region))


def _recording(recorder: _Recorder, table: Table, replica: Replica) -> Recording | None:
    near = _is_near(recorder.resource, table, replica)
    requests = recorder.requests(replica.arn, near) if near is not False else {}
    if all(answer is False for answer in requests.values()):
        return None
    # Who is left out by one selector may be taken by another, which is too rare to be worth a comparison.
    left_out = [
        name
        for each in recorder.selectors
        if any(named is None or same(named, replica.arn) is not False for named in each.names())
        for name in each.left_out()
    ]
    return Recording(recorder.resource, requests, list(dict.fromkeys(left_out)))
