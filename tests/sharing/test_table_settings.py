"""Audit settings of single tables that share an audit function: what is kept, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Token
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import (
    ArchiveSettings,
    AuditSettings,
    DataClassification,
    DeliverySettings,
    ExistingAuditFunction,
    ExistingSharedResources,
    InvalidArgumentError,
    LoggedKeys,
    OrganizationTrail,
    SecureTable,
    TableDefaults,
    TableTrail,
)
from tests.orders import OWNERSHIP, PK, orders
from tests.sharing.test_shared_resources import shared_in, templates
from tests.template import Template, statements, text

if TYPE_CHECKING:
    from aws_cdk import Stack

EXISTING = ExistingSharedResources(
    audit=ExistingAuditFunction(
        alias_arn="arn:aws:lambda:eu-central-1:111122223333:function:Audit:secure-ddb",
        role_arn="arn:aws:iam::111122223333:role/secure-ddb/Audit",
        failure_bucket_arn="arn:aws:s3:::failures",
    )
)


def with_tables(shared: dict[str, Any], **tables: dict[str, Any]) -> tuple[Template, Template]:
    """Return the templates of shared resources and of tables by their names, in another stack."""

    def fill(platform: Stack, stack: Stack) -> None:
        resources = shared_in(platform, **shared)
        for name, arguments in tables.items():
            about: dict[str, Any] = {
                "partition_key": PK,
                "ownership": OWNERSHIP,
                "shared_resources": resources,
                "table_name": name,
            }
            SecureTable(stack, name.title(), **(about | arguments))

    return templates(fill)


def template_of(stack: Stack) -> Template:
    return Template(App.of(stack).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]


def of_tables(platform: Template) -> dict[str, Any]:
    variables = platform.properties("AWS::Lambda::Function", "SharedAuditFunction")["Environment"]["Variables"]
    return dict(json.loads(variables.get("TABLES", "{}")))


def test_attributes_in_clear_are_of_one_table() -> None:
    settings = AuditSettings(clear_attributes=["status"])
    platform, tables = with_tables({}, orders={"audit": settings}, carts={})
    assert of_tables(platform) == {"orders": {"clear": ["status"]}}
    assert not tables.of_type("AWS::Lambda::Function")
    assert not tables.of_type("AWS::Logs::LogGroup")
    assert len(tables.of_type("AWS::Lambda::EventSourceMapping")) == 2


def test_settings_of_a_table_need_a_version_of_the_function_and_the_mapping_waits_for_it() -> None:
    before, _ = with_tables({}, orders={})
    after, tables = with_tables({}, orders={"audit": AuditSettings(clear_attributes=["status"])})
    assert before.of_type("AWS::Lambda::Version").keys() != after.of_type("AWS::Lambda::Version").keys()
    (mapping,) = tables.of_type("AWS::Lambda::EventSourceMapping").values()
    # By the export of the alias, which refers to the version.
    assert "Fn::ImportValue" in mapping["Properties"]["FunctionName"]


def test_settings_like_the_shared_ones_add_nothing() -> None:
    settings = AuditSettings(clear_attributes=["status"])
    platform, _ = with_tables({"audit": settings}, orders={"audit": settings}, carts={"audit": AuditSettings()})
    assert of_tables(platform) == {"carts": {"clear": []}}


def test_keys_in_clear_are_of_one_table_that_may() -> None:
    plain = AuditSettings(keys=LoggedKeys.PLAIN)
    internal = {"audit": plain, "classification": DataClassification.INTERNAL}
    platform, _ = with_tables({}, orders=internal, carts={})
    assert of_tables(platform) == {"orders": {"clear": [], "keys": "plain"}}
    with pytest.raises(InvalidArgumentError, match=r"LoggedKeys.DIGEST for CONFIDENTIAL"):
        with_tables({}, orders={"audit": plain})


def test_delivery_is_of_the_table_s_mapping() -> None:
    delivery = DeliverySettings(batch_size=10, retries=20, longest_age=Duration.hours(20))
    _, tables = with_tables({}, orders={"audit": AuditSettings(delivery=delivery)}, carts={})
    mappings = tables.of_type("AWS::Lambda::EventSourceMapping")
    found = {
        next(name for name in ("Orders", "Carts") if logical_id.startswith(name)): (
            mapping["Properties"]["BatchSize"],
            mapping["Properties"]["MaximumRetryAttempts"],
            mapping["Properties"]["MaximumRecordAgeInSeconds"],
        )
        for logical_id, mapping in mappings.items()
    }
    assert found == {"Orders": (10, 20, 72_000), "Carts": (100, 5, 43_200)}


def test_delivery_of_shared_resources_is_that_of_tables_without_their_own() -> None:
    shared = AuditSettings(delivery=DeliverySettings(retries=9))
    _, tables = with_tables({"audit": shared}, orders={}, carts={"audit": AuditSettings()})
    mappings = tables.of_type("AWS::Lambda::EventSourceMapping").items()
    assert {name[:4]: each["Properties"]["MaximumRetryAttempts"] for name, each in mappings} == {"Orde": 9, "Cart": 5}


def test_trail_of_the_table_s_own_leaves_out_the_shared_function() -> None:
    reads = AuditSettings(reads=TableTrail())
    platform, tables = with_tables({}, orders={"audit": reads}, carts={})
    (trail,) = tables.of_type("AWS::CloudTrail::Trail").values()
    assert not platform.of_type("AWS::CloudTrail::Trail")
    left_out = json.dumps(trail["Properties"]["AdvancedEventSelectors"])
    assert "assumed-role/" in left_out
    assert "ImportValue" in left_out
    key = tables.properties("AWS::KMS::Key", "OrdersKey")["KeyPolicy"]
    assert any(sid.startswith("EncryptLogFiles") for sid in statements(key))


def test_own_claim_on_reads_replaces_the_shared_one() -> None:
    shared = AuditSettings(reads=OrganizationTrail(trail="organization", stated_by="SEC-7"))
    own = AuditSettings(reads=OrganizationTrail(trail="payments", stated_by="SEC-8"))
    _, tables = with_tables({"audit": shared}, orders={"audit": own})
    stated = tables.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["claims"]
    assert stated["audit.reads"].startswith("payments records")


def test_evidence_says_what_the_table_chose_and_not_what_others_did() -> None:
    shared = {"audit": AuditSettings(clear_attributes=["note"])}
    _, tables = with_tables(shared, orders={"audit": AuditSettings(clear_attributes=["status"])}, carts={})
    settings = {
        table["Properties"]["TableName"]: table["Metadata"]["SecureTable"]["settings"].get("audit.clear_attributes")
        for table in tables.of_type("AWS::DynamoDB::GlobalTable").values()
    }
    assert settings == {"orders": "status", "carts": "note"}


def test_defaults_of_a_scope_are_settings_of_each_table() -> None:
    def fill(platform: Stack, tables: Stack) -> None:
        audit = AuditSettings(clear_attributes=["status"])
        TableDefaults(audit=audit, shared_resources=shared_in(platform)).apply_to(tables)
        orders(tables, table_name="orders")

    platform, tables = templates(fill)
    assert of_tables(platform) == {"orders": {"clear": ["status"]}}
    assert not tables.of_type("AWS::Lambda::Function")


@pytest.mark.parametrize(
    ("shared", "own", "message"),
    [
        (
            {},
            {"log_retention": RetentionDays.TEN_YEARS},
            "audit.log_retention is 'TEN_YEARS'; allowed: THIRTEEN_MONTHS, as the tables .*own_function=True",
        ),
        (
            {"log_retention": RetentionDays.TWO_YEARS},
            {"log_retention": RetentionDays.TEN_YEARS},
            "allowed: TWO_YEARS, as",
        ),
        ({}, {"archive": ArchiveSettings()}, "audit.archive is .*; allowed: None, as the tables that share"),
    ],
)
def test_what_is_of_the_shared_log_is_refused(shared: dict[str, Any], own: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        with_tables({"audit": AuditSettings(**shared)}, orders={"audit": AuditSettings(**own)})


def test_digests_need_a_shared_function_with_a_key_for_them() -> None:
    internal = {"classification": DataClassification.INTERNAL}
    shared = {"audit": AuditSettings(keys=LoggedKeys.PLAIN), **internal}
    with pytest.raises(InvalidArgumentError, match="the shared function has no key for digests"):
        with_tables(shared, orders={"audit": AuditSettings(), **internal})
    platform, _ = with_tables(
        shared, orders={"audit": AuditSettings(keys=LoggedKeys.PLAIN), **internal}, carts=internal
    )
    assert of_tables(platform) == {}


def test_longer_retention_of_the_shared_log_is_no_conflict() -> None:
    shared = {"audit": AuditSettings(log_retention=RetentionDays.TEN_YEARS)}
    platform, _ = with_tables(shared, orders={"audit": AuditSettings(clear_attributes=["status"])})
    assert of_tables(platform)


def test_own_function_is_of_tables_only(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"audit.own_function"):
        shared_in(stack, audit=AuditSettings(own_function=True))


def test_more_settings_than_the_function_has_room_for_are_refused() -> None:
    settings = {"audit": AuditSettings(clear_attributes=[f"attribute{number}" for number in range(20)])}
    tables = {f"table{number}": settings for number in range(20)}
    with pytest.raises(
        InvalidArgumentError, match=r"is '20 names for table10, table 11 with its own'.*own_function=True"
    ):
        with_tables({}, **tables)


def test_tables_of_other_apps_have_settings_where_the_function_is(stack: Stack) -> None:
    names = {"carts": AuditSettings(clear_attributes=["total"]), "users": None}
    shared_in(stack, tables_of_other_apps=names)
    template = template_of(stack)
    assert of_tables(template) == {"carts": {"clear": ["total"]}}
    policy = template.properties("AWS::IAM::ManagedPolicy", "SharedAuditStreamPolicy1")
    (statement,) = statements(policy["PolicyDocument"]).values()
    streams = [text(arn).rpartition("table/")[2] for arn in statement["Resource"]]
    assert streams == ["carts/stream/*", "users/stream/*"]


@pytest.mark.parametrize(
    "settings", [AuditSettings(clear_attributes=["total"]), AuditSettings(archive=ArchiveSettings())]
)
def test_table_of_an_existing_function_gives_reads_and_delivery_only(stack: Stack, settings: AuditSettings) -> None:
    with pytest.raises(InvalidArgumentError, match="audit"):
        orders(stack, shared_resources=EXISTING, audit=settings)


def test_table_of_an_existing_function_keeps_its_delivery(stack: Stack) -> None:
    orders(stack, shared_resources=EXISTING, audit=AuditSettings(delivery=DeliverySettings(retries=7)))
    mapping = template_of(stack).only("AWS::Lambda::EventSourceMapping")
    assert mapping["Properties"]["MaximumRetryAttempts"] == 7


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 1001),
        ("batch_size", True),
        ("batch_size", "10"),
        ("retries", 0),
        ("retries", -1),
        ("retries", 101),
        ("longest_age", Duration.seconds(59)),
        ("longest_age", Duration.hours(24)),
        ("longest_age", Duration.millis(60_500)),
        ("longest_age", Duration.seconds(Token.as_number({"Ref": "Age"}))),
        ("longest_age", 3600),
    ],
)
def test_delivery_that_loses_or_blocks_changes_is_refused(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=f"audit.delivery.{argument}"):
        DeliverySettings(**{argument: value})
