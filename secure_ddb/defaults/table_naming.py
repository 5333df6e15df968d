"""A company's policy for the names of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from aws_cdk import Stack

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.errors import reject, require_type
from secure_ddb.table_arguments import require_table_name
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

    from secure_ddb.classification import DataClassification
    from secure_ddb.context import TableContext
    from secure_ddb.tags.ownership import Ownership


_ANY = ".+"


class NamedTable(NamedTuple):
    """The possible parts of a table's name. All are known at synth.

    Attributes:
        id: Construct id of the table.
        path: Path of its construct, such as `Production/Orders/Table`.
        stack_id: Construct id of the stack that it is in.
        ownership: Its owner, application and environment.
        classification: How sensitive its data is.
        region: Where it is.
    """

    id: str
    path: str
    stack_id: str
    ownership: Ownership
    classification: DataClassification
    region: str


@dataclass(frozen=True, kw_only=True, repr=False)
class TableNaming(BriefRepr):
    """How the tables of a company are named.

    A table that gets another name is another table: CloudFormation replaces it, and keeps the old one. So a policy is
    for new apps, or tables that are deployed already keep theirs by `table_name`.

    Attributes:
        pattern: Regular expression that the whole name has to match, such as `[a-z]+-(dev|prod)-[a-z-]+`.
        make: Returns the name of a table that has no `table_name`. Without it, a table needs one.

    Raises:
        InvalidArgumentError: The expression cannot be read, or a value has the wrong type.
    """

    pattern: str = _ANY
    make: Callable[[NamedTable], str] | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        require_type("table_naming.pattern", self.pattern, str)
        problem = ""
        try:
            re.compile(self.pattern)
        except re.error as error:
            problem = str(error)
        if problem:
            reject("table_naming.pattern", self.pattern, f"a regular expression ({problem})")
        if self.make is not None and not callable(self.make):
            reject("table_naming.make", self.make, "a function of a NamedTable, or None")

    def name(self, context: TableContext, id_: str, given: str | None) -> str | None:
        """Return the name of a table; None for the one that the library makes.

        Args:
            context: Of the table.
            id_: Construct id of the table.
            given: Its `table_name`, if it has one.

        Raises:
            InvalidArgumentError: The name does not match, is none that DynamoDB accepts, or another table of the app,
                account and Region has it.
        """
        if given is not None:
            if is_token(given):
                reject("table_name", "known only at deployment", f"a name that matches {self.pattern}{_BY}")
            return self._matching("table_name", given)
        if self.make is None:
            if self.pattern != _ANY:
                reject("table_name", None, f"a name that matches {self.pattern}{_BY}")
            return None
        path = "/".join(filter(None, (context.outer_scope.node.path, id_)))
        about = NamedTable(
            id=id_,
            path=path,
            stack_id=Stack.of(context.outer_scope).node.id,
            ownership=context.ownership,
            classification=context.classification,
            region=context.environment.region,
        )
        name = self.make(about)
        require_table_name("name that table_naming.make returns", name)
        self._matching("name that table_naming.make returns", name)
        _require_only(context, name, path)
        return name

    def _matching(self, argument: str, name: str) -> str:
        if not re.fullmatch(self.pattern, name):
            reject(argument, name, f"a name that matches {self.pattern}{_BY}")
        return name


_BY = ", by the TableDefaults"
# App to account, Region and name, to the path of the table that was given it.
_made: WeakKeyDictionary[IConstruct, dict[tuple[str, str, str], str]] = WeakKeyDictionary()


def _require_only(context: TableContext, name: str, path: str) -> None:
    environment = context.environment
    names = _made.setdefault(context.outer_scope.node.root, {})
    other = names.setdefault((environment.account, environment.region, name), path)
    if other != path:
        reject("name that table_naming.make returns", name, f"a name that {other} does not have")
