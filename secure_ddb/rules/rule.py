"""What a rule is, and what it says about a resource."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.landscape.table import Table

    Check = Callable[[Assembly], Iterator["Judgement"]]
    from secure_ddb.three_valued import Truth
    from secure_ddb.waivers.stated_waiver import StatedWaiver

_LONGEST_VALUE = 80
# As long as a name: the placeholder itself holds the template's path, and is rewritten later (`Readable`).
_LENGTH_OF_PLACEHOLDER = 20
_PLACEHOLDER_OR_CHARACTER = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)


class Verdict(Enum):
    """What a rule says about a resource."""

    MET = "met"
    NOT_MET = "not met"
    NOT_VERIFIABLE = "not verifiable"
    MANUAL = "manual"
    WAIVED = "waived"


class Severity(Enum):
    """How bad it is if a rule is not met."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


def severities_from(lowest: Severity | None) -> frozenset[Severity]:
    """Return a severity and all that are worse; none at all for None."""
    levels = list(Severity)
    return frozenset(levels[levels.index(lowest) :] if lowest else ())


class Judgement(NamedTuple):
    """What a rule says about a resource.

    Attributes:
        resource: The resource; None for a waiver on a construct that is none.
        verdict: Whether it is as the rule demands.
        path: The property that shows it, such as `Properties.SSESpecification`.
        detail: What was seen there.
        key: Which of several findings of one rule on one resource, such as a replica's Region or a statement's Sid.
        tables: The tables that it concerns.
        waivers: Why it is waived, of all tables that it concerns.
        acknowledgment: The id by which it was acknowledged in CDK.
        construct: Path of the construct on which it was, or of the one that is meant where there is no resource.
    """

    resource: Resource | None
    verdict: Verdict
    path: str
    detail: str
    key: str = ""
    tables: tuple[Table, ...] = ()
    waivers: tuple[StatedWaiver, ...] = ()
    acknowledgment: str = ""
    construct: str = ""

    @property
    def reason(self) -> str:
        """Why it is waived, in one line."""
        return " / ".join(map(str, self.waivers))


@dataclass(kw_only=True, eq=False)
class Rule:
    """A rule, as a decorator of the function that checks it. docs/own-rules.md shows how a company writes one.

    Attributes:
        id: Stable; waivers name it.
        title: The compliant state.
        problem: The problem if it is not met; the title of a finding.
        severity: How bad it is if it is not met.
        rationale: Why it matters.
        remedy: What to do about it.
        requirements: Rows of the requirements that it serves.
        controls: Controls of other catalogues that it serves.
        source: The page that says so.
        skip_ephemeral: Whether it does not apply to a table that its `Lifecycle` lets go away with its stack.
        check: Yields what it says about each resource that it applies to.
    """

    id: str
    title: str
    problem: str
    severity: Severity
    rationale: str
    remedy: str
    requirements: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    source: str = ""
    skip_ephemeral: bool = False
    check: Check = field(init=False, repr=False)

    def __call__(self, check: Check) -> Rule:
        """Store the function that checks the rule."""
        self.check = check
        return self

    def headline(self, verdict: Verdict) -> str:
        """Return the title of a result: the problem, or else the rule's title."""
        return self.problem if verdict is Verdict.NOT_MET else self.title


def judged(
    resource: Resource, path: str, answer: Truth, detail: str, *, key: str = "", tables: Sequence[Table] = ()
) -> Judgement:
    """Return a judgement: met, not met, or unknown until deployment."""
    verdict = Verdict.NOT_VERIFIABLE if answer is None else Verdict.MET if answer else Verdict.NOT_MET
    return Judgement(resource, verdict, path, detail, key, tuple(tables))


def judged_statement(
    policy: Policy, statement: Statement, answer: Truth, detail: str, *, key: str = "", tables: Sequence[Table] = ()
) -> Judgement:
    """Return a judgement on a statement of a policy."""
    place = policy.path_of(statement)
    return judged(policy.resource, place, answer, detail, key=key or statement.label, tables=tables)


def judged_value(
    resource: Resource,
    path: str,
    value: Any,  # noqa: ANN401 - a value of a template
    *,
    good: bool,
    key: str = "",
    tables: Sequence[Table] = (),
) -> Judgement:
    """Return a judgement on a property's value; one that is unknown at synth is neither good nor bad."""
    name = path.rsplit(".", 1)[-1]
    answer: Truth = None if is_unknown(value) else good
    detail = f"{name} is missing" if value is None else f"{name} is {shown(value)}"
    return judged(resource, path, answer, detail, key=key, tables=tables)


def manual(resource: Resource, path: str, detail: str, *, tables: Sequence[Table] = ()) -> Judgement:
    """Return a judgement that needs manual evidence, because no template has it."""
    return Judgement(resource, Verdict.MANUAL, path, detail, tables=tuple(tables))


def policy_place(policies: Sequence[Policy], resource: Resource) -> tuple[Resource, str]:
    """Return where the first of a resource's policies stands; the resource itself if it has none."""
    return (policies[0].resource, policies[0].path) if policies else (resource, "Properties")


def choose(answer: Truth, true: str, false: str, unknown: str) -> str:
    """Return the words for an answer."""
    return unknown if answer is None else true if answer else false


def may(answer: Truth) -> str:
    """Return the verb for a permission."""
    return choose(answer, "can", "cannot", "may be able to")


def lets(answer: Truth) -> str:
    """Return the verb for a permission of a policy."""
    return choose(answer, "lets", "does not let", "may let")


def shown(value: Any) -> str:  # noqa: ANN401 - a value of a template
    """Write a value into a sentence."""
    if is_unknown(value):
        return "known only at deployment"
    text = json.dumps(value) if isinstance(value, bool | dict | list) else str(value)
    return _shortened(text) if len(text) > _LONGEST_VALUE or "${" in text else text


def _shortened(text: str) -> str:
    """Cut a long text between characters or placeholders, at the same place for every path of the template."""
    kept, length = 0, 0
    for part in _PLACEHOLDER_OR_CHARACTER.finditer(text):
        length += 1 if len(part[0]) == 1 else _LENGTH_OF_PLACEHOLDER
        if length > _LONGEST_VALUE:
            return f"{text[:kept]}…"
        kept = part.end()
    return text
