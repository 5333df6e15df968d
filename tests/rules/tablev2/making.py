"""What the examples share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from aws_cdk import Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, TableV2

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
# Every rule that a table with all of CDK's defaults breaks.
BARE = frozenset(
    {
        # Encrypted with a key of DynamoDB, and without a policy of its own.
        *("ENC1", "ENC3"),
        # Neither recovery nor backups nor protection against deletion.
        *("BAK1", "BAK3", "BAK5"),
        # No stream, so nobody reads it.
        *("AUD1", "AUD2"),
        # No alarm.
        *("MON1", "MON2", "MON3", "MON4"),
        # No Contributor Insights, no tags.
        *("MON11", "OPS1"),
    }
)
# CDK gives a table with replicas a stream that shows everything; nobody watches whether they lag.
REPLICATED = BARE - {"AUD1"} | {"MON13"}
# CDK's own key does not rotate, and allows kms:* to the account.
KEY_OF_CDK = frozenset({"ENC2", "ENC7", "ENC8", "ENC9"})


class Example(NamedTuple):
    """A feature of `TableV2` and the rules that a table with it, and with nothing else, breaks."""

    make: Callable[[Construct], object]
    lacks: frozenset[str] = BARE


def key(name: str, kind: AttributeType = AttributeType.STRING) -> Attribute:
    return Attribute(name=name, type=kind)


def stack(scope: Construct, name: str = "Stack", region: str = "us-west-2", account: str = ACCOUNT) -> Stack:
    return Stack(scope, name, env=Environment(account=account, region=region))


def table(scope: Construct, **arguments: Any) -> TableV2:
    return TableV2(scope, "Table", **{"partition_key": key("pk"), **arguments})


def alone(**arguments: Any) -> Callable[[Construct], TableV2]:
    """Return what makes a table in a stack of its own."""
    return lambda scope: table(stack(scope), **arguments)
