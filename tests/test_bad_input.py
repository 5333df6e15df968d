"""Bad input is refused at once, in this library's own words, and nobody sees a stack trace of jsii."""

from __future__ import annotations

import inspect
from dataclasses import fields
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Aws, Duration, Environment
from aws_cdk.aws_ec2 import CfnVPC, SubnetSelection
from aws_cdk.aws_iam import AccountPrincipal, ArnPrincipal, CfnRole, ServicePrincipal
from aws_cdk.aws_kinesis import CfnStream
from aws_cdk.aws_kms import CfnKey, Key
from aws_cdk.aws_logs import LogGroupClass
from aws_cdk.aws_sns import CfnTopic

from secure_ddb import (
    AcceptedAwsKeyMaterial,
    AlarmSettings,
    ArchiveSettings,
    AuditSettings,
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    ExistingEndpoints,
    ItemRetention,
    Lifecycle,
    OrganizationTrail,
    Ownership,
    PerimeterSettings,
    SecureTable,
    TableTrail,
    UnlimitedRetention,
    Waiver,
)
from tests.orders import OWNERSHIP, PK, SK, WAIVER
from tests.refusals import (
    ARN,
    PARAMETERS,
    a_stack,
    assert_refused,
    endpoints,
    grant,
    group,
    gsi,
    key,
    lsi,
    name_of,
    on_first_route_table,
    table,
    too_many_roles,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.refusals import Refusal

days, hours, millis = Duration.days, Duration.hours, Duration.millis
sorted_table = partial(table, sort_key=SK)
indexed_table = partial(table, sort_key=SK, global_secondary_indexes=gsi("one"))
keyed = partial(EncryptionSettings, key=Key.from_key_arn(a_stack(), "Key", ARN))
ownership = partial(Ownership, **vars(OWNERSHIP))
laned = partial(endpoints, data_plane_subnets=None)
waiver = partial(Waiver, **vars(WAIVER))
unlimited = partial(UnlimitedRetention, reason="prices", approved_by="DPO-7")
claim = partial(OrganizationTrail, trail="organization", stated_by="SEC-142")
read, write, read_and_write = (partial(grant, what) for what in ("read", "write", "read_write"))

# Of a part of a table the error names the types of its argument.
PARTS = {
    name: parameter.annotation.removesuffix(" | None").replace(" | ", " or ")
    for name, parameter in inspect.signature(SecureTable.__init__).parameters.items()
    if "Settings" in str(parameter.annotation) and name != "replicas"
}
BAND = "a number of standard deviations, above 0 and at most 10"
DAYS = "1 to 7: an alarm looks no further back"
A_DICTIONARY = "a dictionary: lane to a list of aws_ec2.SubnetSelection"
# Who is called, which argument, what the error says is allowed; the argument is given all the JUNK.
TYPES: list[tuple[Callable[..., object], str, str]] = [
    (table, "partition_key", "an aws_dynamodb.Attribute"),
    (table, "ownership", "Ownership"),
    (table, "classification", "DataClassification.CONFIDENTIAL"),
    (table, "lifecycle", "Lifecycle"),
    (table, "network", "TableNetwork or None"),
    (table, "endpoints", "DynamoDbEndpoints, Lane, InterfaceEndpoints or ExistingEndpoints"),
    *((table, part, allowed) for part, allowed in PARTS.items()),
    (table, "shared_resources", "SharedResources or ExistingSharedResources"),
    (table, "other_accounts", "OtherAccounts"),
    (table, "item_retention", "ItemRetention, UnlimitedRetention or None"),
    (partial(ItemRetention, stated_by="DPO-7"), "item_retention.longest", "Duration"),
    (partial(ItemRetention, longest=days(1)), "item_retention.stated_by", "str"),
    *((unlimited, f"item_retention.{text}", "str") for text in ("reason", "approved_by")),
    (table, "sort_key", "Attribute"),
    (table, "billing", "Billing"),
    (table, "global_secondary_indexes", "list"),
    (table, "local_secondary_indexes", "list"),
    (table, "time_to_live_attribute", "str"),
    (table, "table_class", "TableClass"),
    (table, "warm_throughput", "WarmThroughput"),
    (table, "table_name", "str"),
    (table, "contributor_insights_specification", "ContributorInsightsSpecification"),
    (table, "kinesis_stream", "an aws_kinesis.IStream"),
    (table, "replicas", "a list of ReplicaSettings"),
    (table, "multi_region_consistency", "MultiRegionConsistency"),
    (table, "witness_region", "str"),
    (EncryptionSettings, "encryption.key", "an aws_kms.IKey"),
    (EncryptionSettings, "encryption.rotation_period", "Duration"),
    (EncryptionSettings, "encryption.key_material", "AcceptedAwsKeyMaterial"),
    (EncryptionSettings, "encryption.other_keys", "a list of keys"),
    (AcceptedAwsKeyMaterial, "encryption.key_material.stated_by", "str"),
    (BackupSettings, "backup.vault", "an aws_backup.IBackupVault"),
    (BackupSettings, "backup.recovery_period_in_days", "int"),
    *((BackupSettings, f"backup.{period}_retention", "Duration or None") for period in ("daily", "weekly", "monthly")),
    (BackupSettings, "backup.lock", "VaultLock"),
    (BackupSettings, "backup.copies", "a list of BackupCopy"),
    (AuditSettings, "audit.log_retention", "RetentionDays"),
    (AuditSettings, "audit.keys", "LoggedKeys.DIGEST or LoggedKeys.PLAIN"),
    (AuditSettings, "audit.clear_attributes", "a list of attribute names"),
    (AuditSettings, "audit.digest_regions", "a list of Regions"),
    (AuditSettings, "audit.reads", "TableTrail or OrganizationTrail"),
    (TableTrail, "audit.reads.retention", "Duration"),
    *((claim, f"audit.reads.{text}", "str") for text in ("trail", "stated_by")),
    (AuditSettings, "audit.archive", "ArchiveSettings or ArchiveDestination or Waiver"),
    (ArchiveSettings, "audit.archive.retention", "Duration"),
    (AuditSettings, "audit.delivery", "DeliverySettings"),
    (AuditSettings, "audit.own_function", "bool"),
    (AlarmSettings, "alarms.topic", "an aws_sns.ITopic"),
    *((AlarmSettings, f"alarms.{limit}", "Duration") for limit in ("latency", "iterator_age", "bulk_latency")),
    (AlarmSettings, "alarms.unusual_reads", BAND),
    (AlarmSettings, "alarms.unused_days", DAYS),
    (AlarmSettings, "alarms.health", "bool"),
    (AlarmSettings, "alarms.thresholds", "a mapping of TableAlarm to Threshold"),
    (AlarmSettings, "alarms.waived", "a mapping of TableAlarm to Waiver"),
    *((ownership, f"ownership.{field.name}", "str") for field in fields(Ownership)),
    *((waiver, f"waiver.{text}", "str") for text in ("reason", "approved_by")),
    (waiver, "waiver.expires", "a datetime.date"),
    (Lifecycle.ephemeral, "reason", "str"),
    (endpoints, "vpc", "an aws_ec2.IVpc"),
    *((endpoints, f"{plane}_plane_subnets", "a list of aws_ec2.SubnetSelection") for plane in ("data", "control")),
    (laned, "lanes", A_DICTIONARY),
    (endpoints, "organization_id", "str"),
    (endpoints, "ownership", "Ownership"),
    (ExistingEndpoints, "data_plane", "an aws_ec2.IGatewayVpcEndpoint"),
    (PerimeterSettings, "perimeter.mode", "PerimeterMode.OBSERVE or PerimeterMode.ENFORCE"),
    (PerimeterSettings, "perimeter.organization_id", "str"),
    (PerimeterSettings, "perimeter.exempt_roles", "a list of aws_iam.IRole"),
    (PerimeterSettings, "perimeter.corporate_cidrs", "a list of CIDR blocks"),
    (PerimeterSettings, "perimeter.observe_approval", "Waiver"),
    *((maker, "grantee", "an aws_iam.IGrantable, such as a Role") for maker in (read, write, read_and_write)),
]
JUNK = (True, 7, 1.5, ARN, b"x", {"a": 1}, SecureTable, lambda: CfnRole(a_stack(), "R", assume_role_policy_document={}))

NAMES = "3 to 255 letters, digits, _, . and -"
ONCE = "a name that no other index of the table has"
HOLDER = "a role, or a policy for roles only, of this account: never IAM users or groups (CS-5)"
REGION = "a Region, such as Stack(..., env=Environment(region='eu-central-1'))"
WHOLE = "a whole number of days"
CLAIM = "a text that a security reviewer can act on, known at synth"
BLANK = ("", " \t")
FOUND = "a selection that finds at least one subnet of the VPC"
LANES = "names of 1 to 64 letters, digits, _ and - that start with a letter"
ORGANIZATION = "o- and 10 to 32 small letters and digits, such as o-abcde12345"
SHARED = "subnets with a route table of their own: Test/Vpc/applicationSubnet1 of data_plane_subnets has the same one"
BAD_LANES = ("", "1", "-web", "a b", "web/batch", "größe", "w" * 65, 7, None, Aws.REGION)
BAD_ORGANIZATIONS = ("", "o-", "o-abcde1234", f"o-{'a' * 33}", "o-ABCDE12345", "abcde12345", "o-abcde12345\n", "*")
restricted = partial(table, classification=DataClassification.RESTRICTED, audit=AuditSettings(reads=TableTrail()))


def crowded() -> PerimeterSettings:
    return PerimeterSettings(exempt_roles=too_many_roles())


# Who is called; the argument that the error names; what is given for it; how the error shows that, and what it allows.
REFUSED: list[Refusal] = [
    (table, "env of the stack", Environment(account="111122223333"), "region-agnostic", REGION),
    (table, "env of the stack", Environment(region=Aws.REGION), "region-agnostic", REGION),
    (table, "partition_key.name", key(""), "''", "the name of an attribute"),
    (table, "sort_key.name", key(""), "''", "the name of an attribute"),
    (table, "sort_key.name", PK, "'pk'", "another attribute than the partition key"),
    (table, "classification", "confidential", "'confidential'", "DataClassification.RESTRICTED"),
    (table, "encryption", WAIVER, "Waiver(", "EncryptionSettings"),
    (table, "backup", 35, "35", "BackupSettings or Waiver"),
    (table, "time_to_live_attribute", "", "''", "the name of an attribute"),
    (table, "table_name", "ab", "'ab'", NAMES),
    (table, "table_name", "o" * 256, "(258 characters)", NAMES),
    (table, "table_name", "orders\n", r"'orders\n'", NAMES),
    (table, "table_name", "aufträge", "'aufträge'", NAMES),
    (table, "table_name", ARN, ARN, NAMES),
    (table, "global_secondary_indexes", gsi(*map("gsi{}".format, range(21))), "21 indexes", "at most 20"),
    (table, "global_secondary_indexes[0].index_name", gsi("a b"), "'a b'", NAMES),
    (table, "global_secondary_indexes[1].index_name", gsi("one", "one"), "'one'", ONCE),
    (table, "global_secondary_indexes[0]", lsi("one"), "LocalSecondary", "GlobalSecondaryIndexPropsV2"),
    (table, "global_secondary_indexes[1]", [*gsi("one"), None], "None", "GlobalSecondaryIndexPropsV2"),
    (table, "local_secondary_indexes", lsi("lsi"), "'lsi'", "none, for a table without sort_key"),
    (sorted_table, "local_secondary_indexes", lsi(*map("lsi{}".format, range(6))), "6 indexes", "at most 5"),
    (sorted_table, "local_secondary_indexes[0]", gsi("one"), "GlobalSecondary", "LocalSecondaryIndexProps"),
    (sorted_table, "local_secondary_indexes[1].index_name", lsi("one", "one"), "'one'", ONCE),
    (indexed_table, "local_secondary_indexes[0].index_name", lsi("one"), "'one'", ONCE),
    (table, "kinesis_stream", lambda: CfnStream(a_stack(), "S"), "CfnStream", "an aws_kinesis.IStream"),
    (EncryptionSettings, "encryption.key", lambda: CfnKey(a_stack(), "K"), "CfnKey", "an aws_kms.IKey"),
    (EncryptionSettings, "encryption.rotation_period", days(0), "0 days", "90 to 2560 days"),
    (EncryptionSettings, "encryption.rotation_period", days(89), "89 days", "90 to 2560 days"),
    (EncryptionSettings, "encryption.rotation_period", days(2561), "2561 days", "90 to 2560 days"),
    (EncryptionSettings, "encryption.rotation_period", hours(2161), "7779600000 ms", WHOLE),
    (keyed, "encryption.rotation_period", days(365), "365 days", "only without encryption.key"),
    (BackupSettings, "backup.vault", lambda: Key(a_stack(), "K"), "Key", "an aws_backup.IBackupVault"),
    (BackupSettings, "backup.recovery_period_in_days", 0, "0", "1 to 35"),
    (BackupSettings, "backup.recovery_period_in_days", 36, "36", "1 to 35"),
    (BackupSettings, "backup.daily_retention", days(0), "0 days", "1 to 36500 days"),
    (BackupSettings, "backup.daily_retention", hours(25), "90000000 ms", WHOLE),
    (BackupSettings, "backup.weekly_retention", days(0), "0 days", "1 to 36500 days"),
    (BackupSettings, "backup.monthly_retention", days(179), "179 days", "180 to 36500 days"),
    (BackupSettings, "backup.daily_retention", days(36501), "36501 days", "1 to 36500 days"),
    (BackupSettings, "backup.weekly_retention", days(36501), "36501 days", "1 to 36500 days"),
    (BackupSettings, "backup.monthly_retention", days(36501), "36501 days", "180 to 36500 days"),
    (BackupSettings, "backup.monthly_retention", hours(8761), "31539600000 ms", WHOLE),
    (AuditSettings, "audit.log_retention", LogGroupClass.STANDARD, "STANDARD", "RetentionDays"),
    (TableTrail, "audit.reads.retention", days(0), "0 days", "1 to 36500 days"),
    (TableTrail, "audit.reads.retention", days(36_501), "36501 days", "1 to 36500 days"),
    (TableTrail, "audit.reads.retention", hours(25), "90000000 ms", WHOLE),
    *((claim, f"audit.reads.{text}", blank, repr(blank), CLAIM) for text in ("trail", "stated_by") for blank in BLANK),
    *((claim, f"audit.reads.{text}", Aws.ACCOUNT_ID, "${Token[", CLAIM) for text in ("trail", "stated_by")),
    *((AcceptedAwsKeyMaterial, "encryption.key_material.stated_by", blank, repr(blank), CLAIM) for blank in BLANK),
    (AcceptedAwsKeyMaterial, "encryption.key_material.stated_by", Aws.ACCOUNT_ID, "${Token[", CLAIM),
    (ArchiveSettings, "audit.archive.retention", days(0), "0 days", "1 to 36500 days"),
    (ArchiveSettings, "audit.archive.retention", days(36_501), "36501 days", "1 to 36500 days"),
    (ArchiveSettings, "audit.archive.retention", hours(9601), "34563600000 ms", WHOLE),
    (AlarmSettings, "alarms.topic", lambda: CfnTopic(a_stack(), "T"), "CfnTopic", "an aws_sns.ITopic"),
    (AlarmSettings, "alarms.latency", millis(0), "0 ms", "1 ms or more"),
    (AlarmSettings, "alarms.iterator_age", millis(0), "0 ms", "1 ms to 12 hours"),
    (AlarmSettings, "alarms.iterator_age", millis(43_200_001), "43200001 ms", "1 ms to 12 hours"),
    (ownership, "ownership.owner", "", "''", "1 to 256 characters"),
    (ownership, "ownership.cost_center", " \n", r"' \n'", "1 to 256 characters"),
    (ownership, "ownership.application", "a" * 257, "a… (259 characters)", "at most 256 characters, not 257"),
    (ownership, "ownership.environment", "AWS:prod", "'AWS:prod'", "does not start with 'aws:'"),
    (ownership, "ownership.owner", "a;b", "'a;b'", "letters, digits, spaces and + - = . _ : / @"),
    (Lifecycle.ephemeral, "reason", "\t", r"'\t'", "a sentence that says why this table may be lost"),
    (endpoints, "env of the stack", Environment(account="111122223333"), "region-agnostic", REGION),
    (endpoints, "vpc", lambda: CfnVPC(a_stack(), "V", cidr_block="10.0.0.0/16"), "CfnVPC", "an aws_ec2.IVpc"),
    (endpoints, "data_plane_subnets", group("application"), "SubnetSelection(", "a list of aws_ec2.SubnetSelection"),
    (endpoints, "data_plane_subnets", [], "[]", "at least one aws_ec2.SubnetSelection"),
    (endpoints, "control_plane_subnets", (), "()", "at least one aws_ec2.SubnetSelection"),
    (endpoints, "data_plane_subnets[0]", ["subnet-1"], "'subnet-1'", "an aws_ec2.SubnetSelection"),
    (endpoints, "control_plane_subnets[1]", [group("operations"), None], "None", "an aws_ec2.SubnetSelection"),
    (endpoints, "data_plane_subnets[0]", [SubnetSelection(subnets=[])], "SubnetSelection(", FOUND),
    (endpoints, "control_plane_subnets[0]", [group("operations", "eu-central-1c")], "eu-central-1c", FOUND),
    (endpoints, "control_plane_subnets", [group("application")], "'Test/Vpc/applicationSubnet1'", SHARED),
    (endpoints, "control_plane_subnets", on_first_route_table, "'Test/Subnet'", SHARED),
    (laned, "data_plane_subnets", None, "None", "a list of aws_ec2.SubnetSelection, unless lanes are given"),
    (endpoints, "lanes", {"web": [group("application")]}, "['web']", "only without data_plane_subnets"),
    (laned, "lanes", {}, "{}", "at least one lane"),
    *((laned, "lanes", {name: [group("application")]}, repr(name), LANES) for name in BAD_LANES),
    (laned, "lanes['web']", {"web": group("application")}, "SubnetSelection(", "a list of aws_ec2.SubnetSelection"),
    (laned, "lanes['web']", {"web": []}, "[]", "at least one aws_ec2.SubnetSelection"),
    (laned, "lanes['web'][0]", {"web": [group("cache")]}, "'cache'", "a selection that finds subnets of the VPC"),
    *((endpoints, "organization_id", name, repr(name), ORGANIZATION) for name in BAD_ORGANIZATIONS),
    *((PerimeterSettings, "perimeter.organization_id", name, repr(name), ORGANIZATION) for name in BAD_ORGANIZATIONS),
    (PerimeterSettings, "perimeter.observe_approval", WAIVER, "'given'", "only with PerimeterMode.OBSERVE"),
    (table, "perimeter", WAIVER, "Waiver(", "PerimeterSettings or None: CONFIDENTIAL demands no perimeter"),
    (table, "perimeter", PerimeterSettings(), "'ENFORCE and nothing inside'", "endpoints, perimeter.exempt_roles or"),
    (restricted, "perimeter", None, "'ENFORCE and nothing inside'", "endpoints, perimeter.exempt_roles or"),
    (table, "perimeter", crowded, "bytes", "at most 20480 bytes: fewer perimeter.exempt_roles"),
    (table, "endpoints", [], "[]", "None, or at least one"),
    (
        table,
        "endpoints[0]",
        ["Endpoints"],
        "'Endpoints'",
        "DynamoDbEndpoints, Lane, InterfaceEndpoints or ExistingEndpoints",
    ),
    (read, "grantee", ServicePrincipal("lambda.amazonaws.com"), "ServicePrincipal", HOLDER),
    (write, "grantee", AccountPrincipal("111122223333"), "AccountPrincipal", HOLDER),
    (read_and_write, "grantee", ArnPrincipal("arn:aws:iam::111122223333:role/r"), "ArnPrincipal", HOLDER),
]


ACCEPTED: list[tuple[Callable[..., object], str, object]] = [
    (table, "table_name", "abc"),
    (table, "table_name", "o" * 255),
    (table, "global_secondary_indexes", gsi(*map("gsi{}".format, range(20)))),
    (sorted_table, "local_secondary_indexes", lsi(*map("lsi{}".format, range(5)))),
    (EncryptionSettings, "encryption.rotation_period", days(90)),
    (EncryptionSettings, "encryption.rotation_period", days(2560)),
    *((BackupSettings, "backup.recovery_period_in_days", period) for period in (1, 35)),
    *((BackupSettings, f"backup.{period}_retention", days(1)) for period in ("daily", "weekly")),
    (BackupSettings, "backup.monthly_retention", days(180)),
    *((TableTrail, "audit.reads.retention", days(period)) for period in (1, 36_500)),
    *((ArchiveSettings, "audit.archive.retention", period) for period in (days(1), days(36_500))),
    (AlarmSettings, "alarms.latency", millis(1)),
    *((AlarmSettings, "alarms.iterator_age", age) for age in (millis(1), hours(12))),
    (endpoints, "data_plane_subnets", (group("application"),)),
    *((laned, "lanes", {name: (group("application"),)}) for name in ("w", "Web_2-b", "w" * 64)),
    *((endpoints, "organization_id", name) for name in ("o-abcde12345", f"o-{'a' * 32}", Aws.STACK_NAME)),
]


# Beside those whose default it is.
MAY_BE_NONE = (
    (endpoints, "ownership"),
    (laned, "lanes"),
    *((BackupSettings, f"backup.{period}_retention") for period in ("weekly", "monthly")),
)


def with_junk() -> Iterator[Refusal]:
    right: dict[str, Any] = {"str": str, "int": int, "bool": bool, A_DICTIONARY: dict, BAND: (int, float), DAYS: int}
    for maker, argument, allowed in TYPES:
        for value in JUNK:
            if not isinstance(value, right.get(allowed, ())):
                shown = "CfnRole 'Test/R'" if isinstance(value, FunctionType) else repr(value)
                yield maker, argument, value, shown, allowed
        optional = argument in PARAMETERS and PARAMETERS[argument].default is None
        if not optional and (maker, argument) not in MAY_BE_NONE:
            yield maker, argument, None, "None", allowed


@pytest.mark.parametrize("refusal", [*REFUSED, *with_junk()])
def test_bad_input_is_refused(refusal: Refusal) -> None:
    assert_refused(refusal)


def test_every_argument_is_given_bad_input() -> None:
    assert PARAMETERS.keys() <= {argument for _, argument, _ in TYPES}


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_what_is_just_allowed_is_accepted(accepted: tuple[Callable[..., object], str, object]) -> None:
    maker, argument, value = accepted
    assert maker(**{name_of(argument): value})
