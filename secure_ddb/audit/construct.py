"""The record of a table's changes: its stream, to an audit function, to a log group (AUD-1)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_lambda import CfnEventSourceMapping

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH, service_role_arn
from secure_ddb.audit.archive_settings import ArchiveSettings
from secure_ddb.audit.destination_settings import ArchiveDestination
from secure_ddb.audit.function import handler_code
from secure_ddb.audit.measures import archive_measures, function_measures, mapping_measures, subscription_measures
from secure_ddb.audit.permissions import archive_key_statements, audit_key_statements, shared_audit_key_statement
from secure_ddb.audit.recorder import MadeRecorder, Recorder, make_recorder
from secure_ddb.audit.settings import DEFAULT_AUDIT, AuditSettings
from secure_ddb.audit.streams import Streams
from secure_ddb.part import Part, resolve
from secure_ddb.table_evidence import Guarantee

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.audit.delivery_settings import DeliverySettings
    from secure_ddb.audit.reads import OrganizationTrail, TableTrail
    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import KeyPolicy, TableKey
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.waivers.waiver import Waiver


class AuditTrail(Part):
    """The record of changes: one JSON line for each change of an item, by an audit function of its own or a shared one.

    Attributes:
        recorder: The audit function, once it is there.
    """

    def __init__(
        self,
        context: TableContext,
        given: AuditSettings | Waiver | None,
        shared: Recorder | None = None,
        primary_digest_key: str = "",
    ) -> None:
        """Check the settings. If there is a shared audit function, use it, unless the settings ask for an own one.

        In a further Region there may be a primary digest key, to make a replica of.
        """
        self._context = context
        self._primary_digest_key = primary_digest_key
        self._is_shared = False
        # Of a table that shares the function.
        self._of_table: AuditSettings | None = None
        self._settings: AuditSettings | None = None
        self._archive: ArchiveSettings | ArchiveDestination | None = None
        self.recorder: Recorder | None = None
        self._role: Role | None = None
        self._event_source_id = ""
        asks_for_own = given is not None and not (isinstance(given, AuditSettings) and not given.own_function)
        if shared is not None and not asks_for_own:
            self.recorder, self._is_shared = shared, True
            context.evidence.include(shared.evidence)
            if shared.settings is not None:
                shared.settings.require_retention(context, "audit.log_retention of shared_resources")
            if isinstance(given, AuditSettings):
                given.check_on_shared(context, shared.settings)
                self._of_table = given
            return
        given = AuditSettings() if given is None else given
        self._settings = resolve(context, "audit", given, AuditSettings, Guarantee.AUDIT_TRAIL)
        if self._settings is not None:
            self._archive = _resolve_archive(context, self._settings.archive)

    @property
    def context(self) -> TableContext:
        """Of the table."""
        return self._context

    @property
    def made(self) -> MadeRecorder | None:
        """The audit function and its resources, if this app creates it."""
        return self.recorder if isinstance(self.recorder, MadeRecorder) else None

    @property
    def is_waived(self) -> bool:
        """Whether the table's changes are not recorded."""
        return self._settings is None and not self._is_shared

    @property
    def is_shared(self) -> bool:
        """Whether the audit function is one that tables share."""
        return self._is_shared

    @property
    def reads(self) -> TableTrail | OrganizationTrail | None:
        """The trail that records reads."""
        chosen = self._settings or self._of_table
        return chosen.reads if chosen else None

    def make_role(self, name: str | None = None) -> str | None:
        """Return the ARN of the role that reads the stream; None if none does.

        Makes the role of a function of the table's own before the table, whose stream's policy names it. If that policy
        is in another Region's stack, the role has to have a name that is known at synth.
        """
        if self._settings is not None:
            scope = self._context.scope
            self._role = Role(scope, "AuditRole", path=SERVICE_ROLE_PATH, assumed_by=_lambda_service(), role_name=name)
            return self._role.role_arn if name is None else service_role_arn(self._context.environment, name)
        return self.recorder.role_arn if self.recorder else None

    def load_code(self) -> None:
        """Make the asset of the function's code, which the stack's tables share.

        Raises:
            InvalidArgumentError: The stack's synthesizer takes no assets.
        """
        if self._settings is not None:
            handler_code(self._context.outer_scope, self._context.environment)

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let log group, failure bucket and archive be encrypted, or a shared function decrypt the stream."""
        if self._is_shared and self.recorder is not None:
            return [shared_audit_key_statement(policy, self.recorder.role_arn)]
        if self._settings is None:
            return []
        is_archived_here = isinstance(self._archive, ArchiveSettings)
        return [*audit_key_statements(policy), *(archive_key_statements(policy) if is_archived_here else [])]

    def make_recorder(
        self, key: TableKey, streams: Streams, *, also: Mapping[str, AuditSettings | None] | None = None
    ) -> MadeRecorder | None:
        """Make the audit function, unless waived, and let a shared one also read the streams of tables of these names.

        Raises:
            InvalidArgumentError: Settings of one of these tables are none that it may have.
        """
        if self._settings is None or self._role is None:
            return None
        recorder = make_recorder(
            self._context,
            self._settings,
            self._archive,
            role=self._role,
            key=key,
            streams=streams,
            primary_digest_key=self._primary_digest_key,
        )
        for name, settings in (also or {}).items():
            recorder.read(name, f"{streams.beginning}{name}", settings)
        return recorder

    def make(self, table: MadeTable) -> None:
        """Make the audit function, unless it is shared, and let it read the stream."""
        if not self._is_shared:
            streams = Streams(beginning=f"{table.arn}/stream/", arn=table.stream_arn, key_arn=table.item_key_arn)
            self.recorder = self.make_recorder(table.key, streams)
        if self.recorder is not None:
            own = self._settings or self._of_table
            delivery = (own or self.recorder.settings or DEFAULT_AUDIT).delivery
            event_source = _map_events(self._context, self.recorder, table, delivery)
            self.recorder.serve(event_source, table, self._of_table)
            self._event_source_id = event_source.ref

    def measures(self, table: MadeTable, alarms: AlarmSettings) -> Iterator[Measure]:
        """Watch the mapping, and the function and the archive where they are the table's own."""
        if self.recorder is None:
            return
        if self.made is not None and not self._is_shared:
            yield from recorder_measures(self.made, alarms)
        yield from mapping_measures(table.name, self._event_source_id)


def _resolve_archive(
    context: TableContext, given: ArchiveSettings | ArchiveDestination | Waiver | None
) -> ArchiveSettings | ArchiveDestination | None:
    if isinstance(given, ArchiveDestination):
        given.check(context)
        return given
    is_demanded = context.classification.floor.must_be_archived
    return resolve(context, "audit.archive", given, ArchiveSettings, Guarantee.ARCHIVE, is_demanded=is_demanded)


def recorder_measures(recorder: MadeRecorder, alarms: AlarmSettings) -> Iterator[Measure]:
    """Return the measures of an audit function and of its archive."""
    yield from function_measures(recorder.function_name, alarms.iterator_age_milliseconds)
    if recorder.archive is not None:
        yield from archive_measures(recorder.archive.delivery_stream_name)
    if recorder.subscription is not None:
        yield from subscription_measures(recorder.subscription.log_group_name)


def _map_events(
    context: TableContext, recorder: Recorder, table: MadeTable, delivery: DeliverySettings
) -> CfnEventSourceMapping:
    return CfnEventSourceMapping(
        context.scope,
        "AuditEventSource",
        function_name=recorder.alias_arn,
        event_source_arn=table.stream_arn,
        # From the oldest record on, so that nothing is missed between the table's creation and this mapping's.
        starting_position="TRIM_HORIZON",
        batch_size=delivery.batch_size,
        bisect_batch_on_function_error=True,
        function_response_types=["ReportBatchItemFailures"],
        maximum_retry_attempts=delivery.retries,
        maximum_record_age_in_seconds=delivery.longest_age_seconds,
        destination_config=CfnEventSourceMapping.DestinationConfigProperty(
            # A bucket receives the records themselves; a queue would receive only their positions in the stream.
            on_failure=CfnEventSourceMapping.OnFailureProperty(destination=recorder.failure_bucket_arn)
        ),
        # Without these metrics, records that go to the bucket would go unnoticed.
        metrics_config=CfnEventSourceMapping.MetricsConfigProperty(metrics=["EventCount"]),
    )


@cache
def _lambda_service() -> ServicePrincipal:
    return ServicePrincipal("lambda.amazonaws.com")
