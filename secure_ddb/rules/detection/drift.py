"""Whether drift of tables' stacks is looked for, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import asked_by
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.told import judge_told, own_event
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
    title="Drift of the table's stack is looked for on a schedule, and reported",
    problem="The function that looks for drift of the table's stack is on no schedule, or its report reaches no topic",
    severity=Severity.MEDIUM,
    requirements=("DET-5",),
    controls=(*nist("CA-7", "CM-3"),),
    rationale=(
        "Whoever changes a key's policy or an alarm by hand leaves the template as it was. CloudFormation looks for "
        "drift only when it is asked to, which may happen outside of the app."
    ),
    remedy=(
        "Name the stack in a DriftDetection, or let an enabled schedule invoke the function whose role may call "
        "cloudformation:DetectStackDrift for it."
    ),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html",
    skip_ephemeral=True,
)
def drift(assembly: Assembly) -> Iterator[Judgement]:
    """Look for schedules of the functions that detect drift. In an app without such a function, nothing is said."""
    detectors = assembly.responses.functions_that(*_DETECT)
    for table in assembly.tables if detectors else ():
        covers = [(function, _may_detect(assembly, role, table.resource)) for function, role in detectors]
        surely = [function for function, answer in covers if answer]
        schedules = [each for function in surely for each in assembly.schedules.of(function)]
        answer = any_of(each.is_on for each in schedules) if surely else None
        names = ", ".join(function.logical_id for function in surely)
        times = ", ".join(each.times for each in schedules if each.is_on)
        detail = choose(
            answer,
            f"{names} looks for drift of its stack, by {times}",
            f"{names} may look for drift of its stack, and no enabled schedule invokes it",
            "no function of the app surely looks for drift of its stack on a schedule; what is elsewhere cannot be "
            "seen",
        )
        yield judged(table.resource, "Properties", answer, detail, key="schedule", tables=[table])
        if surely:
            reports = [own_event(table, table.replicas[0], kind) for kind in _REPORTS]
            yield from judge_told(assembly, table, table.replicas[0], reports)


def _may_detect(assembly: Assembly, role: Resource, table: Resource) -> Truth:
    """Tell whether a role may detect drift of a table's stack, whose ARN ends with an id of CloudFormation's."""
    stack = str(table.template.pseudo_parameters["AWS::StackName"])
    if is_unknown(stack):
        return None
    place = f"{kinds.partition(table.region)}:cloudformation:{table.region}:{table.account}"
    arn = f"arn:{place}:stack/{stack}/${{{table.template.key}.StackId}}"
    return assembly.identities.role_may_all(role, asked_by(role, _DETECT, arn))
