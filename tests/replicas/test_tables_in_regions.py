"""A table in more than one Region: what each Region gets, and what is refused."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import pytest
from aws_cdk import App, DefaultStackSynthesizer, Duration, Environment, PermissionsBoundary, Stack, Stage
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    Billing,
    Capacity,
    ContributorInsightsMode,
    ContributorInsightsSpecification,
    GlobalSecondaryIndexPropsV2,
    LocalSecondaryIndexProps,
    MultiRegionConsistency,
    ReplicaGlobalSecondaryIndexOptions,
)
from aws_cdk.aws_ec2 import GatewayVpcEndpoint
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_kms import Key

from examples.regions import app_in_two_regions
from secure_ddb import (
    AlarmSettings,
    AuditSettings,
    BackupCopy,
    BackupSettings,
    DataClassification,
    ExistingEndpoints,
    InvalidArgumentError,
    LoggedKeys,
    PerimeterSettings,
    ReplicaSettings,
    SecureTable,
    SharedResources,
    TableTrail,
)
from secure_ddb.synthesis.app import checked_app
from tests.orders import INSIDE, OWNERSHIP, PK, SK, WAIVER, orders
from tests.template import Template, text

ACCOUNT = "111122223333"
HERE, WEST, SOUTH = "eu-central-1", "eu-west-1", "eu-west-3"
STRONG = MultiRegionConsistency.STRONG


def a_stack(region: str = HERE) -> Stack:
    return Stack(App(), "Test", env=Environment(account=ACCOUNT, region=region))


def synthesized(stack: Stack) -> dict[str, Template]:
    """Return the templates of an app: name of the stack to template."""
    assembly = App.of(stack).synth()  # type: ignore[union-attr]
    return {each.stack_name: Template(each.template) for each in assembly.stacks if "Resources" in each.template}


def templates(**arguments: Any) -> tuple[Template, Template]:
    """Return the templates of a table with one replica: that of the table, and that of the other Region."""
    stack = a_stack()
    orders(stack, replicas=[ReplicaSettings(WEST)], **arguments)
    found = synthesized(stack)
    return found["Test"], found["Test-eu-west-1"]


@cache
def default_templates() -> tuple[Template, Template]:
    return templates()


def replica(template: Template, region: str) -> dict[str, Any]:
    (found,) = (each for each in template.table()["Replicas"] if each["Region"] == region)
    assert isinstance(found, dict)
    return found


def test_a_replica_has_the_guarantees_of_the_table() -> None:
    here, _ = default_templates()
    own, other = replica(here, HERE), replica(here, WEST)
    different = {"Region", "SSESpecification", "ReplicaStreamSpecification"}
    assert {key: other[key] for key in other if key not in different} == {
        key: own[key] for key in own if key not in different
    }
    sids = [
        each["Sid"] for each in other["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]["Statement"]
    ]
    assert sids == ["DenyRequestsWithoutTls"]


def test_a_replica_is_encrypted_with_the_key_of_its_region() -> None:
    here, west = default_templates()
    (alias,) = west.of_type("AWS::KMS::Alias").values()
    named = text(replica(here, WEST)["SSESpecification"]["KMSMasterKeyId"])
    assert named.endswith(f":kms:eu-west-1:{ACCOUNT}:{alias['Properties']['AliasName']}")
    key = west.properties("AWS::KMS::Key")
    assert (key["EnableKeyRotation"], key["RotationPeriodInDays"]) == (True, 365)
    services = {
        value
        for each in key["KeyPolicy"]["Statement"]
        for value in [each.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService")]
        if value
    }
    assert services == {"dynamodb.eu-west-1.amazonaws.com", "backup.eu-west-1.amazonaws.com"}


def test_the_other_region_backs_up_and_watches_the_replica() -> None:
    here, west = default_templates()
    name = here.table()["TableName"]
    selection = west.properties("AWS::Backup::BackupSelection")["BackupSelection"]
    assert [text(each) for each in selection["Resources"]] == [
        f"arn:<AWS::Partition>:dynamodb:eu-west-1:{ACCOUNT}:table/{name}"
    ]
    alarms = west.alarms()
    ids = {each.rpartition("Orders")[2][8:] for each in alarms}
    assert {"Throttles", "SystemErrors", "UserErrors", "Latency", "BackupMissing"} <= ids
    assert all(text(each["AlarmActions"][0]).startswith("<") for each in alarms.values())


@pytest.mark.parametrize("position", [0, 1])
def test_each_region_watches_how_far_the_other_lags_behind(position: int) -> None:
    receiving = (WEST, HERE)[position]
    template = default_templates()[position]
    (alarm,) = (each for name, each in template.alarms().items() if "ReplicationLatency" in name)
    (metric,) = (each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each)
    dimensions = {each["Name"]: each["Value"] for each in metric["Metric"]["Dimensions"]}
    assert (metric["Metric"]["MetricName"], dimensions["ReceivingRegion"]) == ("ReplicationLatency", receiving)
    assert (alarm["Threshold"], metric["Period"], alarm["EvaluationPeriods"]) == (60_000, 60, 5)


def test_nothing_in_the_other_region_refers_to_the_stack_of_the_table() -> None:
    stack = a_stack()
    orders(stack, replicas=[ReplicaSettings(WEST)])
    assembly = App.of(stack).synth()  # type: ignore[union-attr]
    depends = {each.stack_name: {one.id for one in each.dependencies} for each in assembly.stacks}
    assert "Test-eu-west-1" in depends["Test"]
    assert "Test" not in depends["Test-eu-west-1"]
    assert "ImportValue" not in str(assembly.get_stack_by_name("Test-eu-west-1").template)


def test_tables_of_a_stack_share_the_stack_of_a_region() -> None:
    stack = a_stack()
    orders(stack, replicas=[ReplicaSettings(WEST)])
    SecureTable(stack, "Other", partition_key=PK, ownership=OWNERSHIP, replicas=[ReplicaSettings(WEST)])
    found = synthesized(stack)
    assert set(found) == {"Test", "Test-eu-west-1"}
    assert len(found["Test-eu-west-1"].of_type("AWS::KMS::Key")) == 2


def test_two_deployments_of_an_app_have_two_stacks_in_the_other_region() -> None:
    """Their names are apart by `stack_name` alone, so one would overwrite the other's key."""
    app = App()
    environment = Environment(account=ACCOUNT, region=HERE)
    orders(Stack(app, "Test", stack_name="orders-dev", env=environment), replicas=[ReplicaSettings(WEST)])
    orders(Stack(Stage(app, "Prod"), "Test", env=environment), replicas=[ReplicaSettings(WEST)])
    assembly = app.synth()
    assert {each.stack_name for each in assembly.stacks_recursively} == {
        "orders-dev",
        "orders-dev-eu-west-1",
        "Prod-Test",
        "Prod-Test-eu-west-1",
    }
    west = Template(assembly.get_stack_by_name("orders-dev-eu-west-1").template)
    assert west.properties("AWS::KMS::Alias")["AliasName"].startswith("alias/orders-dev-eu-west-1/")


@pytest.mark.parametrize(
    ("boundary", "ends"),
    [
        (PermissionsBoundary.from_name("company"), ":policy/company"),
        (PermissionsBoundary.from_arn(f"arn:aws:iam::{ACCOUNT}:policy/arn"), ":policy/arn"),
    ],
)
def test_the_stack_of_the_other_region_has_the_boundary_and_the_tags_of_the_stack(
    boundary: PermissionsBoundary, ends: str
) -> None:
    app = App()
    environment = Environment(account=ACCOUNT, region=HERE)
    stack = Stack(app, "Test", env=environment, permissions_boundary=boundary, tags={"team": "orders"})
    orders(stack, replicas=[ReplicaSettings(WEST)])
    assembly = app.synth()
    assert assembly.get_stack_by_name("Test-eu-west-1").tags == {"team": "orders"}
    west = Template(assembly.get_stack_by_name("Test-eu-west-1").template)
    boundaries = [text(each["Properties"]["PermissionsBoundary"]) for each in west.of_type("AWS::IAM::Role").values()]
    assert boundaries
    assert all(each.endswith(ends) for each in boundaries)


def test_a_synthesizer_of_the_stack_alone_is_refused() -> None:
    synthesizer = DefaultStackSynthesizer(qualifier="orders")
    stack = Stack(App(), "Test", env=Environment(account=ACCOUNT, region=HERE), synthesizer=synthesizer)
    with pytest.raises(InvalidArgumentError, match=r"App\(default_stack_synthesizer=\.\.\.\)"):
        orders(stack, replicas=[ReplicaSettings(WEST)])
    app = App(default_stack_synthesizer=DefaultStackSynthesizer(qualifier="orders"))
    orders(Stack(app, "Test", env=Environment(account=ACCOUNT, region=HERE)), replicas=[ReplicaSettings(WEST)])
    roles = [each.assume_role_arn for each in app.synth().stacks]
    assert all(f"cdk-orders-deploy-role-{ACCOUNT}-{region}" in str(roles) for region in (HERE, WEST))


def test_resources_of_a_replica_have_the_tags_of_the_table() -> None:
    _, west = default_templates()
    tags = {each["Key"]: each["Value"] for each in west.properties("AWS::KMS::Key")["Tags"]}
    assert tags["Owner"] == OWNERSHIP.owner
    assert tags["DataClassification"] == "confidential"


def test_the_perimeter_holds_in_each_region_for_its_own_endpoints() -> None:
    stack = a_stack()
    there = Stack(App.of(stack), "West", env=Environment(account=ACCOUNT, region=WEST))
    endpoint = GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(there, "Endpoint", "vpce-0fedcba9876543210")
    west = ExistingEndpoints(data_plane=endpoint)
    orders(stack, perimeter=INSIDE, replicas=[ReplicaSettings(WEST, endpoints=west)])
    document = replica(synthesized(stack)["Test"], WEST)["ResourcePolicy"]["PolicyDocument"]
    by_sid = {each["Sid"]: each for each in document["Statement"]}
    condition = by_sid["DenyItemsFromOutsideTheNetwork"]["Condition"]
    assert condition["StringNotEquals"]["aws:SourceVpce"] == ["vpce-0fedcba9876543210"]
    exempt = [
        text(each) for each in by_sid["DenyBackupsFromOutsideTheNetwork"]["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    ]
    roles = synthesized(stack)["Test-eu-west-1"].of_type("AWS::IAM::Role")
    (name,) = (each["Properties"]["RoleName"] for each in roles.values())
    assert f"arn:<AWS::Partition>:iam::{ACCOUNT}:role/secure-ddb/{name}" in exempt


def test_replication_and_scaling_pass_the_perimeter_of_a_replica() -> None:
    here, _ = templates(perimeter=INSIDE)
    for region in (HERE, WEST):
        document = replica(here, region)["ResourcePolicy"]["PolicyDocument"]
        for statement in document["Statement"]:
            if "ArnNotLike" in statement.get("Condition", {}):
                exempt = [text(each) for each in statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]]
                assert f"arn:<AWS::Partition>:iam::{ACCOUNT}:role/aws-service-role/*" in exempt


def test_a_replica_is_added_without_policies_by_a_waiver_that_the_evidence_shows() -> None:
    stack = a_stack()
    orders(stack, perimeter=INSIDE, replicas=[ReplicaSettings(WEST, without_policies=WAIVER)])
    template = synthesized(stack)["Test"]
    other = replica(template, WEST)
    assert "ResourcePolicy" not in other
    assert "ReplicaStreamSpecification" not in other
    stated = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert set(stated["waivers"]) == {"Denial of requests without TLS (ENC-3)", "Perimeter (NET-4)"}
    assert stated["settings"]["replicas"] == WEST


def test_settings_of_the_table_hold_in_each_region() -> None:
    _, west = templates(alarms=AlarmSettings(latency=Duration.millis(250)), classification=DataClassification.PUBLIC)
    (latency,) = (each for name, each in west.alarms().items() if "Latency" in name and "Replication" not in name)
    assert latency["Threshold"] == 250


def test_waivers_of_the_table_hold_in_each_region() -> None:
    _, west = templates(backup=WAIVER, alarms=WAIVER)
    assert not west.of_type("AWS::Backup::BackupVault")
    assert not west.of_type("AWS::CloudWatch::Alarm")


def test_a_replica_uses_the_shared_resources_of_its_region() -> None:
    app = App()
    stack, platform = (
        Stack(app, name, env=Environment(account=ACCOUNT, region=region))
        for name, region in (("Test", HERE), ("Platform", WEST))
    )
    shared = SharedResources(platform, "Shared", ownership=OWNERSHIP)
    orders(stack, replicas=[ReplicaSettings(WEST, shared_resources=shared)])
    west = synthesized(stack)["Test-eu-west-1"]
    assert not west.of_type("AWS::Backup::BackupVault")
    assert not west.of_type("AWS::SNS::Topic")
    assert west.of_type("AWS::Backup::BackupSelection")


def test_an_existing_key_of_the_region_encrypts_the_replica() -> None:
    stack = a_stack()
    arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0123abcd"
    key = Key.from_key_arn(stack, "West", arn)
    orders(stack, replicas=[ReplicaSettings(WEST, encryption_key=key)])
    found = synthesized(stack)
    assert replica(found["Test"], WEST)["SSESpecification"]["KMSMasterKeyId"] == arn
    assert not found["Test-eu-west-1"].of_type("AWS::KMS::Key")


def test_strong_consistency_takes_a_witness_and_has_no_lag() -> None:
    here, west = templates(multi_region_consistency=STRONG, witness_region=SOUTH)
    table = here.table()
    assert table["MultiRegionConsistency"] == "STRONG"
    assert table["GlobalTableWitnesses"] == [{"Region": SOUTH}]
    for template in (here, west):
        assert not [each for each in template.alarms() if "Replication" in each]


NAMED = "orders"
STREAM = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{NAMED}/stream/2026-11-29T00:00:00.000"


def with_reader(**arguments: Any) -> tuple[Template, Template]:
    stack = a_stack()
    replicas = [ReplicaSettings(WEST, stream_arn=STREAM)]
    orders(stack, table_name=NAMED, replicas=replicas, **arguments)
    found = synthesized(stack)
    return found["Test"], found["Test-eu-west-1"]


def test_changes_are_recorded_in_the_other_region_once_its_stream_is_known() -> None:
    here, west = with_reader(audit=AuditSettings(reads=TableTrail(), clear_attributes=["status"]))
    mapping = west.properties("AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == STREAM
    assert west.of_type("AWS::Logs::LogGroup")
    function = west.properties("AWS::Lambda::Function")
    assert "status" in str(function["Environment"])
    # The trail of the table's own Region selects data events of the table there only.
    assert len(here.of_type("AWS::CloudTrail::Trail")) == 1
    assert not west.of_type("AWS::CloudTrail::Trail")
    assert {"AuditErrors", "AuditIteratorAge"} <= {each.rpartition("Orders")[2][8:] for each in west.alarms()}


DIGEST_KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/mrk-{'0123456789abcdef' * 2}"
SAME_DIGESTS = AuditSettings(digest_regions=[WEST])


def with_digest_key(settings: Any = SAME_DIGESTS, key: str = DIGEST_KEY) -> tuple[Template, Template]:
    stack = a_stack()
    replicas = [ReplicaSettings(WEST, stream_arn=STREAM, digest_key_arn=key)]
    orders(stack, table_name=NAMED, audit=settings, replicas=replicas)
    found = synthesized(stack)
    return found["Test"], found["Test-eu-west-1"]


def test_items_have_the_same_digests_in_all_regions_that_are_named() -> None:
    here, west = with_digest_key()
    primary = here.properties("AWS::KMS::Key", "OrdersMultiRegionDigestKey")
    assert (primary["MultiRegion"], primary["KeySpec"]) == (True, "HMAC_256")
    replica_key = west.properties("AWS::KMS::ReplicaKey")
    assert replica_key["PrimaryKeyArn"] == DIGEST_KEY
    (name,) = west.of_type("AWS::KMS::ReplicaKey")
    variables = west.properties("AWS::Lambda::Function")["Environment"]["Variables"]
    assert text(variables["HMAC_KEY_ID"]) == f"<{name}.Arn>"
    assert not [each for each in west.of_type("AWS::KMS::Key") if "Digest" in each]
    assert (
        here.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]["audit.digest_regions"] == WEST
    )


def test_only_the_function_of_each_region_makes_digests_with_the_common_key() -> None:
    for template, kind in zip(with_digest_key(), ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"), strict=True):
        (key,) = (each["Properties"] for name, each in template.of_type(kind).items() if "Digest" in name)
        (digest,) = (each for each in key["KeyPolicy"]["Statement"] if each["Action"] == "kms:GenerateMac")
        (role,) = (name for name in template.of_type("AWS::IAM::Role") if "AuditRole" in name)
        assert text(digest["Principal"]["AWS"]) == f"<{role}.Arn>"


def test_the_common_key_may_be_replicated_to_the_regions_that_are_named_only() -> None:
    here, west = with_digest_key()
    statements = here.properties("AWS::KMS::Key", "OrdersMultiRegionDigestKey")["KeyPolicy"]["Statement"]
    (replicate,) = (each for each in statements if "kms:ReplicateKey" in each["Action"])
    assert replicate["Condition"] == {"StringEquals": {"kms:ReplicaRegion": [WEST]}}
    assert "ReplicateKey" not in str(west.properties("AWS::KMS::ReplicaKey"))
    single, _ = default_templates()
    assert "ReplicateKey" not in str(single.of_type("AWS::KMS::Key"))
    assert "MultiRegion" not in str(single.of_type("AWS::KMS::Key"))


@pytest.mark.parametrize(
    ("settings", "key", "message"),
    [
        (None, DIGEST_KEY, "AuditSettings.digest_regions of the table names eu-west-1"),
        (AuditSettings(digest_regions=[SOUTH]), DIGEST_KEY, "digest_regions of the table names eu-west-1"),
        (SAME_DIGESTS, DIGEST_KEY.replace(HERE, SOUTH), "that of the table's own Region, eu-central-1"),
        (AuditSettings(digest_regions=[HERE]), DIGEST_KEY, "Regions of replicas: the table itself is in eu-central-1"),
    ],
)
def test_a_digest_key_that_does_not_fit_is_refused(settings: Any, key: str, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        with_digest_key(settings, key)


def test_a_digest_key_without_a_reader_is_refused() -> None:
    replicas = [ReplicaSettings(WEST, digest_key_arn=DIGEST_KEY)]
    with pytest.raises(InvalidArgumentError, match="None without stream_arn"):
        orders(a_stack(), audit=SAME_DIGESTS, replicas=replicas)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        (["Ireland"], "a Region of the partition aws that stands once"),
        ([WEST, WEST], "a Region of the partition aws that stands once"),
        (WEST, "a list of Regions"),
    ],
)
def test_regions_of_digests_have_to_be_regions(regions: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        AuditSettings(digest_regions=regions)


def test_keys_in_clear_and_shared_functions_have_no_common_digest_key() -> None:
    with pytest.raises(InvalidArgumentError, match=r"none with LoggedKeys\.PLAIN"):
        AuditSettings(keys=LoggedKeys.PLAIN, digest_regions=[WEST])
    with pytest.raises(InvalidArgumentError, match="gives each table digests of its own"):
        SharedResources(a_stack(), "Shared", ownership=OWNERSHIP, audit=SAME_DIGESTS)
    stack = a_stack()
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP)
    with pytest.raises(InvalidArgumentError, match="its digests are of one Region"):
        orders(stack, audit=SAME_DIGESTS, shared_resources=shared)


def test_without_the_stream_the_evidence_says_what_is_not_recorded() -> None:
    here, west = default_templates()
    assert not west.of_type("AWS::Lambda::EventSourceMapping")
    (said,) = here.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert said == (
        "that changes are recorded if the table's own Region is lost: no stream_arn names the stream here (eu-west-1)"
    )


def test_the_reader_of_the_other_region_passes_the_perimeter_of_its_stream() -> None:
    here, west = with_reader(perimeter=INSIDE)
    document = replica(here, WEST)["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]
    by_sid = {each["Sid"]: each for each in document["Statement"]}
    exempt = [
        text(each) for each in by_sid["DenyStreamFromOutsideTheNetwork"]["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    ]
    names = {
        name: each["Properties"]["RoleName"]
        for name, each in west.of_type("AWS::IAM::Role").items()
        if "RoleName" in each["Properties"]
    }
    (reader,) = (each for name, each in names.items() if "AuditRole" in name)
    assert f"arn:<AWS::Partition>:iam::{ACCOUNT}:role/secure-ddb/{reader}" in exempt
    assert len(set(names.values())) == len(names) == 2
    assert all(len(each) <= 64 for each in names.values())


def test_another_consumer_reads_the_stream_of_the_other_region() -> None:
    stack = a_stack()
    table = orders(stack, table_name=NAMED, replicas=[ReplicaSettings(WEST, stream_arn=STREAM)])
    there = Stack(App.of(stack), "West", env=Environment(account=ACCOUNT, region=WEST))
    table.replica(WEST).grant_stream_read(Role(there, "Indexer", assumed_by=ServicePrincipal("lambda.amazonaws.com")))
    policy = synthesized(stack)["West"].properties("AWS::IAM::Policy")
    assert STREAM in {text(each["Resource"]) for each in policy["PolicyDocument"]["Statement"]}


def test_the_stream_of_another_table_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="that of the table TestOrders"):
        orders(a_stack(), replicas=[ReplicaSettings(WEST, stream_arn=STREAM)])


def test_a_shared_reader_of_the_app_does_not_go_with_an_enforced_perimeter() -> None:
    app = App()
    stack, platform = (
        Stack(app, name, env=Environment(account=ACCOUNT, region=region))
        for name, region in (("Test", HERE), ("Platform", WEST))
    )
    shared = SharedResources(platform, "Shared", ownership=OWNERSHIP)
    replicas = [ReplicaSettings(WEST, stream_arn=STREAM, shared_resources=shared)]
    with pytest.raises(InvalidArgumentError, match="cannot refer to a role of another Region"):
        orders(stack, table_name=NAMED, perimeter=INSIDE, replicas=replicas)


def test_the_policies_of_a_replica_decide_as_those_of_the_table() -> None:
    here, _ = with_reader(perimeter=INSIDE)
    for policy in ("ResourcePolicy", "ReplicaStreamSpecification"):
        own, other = (_without_roles(replica(here, region)[policy]) for region in (HERE, WEST))
        assert own == other


def _without_roles(policy: dict[str, Any]) -> dict[str, Any]:
    """Return a policy without the roles of backup and audit, which each Region has of its own."""
    document: dict[str, Any] = policy.get("ResourcePolicy", policy)["PolicyDocument"]
    for statement in document["Statement"]:
        named = statement.get("Condition", {}).get("ArnNotLike", {}).get("aws:PrincipalArn", [])
        named[:] = [text(each) for each in named if "aws-service-role" in text(each)]
    return document


def test_a_role_of_the_other_region_gets_the_table_there_and_its_key() -> None:
    assembly = app_in_two_regions().synth()
    policy = Template(assembly.get_stack_by_name("OrdersIreland").template).properties("AWS::IAM::Policy")
    resources = [text(each["Resource"]) for each in policy["PolicyDocument"]["Statement"]]
    assert all("dynamodb:eu-west-1" in each for each in resources[:2])
    assert all("Orders-eu-west-1:" in each for each in resources[2:])


def test_the_example_passes_the_rules_and_all_packs() -> None:
    # With an open finding this raises.
    assembly = app_in_two_regions(checked_app()).synth()
    assert {each.stack_name for each in assembly.stacks} >= {"Orders", "Orders-eu-west-1", "OrdersIreland"}


def test_a_region_without_a_replica_is_refused() -> None:
    table = orders(a_stack(), replicas=[ReplicaSettings(WEST)])
    with pytest.raises(InvalidArgumentError, match=r"region is .eu-west-3.; allowed: eu-west-1"):
        table.replica(SOUTH)
    with pytest.raises(InvalidArgumentError, match=r"stream_arn"):
        table.replica(WEST).grant_stream_read(Role(table, "Role", assumed_by=ServicePrincipal("lambda.amazonaws.com")))


INDEX = LocalSecondaryIndexProps(index_name="local", sort_key=Attribute(name="at", type=AttributeType.STRING))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replicas": [ReplicaSettings(HERE)]}, "another Region: the table itself is in eu-central-1"),
        ({"replicas": [ReplicaSettings(WEST), ReplicaSettings(WEST)]}, "each Region once"),
        ({"replicas": [WEST]}, "ReplicaSettings"),
        ({"replicas": ReplicaSettings(WEST)}, "a list of ReplicaSettings"),
        ({"replicas": [ReplicaSettings(WEST)], "witness_region": SOUTH}, "None without MultiRegionConsistency.STRONG"),
        (
            {"replicas": [ReplicaSettings(WEST)], "multi_region_consistency": STRONG},
            "three Regions, or two and witness_region",
        ),
        (
            {"replicas": [ReplicaSettings(WEST)], "multi_region_consistency": STRONG, "witness_region": ["eu-west-3"]},
            "witness_region",
        ),
        (
            {"replicas": [ReplicaSettings(WEST)], "multi_region_consistency": STRONG, "witness_region": WEST},
            "a Region without a replica",
        ),
        (
            {
                "replicas": [ReplicaSettings("us-east-1"), ReplicaSettings("us-east-2")],
                "multi_region_consistency": STRONG,
            },
            "what TableV2 accepts",
        ),
        (
            {
                "replicas": [ReplicaSettings(WEST), ReplicaSettings(SOUTH)],
                "multi_region_consistency": STRONG,
                "sort_key": SK,
                "local_secondary_indexes": [INDEX],
            },
            "local_secondary_indexes is .given.; allowed: None with MultiRegionConsistency.STRONG",
        ),
        (
            {
                "replicas": [ReplicaSettings(WEST), ReplicaSettings(SOUTH)],
                "multi_region_consistency": STRONG,
                "time_to_live_attribute": "ttl",
            },
            "time_to_live_attribute is .given.; allowed: None with MultiRegionConsistency.STRONG",
        ),
    ],
)
def test_regions_that_do_not_go_together_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        orders(a_stack(), **arguments)


def test_provisioned_writes_of_a_table_with_replicas_have_to_scale() -> None:
    billing = Billing.provisioned(
        read_capacity=Capacity.fixed(5), write_capacity=Capacity.autoscaled(min_capacity=1, max_capacity=9)
    )
    here, _ = templates(billing=billing)
    assert here.table()["WriteProvisionedThroughputSettings"]["WriteCapacityAutoScalingSettings"]


def test_provisioned_writes_that_do_not_scale_are_refused() -> None:
    fixed = Billing.provisioned(read_capacity=Capacity.fixed(5), write_capacity=Capacity.fixed(5))
    with pytest.raises(
        InvalidArgumentError, match=r"billing is .a fixed write capacity.; allowed: Capacity\.autoscaled"
    ):
        templates(billing=fixed)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: ReplicaSettings("Ireland"), "a Region of the partition aws, such as eu-west-1"),
        (
            lambda _: ReplicaSettings("arn:aws:dynamodb:eu-west-1:444455556666:table/orders"),
            "Replicas in other accounts are not supported",
        ),
        (lambda _: ReplicaSettings("eu-south-2"), "switch it on in the account"),
        (lambda _: ReplicaSettings(WEST, is_opt_in_region=True), "every account has eu-west-1"),
        (lambda _: ReplicaSettings(WEST, backup=cast("Any", WAIVER)), "BackupSettings or None"),
        (
            lambda stack: ReplicaSettings(WEST, encryption_key=Key(stack, "Key")),
            "a key that is imported by its ARN",
        ),
        (
            lambda stack: ReplicaSettings(
                WEST, encryption_key=Key.from_key_arn(stack, "Key", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1")
            ),
            "arn:aws:kms:eu-west-1:ACCOUNT:key/ID",
        ),
        (lambda _: ReplicaSettings(WEST, stream_arn=STREAM.replace(WEST, HERE)), "arn:aws:dynamodb:eu-west-1:"),
        (lambda _: ReplicaSettings(WEST, stream_arn=cast("Any", 7)), "known at synth"),
        (lambda _: ReplicaSettings(WEST, digest_key_arn=cast("Any", 7)), "known at synth"),
        (lambda _: ReplicaSettings(WEST, digest_key_arn=DIGEST_KEY.replace("mrk-", "")), "key/mrk-ID"),
    ],
)
def test_settings_of_a_replica_that_cannot_be_right_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        make(a_stack())


def test_a_region_that_the_account_switched_on_is_accepted() -> None:
    assert ReplicaSettings("eu-south-2", is_opt_in_region=True).region == "eu-south-2"


RESTRICTED: dict[str, Any] = {
    "classification": DataClassification.RESTRICTED,
    "perimeter": PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]),
}


def restricted(**settings: Any) -> Template:
    """Return the template of a RESTRICTED table whose replica has these settings."""
    stack = a_stack()
    replicas = [ReplicaSettings(WEST, **{"residency_accepted_by": "SEC-160", **settings})]
    index = GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)
    orders(stack, replicas=replicas, global_secondary_indexes=[index], **RESTRICTED)
    return synthesized(stack)["Test"]


def test_a_restricted_replica_enforces_the_perimeter_too() -> None:
    sids = {each["Sid"] for each in replica(restricted(), WEST)["ResourcePolicy"]["PolicyDocument"]["Statement"]}
    assert "DenyItemsFromOutsideTheNetwork" in sids


def test_restricted_items_are_in_another_region_only_where_somebody_accepts_it() -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        restricted(residency_accepted_by="")
    assert raised.value.argument == "replicas[eu-west-1].residency_accepted_by"
    with pytest.raises(InvalidArgumentError, match="a text that a security reviewer can act on"):
        ReplicaSettings(WEST, residency_accepted_by=" ")
    stated = restricted().only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert stated["claims"]["replicas[eu-west-1].residency"] == ("items may be kept in eu-west-1 (accepted by SEC-160)")


INSIGHTS = ContributorInsightsSpecification(enabled=True, mode=ContributorInsightsMode.THROTTLED_KEYS)


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"contributor_insights_specification": INSIGHTS}, "contributor_insights_specification"),
        (
            {
                "global_secondary_index_options": {
                    "by-status": ReplicaGlobalSecondaryIndexOptions(contributor_insights_specification=INSIGHTS)
                }
            },
            "global_secondary_index_options[by-status].contributor_insights_specification",
        ),
        (
            {
                "global_secondary_index_options": {
                    "by-status": ReplicaGlobalSecondaryIndexOptions(contributor_insights=True)
                }
            },
            "global_secondary_index_options[by-status].contributor_insights_specification",
        ),
    ],
)
def test_cloudwatch_shows_no_keys_of_a_restricted_replica(settings: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidArgumentError, match="off for RESTRICTED: CloudWatch would show keys in clear") as raised:
        restricted(**settings)
    assert raised.value.argument == f"replicas[eu-west-1].{argument}"


def test_what_a_replica_claims_is_in_the_evidence() -> None:
    vault = f"arn:aws:backup:{SOUTH}:{ACCOUNT}:backup-vault:copies"
    copies = [BackupCopy(vault=vault, residency_accepted_by="SEC-161")]
    plan = BackupSettings(
        daily_retention=Duration.days(35),
        weekly_retention=Duration.days(90),
        monthly_retention=Duration.days(365),
        copies=copies,
    )
    claims = restricted(backup=plan).only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["claims"]
    assert claims["replicas[eu-west-1].backup.copies[0]"] == "items may be kept in eu-west-3 (accepted by SEC-161)"
