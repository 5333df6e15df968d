"""The audit handler of this library knows where to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import at
from secure_ddb.landscape.audit_consumer import HANDLER
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_SETTINGS = (("LOG_GROUP", kinds.LOG_GROUP), ("FAILURE_BUCKET", kinds.BUCKET))


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the settings of each audit function of this library."""
    for function, tables in assembly.audit.functions.items():
        if function.properties.get("Handler") == HANDLER:
            for name, kind in _SETTINGS:
                value = at(function.properties, "Environment", "Variables", name)
                good = assembly.find(value, function, kind) is not None
                path = f"Properties.Environment.Variables.{name}"
                yield judged_value(function, path, value, good=good, key=name, tables=tables)


RULE = Rule(
    id="SecureDdb-AUD15",
    title="The audit function knows its log group and its bucket",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-12"),
    explanation="Without them it fails at each change, and nothing is recorded.",
    remedy="Leave LOG_GROUP and FAILURE_BUCKET as SecureTable sets them.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    check=check,
)
