"""`SharedResources`: what tables share, what each keeps, and that no guarantee gets weaker (ADO-2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk.aws_sns import Topic

from secure_ddb import (
    AlarmSettings,
    AuditSettings,
    DataClassification,
    ExistingAuditFunction,
    ExistingSharedResources,
    InvalidArgumentError,
    Lifecycle,
    OrganizationTrail,
    PerimeterSettings,
    SecureTable,
    SharedResources,
    TableTrail,
)
from secure_ddb.audit_trail.handler.audit_trail.settings import ALIAS
from tests.orders import OWNERSHIP, PK, WAIVER, orders
from tests.template import Template, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
# What only one table can have.
OF_ONE_TABLE = {
    "AWS::Backup::BackupSelection": 1,
    "AWS::CloudWatch::Alarm": 3,
    "AWS::DynamoDB::GlobalTable": 1,
    "AWS::IAM::ManagedPolicy": 1,
    "AWS::IAM::Role": 1,
    "AWS::KMS::Alias": 1,
    "AWS::KMS::Key": 1,
    "AWS::Lambda::EventSourceMapping": 1,
}


def shared_in(stack: Stack, **arguments: Any) -> SharedResources:
    return SharedResources(stack, "Shared", **{"ownership": OWNERSHIP, **arguments})


def templates(fill: Callable[[Stack, Stack], None]) -> tuple[Template, Template]:
    """Return the templates of two stacks of one app: that of the shared resources, and that of the tables."""
    app = App()
    platform, tables = (Stack(app, name, env=ENVIRONMENT) for name in ("Platform", "Tables"))
    fill(platform, tables)
    assembly = app.synth()
    return Template(assembly.get_stack_by_name("Platform").template), Template(
        assembly.get_stack_by_name("Tables").template
    )


@pytest.fixture(scope="module")
def two_tables() -> tuple[Template, Template]:
    """Return the templates of shared resources, and of two tables in another stack that use them."""

    def fill(platform: Stack, tables: Stack) -> None:
        shared = shared_in(platform)
        orders(tables, shared_resources=shared, table_name="orders")
        SecureTable(tables, "Carts", partition_key=PK, ownership=OWNERSHIP, shared_resources=shared, table_name="carts")

    return templates(fill)


def test_each_table_makes_only_what_it_cannot_share(two_tables: tuple[Template, Template]) -> None:
    _, tables = two_tables
    for name in ("Orders", "Carts"):
        made: dict[str, int] = {}
        for logical_id, resource in tables.resources.items():
            if logical_id.startswith(name):
                made[resource["Type"]] = made.get(resource["Type"], 0) + 1
        assert made == OF_ONE_TABLE


def test_each_mapping_calls_the_shared_alias_and_keeps_failures_in_the_shared_bucket(
    two_tables: tuple[Template, Template],
) -> None:
    platform, tables = two_tables
    outputs = {output["Export"]["Name"]: output["Value"] for output in platform.body["Outputs"].values()}
    alias = platform.named("AWS::Lambda::Alias", "Shared")
    bucket = platform.named("AWS::S3::Bucket", "Shared")
    for mapping in tables.of_type("AWS::Lambda::EventSourceMapping").values():
        properties = mapping["Properties"]
        assert outputs[properties["FunctionName"]["Fn::ImportValue"]] == {"Ref": alias}
        destination = text(properties["DestinationConfig"]["OnFailure"]["Destination"])
        assert destination.startswith("arn:<AWS::Partition>:s3:::")
        assert bucket in destination


def test_role_reads_the_streams_of_these_tables_and_no_others(two_tables: tuple[Template, Template]) -> None:
    platform, _ = two_tables
    policy = platform.properties("AWS::IAM::ManagedPolicy", "SharedAuditStreamPolicy1")
    (statement,) = statements(policy["PolicyDocument"]).values()
    tables = "arn:aws:dynamodb:eu-central-1:111122223333:table"
    named = [text(arn).replace("<AWS::Partition>", "aws") for arn in statement["Resource"]]
    assert named == [f"{tables}/orders/stream/*", f"{tables}/carts/stream/*"]
    assert policy["Roles"] == [{"Ref": platform.named("AWS::IAM::Role", "SharedAuditRole")}]
    others = [
        json.dumps(allowed["Action"])
        for name, each in platform.of_type("AWS::IAM::ManagedPolicy").items()
        # The watch function describes tables; streams it cannot read.
        if "StreamPolicy" not in name and "Watch" not in name
        for allowed in each["Properties"]["PolicyDocument"]["Statement"]
        if allowed["Effect"] == "Allow"
    ]
    assert others
    assert not [each for each in others if "dynamodb:" in each]


def test_key_of_each_table_lets_the_shared_role_decrypt_through_dynamodb_only(
    two_tables: tuple[Template, Template],
) -> None:
    platform, tables = two_tables
    role = platform.named("AWS::IAM::Role", "SharedAuditRole")
    keys = tables.of_type("AWS::KMS::Key")
    assert len(keys) == 2
    for key in keys.values():
        statement = statements(key["Properties"]["KeyPolicy"])["DecryptStreamForSharedAudit"]
        assert role in text(statement["Principal"]["AWS"])
        assert statement["Action"] == "kms:Decrypt"
        assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}}


def test_function_digests_keys_for_each_table_apart(two_tables: tuple[Template, Template]) -> None:
    platform, _ = two_tables
    variables = platform.properties("AWS::Lambda::Function", "SharedAuditFunction")["Environment"]["Variables"]
    assert variables["DIGESTS"] == "per table"
    assert text(variables["STREAMS"]) == "arn:<AWS::Partition>:dynamodb:eu-central-1:111122223333:table/"


def test_alarms_of_the_tables_reach_the_shared_topic(two_tables: tuple[Template, Template]) -> None:
    platform, tables = two_tables
    topic = platform.named("AWS::SNS::Topic", "Shared")
    outputs = {output["Export"]["Name"]: output["Value"] for output in platform.body["Outputs"].values()}
    for alarm in tables.alarms().values():
        (action,) = alarm["AlarmActions"]
        assert outputs[action["Fn::ImportValue"]] == {"Ref": topic}


@pytest.mark.parametrize(
    ("alarm", "query"),
    [
        ("ReadThrottles", 'SUM(ReadThrottleEvents) FROM SCHEMA("AWS/DynamoDB", TableName) GROUP BY TableName'),
        (
            "WriteThrottlesIndexes",
            (
                'SUM(WriteThrottleEvents) FROM SCHEMA("AWS/DynamoDB", GlobalSecondaryIndexName, TableName) '
                "GROUP BY GlobalSecondaryIndexName, TableName"
            ),
        ),
        ("SystemErrors", 'SUM(SystemErrors) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) GROUP BY TableName'),
        (
            "LatencyQuery",
            (
                'AVG(SuccessfulRequestLatency) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) '
                "WHERE Operation = 'Query' GROUP BY TableName"
            ),
        ),
    ],
)
def test_one_alarm_looks_at_every_table_by_itself(
    two_tables: tuple[Template, Template], alarm: str, query: str
) -> None:
    platform, _ = two_tables
    (queried,) = platform.alarms()[f"Shared{alarm}"]["Metrics"]
    assert queried["Expression"] == f"SELECT {query}"


def test_alarms_on_the_function_are_made_once(two_tables: tuple[Template, Template]) -> None:
    platform, tables = two_tables
    for name in ("AuditErrors", "AuditThrottles", "AuditIteratorAge", "UserErrors"):
        assert f"Shared{name}" in platform.alarms()
        assert not [each for each in tables.alarms() if each.endswith(name)]


def test_mapping_waits_for_the_permission_in_the_same_stack(stack: Stack) -> None:
    orders(stack, shared_resources=shared_in(stack))
    template = Template(App.of(stack).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]
    mapping = template.only("AWS::Lambda::EventSourceMapping")
    (policy,) = mapping["DependsOn"]
    assert policy == template.named("AWS::IAM::ManagedPolicy", "SharedAuditStreamPolicy1")
    (other,) = template.resources[policy]["DependsOn"]
    assert other == template.named("AWS::IAM::ManagedPolicy", "SharedAuditPolicy")


def test_stack_of_the_table_waits_for_that_of_the_shared_resources() -> None:
    app = App()
    platform, tables = (Stack(app, name, env=ENVIRONMENT) for name in ("Platform", "Tables"))
    orders(tables, shared_resources=shared_in(platform))
    app.synth()
    assert tables.dependencies == [platform]


def test_enforced_perimeter_exempts_the_shared_role_on_the_stream() -> None:
    def fill(platform: Stack, tables: Stack) -> None:
        shared = shared_in(platform, classification=DataClassification.RESTRICTED)
        orders(
            tables,
            classification=DataClassification.RESTRICTED,
            perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
            shared_resources=shared,
        )

    platform, tables = templates(fill)
    role = platform.named("AWS::IAM::Role", "SharedAuditRole")
    policy = json.dumps(tables.replica()["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"])
    assert role in policy
    assert platform.of_type("AWS::KinesisFirehose::DeliveryStream")


def test_settings_of_a_table_s_own_replace_what_is_shared() -> None:
    def fill(platform: Stack, tables: Stack) -> None:
        shared = shared_in(platform)
        orders(
            tables,
            shared_resources=shared,
            audit=AuditSettings(clear_attributes=["status"], own_function=True),
            alarms=AlarmSettings(),
        )

    platform, tables = templates(fill)
    assert tables.of_type("AWS::Lambda::Function")
    assert not platform.of_type("AWS::IAM::ManagedPolicy").keys() & {"SharedAuditStreamPolicy1"}
    assert "OrdersThrottles" in tables.alarms()
    # Their topic stays the shared one.
    assert not tables.of_type("AWS::SNS::Topic")


def test_waivers_leave_out_what_is_shared() -> None:
    def fill(platform: Stack, tables: Stack) -> None:
        orders(tables, shared_resources=shared_in(platform), audit=WAIVER, alarms=WAIVER)

    _, tables = templates(fill)
    assert not tables.of_type("AWS::Lambda::EventSourceMapping")
    assert not tables.of_type("AWS::CloudWatch::Alarm")


def test_evidence_of_a_table_says_what_it_shares(two_tables: tuple[Template, Template]) -> None:
    _, tables = two_tables
    for table in tables.of_type("AWS::DynamoDB::GlobalTable").values():
        assert table["Metadata"]["SecureTable"]["settings"]["shared_resources"] == "Platform/Shared"


def test_evidence_of_a_table_says_what_was_chosen_for_all() -> None:
    def fill(platform: Stack, tables: Stack) -> None:
        reads = OrganizationTrail(trail="organization", stated_by="SEC-7")
        orders(tables, shared_resources=shared_in(platform, audit=AuditSettings(reads=reads)))

    _, tables = templates(fill)
    assert "audit.reads" in tables.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["claims"]


def test_more_tables_than_a_policy_names_get_another_policy(stack: Stack) -> None:
    names = [f"{number:03}{'x' * 240}" for number in range(40)]
    shared_in(stack, tables_of_other_apps=names)
    template = Template(App.of(stack).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]
    policies = [
        each["Properties"]["PolicyDocument"]
        for name, each in template.of_type("AWS::IAM::ManagedPolicy").items()
        if "AuditStreamPolicy" in name
    ]
    assert len(policies) > 1
    written = [text(arn) for policy in policies for arn in policy["Statement"][0]["Resource"]]
    assert [arn.split("/")[1] for arn in written] == names
    for policy in policies:
        (statement,) = policy["Statement"]
        arns = [text(arn).replace("<AWS::Partition>", "aws") for arn in statement["Resource"]]
        # As IAM counts: without white space.
        counted = json.dumps({**policy, "Statement": [{**statement, "Resource": arns}]}, separators=(",", ":"))
        assert len(counted) <= 6144


def test_tables_beyond_what_a_role_can_name_are_refused(stack: Stack) -> None:
    names = [f"{number:03}{'x' * 240}" for number in range(200)]
    with pytest.raises(InvalidArgumentError, match=r"8 full policies.*other SharedResources"):
        shared_in(stack, tables_of_other_apps=names)


def test_more_sensitive_table_is_refused(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"Test/Shared for INTERNAL.*CONFIDENTIAL, as the table"):
        orders(stack, shared_resources=shared_in(stack, classification=DataClassification.INTERNAL))


def test_table_that_outlives_the_shared_resources_is_refused(stack: Stack) -> None:
    shared = shared_in(
        stack, classification=DataClassification.INTERNAL, lifecycle=Lifecycle.ephemeral(reason="feature branch")
    )
    with pytest.raises(InvalidArgumentError, match=r"ephemeral.*retained shared resources"):
        orders(stack, classification=DataClassification.INTERNAL, shared_resources=shared)


def test_table_of_another_region_is_refused(stack: Stack) -> None:
    elsewhere = Stack(App.of(stack), "Elsewhere", env=Environment(account="111122223333", region="eu-west-1"))
    with pytest.raises(InvalidArgumentError, match=r"Test/Shared in eu-central-1.*eu-west-1, as the table"):
        orders(elsewhere, shared_resources=shared_in(stack))


def test_name_known_only_at_deployment_is_refused(stack: Stack) -> None:
    name = CfnParameter(stack, "Name").value_as_string
    with pytest.raises(InvalidArgumentError, match=r"table_name.*known only at deployment"):
        orders(stack, shared_resources=shared_in(stack), table_name=name)


def test_something_else_is_refused(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match="SharedResources or ExistingSharedResources"):
        orders(stack, shared_resources="platform")


def test_trail_of_one_table_cannot_be_shared(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match="a TableTrail is of one table"):
        shared_in(stack, audit=AuditSettings(reads=TableTrail()))


def test_names_of_tables_of_other_apps_are_checked(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"tables_of_other_apps\[1\].*'a b'"):
        shared_in(stack, tables_of_other_apps=["orders", "a b"])


@pytest.mark.parametrize("argument", ["audit", "alarms", "backup"])
def test_what_is_shared_takes_settings_only(stack: Stack, argument: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"{argument}.*Settings"):
        shared_in(stack, **{argument: WAIVER})


def test_hundred_tables_fill_a_backup_plan(stack: Stack) -> None:
    shared = shared_in(stack)
    plan = shared.shared.plan
    assert plan is not None
    plans = [plan.for_table() for _ in range(201)]
    assert [plans.count(each) for each in dict.fromkeys(plans)] == [100, 100, 1]
    template = Template(App.of(stack).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]
    made = [each["Properties"]["BackupPlan"] for each in template.of_type("AWS::Backup::BackupPlan").values()]
    assert len({each["BackupPlanName"] for each in made}) == len(made) == 3
    assert made[0]["BackupPlanRule"] == made[1]["BackupPlanRule"] == made[2]["BackupPlanRule"]


EXISTING = ExistingAuditFunction(
    alias_arn=f"arn:aws:lambda:eu-central-1:111122223333:function:Platform-Audit:{ALIAS}",
    role_arn="arn:aws:iam::111122223333:role/secure-ddb/Platform-AuditRole",
    failure_bucket_arn="arn:aws:s3:::platform-failures",
)


def test_shared_resources_of_another_app_are_used_by_their_arns(stack: Stack) -> None:
    topic = Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:alarms")
    orders(stack, shared_resources=ExistingSharedResources(audit=EXISTING, alarm_topic=topic))
    template = Template(App.of(stack).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]
    mapping = template.properties("AWS::Lambda::EventSourceMapping")
    assert mapping["FunctionName"] == EXISTING.alias_arn
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == EXISTING.failure_bucket_arn
    assert {action for alarm in template.alarms().values() for action in alarm["AlarmActions"]} == {topic.topic_arn}
    statement = statements(template.properties("AWS::KMS::Key")["KeyPolicy"])["DecryptStreamForSharedAudit"]
    assert statement["Principal"] == {"AWS": EXISTING.role_arn}
    said = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert any("audit function of another app" in each for each in said)


def test_existing_function_of_another_region_is_refused(stack: Stack) -> None:
    elsewhere = ExistingAuditFunction(
        alias_arn=EXISTING.alias_arn.replace("eu-central-1", "eu-west-1"),
        role_arn=EXISTING.role_arn,
        failure_bucket_arn=EXISTING.failure_bucket_arn,
    )
    with pytest.raises(InvalidArgumentError, match="in eu-west-1"):
        orders(stack, shared_resources=ExistingSharedResources(audit=elsewhere))


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        # Without the alias the function would take no records.
        ("alias_arn", EXISTING.alias_arn.removesuffix(f":{ALIAS}")),
        ("role_arn", "Platform-AuditRole"),
        ("failure_bucket_arn", "platform-failures"),
        ("role_arn", None),
    ],
)
def test_existing_function_takes_arns_only(argument: str, value: Any) -> None:
    given = {
        "alias_arn": EXISTING.alias_arn,
        "role_arn": EXISTING.role_arn,
        "failure_bucket_arn": EXISTING.failure_bucket_arn,
    }
    with pytest.raises(InvalidArgumentError, match=argument):
        ExistingAuditFunction(**{**given, argument: value})
