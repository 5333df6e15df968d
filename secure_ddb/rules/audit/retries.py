"""A record that cannot be handled does not hold up the others until they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool, as_list, as_number
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# With these defaults a poison record blocks its shard for the 24 hours that the stream keeps.
_FOR_EVER = -1
_MOST_RETRIES = 100
_SHORTEST_AGE = 60
_LONGEST_AGE = 23 * 60 * 60


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each event source mapping on a table's stream."""
    for table, mapping in assembly.audit.mappings:
        properties = mapping.properties
        retries = properties.get("MaximumRetryAttempts", _FOR_EVER)
        age = properties.get("MaximumRecordAgeInSeconds", _FOR_EVER)
        bisects = properties.get("BisectBatchOnFunctionError")
        responses = properties.get("FunctionResponseTypes")
        good = {
            "MaximumRetryAttempts": (retries, 1 <= (as_number(retries) or 0) <= _MOST_RETRIES),
            "MaximumRecordAgeInSeconds": (age, _SHORTEST_AGE <= (as_number(age) or 0) <= _LONGEST_AGE),
            "BisectBatchOnFunctionError": (bisects, as_bool(bisects)),
            "FunctionResponseTypes": (responses, "ReportBatchItemFailures" in as_list(responses)),
        }
        # Either of the last two isolates the record that fails.
        isolated = [name for name in ("BisectBatchOnFunctionError", "FunctionResponseTypes") if good[name][1]]
        for name, (value, is_good) in good.items():
            either = is_good or (name in ("BisectBatchOnFunctionError", "FunctionResponseTypes") and bool(isolated))
            yield judged_value(mapping, f"Properties.{name}", value, good=either, key=name, tables=[table])


RULE = Rule(
    id="SecureDdb-AUD3",
    title="A change that cannot be recorded is tried again, and then makes way for the others",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-12"),
    explanation=(
        "By default Lambda tries a batch again until the stream forgets it. One poison record then keeps all later "
        "changes of its shard from being recorded, for a day."
    ),
    remedy=(
        "Set MaximumRetryAttempts to 1 to 100 and MaximumRecordAgeInSeconds below a day, and isolate the failing "
        "record with BisectBatchOnFunctionError or ReportBatchItemFailures."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html",
    check=check,
)
