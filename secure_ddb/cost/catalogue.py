"""Which types of resources an estimate covers. docs/cost.md has the charges for each."""

from __future__ import annotations

from secure_ddb.cloudformation import kinds
from secure_ddb.cost.fixed import SECRET

# Charged, each month or by use.
PRICED = frozenset(
    {
        kinds.ALARM,
        kinds.BACKUP_PLAN,
        kinds.BUCKET,
        kinds.COMPOSITE_ALARM,
        kinds.CONFIG_RECORDER,
        kinds.CONFIG_RULE,
        kinds.DASHBOARD,
        kinds.DELIVERY_STREAM,
        kinds.ENDPOINT,
        kinds.EVENT_DATA_STORE,
        kinds.FUNCTION,
        kinds.GLOBAL_TABLE,
        kinds.GUARD_HOOK,
        kinds.KEY,
        kinds.LOG_GROUP,
        kinds.PIPE,
        kinds.RESTORE_TEST_PLAN,
        kinds.STREAM,
        kinds.TABLE,
        kinds.TRAIL,
        kinds.REPLICA_KEY,
        SECRET,
    }
)
# Not charged by itself.
_FREE = frozenset(
    {
        kinds.ALIAS,
        kinds.BACKUP_SELECTION,
        kinds.BACKUP_VAULT,
        kinds.BUCKET_POLICY,
        kinds.DOCUMENT,
        kinds.EVENT_RULE,
        kinds.EVENT_SOURCE,
        kinds.FUNCTION_ALIAS,
        kinds.FUNCTION_PERMISSION,
        kinds.FUNCTION_VERSION,
        kinds.INTERNET_GATEWAY,
        kinds.LOG_DESTINATION,
        kinds.LOG_POLICY,
        kinds.LOG_STREAM,
        kinds.NESTED_STACK,
        kinds.NETWORK_ACL,
        kinds.NETWORK_ACL_ASSOCIATION,
        kinds.NETWORK_ACL_ENTRY,
        kinds.QUEUE_POLICY,
        kinds.RESTORE_TEST_SELECTION,
        kinds.ROUTE,
        kinds.ROUTE_TABLE,
        kinds.ROUTE_TABLE_ASSOCIATION,
        kinds.SERVICE_CONTROL_POLICY,
        kinds.STREAM_POLICY,
        kinds.SUBNET,
        kinds.SUBSCRIPTION,
        kinds.SUBSCRIPTION_FILTER,
        kinds.TOPIC,
        kinds.TOPIC_POLICY,
        "AWS::CDK::Metadata",
        "AWS::Config::DeliveryChannel",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::VPC",
        "AWS::Lambda::EventInvokeConfig",
    }
)
_FREE_SERVICES = ("AWS::IAM::", "AWS::SSO::")


def is_covered(kind: str) -> bool:
    """Return whether the cost of a type of resource is estimated, or nothing is charged for it."""
    return kind in PRICED or kind in _FREE or kind.startswith(_FREE_SERVICES)
