"""`TableControls`: what is made around a table that is declared elsewhere, and what its owner is asked for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from aws_cdk.aws_kms import Key

from secure_ddb import (
    BackupSettings,
    EncryptionSettings,
    NotCreatedError,
    PerimeterSettings,
    SecureTable,
    SharedResources,
    TableDefaults,
)
from tests.orders import INSIDE, OWNERSHIP, PK, SK, WAIVER
from tests.policies.resolve import Deployed
from tests.refusals import HERE, a_stack
from tests.synthesized import synthesized
from tests.table_controls.declared import (
    KEY_ARN,
    STREAM_ARN,
    TABLE_ARN,
    controls,
    table_of_app,
    table_of_terraform,
)
from tests.table_controls.offered import offered
from tests.template import Template, statements

if TYPE_CHECKING:
    from collections.abc import Callable

BY_STATUS = GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)
_ROLE = re.compile(r"role/secure-ddb/Test-\w+-\w+")
# What only the declaration of a table can make.
OF_THE_OWNER = {"AWS::DynamoDB::GlobalTable", "AWS::KMS::Key", "AWS::KMS::Alias"}


def of_app(stack: Stack) -> None:
    controls(stack, table_of_app(stack))


def of_terraform(stack: Stack) -> None:
    controls(stack, table_of_terraform(stack))


def of_terraform_inside(stack: Stack) -> None:
    table = controls(stack, table_of_terraform(stack), perimeter=INSIDE)
    table.grant_stream_read(Role(stack, "Indexer", assumed_by=ServicePrincipal("lambda.amazonaws.com")))


def secure(stack: Stack) -> None:
    SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP, table_name="orders")


def sharing(stack: Stack) -> None:
    controls(stack, table_of_app(stack), shared_resources=SharedResources(stack, "Shared", ownership=OWNERSHIP))


def count_of(template: Template, prefix: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for logical_id, resource in template.resources.items():
        if logical_id.startswith(prefix) and resource["Type"] not in OF_THE_OWNER:
            found[resource["Type"]] = found.get(resource["Type"], 0) + 1
    return found


def allowed_by(template: Template, policy: str) -> dict[str, dict[str, Any]]:
    return statements(template.properties("AWS::IAM::ManagedPolicy", f"OrdersControls{policy}")["PolicyDocument"])


@pytest.mark.parametrize("configuration", [of_app, of_terraform])
def test_a_declared_table_gets_what_a_secure_table_has(configuration: Callable[[Stack], None]) -> None:
    assert count_of(synthesized(configuration), "OrdersControls") == count_of(synthesized(secure), "Orders")


def test_construct_ids_are_those_of_a_secure_table() -> None:
    # They are contract: another id replaces a resource, which may hold records.
    def ids(configuration: Callable[[Stack], None], prefix: str) -> set[str]:
        template = synthesized(configuration)
        made = {name for name in template.resources if name.startswith(prefix)}
        return {re.sub(r"[0-9A-F]{8}([0-9a-f]{32})?$", "", name.removeprefix(prefix)) for name in made}

    assert ids(of_terraform, "OrdersControls") == ids(secure, "Orders") - {"Table"}


def test_a_table_of_the_stack_gets_the_policies_of_a_secure_table() -> None:
    ours, theirs = synthesized(of_app).replica(), synthesized(secure).replica()
    for path in ("ResourcePolicy", "ReplicaStreamSpecification"):
        assert ours[path] == theirs[path]
    assert "Outputs" not in synthesized(of_app).body


def test_the_audit_function_reads_the_stream_and_uses_both_keys() -> None:
    template = synthesized(of_terraform)
    mapping = template.properties("AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == STREAM_ARN
    by_sid = allowed_by(template, "AuditPolicy")
    assert by_sid["ReadStream"]["Resource"] == STREAM_ARN
    used = by_sid["DecryptStreamAndKeepFailedRecords"]["Resource"]
    assert used[0] == KEY_ARN
    assert used[1]["Fn::GetAtt"][0].startswith("OrdersControlsKey")
    environment = template.properties("AWS::Lambda::Function")["Environment"]["Variables"]
    assert f"{TABLE_ARN}/stream/" in json.dumps(environment)


def test_backups_select_the_table_and_use_both_keys() -> None:
    template = synthesized(of_terraform)
    assert template.properties("AWS::Backup::BackupSelection")["BackupSelection"]["Resources"] == [TABLE_ARN]
    by_sid = allowed_by(template, "BackupPolicy")
    for sid in ("DescribeTableKey", "UseTableKey", "GrantTableKey"):
        assert by_sid[sid]["Resource"][0] == KEY_ARN
        assert len(by_sid[sid]["Resource"]) == 2


def test_a_vault_of_another_key_needs_the_key_of_the_table_only() -> None:
    template = synthesized(sharing)
    by_sid = allowed_by(template, "BackupPolicy")
    assert by_sid["UseTableKey"]["Resource"]["Fn::GetAtt"][0].startswith("OrdersKey")


def test_with_the_table_s_own_key_no_other_is_made() -> None:
    def with_own_key(stack: Stack) -> None:
        table = table_of_app(stack)
        made = controls(stack, table, encryption=EncryptionSettings(key=table.encryption_key))
        assert made.encryption_key is table.encryption_key

    template = synthesized(with_own_key)
    assert len(template.of_type("AWS::KMS::Key")) == 2  # with the key of digests
    assert "OrdersControlsKey" not in json.dumps(template.body)


def test_shared_resources_leave_what_only_one_table_can_have() -> None:
    template = synthesized(sharing)
    assert count_of(template, "OrdersControls") == {
        "AWS::Backup::BackupSelection": 1,
        "AWS::CloudWatch::Alarm": 3,
        "AWS::IAM::ManagedPolicy": 1,
        "AWS::IAM::Role": 1,
        "AWS::Lambda::EventSourceMapping": 1,
    }
    key = template.properties("AWS::KMS::Key", "OrdersKey")["KeyPolicy"]["Statement"]
    assert [each["Sid"] for each in key][-1] == "DecryptStreamForSharedAudit"
    assert not any(name.startswith("OrdersControlsKey") for name in template.of_type("AWS::KMS::Key"))


def test_the_owner_of_a_foreign_table_is_offered_what_a_secure_table_has() -> None:
    there, secured = synthesized(of_terraform_inside), synthesized(secure_inside)
    deployed, replica = Deployed(secured), secured.replica()
    table = deployed.resolve(replica["ResourcePolicy"]["PolicyDocument"], "Orders")
    stream = deployed.resolve(replica["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"], "Orders")
    assert unnamed(offered(there, "Table")) == unnamed(table)
    # Also the role that was let in later.
    assert unnamed(offered(there, "Stream")) == unnamed(stream)
    sids = [each["Sid"] for each in offered(there, "Key")["Statement"]]
    assert sids == ["AdministerWithoutUse", "UseThroughDynamoDb", "GrantThroughDynamoDb"]


def secure_inside(stack: Stack) -> None:
    table = SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP, table_name="orders", perimeter=INSIDE)
    table.grant_stream_read(Role(stack, "Indexer", assumed_by=ServicePrincipal("lambda.amazonaws.com")))


def unnamed(document: dict[str, Any]) -> str:
    """Return a document in which roles of ours are not told apart."""
    return _ROLE.sub("role/ours", json.dumps(document, sort_keys=True))


def test_a_perimeter_waits_for_no_owner_in_the_template() -> None:
    template = synthesized(of_terraform_inside)
    assert not template.of_type("AWS::DynamoDB::GlobalTable")
    stated = template.body["Metadata"]["TableControls/Test/OrdersControls"]
    assert stated["table"] == "orders"
    assert stated["classification"] == "confidential"
    assert any("the output TablePolicy" in each for each in stated["not_verifiable"])
    assert any(each.startswith("stream view type, point-in-time recovery") for each in stated["not_verifiable"])


def test_a_table_of_the_app_states_its_controls_itself() -> None:
    stated = synthesized(of_app).only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert stated == {"controls": "Test/OrdersControls"}


def test_a_table_of_another_stack_is_offered_policies_and_no_stack_waits_for_the_other() -> None:
    app = App()
    owner, platform = (Stack(app, name, env=HERE) for name in ("Owner", "Platform"))
    made = controls(platform, table_of_app(owner), perimeter=INSIDE)
    assembly = app.synth()
    names = {name.rpartition("Policy")[0] for name in assembly.get_stack_by_name("Platform").template["Outputs"]}
    assert names == {"OrdersControlsTable", "OrdersControlsStream", "OrdersControlsKey"}
    replica = Template(assembly.get_stack_by_name("Owner").template).replica()
    assert "ResourcePolicy" not in replica
    assert {each["Sid"] for each in platform.resolve(made.table_policy)["Statement"]} >= {
        "DenyRequestsWithoutTls",
        "DenyItemsFromOutsideTheNetwork",
    }


def test_each_global_index_gets_an_alarm_and_is_granted() -> None:
    stack = a_stack()
    table = controls(stack, table_of_terraform(stack), global_secondary_indexes=[BY_STATUS])
    policy = ManagedPolicy(
        stack, "Read", roles=[Role(stack, "Reader", assumed_by=ServicePrincipal("lambda.amazonaws.com"))]
    )
    table.grant_read_data(policy)
    assert any(alarm.node.id == "Throttles-by-status" for alarm in table.alarms)
    granted = stack.resolve(policy.document)["Statement"]
    assert granted[0]["Resource"] == [TABLE_ARN, f"{TABLE_ARN}/index/by-status"]
    assert granted[1]["Resource"] == KEY_ARN


def test_everything_can_be_waived() -> None:
    stack = a_stack()
    made = controls(
        stack,
        table_of_terraform(stack, table_stream_arn=None),
        audit=WAIVER,
        backup=WAIVER,
        alarms=WAIVER,
    )
    assert made.alarms == ()
    for name in ("backup_plan", "backup_vault", "audit_function", "audit_log_group", "alarm_topic"):
        with pytest.raises(NotCreatedError, match=name):
            getattr(made, name)
    template = cast("App", stack.node.root).synth().get_stack_by_name("Test").template
    assert "Resources" not in template
    stated = template["Metadata"]["TableControls/Test/OrdersControls"]["waivers"]
    assert set(stated) == {"Alarms (MON-1)", "Audit trail (AUD-1)", "AWS Backup (BAK-2)"}


def test_without_a_record_no_policy_is_given_to_a_stream_that_may_not_be_there() -> None:
    def without_a_stream(stack: Stack) -> None:
        controls(stack, table_of_app(stack, dynamo_stream=None), audit=WAIVER)

    template = synthesized(without_a_stream)
    assert "ReplicaStreamSpecification" not in template.replica()
    stated = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert any("if there is a stream" in each for each in stated)


def test_defaults_of_the_app_hold() -> None:
    stack = a_stack()
    TableDefaults(ownership=OWNERSHIP, perimeter=PerimeterSettings(corporate_cidrs=["203.0.113.0/24"])).apply_to(stack)
    made = controls(stack, table_of_app(stack), ownership=None)
    sids = [each["Sid"] for each in stack.resolve(made.table_policy)["Statement"]]
    assert "DenyItemsFromOutsideTheNetwork" in sids


def test_an_existing_vault_and_the_like_can_be_given() -> None:
    stack = a_stack()
    made = controls(
        stack,
        table_of_app(stack),
        backup=BackupSettings(weekly_retention=None),
        encryption=EncryptionSettings(key=Key(stack, "CompanyKey")),
        sort_key=Attribute(name="sk", type=AttributeType.STRING),
    )
    assert made.encryption_key.node.id == "CompanyKey"
    assert made.backup_plan.backup_plan_id
