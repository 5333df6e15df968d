"""Roles of other accounts that use a table's items: table and key have to name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.access.grant_statements import (
    READ_KEY,
    WRITE_KEY,
    Limits,
    key_statements,
    read_statement,
    write_statement,
)
from secure_ddb.brief_repr import BriefRepr
from secure_ddb.dynamodb_table import table_name_of
from secure_ddb.errors import reject, require_type
from secure_ddb.network.policy import require_organization
from secure_ddb.part import Part
from secure_ddb.table_arguments import LONGEST_TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import TableContext
    from secure_ddb.encryption.table_key import KeyPolicy
    from secure_ddb.table_arguments import TableArguments

    Statement = dict[str, Any]

_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/[\w+=,.@/-]*[\w+=,.@-]", re.ASCII)
_ROLE = "the ARN of one role, known at synth, such as arn:aws:iam::444455556666:role/reports"
_EVERYTHING = Limits(None, None)
# In place of a name that is made later.
_LONGEST_NAME = "x" * LONGEST_TABLE_NAME


@dataclass(frozen=True, kw_only=True, repr=False)
class OtherAccounts(BriefRepr):
    """Roles of other accounts of the organization that read and write the table's items.

    The roles have to exist when the table is deployed: KMS refuses a policy that names one which does not. Each also
    needs a policy in its own account, such as by `SecureTable.from_attributes(..., account=...)`.

    Attributes:
        organization_id: The organization that the roles have to be of, also later.
        readers: ARNs of roles that read items of the table and its indexes.
        writers: ARNs of roles that write items, and read what a write returns.

    Raises:
        InvalidArgumentError: The organization or a role cannot be right, or there is no role.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html
    """

    organization_id: str
    readers: Sequence[str] = ()
    writers: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check every value."""
        require_organization("other_accounts.organization_id", self.organization_id)
        for argument, arns in self._arns.items():
            require_type(argument, arns, (list, tuple), "a list of roles' ARNs")
            for position, arn in enumerate(arns):
                name = f"{argument}[{position}]"
                require_type(name, arn, str, _ROLE)
                if not _ROLE_ARN.fullmatch(arn):
                    reject(name, arn, _ROLE)
                if arn in arns[:position]:
                    reject(name, arn, "a role that stands once")
        if not (self.readers or self.writers):
            reject("other_accounts", "without a role", "at least one of readers and writers")

    @property
    def _arns(self) -> dict[str, Sequence[str]]:
        return {"other_accounts.readers": self.readers, "other_accounts.writers": self.writers}

    @property
    def roles(self) -> list[str]:
        """Every role once."""
        return [*dict.fromkeys((*self.readers, *self.writers))]

    def check(self, context: TableContext) -> None:
        """Compare with what the classification allows and with the table's account, and record who was let in.

        Raises:
            InvalidArgumentError: The classification allows no other account, or a role is of the table's.
        """
        classification = context.classification
        if not classification.floor.may_be_used_from_other_accounts:
            reject("other_accounts", "given", f"None for {classification.name}: its items stay in the table's account")
        for argument, arns in self._arns.items():
            for position, arn in enumerate(arns):
                if arn.split(":")[4] == context.environment.account:
                    allowed = "a role of another account: use grant_read_data and the like for those of the table's own"
                    reject(f"{argument}[{position}]", arn, allowed)
        context.evidence.settings["other_accounts"] = self._text()

    def _text(self) -> str:
        parts = [f"of organization {self.organization_id}"]
        if self.readers:
            parts.append(f"read by {', '.join(self.readers)}")
        if self.writers:
            parts.append(f"written by {', '.join(self.writers)}")
        return "; ".join(parts)


class CrossAccountAccess(Part):
    """Statements of table and key policies for roles of other accounts; for most tables none."""

    def __init__(self, context: TableContext, settings: OtherAccounts | None, arguments: TableArguments) -> None:
        """Check the settings."""
        self._context = context
        self._settings = settings
        self._arguments = arguments
        if settings is not None:
            require_type("other_accounts", settings, OtherAccounts)
            settings.check(context)

    @property
    def organization_id(self) -> str | None:
        """The organization of the roles, if there are any."""
        return self._settings.organization_id if self._settings is not None else None

    def key_statements(self, policy: KeyPolicy) -> list[Statement]:
        """Let the roles use the key through DynamoDB, for this table only.

        DynamoDB uses the key in the name of its caller, so a key of the account alone is no use to others.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
        """
        settings = self._settings
        if settings is None:
            return []
        name = table_name_of(self._context, self._arguments)
        read, describe = key_statements(READ_KEY, ["*"], name, policy.environment)
        write, _ = key_statements(WRITE_KEY, ["*"], name, policy.environment)
        return [
            *_for_roles("UseByReadersOfOtherAccounts", settings.readers, read, settings),
            *_for_roles("UseByWritersOfOtherAccounts", settings.writers, write, settings),
            *_for_roles("DescribeToOtherAccounts", settings.roles, describe, settings),
        ]

    def table_statements(self, *, is_made: bool = True) -> list[Statement]:
        """Return the table policy's statements.

        Args:
            is_made: Whether the table's construct is there, which its name may be made of.
        """
        settings = self._settings
        if settings is None:
            return []
        name = table_name_of(self._context, self._arguments) if is_made else _LONGEST_NAME
        # Made of the name: a reference to the table in its own policy would be a cycle.
        arn = self._context.environment.arn("dynamodb", f"table/{name}")
        read = read_statement(arn, self._arguments.key_schema, _EVERYTHING)
        write = write_statement(arn, _EVERYTHING)
        return [
            *_for_roles("AllowReadersOfOtherAccounts", settings.readers, read, settings),
            *_for_roles("AllowWritersOfOtherAccounts", settings.writers, write, settings),
        ]


def _for_roles(sid: str, roles: Sequence[str], statement: Statement, settings: OtherAccounts) -> list[Statement]:
    """Return a statement for roles as long as they are of the organization; none where there are no roles."""
    if not roles:
        return []
    condition = statement.get("Condition", {}).get("StringEquals", {})
    return [
        {
            "Sid": sid,
            **statement,
            "Principal": {"AWS": list(roles)},
            "Condition": {"StringEquals": {**condition, "aws:PrincipalOrgID": settings.organization_id}},
        }
    ]
