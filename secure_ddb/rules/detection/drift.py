"""Whether drift of tables' stacks is looked for, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import asked_by
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.reported_events import judge_reported, own_event
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_DETECT = ("cloudformation:DetectStackDrift",)
# Of the events that this library's function sends; what others send is not known.
_REPORTS = ("Stack Drift Found", "Stack Drift Not Checked")


@Rule(
    id="SecureDdb-DET5",
    title="Drift of the table's stack is detected on a schedule and reported",
    problem="Drift of the table's stack is not detected on a schedule, or not reported",
    severity=Severity.MEDIUM,
    requirements=("DET-5",),
    controls=(*nist("CA-7", "CM-3"),),
    rationale=(
        "A manual change of a key policy or an alarm does not show in the template. CloudFormation detects drift "
        "only on request."
    ),
    remedy=(
        "Add the stack to a DriftDetection, or let an enabled schedule invoke a function whose role may call "
        "cloudformation:DetectStackDrift on it."
    ),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html",
    skip_ephemeral=True,
)
def drift(assembly: Assembly) -> Iterator[Judgement]:
    """Look for schedules of functions that detect drift; an app without such a function gets no result."""
    detectors = assembly.responses.functions_that(*_DETECT)
    for table in assembly.tables if detectors else ():
        covers = [(function, _may_detect(assembly, role, table.resource)) for function, role in detectors]
        certain = [function for function, answer in covers if answer]
        schedules = [each for function in certain for each in assembly.schedules.of(function)]
        answer = any_of(each.is_on for each in schedules) if certain else None
        names = ", ".join(function.logical_id for function in certain)
        times = ", ".join(each.times for each in schedules if each.is_on)
        detail = choose(
            answer,
            f"{names} detects drift of its stack, by {times}",
            f"no enabled schedule invokes {names}, which can detect drift of its stack",
            "no function of the app is certain to detect drift of its stack; functions elsewhere cannot be checked",
        )
        yield judged(table.resource, "Properties", answer, detail, key="schedule", tables=[table])
        if certain:
            reports = [own_event(table, table.replicas[0], kind) for kind in _REPORTS]
            yield from judge_reported(assembly, table, table.replicas[0], reports)


def _may_detect(assembly: Assembly, role: Resource, table: Resource) -> Truth:
    """Return whether a role may detect drift of a table's stack, whose ARN ends with an id of CloudFormation's."""
    stack = str(table.template.pseudo_parameters["AWS::StackName"])
    if is_unknown(stack):
        return None
    place = f"{kinds.partition(table.region)}:cloudformation:{table.region}:{table.account}"
    arn = f"arn:{place}:stack/{stack}/${{{table.template.key}.StackId}}"
    return assembly.identities.role_may_all(role, asked_by(role, _DETECT, arn))
