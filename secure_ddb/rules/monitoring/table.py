"""Alarms on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, as_list, at, is_unknown
from secure_ddb.iam.comparison import same
from secure_ddb.landscape.alarms import DYNAMODB, USER_ERRORS, place_of
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.monitoring.expected import AVERAGES, Expected, has_alarm, in_region
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.landscape.alarm import Alarm, Metric
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.three_valued import Truth

_RINGS_AT = 50
# It counts requests of both kinds.
_OF_BOTH = "ThrottledRequests"


@Rule(
    id="SecureDdb-MON1",
    title="Throttled requests raise an alarm",
    problem="Throttled requests raise no alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", *nist("SI-4", "CA-7", "CP-2(2)")),
    rationale="A throttled table loses requests, and a throttled index blocks writes to its table.",
    remedy="Create alarms on ReadThrottleEvents and WriteThrottleEvents of the table and of each index.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def throttles(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each kind of request to the table, and to each of its global secondary indexes."""
    for table, replica in assembly.tables.replicas:
        for index in ("", *table.index_names):
            for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
                answer = any_of(_has_alarm(assembly, table, replica, index, name) for name in (metric, _OF_BOTH))
                what, key = (f"{metric} of index {index}", f"{metric}-{index}") if index else (metric, metric)
                yield in_region(table, replica, answer, f"{what} {has_alarm(answer)}", key)


def _has_alarm(assembly: Assembly, table: Table, replica: Replica, index: str, metric: str) -> Truth:
    watching = assembly.alarms.watching_table(table, metric, replica)
    # The table's own alarms have no dimension for an index, and see nothing of it.
    same = [pair for pair in watching if pair[1].is_about("GlobalSecondaryIndexName", index)]
    return Expected(metric=metric, rings_at=_RINGS_AT).found(same)


_SYSTEM_ERRORS_EXPECTED = Expected(metric="SystemErrors", rings_at=10)
# DynamoDB publishes the metric for each of them, and never for a table as a whole.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
_SYSTEM_ERRORS_OPERATIONS = (
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"),
    *("TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)


@Rule(
    id="SecureDdb-MON2",
    title="DynamoDB system errors raise an alarm",
    problem="DynamoDB system errors raise no alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", *nist("CA-7")),
    rationale="Requests that fail inside DynamoDB are lost unless they are retried.",
    remedy="Create alarms on SystemErrors of each operation on the table's items; one alarm can add up at most ten.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def system_errors(assembly: Assembly) -> Iterator[Judgement]:
    """Look for alarms on each operation on items of the table, or a query over all of them."""
    for table, replica in assembly.tables.replicas:
        watching = assembly.alarms.watching_table(table, _SYSTEM_ERRORS_EXPECTED.metric, replica)
        answers = {operation: _answer(watching, operation) for operation in _SYSTEM_ERRORS_OPERATIONS}
        missing = [operation for operation, found in answers.items() if found is False]
        answer = all_of(*answers.values())
        of = f" of {', '.join(missing)}" if 0 < len(missing) < len(_SYSTEM_ERRORS_OPERATIONS) else ""
        yield in_region(table, replica, answer, f"{_SYSTEM_ERRORS_EXPECTED.metric}{of} {has_alarm(answer)}")


def _answer(watching: Sequence[tuple[Alarm, Metric]], operation: str) -> Truth:
    # A query watches each operation that its condition does not leave out.
    named = [
        (metric.dimensions.get("Operation", operation if metric.is_queried else ""), (alarm, metric))
        for alarm, metric in watching
    ]
    answer = _SYSTEM_ERRORS_EXPECTED.found(pair for name, pair in named if name == operation)
    perhaps = _SYSTEM_ERRORS_EXPECTED.found(pair for name, pair in named if is_unknown(name))
    return None if answer is False and perhaps else answer


_USER_ERRORS_EXPECTED = Expected(metric=USER_ERRORS, rings_at=100)


@Rule(
    id="SecureDdb-MON3",
    title="Many denied or invalid requests raise an alarm",
    problem="Many denied or invalid requests raise no alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", *nist("SI-4", "CA-7")),
    rationale="Many invalid requests point to a faulty program or to someone probing the table.",
    remedy="Create an alarm on UserErrors, which has no dimensions, in each account and Region with tables.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def user_errors(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm in the account and Region of each table: DynamoDB counts them for all tables together."""
    for table, replica in assembly.tables.replicas:
        watching = assembly.alarms.watching(place_of(table, replica), DYNAMODB, USER_ERRORS)
        answer = _USER_ERRORS_EXPECTED.found(watching)
        yield in_region(table, replica, answer, f"{USER_ERRORS} {has_alarm(answer)}")


# In milliseconds.
_SLOW = Expected(metric="SuccessfulRequestLatency", rings_at=1000, statistics=AVERAGES)
# The same as those of a `SecureTable`: batches and scans take as long as they are large.
_LATENCY_OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")


@Rule(
    id="SecureDdb-MON4",
    title="Slow requests raise an alarm",
    problem="Slow requests raise no alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", *nist("CA-7")),
    rationale="Problems with a table often show first as latency.",
    remedy="Create alarms on SuccessfulRequestLatency of DeleteItem, GetItem, PutItem, Query and UpdateItem.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def latency(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each operation of each table."""
    for table, replica in assembly.tables.replicas:
        for operation in _LATENCY_OPERATIONS:
            answer = _SLOW.found(assembly.alarms.watching_table(table, _SLOW.metric, replica, Operation=operation))
            yield in_region(table, replica, answer, f"latency of {operation} {has_alarm(answer)}", operation)


@Rule(
    id="SecureDdb-MON11",
    title="Contributor Insights is on, except for restricted data",
    problem="Contributor Insights does not match the data's classification",
    severity=Severity.LOW,
    requirements=("MON-2",),
    controls=("PR.PT-5", "PR.DS-1", *nist("CA-7")),
    rationale=(
        "It shows throttled keys, which helps to find hot partitions, but in clear and not encrypted with the table's "
        "key."
    ),
    remedy="Set ContributorInsightsSpecification.Enabled as the data's classification requires.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html",
)
def contributor_insights(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica, and at its indexes."""
    for table, replica in assembly.tables.replicas:
        enabled = replica.at("ContributorInsightsSpecification", "Enabled")
        path = f"{replica.path}.ContributorInsightsSpecification.Enabled"
        good = as_bool(enabled) == table.floor.may_show_keys
        yield judged_value(table.resource, path, enabled, good=good, key=replica.region, tables=[table])
        # Where keys may be shown, those of an index need not be.
        indexes = [] if table.floor.may_show_keys else as_list(replica.at("GlobalSecondaryIndexes"))
        for position, index in enumerate(indexes):
            shown = at(index, "ContributorInsightsSpecification", "Enabled")
            if shown is not None:
                path = f"{replica.path}.GlobalSecondaryIndexes.{position}.ContributorInsightsSpecification.Enabled"
                key = f"{replica.region}.{at(index, 'IndexName')}"
                yield judged_value(table.resource, path, shown, good=not as_bool(shown), key=key, tables=[table])


# In milliseconds.
_LAGS = Expected(metric="ReplicationLatency", rings_at=15 * 60 * 1000, statistics=AVERAGES)
# Such a table has no replica that lags, and publishes no such metric.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
_STRONG = "STRONG"


@Rule(
    id="SecureDdb-MON13",
    title="Lagging replicas raise an alarm",
    problem="Lagging replicas raise no alarm",
    severity=Severity.LOW,
    requirements=("MON-1", "REP-1"),
    controls=("PR.PT-5", *nist("CA-7")),
    rationale="Applications fail over to a replica, which must not lag behind.",
    remedy="Create an alarm on ReplicationLatency for each receiving Region.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def replication(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each other Region of a table with several replicas that are eventually consistent."""
    for table in assembly.tables:
        consistency = table.resource.properties.get("MultiRegionConsistency")
        if consistency == _STRONG:
            continue
        for replica in table.replicas:
            elsewhere = negate(same(replica.region, table.resource.region))
            # A table's only replica stands in the Region of its stack, whichever that is.
            alone = len(table.replicas) == 1 and not is_unknown(replica.region)
            if elsewhere is False or (elsewhere is None and alone):
                continue
            answer = _LAGS.found(assembly.alarms.watching_table(table, _LAGS.metric, ReceivingRegion=replica.region))
            if answer is False and (elsewhere is None or is_unknown(consistency) or is_unknown(replica.region)):
                answer = None
            detail = f"{_LAGS.metric} to {replica.region} {has_alarm(answer)}"
            yield judged(table.resource, replica.path, answer, detail, key=replica.region, tables=[table])
