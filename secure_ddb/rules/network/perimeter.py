"""Which tables have a perimeter, or have to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.actions import COPY_OF_ALL_ITEMS, DATA_PLANE
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import refusals
from secure_ddb.iam.request_probes import NETWORK, ORGANIZATION
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.rule import Judgement, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from secure_ddb.iam.evaluation import Request
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.three_valued import Truth

# Exporting and restoring hand out every item.
ITEMS = (*DATA_PLANE, *COPY_OF_ALL_ITEMS)
# Of these, what also works on an index.
ITEMS_OF_INDEX = ("dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan")


class Perimeter(NamedTuple):
    """A replica of a table that has a perimeter, or has to.

    Attributes:
        table: The table.
        replica: The replica.
        statements: What its own policy says.
        denying: Those that deny items because of a network, or of whose principal asks; none if it has no perimeter.
    """

    table: Table
    replica: Replica
    statements: Sequence[Statement]
    denying: Sequence[Statement]

    @property
    def places(self) -> list[tuple[str, tuple[str, ...]]]:
        """What has items, with the actions that reach them there."""
        index = [(f"{self.replica.arn}/index/{ANY_NAME}", ITEMS_OF_INDEX)] if self.table.has_indexes else []
        return [(self.replica.arn, ITEMS), *index]

    def denies(self, requests: Iterable[Request]) -> tuple[Truth, str]:
        """Tell whether the policy denies all of what is asked for; otherwise one of the actions that pass."""
        if not self.statements:
            return None if is_unknown(self.replica.policy) else False, "everything"
        found: list[tuple[str, Truth]] = []
        for request in requests:
            found += refusals(self.statements, request).items()
        return all_of(*(each for _, each in found)), next((action for action, each in found if not each), "")


def perimeters(assembly: Assembly) -> Iterator[Perimeter]:
    """Yield each replica whose table has to have a perimeter, or has one all the same."""
    for table, replica in assembly.tables.replicas:
        found = assembly.policies.of(table.resource, *replica.policy_path.split(".")[1:]).statements
        denying = [
            statement
            for statement in found
            if statement.denies
            and statement.touches_actions(DATA_PLANE)
            and any(condition.is_negated for condition in statement.conditions_on(*NETWORK, *ORGANIZATION))
        ]
        if denying or table.floor.must_enforce_perimeter:
            yield Perimeter(table, replica, found, denying)


def judged_perimeters(
    assembly: Assembly, requests_at: Callable[[Perimeter], Iterable[Request]], *, met: str, passing: str
) -> Iterator[Judgement]:
    """Say of each perimeter whether it denies requests: `met` if so, otherwise what passes, and for whom."""
    for each in perimeters(assembly):
        answer, action = each.denies(requests_at(each))
        passes = "passes" if answer is False else "may pass"
        detail = met if answer else f"{action} {passes} {passing}"
        path, key = each.replica.policy_path, each.replica.region
        yield judged(each.table.resource, path, answer, detail, key=key, tables=[each.table])
