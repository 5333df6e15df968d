"""Refusals that only show with resources: imported ones, contradicting indexes, scopes, half-made tables."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack, Stage, Token
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    Billing,
    Capacity,
    ContributorInsightsSpecification,
    GlobalSecondaryIndexPropsV2,
    ProjectionType,
)
from aws_cdk.aws_ec2 import Subnet, SubnetSelection
from aws_cdk.aws_iam import Role
from aws_cdk.aws_kms import Alias, Key
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import (
    AlarmSettings,
    AuditSettings,
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    InvalidArgumentError,
    Lifecycle,
    SecureTable,
)
from tests.orders import OWNERSHIP, PK, SK, WAIVER
from tests.refusals import ARN, HERE, a_stack, assert_refused, endpoints, grant, gsi, key, table

if TYPE_CHECKING:
    from tests.refusals import Refusal

TOKEN = Token.as_number({"Ref": "Days"})
NO_ROUTES = "subnets with a route table: give route_table_id when you import them"
WHOLE_MS = "a whole number of milliseconds that is known at synth"
STACK_SCOPE = "a Stack, or a construct inside of one"
THERE = Environment(account="111122223333", region="us-east-1")
NUMBER = Attribute(name="pk", type=AttributeType.NUMBER)


def imported(route_table: str | None) -> list[SubnetSelection]:
    subnet = Subnet.from_subnet_attributes(a_stack(), "Subnet", subnet_id="subnet-9", route_table_id=route_table)
    return [SubnetSelection(subnets=[subnet])]


def acknowledge(rule: Any) -> None:
    WAIVER.acknowledge(Key(a_stack(), "Key"), rule)


def ephemeral_table(weekly_retention: Any) -> SecureTable:
    return table(
        classification=DataClassification.INTERNAL,
        lifecycle=Lifecycle.ephemeral(reason="tests"),
        backup=BackupSettings(weekly_retention=weekly_retention),
    )


def acknowledge_on(scope: Any) -> None:
    WAIVER.acknowledge(scope, "AwsSolutions::AwsSolutions-S1")


def table_in(scope: Any) -> SecureTable:
    return SecureTable(scope, "Orders", partition_key=PK, ownership=OWNERSHIP)


def table_with_key(key: Any) -> SecureTable:
    return table(encryption=EncryptionSettings(key=key))


def register(table_arn: Any) -> None:
    endpoints().register(table_arn)


def read(grantee: Any) -> None:
    grant("read", grantee)


def in_clear(audit: Any) -> AuditSettings:
    return AuditSettings(clear_attributes=audit)


def index(**properties: Any) -> list[GlobalSecondaryIndexPropsV2]:
    return [GlobalSecondaryIndexPropsV2(index_name="one", **{"partition_key": SK, **properties})]


REFUSED: list[Refusal] = [
    (in_clear, "audit.clear_attributes[0]", [5], "5", "str"),
    (in_clear, "audit.clear_attributes[0]", [""], "''", "a name that is known at synth and stands once"),
    (in_clear, "audit.clear_attributes[1]", ["a", "a"], "'a'", "a name that is known at synth and stands once"),
    (endpoints, "data_plane_subnets[0]", [SubnetSelection(subnet_group_name="web")], "'web'", "a selection that finds"),
    (endpoints, "data_plane_subnets[0]", lambda: imported(None), "'Test/Subnet'", NO_ROUTES),
    (endpoints, "control_plane_subnets[0]", lambda: imported(""), "'Test/Subnet'", NO_ROUTES),
    (register, "table_arn", 5, "5", "str"),
    (EncryptionSettings, "encryption.rotation_period", Duration.days(TOKEN), "known only at deployment", WHOLE_MS),
    (EncryptionSettings, "encryption.rotation_period", Duration.millis(TOKEN), "", WHOLE_MS),
    (BackupSettings, "backup.daily_retention", Duration.days(TOKEN), "", WHOLE_MS),
    (BackupSettings, "backup.weekly_retention", Duration.days(TOKEN), "", WHOLE_MS),
    (BackupSettings, "backup.monthly_retention", Duration.millis(0.5), "", WHOLE_MS),
    (BackupSettings, "backup.recovery_period_in_days", True, "True", "1 to 35"),
    (AlarmSettings, "alarms.latency", Duration.seconds(TOKEN), "", WHOLE_MS),
    (AlarmSettings, "alarms.latency", Duration.millis(0.5), "", WHOLE_MS),
    (AlarmSettings, "alarms.iterator_age", Duration.hours(TOKEN), "", WHOLE_MS),
    (AlarmSettings, "alarms.topic", lambda: Key.from_key_arn(a_stack(), "K", ARN), "an imported", "an aws_sns.ITopic"),
    (table, "local_secondary_indexes[0]", [None], "None", "LocalSecondaryIndexProps"),
    (table, "local_secondary_indexes[0]", ["lsi"], "'lsi'", "LocalSecondaryIndexProps"),
    (table, "partition_key.name", key("k" * 256), "kkk", "1 to 255 characters"),
    (table, "time_to_live_attribute", " ", "' '", "1 to 255 characters"),
    (table, "global_secondary_indexes[0].index_name", gsi(Token.as_string({"Ref": "N"})), "known only at", "3 to 255"),
    (table, "global_secondary_indexes[0].partition_key", index(partition_key=None), "None", "partition_keys"),
    (table, "global_secondary_indexes[0].partition_keys", index(partition_keys=[SK]), "1 attributes", "only without"),
    (table, "global_secondary_indexes[0].sort_keys", index(sort_keys=[SK] * 5), "5 attributes", "at most 4"),
    (table, "global_secondary_indexes[0].partition_key.type", index(partition_key=NUMBER), "'NUMBER'", "STRING"),
    (table, "global_secondary_indexes[0].partition_key.name", index(partition_key=key("")), "''", "1 to 255"),
    (
        table,
        "global_secondary_indexes[0].non_key_attributes",
        index(projection_type=ProjectionType.INCLUDE),
        "None",
        "that ProjectionType.INCLUDE includes",
    ),
    (
        table,
        "global_secondary_indexes[0].non_key_attributes",
        index(non_key_attributes=["a"]),
        "['a']",
        "none without ProjectionType.INCLUDE",
    ),
    (table, "the table's arguments", index(read_capacity=Capacity.fixed(1)), "as given", "what TableV2 accepts"),
    (acknowledge, "rule", "::", "'::'", "Pack::Rule"),
    (acknowledge, "rule", "AwsSolutions::", "'AwsSolutions::'", "Pack::Rule"),
    (acknowledge, "rule", None, "None", "Pack::Rule"),
    (acknowledge_on, "scope", lambda: a_stack(HERE), "'Test'", "the construct that the finding names"),
    (acknowledge_on, "scope", lambda: Stage(App(), "Prod"), "'Prod'", "the construct that the finding names"),
    (ephemeral_table, "backup.weekly_retention", Duration.days(200), "given", "only without Lifecycle.ephemeral()"),
    (acknowledge_on, "scope", None, "None", "the construct that the finding names"),
    (acknowledge_on, "scope", "Test/Bucket", "'Test/Bucket'", "the construct that the finding names"),
    (Lifecycle, "reason", 5, "5", "str"),
    (Lifecycle, "reason", " ", "' '", "a sentence that says why"),
    (table_in, "scope", None, "None", STACK_SCOPE),
    (table_in, "scope", "Test", "'Test'", STACK_SCOPE),
    (table_in, "scope", App, "App", STACK_SCOPE),
    (table_in, "scope", lambda: App(outdir="cdk.out"), "''", STACK_SCOPE),
    (
        table_with_key,
        "encryption.key",
        lambda: Key.from_key_arn(a_stack(), "K", ARN.replace("arn:aws:", "arn:aws-cn:")),
        "arn:aws-cn:kms",
        "a key's ARN, arn:aws:kms:",
    ),
    (table_with_key, "encryption.key", lambda: Alias.from_alias_name(a_stack(), "K", "alias/x"), "alias/x", "not an"),
    (
        read,
        "grantee",
        lambda: Role.from_role_arn(a_stack(), "R", "arn:aws:iam::444455556666:role/other"),
        "of account 444455556666",
        "a role of account 111122223333: make one there that account 444455556666 may assume",
    ),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_bad_resources_are_refused(refusal: Refusal) -> None:
    maker, argument, value, shown, allowed = refusal
    keyword = "global_secondary_indexes" if argument == "the table's arguments" else argument
    if keyword == argument:
        assert_refused(refusal)
        return
    with pytest.raises(InvalidArgumentError) as raised:
        maker(**{keyword: value})
    assert (raised.value.argument, raised.value.value) == (argument, shown)
    assert allowed in raised.value.allowed
    assert "jsii" not in str(raised.value)


def test_endpoints_of_another_region_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="endpoints is 'in us-east-1'; allowed: endpoints in eu-central-1"):
        table(endpoints=endpoints(env=THERE))


def test_restricted_keys_do_not_show_in_contributor_insights() -> None:
    with pytest.raises(InvalidArgumentError, match="off for RESTRICTED"):
        table(
            classification=DataClassification.RESTRICTED,
            contributor_insights_specification=ContributorInsightsSpecification(enabled=True),
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"encryption": EncryptionSettings(rotation_period=Duration.days(400))},
        {"backup": BackupSettings(daily_retention=Duration.days(1))},
        {"audit": AuditSettings(log_retention=RetentionDays.ONE_DAY)},
        {"lifecycle": Lifecycle.ephemeral(reason="tests")},
    ],
)
def test_refused_table_leaves_nothing_behind(settings: dict[str, Any]) -> None:
    stack = Stack(App(), "Test", env=HERE)
    for _ in range(2):
        with pytest.raises(InvalidArgumentError):
            SecureTable(
                stack,
                "Orders",
                partition_key=PK,
                ownership=OWNERSHIP,
                classification=DataClassification.RESTRICTED,
                **settings,
            )
    assert stack.node.children == []


def test_tuples_do_where_lists_do() -> None:
    assert table(global_secondary_indexes=tuple(gsi("one")), billing=Billing.on_demand())


def test_long_names_of_stacks_and_constructs_do() -> None:
    stack = Stack(App(), "S" * 101, env=HERE)
    assert SecureTable(stack, "T" * 100, partition_key=PK, ownership=OWNERSHIP)


def test_error_can_be_copied() -> None:
    error = InvalidArgumentError("a", 1, "2")
    assert str(copy.copy(error)) == str(error) == "a is 1; allowed: 2"
