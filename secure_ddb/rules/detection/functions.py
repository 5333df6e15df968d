"""Whether functions that watch over tables, or keep their items, are missed when they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.evaluation import asked_by
from secure_ddb.landscape.alarms import LAMBDA
from secure_ddb.landscape.responses import RESTORING
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.detection.watchers import rings_for_people
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly

_WATCHING = ("cloudformation:DetectStackDrift", "backup:PutRestoreValidationResult", *RESTORING)
_PUBLISH = ("sns:Publish",)


@Rule(
    id="SecureDdb-DET17",
    title="Errors of functions that monitor tables or archive their items raise an alarm",
    problem="Errors of a function that monitors tables or archives their items raise no alarm",
    severity=Severity.MEDIUM,
    requirements=("DET-6", "IR-2", "OPS-4", "OPS-8"),
    controls=(*nist("SI-4(5)", "AU-5"), *pci("10.7.2")),
    rationale=(
        "A monitoring function that fails is as quiet as one that finds nothing, and an item that was not archived "
        "is lost."
    ),
    remedy="Create an alarm on the function's Errors that goes off at the first error, with a topic as its action.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
)
def functions(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each function that drift, remediation, notices, restore tests or copies of items rest on."""
    for function in _watching(assembly):
        tables = assembly.responses.near(function)
        if not tables:
            continue
        alarms = assembly.alarms.watching(function, LAMBDA, "Errors", ("FunctionName", function.name))
        answer = any_of(rings_for_people(assembly, alarm) for alarm, _ in alarms)
        has = choose(answer, "has an alarm that reports to a topic", "has no alarm that reports", "may have an alarm")
        yield judged(function, "Properties", answer, f"Errors of the function {has}", tables=tables)


def _watching(assembly: Assembly) -> dict[Resource, None]:
    found = [
        function for function, _ in assembly.responses.functions_that(*_WATCHING) if _is_invoked(assembly, function)
    ]
    for function, role in assembly.responses.functions_that(*_PUBLISH):
        topics = assembly.alarms.topics
        tells = any(assembly.identities.role_may_all(role, asked_by(role, _PUBLISH, each.arn)) for each in topics)
        if tells and _is_invoked(assembly, function):
            found.append(function)
    exporters = assembly.item_copies.exporters
    found += [function for function, role in assembly.responses.roles_of_functions if exporters.get(role)]
    found += [each for _, mapping in assembly.item_copies.expiry_mappings if (each := assembly.functions.of(mapping))]
    return dict.fromkeys(found)


def _is_invoked(assembly: Assembly, function: Resource) -> bool:
    """Return whether EventBridge invokes a function; others, such as custom resources, report to their caller."""
    return bool(assembly.schedules.of(function) or assembly.responses.event_rules.get(function))
