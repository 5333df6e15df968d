"""The statements of grants. Every function returns statements for a role's own policy.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.access.actions import (
    CONTROL_PLANE,
    ON_INDEX,
    QUERY_INDEX,
    READ_ATTRIBUTES,
    READ_BY_KEY,
    READ_DATA,
    WRITE_ATTRIBUTES,
    WRITE_DATA,
)
from secure_ddb.access.leading_keys import LeadingKeys
from secure_ddb.access.literals import require_literals
from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment
    from secure_ddb.key_schema import IndexKeys, KeySchema

    Statement = dict[str, Any]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_LONGEST_ATTRIBUTE_NAME = 65535
# Return values of an update that leave out the attributes that it does not change.
_UPDATED_ATTRIBUTES = ["NONE", "UPDATED_OLD", "UPDATED_NEW"]

READ_KEY = ("kms:Decrypt",)
WRITE_KEY = (*READ_KEY, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


@dataclass(frozen=True)
class Limits:
    """The limits of a grant; without both it is not limited.

    Attributes:
        attributes: The attributes that may be read or written, with the table's key attributes, without which
            no item can be named, and those of the one index that is queried.
        leading_keys: The partition keys whose items may be read or written.
    """

    attributes: tuple[str, ...] | None
    leading_keys: LeadingKeys | None

    @classmethod
    def of(
        cls,
        schema: KeySchema,
        attributes: Sequence[str] | None,
        leading_keys: LeadingKeys | None,
        index: IndexKeys | None = None,
    ) -> Limits:
        """Check a grant's arguments. An empty list is refused, because it would not mean that all is allowed."""
        if leading_keys is not None:
            allowed = "LeadingKeys.principal_tag(), LeadingKeys.web_identity() or LeadingKeys.values()"
            require_type("leading_keys", leading_keys, LeadingKeys, allowed)
        if attributes is None:
            return cls(None, leading_keys)
        names = require_literals("attributes", attributes, "attribute name", _LONGEST_ATTRIBUTE_NAME)
        of_index = (*index.partition, *index.sort) if index else ()
        named = tuple(dict.fromkeys((*schema.keys, *of_index)))
        keys = require_literals("key attributes", named, "attribute name", _LONGEST_ATTRIBUTE_NAME)
        return cls((*keys, *(name for name in names if name not in keys)), leading_keys)

    def allow(self, index: IndexKeys, schema: KeySchema) -> bool:
        """Return whether queries of an index can be held to these limits.

        A query's leading key is that of the index. An index whose keys are not all allowed would add them.
        """
        by_partition = self.leading_keys is None or index.partition == (schema.partition,)
        return by_partition and (self.attributes is None or {*index.partition, *index.sort} <= {*self.attributes})

    def condition(self, attributes_condition: dict[str, Any]) -> dict[str, Any]:
        """Return the condition that holds a request to both limits at once.

        `ForAllValues` is true where the key is missing, so `Null` demands that it is there.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        """
        limits: dict[str, list[str]] = {}
        if self.leading_keys is not None:
            limits["dynamodb:LeadingKeys"] = list(self.leading_keys.allowed)
        if self.attributes is not None:
            limits["dynamodb:Attributes"] = list(self.attributes)
        if not limits:
            return {}
        condition: dict[str, Any] = {"ForAllValues:StringEquals": limits, "Null": dict.fromkeys(limits, "false")}
        if self.attributes is not None:
            condition["StringEqualsIfExists"] = attributes_condition
        return condition


def read_statement(table_arn: str, schema: KeySchema, limits: Limits) -> Statement:
    """Let items be read from the table and from the indexes that stay within the limits."""
    actions: Sequence[str] = READ_DATA
    if limits.attributes is not None:
        actions = READ_ATTRIBUTES
    elif limits.leading_keys is not None:
        actions = READ_BY_KEY
    indexes = [f"{table_arn}/index/{index.name}" for index in schema.indexes if limits.allow(index, schema)]
    # A request that does not list attributes asks for all of them, or for all that an index has.
    condition = limits.condition({"dynamodb:Select": "SPECIFIC_ATTRIBUTES"})
    return _allow(actions, [table_arn, *indexes], condition)


def query_statement(table_arn: str, index: IndexKeys, limits: Limits) -> Statement:
    """Let one index be queried; the leading keys of such a query are values of the index's partition key."""
    condition = limits.condition({"dynamodb:Select": "SPECIFIC_ATTRIBUTES"})
    return _allow(QUERY_INDEX, [f"{table_arn}/index/{index.name}"], condition)


def index_named(name: object, schema: KeySchema, leading_keys: LeadingKeys | None) -> IndexKeys:
    """Return an index by its name, for a grant that goes by the index's partition key.

    Raises:
        InvalidArgumentError: The table has no such index, its partition key has several attributes, or the grant would
            not be limited to values of it.
    """
    found = next((index for index in schema.indexes if index.name == name), None)
    if found is None:
        reject("index", name, ", ".join(index.name for index in schema.indexes) or "None: the table has no index")
    if len(found.partition) > 1:
        reject("index", name, "an index whose partition key is one attribute: AWS documents no leading keys of others")
    if leading_keys is None:
        reject("leading_keys", None, "values of the partition key of the index that is named")
    return found


def write_statement(table_arn: str, limits: Limits) -> Statement:
    """Let items be written; no write names an index."""
    actions = WRITE_DATA if limits.attributes is None else WRITE_ATTRIBUTES
    # An update can return the whole item, before or after it.
    return _allow(actions, [table_arn], limits.condition({"dynamodb:ReturnValues": _UPDATED_ATTRIBUTES}))


def key_statements(
    actions: Sequence[str], key_arns: Sequence[str], table_name: str, environment: StackEnvironment
) -> list[Statement]:
    """Let the key be used through DynamoDB, and for this table only; a look at the key itself names no table.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-encryption-context
    """
    through_dynamodb = {"kms:ViaService": f"dynamodb.{environment.region}.amazonaws.com"}
    for_table = {
        "kms:EncryptionContext:aws:dynamodb:subscriberId": environment.account,
        "kms:EncryptionContext:aws:dynamodb:tableName": table_name,
    }
    return [
        _allow(actions, key_arns, {"StringEquals": {**through_dynamodb, **for_table}}),
        _allow(["kms:DescribeKey"], key_arns, {"StringEquals": through_dynamodb}),
    ]


# The key is missing in sessions that cannot have MFA, so only `BoolIfExists` denies their requests.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
WITH_AND_WITHOUT_MFA = (
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
)


# The first sends every change, with the item before and after, to a stream that other policies guard. The second shows
# item keys in CloudWatch: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
_SHOWING_ITEMS = {"dynamodb:EnableKinesisStreamingDestination", "dynamodb:UpdateContributorInsights"}
_MANAGED = tuple(action for action in CONTROL_PLANE if action not in _SHOWING_ITEMS)
# Nothing here reads an item or copies one to where these denials do not reach. Other policies may allow it with MFA.
_NOT_ITEMS = (
    "dynamodb:CreateTable",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteTableReplica",
    "dynamodb:DescribeBackup",
    "dynamodb:DescribeExport",
    "dynamodb:ListExports",
    "dynamodb:StartAwsBackupJob",
)


def control_plane_statements(
    table_arn: str,
    schema: KeySchema,
    table_in_every_region: str,
    sessions: tuple[dict[str, Any], dict[str, Any]] = WITH_AND_WITHOUT_MFA,
) -> tuple[list[Statement], list[Statement]]:
    """Let the table be managed; return the allowed actions, and denials that hold against all other policies.

    The denials name the actions that remain: an action that AWS adds is denied until it is known to reach no item.

    Args:
        table_arn: The table.
        schema: Its indexes.
        table_in_every_region: Pattern of its ARN and those of its replicas. AWS asks for the permission to make a
            replica on the table of the Region where it is made.
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html
        sessions: The condition that sessions meet which may manage it, and the one that all others do.
    """
    with_mfa, without_mfa = sessions
    allowed = [_allow(_MANAGED, [table_arn], with_mfa)]
    indexes = [f"{table_arn}/index/{index.name}" for index in schema.indexes if index.is_global]
    if indexes:
        allowed.append(_allow([action for action in ON_INDEX if action in _MANAGED], indexes, with_mfa))
    # Below the table are its indexes, streams, backups and exports.
    everything = [table_in_every_region, f"{table_in_every_region}/*"]
    denied: list[Statement] = [
        {"Effect": "Deny", "Action": ["dynamodb:*"], "Resource": everything, "Condition": without_mfa},
        # A principal that may write the table's policy could let any role in there.
        {"Effect": "Deny", "NotAction": [*_MANAGED, *_NOT_ITEMS], "Resource": everything},
    ]
    return allowed, denied


def _allow(actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any]) -> Statement:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement
