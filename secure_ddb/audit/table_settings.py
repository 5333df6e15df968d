"""Settings of the audit trail of single tables that share an audit function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.handler.audit_trail.settings import TABLES
from secure_ddb.errors import reject

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Function
    from constructs import Construct

    from secure_ddb.audit.settings import AuditSettings

# All variables of a function have 4 KB together; the others take less than one.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LONGEST = 3000


class TableSettings:
    """Parameters with which a shared audit function writes the lines of a table.

    It is a variable of the function, made of the tables' names like its permissions: so a mistake in one table's
    settings is found at synth, and nothing has to be read when a change is recorded.
    """

    def __init__(self, function: Function, scope: Construct, settings: AuditSettings) -> None:
        """Store the function, its scope, and the settings of tables without their own."""
        self._function = function
        self._scope = scope
        self._settings = settings
        self._of_tables: dict[str, dict[str, Any]] = {}

    def add(self, table_name: str, settings: AuditSettings) -> None:
        """Let the function write a table's lines by settings of its own.

        Raises:
            InvalidArgumentError: The function's environment has no room for them.
        """
        own: dict[str, Any] = {"clear": list(settings.clear_attributes)}
        if settings.keys is not self._settings.keys:
            own["keys"] = settings.keys.value
        if own == {"clear": list(self._settings.clear_attributes)}:
            return
        self._of_tables[table_name] = own
        written = json.dumps(self._of_tables, separators=(",", ":"))
        if len(written) > _LONGEST:
            reject(
                "audit.clear_attributes",
                f"{len(settings.clear_attributes)} names for {table_name}, table {len(self._of_tables)} with its own",
                f"own_function=True, or other SharedResources than {self._scope.node.path}: "
                f"the audit function has room for {_LONGEST} characters of names",
            )
        self._function.add_environment(TABLES, written)
