"""A table that is declared elsewhere, as far as it can be seen here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from aws_cdk import Stack
from aws_cdk.aws_dynamodb import CfnGlobalTable, TableV2

from secure_ddb.dynamodb_table import MadeTable
from secure_ddb.encryption.encryption import require_key_arn
from secure_ddb.encryption.table_key import TableKey
from secure_ddb.errors import reject, require_interface
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.imported_table import check_stream
from secure_ddb.table_evidence import METADATA_KEY
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk.aws_dynamodb import ITableV2
    from aws_cdk.aws_kms import IKey
    from constructs import IConstruct

    from secure_ddb.context import TableContext
    from secure_ddb.table_arguments import TableArguments

_TABLE = "an aws_dynamodb.ITableV2: a TableV2, or TableV2.from_table_attributes(...)"
_KEY = (
    "a customer managed key, which audit function and backups have to use: of a TableV2 by `encryption`, or "
    "TableV2.from_table_attributes(encryption_key=...)"
)
_STREAM = (
    "the ARN of its stream, which the audit function reads: "
    "TableV2.from_table_attributes(table_stream_arn=...), or audit=Waiver(...)"
)
_NOT_SEEN = (
    "stream view type, point-in-time recovery, deletion protection, capacity, tags and any Kinesis stream "
    "of the table: it is declared elsewhere"
)


@dataclass(frozen=True, kw_only=True)
class DeclaredTable:
    """A table that is declared elsewhere.

    Attributes:
        resource: The table.
        key: The key that encrypts its items.
        name: Its name as far as it is known at synth; otherwise a token.
        is_of_app: Whether it is a `TableV2` of this app, which rules judge.
        is_of_stack: Whether its policies can be extended: it is a `TableV2` of the stack that its controls are in.
    """

    resource: ITableV2
    key: IKey
    name: str
    is_of_app: bool
    is_of_stack: bool

    @classmethod
    def check(cls, context: TableContext, table: ITableV2) -> DeclaredTable:
        """Reject tables that cannot be protected, and record what cannot be verified.

        Raises:
            InvalidArgumentError: It is no `ITableV2`, has controls already, several Regions or no customer managed key,
                or is in another Region or account.
        """
        require_interface("table", table, "table_id", _TABLE)
        is_of_app = isinstance(table, TableV2)
        require_same_environment("table", table, context.environment, context.evidence)
        name = _known_name(table) if is_of_app else table.table_name
        key = table.encryption_key
        if key is None:
            reject("table.encryption_key", None, _KEY)
        require_key_arn("table.encryption_key", key.key_arn)
        require_same_environment("table.encryption_key", key, context.environment, context.evidence)
        if not is_of_app:
            _require_none_around_import(context, table.table_arn)
            context.evidence.not_verifiable.append(_NOT_SEEN)
        return cls(
            resource=table,
            key=key,
            name=name,
            is_of_app=is_of_app,
            is_of_stack=is_of_app and Stack.of(table) == Stack.of(context.outer_scope),
        )

    def record_import(self, context: TableContext) -> None:
        """Remember that there are controls around an imported table, which may be imported again."""
        of_app = _with_controls.setdefault(context.outer_scope.node.root, {})
        of_app[self.resource.table_arn] = context.scope.node.path

    def require_stream(self, region: str) -> None:
        """Reject a table without a stream. Whether a `TableV2` has one, CDK does not tell; rules do.

        Raises:
            InvalidArgumentError: An imported one has none, or that of another table.
        """
        arn = self.resource.table_stream_arn
        if arn is None:
            reject("table.table_stream_arn", None, _STREAM)
        check_stream("table.table_stream_arn", arn, region, self.name)

    def require_name(self, argument: str) -> None:
        """Reject a name that only the deployment knows, where a policy has to name the table.

        Raises:
            InvalidArgumentError: It is one.
        """
        if is_token(self.name):
            allowed = f"a name known at synth, such as TableV2(table_name=...): policies of {argument} name it"
            reject("table.table_name", "known only at deployment", allowed)

    def as_made(self, context: TableContext, key: TableKey | None, arguments: TableArguments) -> MadeTable:
        """Return the table as parts see it, with the key of their resources; None if they need no key."""
        item_key = TableKey(key=self.key, arn=self.key.key_arn)
        key = key or item_key
        arn = self.resource.table_arn
        return MadeTable(
            resource=self.resource,
            name=self.resource.table_name,
            arn=arn,
            literal_arn=arn if is_token(self.name) else context.environment.arn("dynamodb", f"table/{self.name}"),
            index_names=arguments.global_index_names,
            arguments=arguments,
            key=key,
            stack_environment=context.environment,
            item_key_arn="" if key.arn == item_key.arn else item_key.arn,
        )


# Of each app: the ARN of an imported table to the path of its controls.
_with_controls: WeakKeyDictionary[IConstruct, dict[str, str]] = WeakKeyDictionary()


def _require_none_around_import(context: TableContext, arn: str) -> None:
    path = _with_controls.get(context.outer_scope.node.root, {}).get(arn)
    if path is not None:
        reject("table", arn, f"a table without controls: {path} are around it")


def _known_name(table: ITableV2) -> str:
    """Return the name of a table of this app as its resource has it. Reject one with controls, or with replicas."""
    resource = cast("CfnGlobalTable", table.node.default_child)
    if resource.get_metadata(METADATA_KEY) is not None or _is_in_secure_table(table):
        reject("table", table, "a table without controls: a SecureTable makes its own, and TableControls are made once")
    replicas: list[dict[str, Any]] = Stack.of(table).resolve(resource.replicas)
    if len(replicas) > 1:
        regions = ", ".join(str(each.get("region")) for each in replicas)
        reject("table", f"with replicas in {regions}", "a table of one Region: its replicas would have no controls")
    return resource.table_name or table.table_name


def _is_in_secure_table(table: ITableV2) -> bool:
    # By its name, because the module of SecureTable need not be loaded for this.
    return type(table.node.scope).__name__ == "SecureTable"
