"""Which CloudTrail trails and event data stores record the data events of tables, and where they write to."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.rules import names
from secure_ddb.rules.event_selectors import REQUESTS, Selector, event_on, selectors_of
from secure_ddb.rules.permissions import Answer, any_of
from secure_ddb.rules.relations.tables import Serving, TableRelations, serving
from secure_ddb.rules.values import as_bool, is_unknown

if TYPE_CHECKING:
    from secure_ddb.rules.resources import Resource
    from secure_ddb.rules.tables import Replica, Table


class Recording(NamedTuple):
    """What a trail or event data store records of a table.

    Attributes:
        recorder: The trail or event data store.
        requests: Name of a request to whether it is recorded.
        left_out: Principals whose requests are not.
    """

    recorder: Resource
    requests: dict[str, Answer]
    left_out: list[str]

    @property
    def is_on(self) -> Answer:
        """Whether it records at all."""
        name, default = ("IsLogging", None) if self.recorder.type == names.TRAIL else ("IngestionEnabled", True)
        value = self.recorder.properties.get(name, default)
        return None if is_unknown(value) else as_bool(value)


class TrailRelations(TableRelations):
    """Which trails and event data stores record the data events of tables, and where they write to."""

    @cached_property
    def _recorders(self) -> dict[str | None, list[tuple[Resource, list[Selector]]]]:
        """ARN of a table to what names it; None to what has to be compared."""
        found: defaultdict[str | None, list[tuple[Resource, list[Selector]]]] = defaultdict(list)
        for recorder in self.of_type(names.TRAIL, names.EVENT_DATA_STORE):
            selectors = selectors_of(recorder)
            for name in dict.fromkeys(name for selector in selectors for name in selector.names()):
                found[name].append((recorder, selectors))
        return found

    @cached_property
    def recordings(self) -> list[tuple[Table, Replica, list[Recording]]]:
        """Each table in each of its Regions, with what records its data events there, all of them or some."""
        return [(table, replica, self._recordings(table, replica)) for table, replica in self.replicas]

    def _recordings(self, table: Table, replica: Replica) -> list[Recording]:
        candidates = {
            recorder: selectors
            for name in (replica.arn, None)
            for recorder, selectors in self._recorders.get(name, ())
            if _is_near(recorder, table, replica)
        }
        found = [_recording(recorder, selectors, replica.arn) for recorder, selectors in candidates.items()]
        return [each for each in found if any(answer is not False for answer in each.requests.values())]

    @cached_property
    def trails(self) -> Serving:
        """Each trail or event data store that records data events of tables."""
        return serving((each.recorder, [table]) for table, _, found in self.recordings for each in found)

    @cached_property
    def trail_buckets(self) -> Serving:
        """Each bucket that such trails write to."""
        return serving(
            (self.find(trail.properties.get("S3BucketName"), trail, names.BUCKET), tables)
            for trail, tables in self.trails.items()
        )


def _is_near(recorder: Resource, table: Table, replica: Replica) -> bool:
    """Tell whether a recorder is in the replica's account, and records its Region."""
    of_trail = recorder.type == names.TRAIL
    name, default = ("IsMultiRegionTrail", False) if of_trail else ("MultiRegionEnabled", True)
    everywhere = as_bool(recorder.properties.get(name, default))
    return recorder.account == table.resource.account and (everywhere or recorder.region == replica.region)


def _recording(recorder: Resource, selectors: list[Selector], arn: str) -> Recording:
    requests = {name: any_of(each.takes(event_on(arn, name)) for each in selectors) for name in REQUESTS}
    # Who is left out by one selector may be taken by another, which is too rare to be worth a comparison.
    left_out = [name for each in selectors if {arn, None} & set(each.names()) for name in each.left_out()]
    return Recording(recorder, requests, list(dict.fromkeys(left_out)))
