"""A company's own keys for the mandatory tags, and keys that IAM takes for the same (OPS-1)."""

from __future__ import annotations

from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, Environment, NestedStack, Stack, Stage, Tags
from aws_cdk.aws_ec2 import SubnetSelection, Vpc

from secure_ddb import DynamoDbEndpoints, InvalidArgumentError, SecureTable, TagKeys
from secure_ddb.evidence.collect import collect
from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.rule import Verdict
from secure_ddb.tags.tag_conflicts import conflicts
from tests.orders import OWNERSHIP, PK, WAIVER, orders
from tests.rules.handwritten import body, judgements
from tests.rules.handwritten.making import TAGS
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs import Construct

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
OWN = TagKeys(owner="owner", cost_center="finance:cost-center", data_classification="data class")
VALUES = {**OWNERSHIP.tags(OWN), OWN.data_classification: "confidential"}


def tags_of(resource: dict[str, Any]) -> dict[str, str]:
    tags = resource["Properties"].get("Tags", [])
    return {tag["Key"]: tag["Value"] for tag in tags}


def roles(template: Template) -> list[dict[str, str]]:
    return [tags_of(role) for role in template.of_type("AWS::IAM::Role").values()]


def table_in(scope: Construct) -> SecureTable:
    return orders(Stack(scope, "Payments", env=ENVIRONMENT))


# The keys themselves.


def test_defaults_are_the_documented_keys() -> None:
    assert astuple(TagKeys()) == ("Owner", "CostCenter", "Application", "Environment", "DataClassification")


@pytest.mark.parametrize("field", [field.name for field in fields(TagKeys)])
@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        (None, "str"),
        ("", "1 to 128 characters"),
        ("x" * 129, "at most 128 characters, not 129"),
        ("aws:owner", "does not start with 'aws:'"),
        ("AWS:owner", "does not start with 'aws:'"),
        ("team;owner", "letters, digits, spaces"),
        (" team", "no leading or trailing space"),
        pytest.param(Aws.STACK_NAME, "a key that is known at synth", id="token"),
    ],
)
def test_key_that_aws_does_not_accept_is_refused(field: str, key: Any, allowed: str) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"^tag_keys\.{field} is .*{allowed}"):
        TagKeys(**{field: key})


@pytest.mark.parametrize("key", ["Owner", "owner", "OWNER"])
def test_keys_that_iam_takes_for_the_same_are_refused(key: str) -> None:
    with pytest.raises(InvalidArgumentError, match="differs from that of owner in more than case"):
        TagKeys(environment=key)


# Choosing them.


def chosen_for_the_app(app: App) -> Construct:
    OWN.apply_to(app)
    return app


def chosen_for_a_stage(app: App) -> Construct:
    stage = Stage(app, "Production", env=ENVIRONMENT)
    OWN.apply_to(stage)
    return stage


@pytest.mark.parametrize("choose", [chosen_for_the_app, chosen_for_a_stage])
def test_choice_holds_for_every_tag_of_every_table(choose: Callable[[App], Construct]) -> None:
    scope = choose(App())
    table = table_in(scope)
    assert isinstance(scope, Stage)
    (stack,) = scope.synth().stacks
    template = Template(stack.template)
    assert {tag["Key"]: tag["Value"] for tag in template.replica()["Tags"]} == VALUES
    assert len(roles(template)) == 2
    assert all(each == VALUES for each in roles(template))
    assert table.node.path.endswith("Payments/Orders")


def test_choice_in_cdk_json_may_name_some_of_the_keys() -> None:
    app = App(context={"secure-ddb:tag-keys": {"owner": "owner"}})
    table_in(app)
    template = Template(app.synth().get_stack_by_name("Payments").template)
    assert {*roles(template)[0]} == {"owner", "CostCenter", "Application", "Environment", "DataClassification"}


@pytest.mark.parametrize("context", ["owner", ["owner"], {"team": "owner"}, {"owner": "CostCenter"}, {"owner": 1}])
def test_choice_in_cdk_json_is_checked(context: Any) -> None:
    app = App(context={"secure-ddb:tag-keys": context})
    with pytest.raises(InvalidArgumentError, match=r"tag.keys"):
        table_in(app)


def test_choice_comes_too_late_once_there_is_a_stack() -> None:
    app = App()
    Stack(app, "Payments")
    Stack(app, "Orders")
    with pytest.raises(InvalidArgumentError) as caught:
        OWN.apply_to(app)
    assert str(caught.value) == (
        "scope is 'App that already contains Payments, Orders'; "
        "allowed: an App or a Stage with nothing in it yet: apply TagKeys before adding stacks"
    )


def test_stage_without_a_choice_keeps_the_defaults() -> None:
    app = App()
    chosen_for_a_stage(app)
    other = Stage(app, "Test", env=ENVIRONMENT)
    table_in(other)
    (stack,) = other.synth().stacks
    assert roles(Template(stack.template))[0] == {**OWNERSHIP.tags(), "DataClassification": "confidential"}


def test_endpoints_follow_the_choice() -> None:
    app = App()
    OWN.apply_to(app)
    stack = Stack(app, "Network", env=ENVIRONMENT)
    vpc = Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-central-1a"],
        isolated_subnet_ids=["subnet-0a", "subnet-0b"],
        isolated_subnet_names=["application", "operations"],
        isolated_subnet_route_table_ids=["rtb-0a", "rtb-0b"],
    )
    application, operations = ([SubnetSelection(subnet_group_name=name)] for name in ("application", "operations"))
    DynamoDbEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        data_plane_subnets=application,
        control_plane_subnets=operations,
        ownership=OWNERSHIP,
    )
    template = Template(app.synth().get_stack_by_name("Network").template)
    endpoints = template.of_type("AWS::EC2::VPCEndpoint").values()
    assert [tags_of(each) for each in endpoints] == [OWNERSHIP.tags(OWN)] * 2


# The rules follow it, from what the template says.


def test_rules_follow_the_choice_and_the_evidence_shows_it(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    OWN.apply_to(app)
    table_in(app)
    app.synth()
    (file,) = tmp_path.glob("*.template.json")
    said = [each for rule, each in judge(read_templates([file])) if rule.id == "SecureDdb-OPS1"]
    assert len(said) > 10
    assert {each.verdict for each in said} == {Verdict.MET}
    (table,) = collect(tmp_path).tables
    assert table.classification == "confidential"
    assert table.settings == {
        "tag_keys.owner": "owner (default Owner)",
        "tag_keys.cost_center": "finance:cost-center (default CostCenter)",
        "tag_keys.data_classification": "data class (default DataClassification)",
    }


SETTINGS = {
    "tag_keys.owner": "team (default Owner)",
    "tag_keys.data_classification": "class (default DataClassification)",
}
RENAMED = {"Owner": "team", "DataClassification": "class"}


def renamed(content: dict[str, Any], *logical_ids: str) -> dict[str, Any]:
    """Return a template with other keys for the tags of some resources."""
    tags = [{**tag, "Key": RENAMED.get(tag["Key"], tag["Key"])} for tag in TAGS]
    for logical_id in logical_ids:
        content["Resources"][logical_id]["Properties"]["Tags"] = tags
    return content


def stating(content: dict[str, Any], settings: Any) -> dict[str, Any]:
    content["Resources"]["Table"]["Metadata"] = {"SecureTable": {"settings": settings}}
    return content


def verdict_on(content: dict[str, Any], logical_id: str) -> tuple[Verdict, str]:
    said = judgements(content, "SecureDdb-OPS1")
    (found,) = (each for each in said if each.resource and each.resource.logical_id == logical_id)
    return found.verdict, found.detail


@pytest.mark.parametrize("logical_id", ["Table", "Key", "AuditRole", "Endpoint"])
def test_other_keys_are_met_only_if_a_table_states_them(logical_id: str) -> None:
    content = renamed(body(), logical_id)
    assert verdict_on(content, logical_id)[0] is Verdict.NOT_MET
    assert verdict_on(stating(content, SETTINGS), logical_id)[0] is Verdict.MET


def test_default_keys_no_longer_do_for_a_table_that_states_others() -> None:
    assert verdict_on(stating(body(), SETTINGS), "Table") == (Verdict.NOT_MET, "tags team, class are missing")


def test_stated_keys_must_be_five_different_ones() -> None:
    settings = {f"tag_keys.{field.name}": "Name (default X)" for field in fields(TagKeys)}
    content = stating(body(), settings)
    content["Resources"]["Table"]["Properties"]["Tags"] = [{"Key": "Name", "Value": "public"}]
    assert verdict_on(content, "Table")[0] is Verdict.NOT_MET


@pytest.mark.parametrize("settings", ["team", ["team"], {"tag_keys.owner": {"Ref": "Parameter"}}, None])
def test_settings_that_are_none_change_nothing(settings: Any) -> None:
    assert verdict_on(stating(body(), settings), "Table")[0] is Verdict.MET


def test_table_beside_one_that_states_its_keys_may_have_either() -> None:
    content = stating(renamed(body(), "Table"), SETTINGS)
    other = body()["Resources"]["Table"]
    content["Resources"]["Other"] = other
    assert verdict_on(content, "Other")[0] is Verdict.MET
    assert verdict_on(renamed(content, "Other"), "Other")[0] is Verdict.MET


def test_classification_under_another_key_sets_the_floor() -> None:
    content = stating(renamed(body(), "Table"), SETTINGS)
    restricted = [{**tag, "Value": "restricted"} if tag["Key"] == "class" else tag for tag in _tags(content)]
    content["Resources"]["Table"]["Properties"]["Tags"] = restricted
    insights = [each.verdict for each in judgements(content, "SecureDdb-MON11")]
    assert Verdict.NOT_MET in insights


def _tags(content: dict[str, Any]) -> list[dict[str, Any]]:
    tags: list[dict[str, Any]] = content["Resources"]["Table"]["Properties"]["Tags"]
    return tags


# Keys that differ only in case.


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        (["Owner", "owner", "team"], ["owner"]),
        (["OWNER", "costcenter", "Team"], ["OWNER", "costcenter"]),
        (["Owner", "CostCenter", "DataClassification", "aws-cdk:auto-delete-objects"], []),
    ],
)
def test_only_a_mandatory_key_in_another_case_is_refused(found: list[str], refused: list[str]) -> None:
    assert [error.split("'")[1] for error in conflicts(found, TagKeys())] == refused


def on_the_app(app: App) -> None:
    table_in(app)
    # After the table, as most apps do.
    Tags.of(app).add("owner", "payments@example.com")


def on_the_stack(app: App) -> None:
    Tags.of(Stack.of(table_in(app))).add("costcenter", "CC-1042")


def on_the_table(app: App) -> None:
    Tags.of(table_in(app)).add("APPLICATION", "orders")


def among_the_stack_s_own(app: App) -> None:
    orders(Stack(app, "Payments", env=ENVIRONMENT, tags={"environment": "prod"}))


def in_a_nested_stack(app: App) -> None:
    orders(NestedStack(Stack(app, "Payments", env=ENVIRONMENT), "Nested"))
    Tags.of(app).add("owner", "payments@example.com")


@pytest.mark.parametrize("tag", [on_the_app, on_the_stack, on_the_table, among_the_stack_s_own, in_a_nested_stack])
def test_tag_that_differs_only_in_case_fails_the_synth(tag: Callable[[App], None]) -> None:
    app = App()
    tag(app)
    with pytest.raises(RuntimeError, match=r"differs only in case from the mandatory tag .* TagKeys"):
        app.synth()


def with_its_spelling_chosen(app: App) -> None:
    TagKeys(owner="owner").apply_to(app)
    on_the_app(app)


def not_on_roles(app: App) -> None:
    table_in(app)
    Tags.of(app).add("owner", "x", exclude_resource_types=["AWS::IAM::Role"])


def where_the_table_has_no_role(app: App) -> None:
    orders(Stack(app, "Payments", env=ENVIRONMENT, tags={"owner": "x"}), backup=WAIVER, audit=WAIVER)


@pytest.mark.parametrize("tag", [with_its_spelling_chosen, not_on_roles, where_the_table_has_no_role])
def test_tag_that_no_role_has_beside_the_mandatory_one_is_fine(tag: Callable[[App], None]) -> None:
    # Without the feature flag CDK tags the stack, too, and CloudFormation its roles.
    app = App(context={"@aws-cdk/core:explicitStackTags": True})
    tag(app)
    app.synth()


def test_each_stack_is_checked_once_for_all_its_tables() -> None:
    app = App()
    stack = Stack(app, "Payments", env=ENVIRONMENT)
    for number in range(3):
        SecureTable(stack, f"Orders{number}", partition_key=PK, ownership=OWNERSHIP)
    Tags.of(app).add("owner", "x")
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert str(caught.value).count("differs only in case") == 1
