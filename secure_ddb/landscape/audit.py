"""The readers of tables' streams, and their destinations."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.landscape.audit_consumer import closest, stream_events
from secure_ddb.landscape.tables import TablesByResource, tables_by_resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.functions import Functions
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.landscape.tables import Tables

# What reads streams, and the property that says which one.
_SOURCES = {kinds.EVENT_SOURCE: "EventSourceArn", kinds.PIPE: "Source"}
_UNKNOWN = re.compile(r"\$\{\?[^}]*\}")


class Audit:
    """The readers of tables' streams, and their destinations."""

    def __init__(self, templates: Templates, tables: Tables, functions: Functions) -> None:
        """Store the templates, with their tables and functions."""
        self._templates = templates
        self._tables = tables
        self._functions = functions

    @cached_property
    def stream_consumers(self) -> dict[Table, list[Resource]]:
        """Table to readers of its stream or Kinesis changes: event source mappings, pipes, SAM functions."""
        found: defaultdict[Table, list[Resource]] = defaultdict(list)
        for reader, source in self._sources:
            table = self._tables.find(source, reader)
            if table and reader not in found[table]:
                found[table].append(reader)
        # An additional reader of a Kinesis stream, besides the reader of the table's own stream, has another purpose.
        with_reader = set(found)
        for reader in self._templates.of_type(*_SOURCES):
            stream = self.change_stream_of(reader)
            for table in self.change_streams[stream] if stream else ():
                if table not in with_reader:
                    found[table].append(reader)
        return found

    @cached_property
    def _sources(self) -> list[tuple[Resource, Any]]:
        """Possible readers of streams, each with the stream that it names."""
        of_sam = (
            (function, event.get("Stream"))
            for function in self._templates.of_type(kinds.SERVERLESS_FUNCTION)
            for event in stream_events(function)
        )
        return [*((each, _source_of(each)) for each in self._templates.of_type(*_SOURCES)), *of_sam]

    @cached_property
    def replica_consumers(self) -> dict[tuple[Table, str], list[Resource]]:
        """Table and further Region to the readers of its stream there, which also has the changes of all Regions."""
        found: defaultdict[tuple[Table, str], list[Resource]] = defaultdict(list)
        for reader, source in self._sources:
            read = self._tables.find_replica_stream(source, reader)
            if read and reader not in found[read[0], read[1].region]:
                found[read[0], read[1].region].append(reader)
        return found

    @cached_property
    def consumers(self) -> dict[Table, Resource]:
        """Table to the one of its consumers that is judged as the one that records its changes."""
        return {
            table: closest(self._functions, self._templates, readers)
            for table, readers in self.stream_consumers.items()
        }

    @cached_property
    def all_consumers(self) -> list[tuple[Table, Resource, list[Resource]]]:
        """Each table with the recorders of its changes in one of its Regions, and other readers of its stream there."""
        in_regions = ((table, readers) for (table, _), readers in self.replica_consumers.items())
        found = []
        for table, readers in (*self.stream_consumers.items(), *in_regions):
            recorder = closest(self._functions, self._templates, readers)
            found.append((table, recorder, [each for each in readers if each is not recorder]))
        return found

    @staticmethod
    def stream_read(table: Table, mapping: Resource) -> tuple[str, Replica | None]:
        """Return the ARN of the stream that a mapping of a table reads, and the table in that Region."""
        replica = table.in_region(mapping.region)
        if replica is None or replica is table.replicas[0]:
            return table.resource.stream_arn, table.replicas[0] if table.replicas else None
        return str(_source_of(mapping)), replica

    @cached_property
    def change_streams(self) -> TablesByResource:
        """Each Kinesis stream that gets the changes of tables."""
        named = (
            (table, replica.at("KinesisStreamSpecification", "StreamArn")) for table, replica in self._tables.replicas
        )
        return tables_by_resource(
            (self._templates.find(arn, table.resource, kinds.STREAM), [table]) for table, arn in named
        )

    def change_stream_of(self, reader: Resource) -> Resource | None:
        """Return the Kinesis stream of changes that something reads, by itself or through a registered consumer."""
        source = _source_of(reader)
        consumer = self._templates.find(source, reader, kinds.STREAM_CONSUMER)
        arn = consumer.properties.get("StreamARN") if consumer else source
        stream = self._templates.find(arn, reader, kinds.STREAM)
        return stream if stream in self.change_streams else None

    @cached_property
    def change_consumers(self) -> TablesByResource:
        """Each consumer that is registered with such a stream."""
        streams = (
            (consumer, self._templates.find(consumer.properties.get("StreamARN"), consumer, kinds.STREAM))
            for consumer in self._templates.of_type(kinds.STREAM_CONSUMER)
        )
        return tables_by_resource(
            (consumer, self.change_streams[stream]) for consumer, stream in streams if stream in self.change_streams
        )

    @cached_property
    def mappings(self) -> list[tuple[Table, Resource]]:
        """Each event source mapping that records the changes of a table in one of its Regions, with the table."""
        return [(table, each) for table, each, _ in self.all_consumers if each.type == kinds.EVENT_SOURCE]

    @cached_property
    def other_mappings(self) -> list[tuple[Table, Resource]]:
        """Each other event source mapping that reads a table's stream or its changes in Kinesis, with the table."""
        of_tables = [(table, reader) for table, _, others in self.all_consumers for reader in others]
        in_kinesis = [
            (table, reader)
            for reader in self._templates.of_type(kinds.EVENT_SOURCE)
            if (stream := self.change_stream_of(reader))
            for table in self.change_streams[stream]
            if (table, reader) not in of_tables and reader is not self.consumers.get(table)
        ]
        return [(table, reader) for table, reader in (*of_tables, *in_kinesis) if reader.type == kinds.EVENT_SOURCE]

    def functions_perhaps_named(self, text: object, near: Resource) -> list[Resource]:
        """Return the audit functions that a partial ARN, or a name that is partly unknown, may stand for.

        https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
        """
        text, near = self._functions.behind_aliases(text, near)
        there = (each for each in self.functions if (each.account, each.region) == (near.account, near.region))
        return [each for each in there if _may_be(str(text), each)]

    @cached_property
    def functions(self) -> TablesByResource:
        """Each function that records the changes of tables."""
        return self._each(self._functions.of)

    @cached_property
    def failure_destinations(self) -> TablesByResource:
        """Each bucket, queue or topic that keeps failed records."""
        destinations = (kinds.BUCKET, kinds.QUEUE, kinds.TOPIC)
        return self._each(lambda mapping: self._templates.find(destination_of(mapping), mapping, *destinations))

    def _each(self, find: Callable[[Resource], Resource | None]) -> TablesByResource:
        return tables_by_resource((find(mapping), [table]) for table, mapping in self.mappings)

    @cached_property
    def log_groups(self) -> TablesByResource:
        """Each log group that such functions write to."""
        return tables_by_resource(
            (self._functions.log_group_of(function), tables) for function, tables in self.functions.items()
        )

    @cached_property
    def roles(self) -> TablesByResource:
        """Each role that such functions have."""
        return tables_by_resource(
            (self._templates.find(function.properties.get("Role"), function, kinds.ROLE), tables)
            for function, tables in self.functions.items()
        )

    @cached_property
    def digest_keys(self) -> TablesByResource:
        """Each key configured in such functions, other than the tables' own."""
        return tables_by_resource(
            (key, tables) for function, tables in self.functions.items() for key in self.keys_told(function)
        )

    def keys_told(self, function: Resource) -> list[Resource]:
        """Return the keys that a function's environment names, other than tables' own."""
        variables = at(function.properties, "Environment", "Variables")
        values = variables.values() if isinstance(variables, dict) else ()
        return [
            key for key in (self.key_told(value, function) for value in values) if key and key not in self._tables.keys
        ]

    def key_told(self, value: object, function: Resource) -> Resource | None:
        """Return the key that a variable of a function names, which may be the replica of one in another Region."""
        return self._templates.find_key(value, function) or self._templates.find(value, function, kinds.REPLICA_KEY)


def _may_be(text: str, function: Resource) -> bool:
    """Return whether a name or an ARN, with or without an alias or a version, may turn out to be a function's."""
    if "function:" in text and not text.startswith("arn:") and function.name in text.split(":"):
        return True
    for each in filter(is_unknown, (text, text.rpartition(":")[0])):
        pattern = ".*".join(map(re.escape, _UNKNOWN.split(each)))
        if any(re.fullmatch(pattern, own) for own in (function.name, function.arn)):
            return True
    return False


def _source_of(reader: Resource) -> Any:  # noqa: ANN401 - a value of a template
    return reader.properties.get(_SOURCES[reader.type])


def destination_of(mapping: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return the destination of an event source mapping for failed records."""
    return at(mapping.properties, "DestinationConfig", "OnFailure", "Destination")
