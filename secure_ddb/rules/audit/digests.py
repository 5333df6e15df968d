"""Keys of items stay out of the log where the classification says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.rules.keys import DIGEST_USAGE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value
from secure_ddb.rules.values import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.resources import Resource

# How the audit handler of this library is recognized, and told what to do: secure_ddb.audit.function.
HANDLER = "audit_trail.index.handler"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each audit function of this library; what another one logs, no template shows."""
    for function, tables in assembly.audit_functions.items():
        if function.properties.get("Handler") != HANDLER:
            continue
        variables = at(function.properties, "Environment", "Variables") or {}
        keys = at(variables, "KEYS")
        plain = keys == "plain" and all(table.floor.may_log_keys for table in tables)
        path = "Properties.Environment.Variables"
        yield judged_value(function, f"{path}.KEYS", keys, good=keys == "digest" or plain, key="KEYS", tables=tables)
        if keys == "digest":
            key = at(variables, "HMAC_KEY_ID")
            good = _digests(assembly, key, function)
            yield judged_value(function, f"{path}.HMAC_KEY_ID", key, good=good, key="HMAC_KEY_ID", tables=tables)


def _digests(assembly: Assembly, key: Any, function: Resource) -> bool:  # noqa: ANN401 - a value of a template
    found = assembly.find_key(key, function)
    if found is None or found.properties.get("KeyUsage") != DIGEST_USAGE:
        return False
    return str(found.properties.get("KeySpec")).startswith("HMAC_")


RULE = Rule(
    id="SecureDdb-AUD13",
    title="The log of changes shows item keys only where the data's classification allows it",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 AU-3(3)", "NIST.800-53.r5 SI-12(1)"),
    explanation="Keys are often names or account numbers, and more people read logs than may read the table.",
    remedy="Leave AuditSettings.keys at LoggedKeys.DIGEST.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html",
    check=check,
)
