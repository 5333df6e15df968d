"""The policies for the deployment role allow what CloudFormation's handlers need, and docs/deploying.md is current."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.configurations import CONFIGURATIONS
from tests.deployment.deployed import DEPLOYED
from tests.deployment.left_out import REFUSED, UNUSED
from tests.deployment.page import PAGE, policy_files, with_generated
from tests.deployment.permissions import NOT_OURS, handler_permissions, needed, resource_types, schema
from tests.deployment.policies import (
    FILES,
    LONGEST_POLICY,
    SERVICE_LINKED_ROLES,
    documents,
    is_left_out,
    key_services,
    passed_to,
    special_statements,
)
from tests.synthesized import synthesized
from tests.template import as_list, walk

if TYPE_CHECKING:
    from tests.deployment.left_out import Unused
    from tests.deployment.policies import Document

# AWS's own policies, for the service-linked roles that somebody who creates tables or plans has to be able to create.
ORACLES = (
    "AmazonDynamoDBFullAccess_v2",
    "AWSBackupFullAccess",
    "AmazonGuardDutyFullAccess_v2",
    "IAMAccessAnalyzerFullAccess",
)


def statements(stack: str = "Orders") -> list[Document]:
    return [statement for document in documents(stack).values() for statement in document["Statement"]]


def allowed() -> list[str]:
    return [action for statement in statements() for action in as_list(statement["Action"])]


def resources_for(action: str, stack: str) -> list[str]:
    return [
        resource
        for statement in statements(stack)
        if any(fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
        for resource in as_list(statement["Resource"])
    ]


def test_the_schemas_name_permissions_for_every_resource_type() -> None:
    ours = [resource_type for resource_type in resource_types() if not resource_type.startswith("Custom::")]
    assert "AWS::DynamoDB::GlobalTable" in ours
    assert [resource_type for resource_type in ours if not handler_permissions(resource_type).get("create")] == []


def test_types_of_the_tests_are_in_the_configurations() -> None:
    types = {resource["Type"] for each in DEPLOYED.values() for resource in synthesized(each).resources.values()}
    assert types >= NOT_OURS


def test_every_permission_of_a_handler_is_allowed_or_left_out_with_a_reason() -> None:
    patterns = allowed()
    missing = [
        action
        for action in needed()
        if not is_left_out(action) and not any(fnmatchcase(action, pattern) for pattern in patterns)
    ]
    assert missing == []


def test_what_is_left_out_is_not_allowed() -> None:
    left_out = [action for action in needed() if is_left_out(action)]
    assert [action for action in left_out if any(fnmatchcase(action, pattern) for pattern in allowed())] == []


def test_every_allowed_action_is_needed_by_a_handler_or_explained() -> None:
    special = {action for statement in special_statements("Orders") for action in as_list(statement["Action"])}
    assert [action for action in allowed() if action not in needed() and action not in special] == []


@pytest.mark.parametrize("row", UNUSED, ids=lambda row: f"{row.resource_type}-{row.properties[0]}")
def test_no_template_sets_a_property_whose_permissions_are_left_out(row: Unused) -> None:
    known = {name for value in walk(schema(row.resource_type)) if isinstance(value, dict) for name in value}
    used = {
        name
        for properties in resource_types()[row.resource_type]
        for value in walk(properties)
        if isinstance(value, dict)
        for name in value
    }
    assert known >= set(row.properties)
    assert used.isdisjoint(row.properties)


@pytest.mark.parametrize("row", UNUSED, ids=lambda row: f"{row.resource_type}-{row.properties[0]}")
def test_permissions_of_an_unused_property_are_of_that_resource_type_only(row: Unused) -> None:
    for pattern in row.actions:
        types = [
            types
            for action, handlers in needed().items()
            if fnmatchcase(action, pattern)
            for types in handlers.values()
        ]
        assert types, pattern
        assert all(each == {row.resource_type} for each in types), pattern


def test_every_refused_permission_is_one_of_a_handler() -> None:
    refused = [pattern for row in REFUSED for pattern in row.actions]
    assert [each for each in refused if not any(fnmatchcase(action, each) for action in needed())] == []


def test_every_service_has_a_file() -> None:
    services = {action.split(":")[0] for action in needed() if not is_left_out(action)}
    listed = [service for each in FILES.values() for service in each]
    assert services <= set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("resource_type", "name_property", "resource", "action"),
    [
        ("AWS::DynamoDB::GlobalTable", "TableName", "table/{}", "dynamodb:CreateTable"),
        ("AWS::KMS::Alias", "AliasName", "{}", "kms:CreateAlias"),
        ("AWS::Backup::BackupVault", "BackupVaultName", "backup-vault:{}", "backup:CreateBackupVault"),
        (
            "AWS::Backup::RestoreTestingPlan",
            "RestoreTestingPlanName",
            "restore-testing-plan:{}-0a1b2c3d",
            "backup:CreateRestoreTestingPlan",
        ),
        ("AWS::CloudTrail::Trail", "TrailName", "trail/{}", "cloudtrail:CreateTrail"),
        ("AWS::SSM::Document", "Name", "document/{}", "ssm:CreateDocument"),
        ("AWS::SSM::Parameter", "Name", "parameter{}", "ssm:PutParameter"),
    ],
)
def test_names_in_the_templates_match_the_policies(
    resource_type: str, name_property: str, resource: str, action: str
) -> None:
    names = {
        properties[name_property]
        for properties in resource_types()[resource_type]
        # The configuration `everything` chooses its table's name itself.
        if properties[name_property] != "orders-prod"
    }
    assert names
    for name in names:
        arn = f"arn:aws:{action.split(':', maxsplit=1)[0]}:eu-central-1:111122223333:{resource.format(name)}"
        assert any(fnmatchcase(arn, pattern) for pattern in resources_for(action, "Test")), name


def test_templates_leave_all_other_names_to_cloudformation() -> None:
    """Names that CloudFormation makes begin with the stack's name, which the policies rely on."""
    named = {
        (resource_type, name)
        for resource_type, resources in resource_types().items()
        for properties in resources
        for name in schema_names(resource_type) & properties.keys()
    }
    assert named == {
        ("AWS::Backup::BackupVault", "BackupVaultName"),
        ("AWS::Backup::RestoreTestingPlan", "RestoreTestingPlanName"),
        ("AWS::Backup::RestoreTestingSelection", "RestoreTestingPlanName"),
        ("AWS::Backup::RestoreTestingSelection", "RestoreTestingSelectionName"),
        ("AWS::CloudTrail::Trail", "TrailName"),
        ("AWS::CloudWatch::Dashboard", "DashboardName"),
        # A policy can name only its id, which AWS Config makes.
        ("AWS::Config::ConfigRule", "ConfigRuleName"),
        ("AWS::DynamoDB::GlobalTable", "TableName"),
        ("AWS::KMS::Alias", "AliasName"),
        ("AWS::Lambda::EventInvokeConfig", "FunctionName"),
        ("AWS::Lambda::EventInvokeConfig", "Qualifier"),
        ("AWS::Lambda::Permission", "FunctionName"),
        ("AWS::Logs::Destination", "DestinationName"),
        ("AWS::Logs::LogStream", "LogGroupName"),
        ("AWS::Logs::SubscriptionFilter", "LogGroupName"),
        ("AWS::Logs::MetricFilter", "LogGroupName"),
        ("AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::SSM::Document", "Name"),
        ("AWS::SSM::Parameter", "Name"),
    }


def schema_names(resource_type: str) -> set[str]:
    """Return the properties that name a resource: those of its primary identifier."""
    if resource_type.startswith("Custom::"):
        return set()
    return {pointer.removeprefix("/properties/") for pointer in schema(resource_type)["primaryIdentifier"]}


def test_roles_are_passed_only_to_the_services_that_use_them() -> None:
    assert passed_to() == [
        "backup.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "firehose.amazonaws.com",
        "hooks.cloudformation.amazonaws.com",
        "lambda.amazonaws.com",
        "logs.amazonaws.com",
        "ssm.amazonaws.com",
    ]


def test_of_service_linked_roles_one_is_passed_and_one_looked_for() -> None:
    account = "arn:aws:iam::111122223333:role/aws-service-role"
    about = {
        action: resource
        for statement in documents()["roles"]["Statement"]
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if "/aws-service-role/" in resource
    }
    assert about == {
        "iam:CreateServiceLinkedRole": f"{account}/*",
        "iam:GetRole": f"{account}/guardduty.amazonaws.com/*",
        "iam:PassRole": f"{account}/config.amazonaws.com/AWSServiceRoleForConfig",
    }


def test_roles_of_people_are_those_of_the_stack_and_no_service_gets_them() -> None:
    # Those for services have a path of their own, and so do the policies for them.
    (arn,) = {
        f"arn:aws:iam::111122223333:role{properties.get('Path', '/')}"
        for properties in resource_types()["AWS::IAM::Role"]
        if "Federated" in json.dumps(properties["AssumeRolePolicyDocument"])
    }
    roles = [each for each in documents("Test")["people"]["Statement"] if "iam:CreateRole" in as_list(each["Action"])]
    assert [fnmatchcase(f"{arn}Test-Readers", pattern) for each in roles for pattern in each["Resource"]] == [True]
    actions = {action for each in documents()["people"]["Statement"] for action in as_list(each["Action"])}
    assert actions >= {"iam:CreatePolicy", "iam:AttachRolePolicy"}
    assert actions.isdisjoint({"iam:PassRole", "iam:CreateServiceLinkedRole"})


def test_parameters_of_another_app_can_be_read() -> None:
    (statement,) = (each for each in statements() if each.get("Sid") == "ReadParameters")
    arn = "arn:aws:ssm:eu-central-1:111122223333:parameter"
    names = ("/cdk-bootstrap/hnb659fds/version", "/platform/shared/audit-alias-arn", "/tables/orders/table-arn")
    for name in names:
        assert any(fnmatchcase(f"{arn}{name}", pattern) for pattern in statement["Resource"]), name
    assert not any(fnmatchcase(f"{arn}/secrets/orders", pattern) for pattern in statement["Resource"])


def test_every_configuration_is_for_a_type_that_the_others_do_not_have() -> None:
    # Roles of people have names of their own; exports and expired items, functions of their own. The stream of changes
    # of a configuration is one that the tests make.
    about_tables = {
        resource["Type"] for each in CONFIGURATIONS.values() for resource in synthesized(each).resources.values()
    }
    for name in DEPLOYED.keys() - CONFIGURATIONS.keys() - {"people", "exporting", "keeping", "change_stream"}:
        types = {resource["Type"] for resource in synthesized(DEPLOYED[name]).resources.values()}
        assert types - about_tables, name


def test_the_key_is_used_only_through_services() -> None:
    (statement,) = (each for each in statements() if each.get("Sid") == "UseKeyThroughServices")
    assert set(statement["Action"]) >= {"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"}
    assert statement["Condition"]["StringEquals"]["kms:ViaService"] == key_services()
    assert "dynamodb.eu-central-1.amazonaws.com" in key_services()
    others = [each for each in statements() if each is not statement]
    assert [each for each in others if set(as_list(each["Action"])) & set(statement["Action"])] == []


def test_service_linked_roles_are_those_of_aws_s_own_policies() -> None:
    policies = json.loads(aws_managed_policies_data)
    known = {
        service
        for name in ORACLES
        for statement in policies[name]["Document"]["Statement"]
        for service in as_list(statement.get("Condition", {}).get("StringEquals", {}).get("iam:AWSServiceName", []))
    }
    assert known > set(SERVICE_LINKED_ROLES)


@pytest.mark.parametrize(
    ("service", "resource_type", "property_name"),
    [
        ("contributorinsights.dynamodb", "AWS::DynamoDB::GlobalTable", "ContributorInsightsSpecification"),
        ("dynamodb.application-autoscaling", "AWS::DynamoDB::GlobalTable", "WriteCapacityAutoScalingSettings"),
        ("kinesisreplication.dynamodb", "AWS::DynamoDB::GlobalTable", "KinesisStreamSpecification"),
        ("backup", "AWS::Backup::BackupSelection", "BackupSelection"),
        ("access-analyzer", "AWS::AccessAnalyzer::Analyzer", "Type"),
        ("guardduty", "AWS::GuardDuty::Detector", "Enable"),
    ],
)
def test_each_service_linked_role_is_for_something_in_the_templates(
    service: str, resource_type: str, property_name: str
) -> None:
    used = {name for each in walk(resource_types()[resource_type]) if isinstance(each, dict) for name in each}
    assert f"{service}.amazonaws.com" in SERVICE_LINKED_ROLES
    assert property_name in used


@pytest.mark.parametrize("name", FILES)
def test_each_policy_fits_into_a_managed_policy(name: str) -> None:
    assert len(json.dumps(documents()[name], separators=(",", ":"))) <= LONGEST_POLICY


def test_the_policy_files_are_current() -> None:
    for file, content in policy_files().items():
        assert file.read_text(encoding="utf-8") == content, "make snapshots writes it anew"


def test_the_page_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_generated(text) == text, "make snapshots writes it anew"
    for file in policy_files():
        assert f"(deployment-policies/{file.name})" in text
