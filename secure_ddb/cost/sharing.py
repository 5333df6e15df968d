"""The savings if tables shared all resources that can be shared."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cost.fixed import fixed_lines
from secure_ddb.cost.model import Sharing, total
from secure_ddb.cost.serving import bound_to_table
from secure_ddb.landscape.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cost.prices import Prices
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import TablesByResource

# What the shared resources of this library have one of, or several.
_SHARABLE = {kinds.ALARM, kinds.COMPOSITE_ALARM, kinds.KEY}
_Place = tuple[str, str]


class _Own(NamedTuple):
    """The monthly cost of resources that serve one table alone.

    Attributes:
        bound: Cost of resources that only this table can use.
        sharable: Cost of resources that several tables could share.
    """

    bound: float
    sharable: float


def sharing(assembly: Assembly, served: TablesByResource, prices: Prices) -> tuple[Sharing, ...]:
    """Return what tables cost, and would cost if they shared, for each account and Region.

    If tables shared, there would be one audit function with its alarms and its HMAC key, one topic, one vault, and one
    more key that encrypts these. The largest such set of today's tables stands for the shared one.
    """
    by_place: defaultdict[_Place, list[Table]] = defaultdict(list)
    for table in assembly.tables:
        by_place[table.resource.account, table.resource.region].append(table)
    bound = bound_to_table(assembly)
    return tuple(_of_place(place, tables, bound, served, prices) for place, tables in by_place.items())


def _of_place(
    place: _Place, tables: list[Table], bound: set[Resource], served: TablesByResource, prices: Prices
) -> Sharing:
    owned = [_own(table, bound, served, prices) for table in tables]
    today = sum(own.bound + own.sharable for own in owned)
    sharable = max(own.sharable for own in owned)
    # Where nothing is each table's own, the shared resources are there already, and so is their key.
    key = (prices.find("kms_key", place[1]) or 0) if sharable else 0
    shared = sum(own.bound for own in owned) + sharable + key
    repeated = sum(_cost(alarms, prices) for alarms in _repeated(tables, served))
    own_table = today / len(tables)
    kept = sum(own.bound for own in owned) / len(tables)
    account, region = place
    return Sharing(
        account=account,
        region=region,
        tables=len(tables),
        today=today + repeated,
        shared=min(shared, today),
        own_table=own_table,
        sharing_table=kept,
    )


def _own(table: Table, bound: set[Resource], served: TablesByResource, prices: Prices) -> _Own:
    mine = [resource for resource, tables in served.items() if tables == [table]]
    sharable = [each for each in mine if each not in bound and each.type in _SHARABLE]
    return _Own(bound=_cost(set(mine) - set(sharable), prices), sharable=_cost(sharable, prices))


def _repeated(tables: list[Table], served: TablesByResource) -> list[list[Resource]]:
    """Return the alarms of several tables that watch the same, without the first of each."""
    same: defaultdict[object, list[Resource]] = defaultdict(list)
    for resource, serves in served.items():
        if resource.type == kinds.ALARM and len(serves) > 1 and tables[0] in serves:
            watched = tuple((each.namespace, each.name, *each.dimensions.items()) for each in Alarm(resource).metrics)
            same[watched].append(resource)
    return [alarms[1:] for watched, alarms in same.items() if watched]


def _cost(resources: Iterable[Resource], prices: Prices) -> float:
    return sum(total(fixed_lines(resource, prices)) for resource in resources)
