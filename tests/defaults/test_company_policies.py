"""What `TableDefaults` demand of a company's tables: names, retention, tag keys and a permissions boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, Duration, Environment, Stack, Stage
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import (
    AuditSettings,
    BackupSettings,
    DataClassification,
    InvalidArgumentError,
    LeastRetention,
    NamedTable,
    SecureTable,
    SharedResources,
    TableDefaults,
    TableNaming,
    TableTrail,
    TagKeys,
    permissions_boundary,
)
from tests.orders import OWNERSHIP, PK
from tests.template import Template, text

if TYPE_CHECKING:
    from constructs import Construct

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
DAYS_OF_TEN_YEARS = 3653


def table_in(scope: Construct, id_: str = "Orders", **arguments: Any) -> Stack:
    stack = Stack(scope, f"Stack{id_}", env=ENVIRONMENT)
    SecureTable(stack, id_, partition_key=PK, ownership=OWNERSHIP, **arguments)
    return stack


def template(stack: Stack) -> Template:
    stage = Stage.of(stack)
    assert stage is not None
    return Template(stage.synth().get_stack_artifact(stack.artifact_id).template)


def with_defaults(*defaults: TableDefaults, **arguments: Any) -> Template:
    """Return the template of a table in an app, or in a stage of it, to which defaults apply."""
    scope: Construct = App()
    defaults[0].apply_to(scope)
    for each in defaults[1:]:
        scope = Stage(scope, "Production")
        each.apply_to(scope)
    return template(table_in(scope, **arguments))


def by_parts(table: NamedTable) -> str:
    return f"{table.ownership.application}-{table.ownership.environment}-{table.id}".lower()


def test_name_is_made_by_the_policy() -> None:
    expected = f"{OWNERSHIP.application}-{OWNERSHIP.environment}-orders".lower()
    pattern = TableNaming(pattern=".+-orders", make=by_parts)
    assert with_defaults(TableDefaults(table_naming=pattern)).table()["TableName"] == expected


def test_policies_of_shared_resources_name_the_table_as_it_is_named() -> None:
    app = App()
    platform = Stack(app, "Platform", env=ENVIRONMENT)
    naming = TableNaming(make=lambda table: f"shop-{table.id}")
    shared = SharedResources(platform, "Shared", ownership=OWNERSHIP)
    TableDefaults(table_naming=naming, shared_resources=shared).apply_to(app)
    table_in(app)
    assert "table/shop-Orders/stream/*" in str(template(platform).of_type("AWS::IAM::ManagedPolicy"))


def test_function_knows_the_table() -> None:
    seen: list[NamedTable] = []

    def make(table: NamedTable) -> str:
        seen.append(table)
        return "orders"

    naming = TableDefaults(table_naming=TableNaming(make=make))
    with_defaults(naming, classification=DataClassification.INTERNAL)
    assert seen == [
        NamedTable(
            "Orders", "StackOrders/Orders", "StackOrders", OWNERSHIP, DataClassification.INTERNAL, "eu-central-1"
        )
    ]


def test_name_of_the_table_s_own_has_to_match() -> None:
    pattern = TableDefaults(table_naming=TableNaming(pattern="shop-[a-z]+"))
    assert with_defaults(pattern, table_name="shop-orders").table()["TableName"] == "shop-orders"
    for name in ("orders", "shop-orders2", "xshop-orders"):
        with pytest.raises(InvalidArgumentError, match=rf"table_name is '{name}'; allowed: a name that matches shop-"):
            with_defaults(pattern, table_name=name)
    with pytest.raises(InvalidArgumentError, match=r"table_name is None; allowed: a name that matches"):
        with_defaults(pattern)
    with pytest.raises(InvalidArgumentError, match=r"known only at deployment"):
        with_defaults(pattern, table_name=Aws.STACK_NAME)


@pytest.mark.parametrize(("name", "message"), [("Orders", "matches"), ("x", "3 to 255"), (7, "str"), (None, "str")])
def test_name_that_the_function_returns_is_checked(name: Any, message: str) -> None:
    naming = TableNaming(pattern="[a-z]+", make=lambda _: name)
    with pytest.raises(InvalidArgumentError, match=rf"table_naming.make returns is .*{message}"):
        with_defaults(TableDefaults(table_naming=naming))


def test_two_tables_are_not_given_one_name() -> None:
    app = App()
    TableDefaults(table_naming=TableNaming(make=lambda _: "orders")).apply_to(app)
    table_in(app, "One")
    with pytest.raises(InvalidArgumentError, match="'orders'; allowed: a name that StackOne/One does not have"):
        table_in(app, "Two")


def test_nearest_naming_wins() -> None:
    outer = TableDefaults(table_naming=TableNaming(pattern="shop-[a-z]+"))
    inner = TableDefaults(table_naming=TableNaming(make=lambda _: "archive"))
    assert with_defaults(outer, inner).table()["TableName"] == "archive"


def test_without_a_policy_the_name_stays() -> None:
    without = template(table_in(App())).table()["TableName"]
    assert with_defaults(TableDefaults(table_naming=TableNaming())).table()["TableName"] == without


@pytest.mark.parametrize(("argument", "value"), [("pattern", "("), ("pattern", None), ("make", "orders")])
def test_naming_that_cannot_be_kept_to_is_refused(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"table_naming.{argument}"):
        TableNaming(**{argument: value})


TEN_YEARS = TableDefaults(least_retention=LeastRetention(log_retention=Duration.days(3650)))


def test_records_are_kept_as_long_as_the_company_demands() -> None:
    allowed = r"audit.log_retention is 'THIRTEEN_MONTHS'; allowed: 3650 days or more, by the TableDefaults"
    with pytest.raises(InvalidArgumentError, match=allowed):
        with_defaults(TEN_YEARS)
    kept = with_defaults(TEN_YEARS, audit=AuditSettings(log_retention=RetentionDays.TEN_YEARS))
    assert kept.properties("AWS::Logs::LogGroup")["RetentionInDays"] == DAYS_OF_TEN_YEARS
    trail = TableTrail(retention=Duration.days(3649))
    with pytest.raises(InvalidArgumentError, match=r"audit.reads.retention is '3649 days'; allowed: 3650 days or more"):
        with_defaults(TEN_YEARS, audit=AuditSettings(log_retention=RetentionDays.TEN_YEARS, reads=trail))


def test_default_and_least_go_together() -> None:
    defaults = TableDefaults(
        audit=AuditSettings(log_retention=RetentionDays.TEN_YEARS),
        least_retention=LeastRetention(log_retention=Duration.days(3650)),
    )
    assert with_defaults(defaults).properties("AWS::Logs::LogGroup")["RetentionInDays"] == DAYS_OF_TEN_YEARS


def test_floor_of_the_classification_holds_where_it_is_longer() -> None:
    least = TableDefaults(least_retention=LeastRetention(log_retention=Duration.days(1)))
    with pytest.raises(InvalidArgumentError, match="365 days or more for CONFIDENTIAL"):
        with_defaults(least, audit=AuditSettings(log_retention=RetentionDays.ONE_MONTH))


def test_nearer_scope_cannot_allow_less() -> None:
    least = LeastRetention(log_retention=Duration.days(400), weekly_backup=Duration.days(90))
    inner = TableDefaults(least_retention=least)
    weekly = BackupSettings(weekly_retention=Duration.days(90))
    with pytest.raises(InvalidArgumentError, match="3650 days or more, by the TableDefaults"):
        with_defaults(TEN_YEARS, inner, backup=weekly)
    ten_years = AuditSettings(log_retention=RetentionDays.TEN_YEARS)
    with pytest.raises(InvalidArgumentError, match=r"backup.weekly_retention is '35 days'; allowed: 90 days or more"):
        with_defaults(TEN_YEARS, inner, audit=ten_years)


@pytest.mark.parametrize(
    ("least", "message"),
    [
        ({"weekly_backup": Duration.days(60)}, r"backup.weekly_retention is '35 days'; allowed: 60 days or more, by"),
        ({"monthly_backup": Duration.days(400)}, r"backup.monthly_retention is '365 days'; allowed: 400 days"),
    ],
)
def test_backups_are_kept_as_long_as_the_company_demands(least: dict[str, Any], message: str) -> None:
    defaults = TableDefaults(least_retention=LeastRetention(**least))
    with pytest.raises(InvalidArgumentError, match=message):
        with_defaults(defaults)
    with_defaults(
        defaults, backup=BackupSettings(weekly_retention=Duration.days(60), monthly_retention=Duration.days(400))
    )


def test_recovery_period_is_as_long_as_the_company_demands() -> None:
    defaults = TableDefaults(least_retention=LeastRetention(recovery_period=Duration.days(20)))
    about = {"classification": DataClassification.INTERNAL}
    with pytest.raises(
        InvalidArgumentError, match=r"recovery_period_in_days is 10; allowed: 20 to 35 days, by the Table"
    ):
        with_defaults(defaults, backup=BackupSettings(recovery_period_in_days=10), **about)


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        (
            {"backup": BackupSettings(weekly_retention=Duration.days(60))},
            "audit.log_retention of shared_resources is 'THIRTEEN_MONTHS'; allowed: 3650 days",
        ),
        (
            {"audit": AuditSettings(log_retention=RetentionDays.TEN_YEARS)},
            "backup of shared_resources.weekly_retention is '35 days'; allowed: 60 days or more, by the TableDefaults",
        ),
    ],
)
def test_shared_resources_that_keep_too_little_are_refused(shared: dict[str, Any], message: str) -> None:
    app = App()
    platform = Stack(app, "Platform", env=ENVIRONMENT)
    least = LeastRetention(log_retention=Duration.days(3650), weekly_backup=Duration.days(60))
    resources = SharedResources(platform, "Shared", ownership=OWNERSHIP, **shared)
    TableDefaults(least_retention=least, shared_resources=resources).apply_to(app)
    with pytest.raises(InvalidArgumentError, match=message):
        table_in(app)


def test_shared_resources_that_keep_enough_are_used() -> None:
    app = App()
    resources = SharedResources(
        Stack(app, "Platform", env=ENVIRONMENT),
        "Shared",
        ownership=OWNERSHIP,
        audit=AuditSettings(log_retention=RetentionDays.TEN_YEARS),
        backup=BackupSettings(weekly_retention=Duration.days(60)),
    )
    least = LeastRetention(log_retention=Duration.days(3650), weekly_backup=Duration.days(60))
    TableDefaults(least_retention=least, shared_resources=resources).apply_to(app)
    assert not template(table_in(app)).of_type("AWS::Backup::BackupPlan")


@pytest.mark.parametrize(
    ("argument", "value"),
    [("log_retention", 365), ("weekly_backup", Duration.hours(5)), ("recovery_period", Duration.days(36))],
)
def test_retention_that_is_none_is_refused(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=f"least_retention.{argument}"):
        LeastRetention(**{argument: value})


def test_tag_keys_are_those_of_the_defaults() -> None:
    made = with_defaults(TableDefaults(tag_keys=TagKeys(owner="acme:owner")))
    assert {"acme:owner", "CostCenter"} <= {tag["Key"] for tag in made.replica()["Tags"]}


def test_tag_keys_are_refused_where_cdk_takes_none() -> None:
    app = App()
    Stack(app, "Platform", env=ENVIRONMENT)
    with pytest.raises(InvalidArgumentError, match="apply TagKeys before adding stacks"):
        TableDefaults(tag_keys=TagKeys(owner="acme:owner")).apply_to(app)


def boundary_in(app: App, id_: str = "Boundary") -> ManagedPolicy:
    document = PolicyDocument.from_json(permissions_boundary())
    return ManagedPolicy(Stack(app, id_, env=ENVIRONMENT), "Policy", document=document, managed_policy_name=id_)


def boundaries(made: Template) -> set[str]:
    return {
        text(role["Properties"].get("PermissionsBoundary", "")).rpartition("/")[2]
        for role in made.of_type("AWS::IAM::Role").values()
    }


def test_every_role_of_the_scope_has_the_boundary() -> None:
    app = App()
    boundary = boundary_in(app)
    stage = Stage(app, "Production")
    platform = Stack(stage, "Platform", env=ENVIRONMENT)
    shared = SharedResources(platform, "Shared", ownership=OWNERSHIP)
    named = ManagedPolicy.from_managed_policy_name(platform, "Boundary", "Boundary")
    TableDefaults(permissions_boundary=named, shared_resources=shared).apply_to(stage)
    stack = table_in(stage, audit=AuditSettings(own_function=True))
    Role(stack, "OfTheTeam", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))
    assert boundary
    assert boundaries(template(stack)) == {"Boundary"}
    assert boundaries(template(platform)) == {"Boundary"}


def test_nearest_boundary_counts() -> None:
    app = App()
    stage = Stage(app, "Production")
    holder = Stack(stage, "Holder", env=ENVIRONMENT)
    outer, inner = (ManagedPolicy.from_managed_policy_name(holder, each, each) for each in ("Outer", "Inner"))
    TableDefaults(permissions_boundary=outer).apply_to(app)
    TableDefaults(permissions_boundary=inner).apply_to(stage)
    assert boundaries(template(table_in(stage))) == {"Inner"}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("least_retention", 365),
        ("table_naming", "[a-z]+"),
        ("tag_keys", {"owner": "Owner"}),
        ("permissions_boundary", "arn:aws:iam::111122223333:policy/Boundary"),
    ],
)
def test_policies_take_their_types_only(argument: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=argument):
        TableDefaults(**{argument: value})
