"""The base class of a table's parts. A part is one capability, such as its backups, in its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from secure_ddb.errors import reject
from secure_ddb.waivers.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import KeyPolicy
    from secure_ddb.monitoring.measure import Measure
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.table_evidence import Guarantee


class Part:
    """A capability of a table. Each part overrides what it needs of this; CONTRIBUTING.md shows how to add one.

    A part is made from the table's context and its argument, and refuses what it cannot accept before anything is made.
    `SecureTable` then asks all parts what they need of the key, makes the table, and lets each part make its own.
    """

    def key_statements(self, _policy: KeyPolicy) -> list[dict[str, Any]]:
        """Return the statements that the key's policy needs for this part."""
        return []

    def make(self, table: MadeTable) -> None:
        """Make the resources of this part."""

    def measures(self, _table: MadeTable, _alarms: AlarmSettings) -> Iterable[Measure]:
        """Return the measures to raise alarms for. Called after `make`, unless the table has no alarms."""
        return ()

    def notify(self, table: MadeTable, topic_arn: str) -> None:
        """Create other publishers to the alarm topic. Called after `make`, unless the table has no alarms."""


class Settings(Protocol):
    """Settings of a part."""

    def check(self, context: TableContext) -> None:
        """Check against the classification's floor, and record deviations from the default."""


Chosen = TypeVar("Chosen", bound=Settings)


def resolve(
    context: TableContext,
    argument: str,
    given: Chosen | Waiver | None,
    kind: type[Chosen],
    guarantee: Guarantee,
    *,
    is_demanded: bool | None = None,
) -> Chosen | None:
    """Return the settings of a part, or None if it is waived; check them, or record the waiver.

    Args:
        context: The table's.
        argument: Name of the argument.
        given: The user's argument for it. None means the classification's default.
        kind: Type of the settings; made without arguments it is the default.
        guarantee: The waived guarantee.
        is_demanded: Whether the classification demands the part. None if it is demanded of every table, and the
            argument's default is the settings' own.

    Raises:
        InvalidArgumentError: It is something else, or there is nothing to waive.
    """
    if given is None and is_demanded is not None:
        if not is_demanded:
            return None
        given = kind()
    if isinstance(given, Waiver):
        if is_demanded is False:
            part = argument.rpartition(".")[2]
            reject(argument, given, f"{kind.__name__} or None: {context.classification.name} demands no {part}")
        given.require_policy(context.outer_scope)
        context.evidence.waive(guarantee, given)
        return None
    if not isinstance(given, kind):
        reject(argument, given, f"{kind.__name__} or Waiver")
    given.check(context)
    return given
