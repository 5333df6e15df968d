"""Keys of items stay out of the log where the classification says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import at
from secure_ddb.landscape.audit_consumer import HANDLER
from secure_ddb.landscape.key_permissions import DIGEST_USAGE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each audit function of this library; what another one logs, no template shows."""
    for function, tables in assembly.audit.functions.items():
        if function.properties.get("Handler") != HANDLER:
            continue
        variables = at(function.properties, "Environment", "Variables") or {}
        keys = at(variables, "KEYS")
        plain = keys == "plain" and all(table.floor.may_log_keys for table in tables)
        path = "Properties.Environment.Variables"
        yield judged_value(function, f"{path}.KEYS", keys, good=keys == "digest" or plain, key="KEYS", tables=tables)
        clear = at(variables, "CLEAR_ATTRIBUTES")
        if clear is not None:
            yield _stated(function, clear, tables)
        if keys == "digest":
            key = at(variables, "HMAC_KEY_ID")
            good = _digests(assembly, key, function)
            yield judged_value(function, f"{path}.HMAC_KEY_ID", key, good=good, key="HMAC_KEY_ID", tables=tables)


def _stated(function: Resource, attributes: Any, tables: Sequence[Table]) -> Judgement:  # noqa: ANN401 - a value
    """Say whether the tables' owners chose to log attributes in clear. Which ones may be, only they know."""
    settings = [at(table.evidence, "settings", "audit.clear_attributes") for table in tables]
    named = ", ".join(map(str, _names(attributes)))
    answer = True if settings and all(each == named for each in settings) else None
    detail = f"{named} is logged in clear, {'as the table states' if answer else 'and the table does not state it'}"
    path = "Properties.Environment.Variables.CLEAR_ATTRIBUTES"
    return judged(function, path, answer, detail, key="CLEAR_ATTRIBUTES", tables=tables)


def _names(attributes: object) -> list[object]:
    try:
        names = json.loads(str(attributes))
    except ValueError:
        names = attributes
    return names if isinstance(names, list) else [names]


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
