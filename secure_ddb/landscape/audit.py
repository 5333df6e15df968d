"""What reads the streams of tables, and where it writes to."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.landscape.audit_consumer import closest, stream_events
from secure_ddb.landscape.tables import Serving, TableRelations, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.table import Table

# The one that AWS Lambda uses unless told otherwise.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
_DEFAULT_LOG_GROUP = "/aws/lambda/"
# What reads streams, and the property that says which one.
_SOURCES = {kinds.EVENT_SOURCE: "EventSourceArn", kinds.PIPE: "Source"}
# A function may be named without the beginning of its ARN, or by account and name alone.
# https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
_REGION, _ACCOUNT = r"[a-z]{2}(?:-[a-z]+)+-\d|\$\{AWS\.Region\}", r"\d{12}|\$\{AWS\.AccountId\}"
_PARTIAL = re.compile(rf"(?:({_REGION}):)?(?:({_ACCOUNT}):)?(?:function:)?([^:]+)(?::[^:]+)?")
_UNKNOWN = re.compile(r"\$\{\?[^}]*\}")


class AuditRelations(TableRelations):
    """What reads the streams of tables, and where it writes to."""

    @cached_property
    def consumers(self) -> dict[Table, list[Resource]]:
        """Table to what reads its stream, or its changes in Kinesis: event source mappings, pipes, SAM functions."""
        found: defaultdict[Table, list[Resource]] = defaultdict(list)
        of_sam = (
            (function, event.get("Stream"))
            for function in self.of_type(kinds.SERVERLESS_FUNCTION)
            for event in stream_events(function)
        )
        for reader, source in (*((each, _source_of(each)) for each in self.of_type(*_SOURCES)), *of_sam):
            table = self.find_table(source, reader)
            if table and reader not in found[table]:
                found[table].append(reader)
        of_kinesis = [(reader, self.change_stream_of(reader)) for reader in self.of_type(*_SOURCES)]
        # Beside a reader of the table's own stream, one of a Kinesis stream is there for something else.
        instead = [
            (table, reader)
            for reader, stream in of_kinesis
            if stream
            for table in self.change_streams[stream]
            if table not in found
        ]
        for table, reader in instead:
            found[table].append(reader)
        return found

    @cached_property
    def audit_consumers(self) -> dict[Table, Resource]:
        """Table to the one of its consumers that is judged as the one that records its changes."""
        return {table: closest(self, readers) for table, readers in self.consumers.items()}

    @cached_property
    def change_streams(self) -> Serving:
        """Each Kinesis stream that gets the changes of tables."""
        return serving(
            (self.find(replica.at("KinesisStreamSpecification", "StreamArn"), table.resource, kinds.STREAM), [table])
            for table, replica in self.replicas
        )

    def change_stream_of(self, reader: Resource) -> Resource | None:
        """Return the Kinesis stream of changes that something reads, by itself or through a registered consumer."""
        source = _source_of(reader)
        consumer = self.find(source, reader, kinds.STREAM_CONSUMER)
        stream = self.find(consumer.properties.get("StreamARN") if consumer else source, reader, kinds.STREAM)
        return stream if stream in self.change_streams else None

    @cached_property
    def change_consumers(self) -> Serving:
        """Each consumer that is registered with such a stream."""
        streams = (
            (consumer, self.find(consumer.properties.get("StreamARN"), consumer, kinds.STREAM))
            for consumer in self.of_type(kinds.STREAM_CONSUMER)
        )
        return serving(
            (consumer, self.change_streams[stream]) for consumer, stream in streams if stream in self.change_streams
        )

    @cached_property
    def mappings(self) -> list[tuple[Table, Resource]]:
        """Each event source mapping that records the changes of a table, with the table."""
        return [(table, reader) for table, reader in self.audit_consumers.items() if reader.type == kinds.EVENT_SOURCE]

    @cached_property
    def other_mappings(self) -> list[tuple[Table, Resource]]:
        """Each other event source mapping that reads the stream of a table, with the table."""
        return [
            (table, reader)
            for table, readers in self.consumers.items()
            for reader in readers
            if reader.type == kinds.EVENT_SOURCE and reader is not self.audit_consumers[table]
        ]

    def function_of(self, mapping: Resource) -> Resource | None:
        """Return the function that a mapping, an alias, a version or a permission is about; a pipe is about none."""
        return self.function_named(mapping.properties.get("FunctionName"), mapping)

    def function_named(self, text: object, near: Resource) -> Resource | None:
        """Return the function that a name or an ARN stands for, with or without an alias or a version."""
        text, near = self._behind_aliases(text, near)
        found = self.find(text, near, kinds.FUNCTION)
        return found or self.find(_without_alias(str(text), near), near, kinds.FUNCTION)

    def functions_perhaps_named(self, text: object, near: Resource) -> list[Resource]:
        """Return the audit functions that a name may stand for of which only the deployment knows all."""
        text, near = self._behind_aliases(text, near)
        if not isinstance(text, str) or not is_unknown(text):
            return []
        there = (each for each in self.audit_functions if (each.account, each.region) == (near.account, near.region))
        return [each for each in there if _may_be(text, each)]

    def _behind_aliases(self, text: object, near: Resource) -> tuple[object, Resource]:
        """Return what an alias or a version is of, and who says so."""
        seen = set()
        # One that names itself is refused only at deployment.
        while (alias := self._aliases.get(str(text))) and alias not in seen:
            seen.add(alias)
            text, near = alias.properties.get("FunctionName"), alias
        return text, near

    @cached_property
    def _aliases(self) -> dict[str, Resource]:
        return {each.ref: each for each in self.of_type(kinds.FUNCTION_ALIAS, kinds.FUNCTION_VERSION)}

    @cached_property
    def audit_functions(self) -> Serving:
        """Each function that records the changes of tables."""
        return self._each(self.function_of)

    @cached_property
    def failure_destinations(self) -> Serving:
        """Each bucket, queue or topic that keeps what could not be handled."""
        destinations = (kinds.BUCKET, kinds.QUEUE, kinds.TOPIC)
        return self._each(lambda mapping: self.find(destination_of(mapping), mapping, *destinations))

    def _each(self, find: Callable[[Resource], Resource | None]) -> Serving:
        return serving((find(mapping), [table]) for table, mapping in self.mappings)

    def log_group_of(self, function: Resource) -> Resource | None:
        """Return the log group that a function writes to, if it is in the templates."""
        chosen = at(function.properties, "LoggingConfig", "LogGroup")
        return self.find(chosen or f"{_DEFAULT_LOG_GROUP}{function.name}", function, kinds.LOG_GROUP)

    @cached_property
    def log_groups(self) -> Serving:
        """Each log group that such functions write to."""
        return serving((self.log_group_of(function), tables) for function, tables in self.audit_functions.items())

    @cached_property
    def audit_roles(self) -> Serving:
        """Each role that such functions have."""
        return serving(
            (self.find(function.properties.get("Role"), function, kinds.ROLE), tables)
            for function, tables in self.audit_functions.items()
        )

    @cached_property
    def digest_keys(self) -> Serving:
        """Each key that such functions are told of, other than the tables' own."""
        return serving(
            (key, tables) for function, tables in self.audit_functions.items() for key in self.keys_told(function)
        )

    def keys_told(self, function: Resource) -> list[Resource]:
        """Return the keys that a function's environment names, other than tables' own."""
        variables = at(function.properties, "Environment", "Variables")
        values = variables.values() if isinstance(variables, dict) else ()
        return [key for key in (self.find_key(value, function) for value in values) if key and key not in self.keys]


def _without_alias(text: str, near: Resource) -> str:
    """Return a function's name, or its whole ARN, without an alias or a version."""
    found = _PARTIAL.fullmatch(text)
    if not found:
        return text.rpartition(":")[0]
    region, account, name = found.groups()
    if not (region or account):
        return name
    region = region or near.region
    return f"arn:{kinds.partition(region)}:lambda:{region}:{account or near.account}:function:{name}"


def _may_be(text: str, function: Resource) -> bool:
    """Tell whether a name or an ARN, with or without an alias or a version, may turn out to be a function's."""
    for each in (text, text.rpartition(":")[0]):
        pattern = ".*".join(map(re.escape, _UNKNOWN.split(each)))
        if is_unknown(each) and any(re.fullmatch(pattern, own) for own in (function.name, function.arn)):
            return True
    return False


def _source_of(reader: Resource) -> Any:  # noqa: ANN401 - a value of a template
    return reader.properties.get(_SOURCES[reader.type])


def destination_of(mapping: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return where an event source mapping keeps what could not be handled."""
    return at(mapping.properties, "DestinationConfig", "OnFailure", "Destination")
