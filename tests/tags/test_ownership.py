"""The mandatory tags are on every resource that can have tags, and say who owns it (OPS-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from secure_ddb import Ownership
from tests.configurations import CONFIGURATIONS
from tests.orders import OWNERSHIP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.template import Resource, Template

TABLE = "AWS::DynamoDB::GlobalTable"
# The types of which CloudFormation's schema says that they take no tags. Whoever adds one looks it up first.
TAKE_NO_TAGS = {
    "AWS::Backup::BackupSelection",
    "AWS::IAM::ManagedPolicy",
    "AWS::KMS::Alias",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::Logs::LogStream",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "Custom::S3AutoDeleteObjects",
}
# Every table is confidential, unless its configuration says something else.
CLASSIFICATIONS = {
    "everything": "restricted",
    "restricted": "restricted",
    "ephemeral": "internal",
    "ephemeral_trail": "internal",
    "plain_keys": "internal",
}
# CDK's own tag, without which its custom resource does not empty the bucket.
AUTO_DELETE = "aws-cdk:auto-delete-objects"


def tag_property(kind: str) -> str:
    """Return the property that holds the tags of a type by CloudFormation's schema; empty if it takes none."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", kind).schema
    tagging = schema.get("tagging") or {}
    if tagging.get("taggable"):
        return str(tagging["tagProperty"]).removeprefix("/properties/")
    return "Tags" if "Tags" in schema["properties"] else ""


def tags_of(resource: Resource) -> Iterator[dict[str, str]]:
    """Yield the tags of a resource; of a global table those of each replica, because it has none itself."""
    kind, properties = resource["Type"], resource["Properties"]
    holders = properties["Replicas"] if kind == TABLE else [properties]
    for holder in holders:
        tags = holder.get("Tags" if kind == TABLE else tag_property(kind), {})
        # Most types take a list, those of AWS Backup a map.
        yield tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def of_the_table(template: Template) -> dict[str, Resource]:
    """Return what a configuration's `SecureTable` made; the rest of the stack belongs to somebody else."""
    return {name: resource for name, resource in template.resources.items() if name.startswith("Orders")}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_resource_that_takes_tags_carries_the_five(
    template: Callable[[str], Template], configuration: str
) -> None:
    expected = {**OWNERSHIP.tags(), "DataClassification": CLASSIFICATIONS.get(configuration, "confidential")}
    tagged = set()
    for name, resource in of_the_table(template(configuration)).items():
        if resource["Type"] not in TAKE_NO_TAGS:
            for tags in tags_of(resource):
                tagged.add(name)
                assert {key: value for key, value in tags.items() if key != AUTO_DELETE} == expected, name
    left = of_the_table(template(configuration)).keys() - tagged
    assert {template(configuration).resources[name]["Type"] for name in left} <= TAKE_NO_TAGS


def test_cloudformation_knows_no_tags_of_the_types_that_go_without(each_template: Template) -> None:
    untaggable = {
        resource["Type"] for resource in of_the_table(each_template).values() if not tag_property(resource["Type"])
    }
    assert untaggable - {TABLE} <= TAKE_NO_TAGS
    assert not [kind for kind in TAKE_NO_TAGS if tag_property(kind)]


def test_tags_are_those_of_the_owner() -> None:
    ownership = Ownership(owner="o@example.com", cost_center="c", application="a", environment="e")
    assert ownership.tags() == {"Owner": "o@example.com", "CostCenter": "c", "Application": "a", "Environment": "e"}


def test_a_table_tags_nothing_that_is_not_its_own(template: Callable[[str], Template]) -> None:
    assert "Tags" not in template("own_key").properties("AWS::KMS::Key", "Key")
    assert "Tags" not in template("everything").properties("AWS::Kinesis::Stream", "Changes")


@pytest.mark.parametrize("value", ["a", "a" * 256, "Zoë + 2 = a.b:c/d_e-f@example.com", "支払い", "not-aws:reserved"])
def test_values_that_aws_takes_are_accepted(value: str) -> None:
    assert Ownership(owner=value, cost_center=value, application=value, environment=value).tags()["Owner"] == value
