"""Which of a stream's consumers records the changes, as far as a template shows.

No template shows what a function does, so the consumer that comes closest to an audit function is judged as the
table's. One good consumer is all that a table needs, and where none is good, that one fails the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_number, at, is_unknown
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.functions import Functions
    from secure_ddb.three_valued import Truth

# Of the audit function that this library makes: secure_ddb.audit.function.
HANDLER = "audit_trail.index.handler"


def closest(functions: Functions, templates: Templates, consumers: list[Resource]) -> Resource:
    """Return the consumer that comes closest to one that records all changes, of equal ones the first."""
    return max(consumers, key=lambda consumer: _closeness(functions, templates, consumer))


def _closeness(functions: Functions, templates: Templates, consumer: Resource) -> tuple[int, ...]:
    function = functions.of(consumer)
    group = functions.log_group_of(function) if function else None
    key = templates.find_key(key_named_by(group), group) if group else None
    # In the order in which they tell the audit function from others. Its log is what makes it one.
    return tuple(
        map(
            _ranked,
            (
                function is not None and function.properties.get("Handler") == HANDLER,
                consumer.type == kinds.EVENT_SOURCE,
                key is not None,
                group is not None,
                all_of(takes_all(consumer), runs(functions, consumer)),
                "DestinationConfig" in consumer.properties,
            ),
        )
    )


def _ranked(answer: Truth) -> int:
    return 1 if answer is None else 2 * answer


def takes_all(consumer: Resource) -> Truth:
    """Return whether a consumer is on, takes all records and starts with the oldest."""
    if consumer.type == kinds.PIPE:
        # What a pipe leaves out is not read.
        return None
    if consumer.type == kinds.SERVERLESS_FUNCTION:
        return all_of(*map(_takes_all, stream_events(consumer)))
    return all_of(_takes_all(consumer.properties), bool(consumer.properties.get("FunctionName")))


def _takes_all(reading: dict[str, Any]) -> Truth:
    on, start, criteria = (reading.get(name) for name in ("Enabled", "StartingPosition", "FilterCriteria"))
    if is_unknown([on, start, criteria]):
        return None
    return (on is None or as_bool(on)) and start == "TRIM_HORIZON" and not at(criteria, "Filters")


def runs(functions: Functions, consumer: Resource) -> Truth:
    """Return whether the function of a consumer may run at all: one whose concurrency is zero never does."""
    of_sam = consumer.type == kinds.SERVERLESS_FUNCTION
    function = consumer if of_sam else functions.of(consumer)
    reserved = function.properties.get("ReservedConcurrentExecutions") if function else None
    return None if is_unknown(reserved) else as_number(reserved) != 0


def stream_events(function: Resource) -> Iterator[dict[str, Any]]:
    """Yield the streams of tables that an AWS SAM function reads, each with how it reads it.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-dynamodb.html
    """
    events = function.properties.get("Events")
    for event in events.values() if isinstance(events, dict) else ():
        properties = at(event, "Properties")
        if at(event, "Type") == "DynamoDB" and isinstance(properties, dict):
            yield properties
