"""What `TableExports` and `ExpiredItems` make, who may do what with it, and what they refuse."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_iam import User
from aws_cdk.aws_sns import Topic

from examples.expired_items import ExpiredItemsStack
from examples.exports import ExportsStack
from secure_ddb import DataClassification, ExpiredItems, InvalidArgumentError, Lifecycle, SecureTable, TableExports
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.rules.rule import Verdict
from secure_ddb.synthesis import checked_app
from tests.item_archive.archived import exporting, keeping
from tests.orders import INSIDE, OWNERSHIP, PK, orders
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.rules.handwritten import judgements
from tests.synthesized import synthesized
from tests.test_lint_templates import (
    LINT_ALLOWED,
    PARLIAMENT_ALLOWED,
    not_allowed,
    policies,
    policy_issues,
    template_issues,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIGURATIONS = {"Exports": exporting, "Expired": keeping}
REGION = "eu-central-1"
ADMINISTRATOR = "arn:aws:iam::111122223333:role/administrator"


@cache
def deployed(name: str) -> Deployed:
    return Deployed(synthesized(CONFIGURATIONS[name]))


def decision(name: str, principal: str, action: str, resource: str, **context: str) -> Decision:
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    request = Request(principal=principal, action=action, resource=resource, context=keys)
    (answer,) = decide([(deployed(name).policies(request), request)])
    return answer


def arn(name: str, kind: str, prefix: str) -> str:
    return deployed(name).arn(kind, prefix)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_template_passes_cfn_lint(name: str) -> None:
    assert not_allowed(template_issues(deployed(name).template), LINT_ALLOWED) == []


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_policies_pass_parliament(name: str) -> None:
    issues = (issue for policy in policies(deployed(name).template) for issue in policy_issues(policy))
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_rules_find_nothing(name: str) -> None:
    said = judgements(deployed(name).template.body, stack_name="Test")
    assert [str(each) for each in said if each.verdict is Verdict.NOT_MET] == []


@pytest.mark.parametrize("example", [ExportsStack, ExpiredItemsStack])
def test_example_passes_all_packs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Callable[..., Stack]
) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(Path(__file__).parents[2])
    app = checked_app()
    example(app, "Example", env=Environment(account="111122223333", region=REGION))
    evidence = collect(Path(app.synth().directory))
    assert len([pack for pack in evidence.packs if pack.ran]) == 7
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []


def test_the_perimeter_lets_the_function_export_and_nobody_else() -> None:
    table = arn("Exports", "AWS::DynamoDB::GlobalTable", "Orders")
    role = arn("Exports", "AWS::IAM::Role", "ExportsRole")
    export = "dynamodb:ExportTableToPointInTime"
    outside = {"aws_SourceIp": "198.51.100.7"}
    assert decision("Exports", role, export, table, **outside) is Decision.ALLOWED
    assert decision("Exports", role, "dynamodb:DescribeContinuousBackups", table, **outside) is Decision.ALLOWED
    assert decision("Exports", role, "dynamodb:Scan", table, **outside) is Decision.EXPLICITLY_DENIED
    assert decision("Exports", role, "dynamodb:RestoreTableToPointInTime", table, **outside) is (
        Decision.EXPLICITLY_DENIED
    )
    assert decision("Exports", ADMINISTRATOR, export, table, **outside) is Decision.EXPLICITLY_DENIED


def test_the_perimeter_lets_lambda_read_the_stream_for_expired_items() -> None:
    stream = f"{arn('Expired', 'AWS::DynamoDB::GlobalTable', 'Orders')}/stream/2026-01-01T00:00:00.000"
    role = arn("Expired", "AWS::IAM::Role", "ExpiredRole")
    assert decision("Expired", role, "dynamodb:GetRecords", stream, aws_SourceIp="198.51.100.7") is Decision.ALLOWED
    assert decision("Expired", ADMINISTRATOR, "dynamodb:GetRecords", stream, aws_SourceIp="198.51.100.7") is (
        Decision.EXPLICITLY_DENIED
    )


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_one_role_writes_and_named_roles_read(name: str) -> None:
    item = f"{arn(name, 'AWS::S3::Bucket', f'{name}Bucket')}/orders/a.json"
    role = arn(name, "AWS::IAM::Role", f"{name}Role")
    assert decision(name, role, "s3:PutObject", item) is Decision.ALLOWED
    assert decision(name, ADMINISTRATOR, "s3:PutObject", item) is Decision.EXPLICITLY_DENIED
    reader = arn(name, "AWS::IAM::Role", "Analysts")
    assert decision(name, reader, "s3:GetObject", item) is Decision.ALLOWED
    assert decision(name, ADMINISTRATOR, "s3:GetObject", item) is Decision.EXPLICITLY_DENIED
    assert decision(name, ADMINISTRATOR, "s3:GetObjectVersion", item) is Decision.EXPLICITLY_DENIED
    # What it wrote it cannot read, hide or unlock.
    assert decision(name, role, "s3:GetObject", item) is Decision.IMPLICITLY_DENIED
    for action in ("s3:DeleteObject", "s3:BypassGovernanceRetention", "s3:PutObjectRetention"):
        assert decision(name, role, action, item) is Decision.EXPLICITLY_DENIED, action


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_role_uses_the_keys_through_their_services_only(name: str) -> None:
    role = arn(name, "AWS::IAM::Role", f"{name}Role")
    bucket_key, table_key = (arn(name, "AWS::KMS::Key", each) for each in (f"{name}Key", "OrdersKey"))
    table = arn(name, "AWS::DynamoDB::GlobalTable", "Orders").rpartition("/")[2]
    through = {service: {"kms_ViaService": f"{service}.{REGION}.amazonaws.com"} for service in ("s3", "dynamodb")}
    account = {"kms_CallerAccount": "111122223333"}
    of_table = {
        "kms_EncryptionContext:aws:dynamodb:tableName": table,
        "kms_EncryptionContext:aws:dynamodb:subscriberId": "111122223333",
    }
    of_table = {key.replace("kms_", "kms:"): value for key, value in of_table.items()}
    assert decision(name, role, "kms:GenerateDataKey", bucket_key, **through["s3"], **account) is Decision.ALLOWED
    assert decision(name, role, "kms:Decrypt", bucket_key, **account) is Decision.IMPLICITLY_DENIED
    request = Request(
        principal=role,
        action="kms:Decrypt",
        resource=table_key,
        context={"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com", "kms:CallerAccount": "111122223333", **of_table},
    )
    (answer,) = decide([(deployed(name).policies(request), request)])
    assert answer is Decision.ALLOWED
    assert decision(name, role, "kms:Decrypt", table_key, **account) is Decision.IMPLICITLY_DENIED


@pytest.mark.parametrize(("name", "alarms"), [("Exports", {"ExportErrors", "ExportsNotRun"}), ("Expired", None)])
def test_alarms_go_to_the_topic_of_the_tables(name: str, alarms: set[str] | None) -> None:
    template = deployed(name).template
    expected = alarms or {"ExpiredErrors", "ExpiredIteratorAge", "ExpiredFailuresorders", "ExpiredLostorders"}
    ours = {each: properties for each, properties in template.alarms().items() if each.startswith(name)}
    assert {each.removeprefix(name) for each in ours} == expected
    topic = {"Ref": template.named("AWS::SNS::Topic", "Orders")}
    assert all(properties["AlarmActions"] == [topic] for properties in ours.values())


def test_runs_that_are_missing_ring() -> None:
    alarm = deployed("Exports").template.alarms()["ExportsExportsNotRun"]
    assert (alarm["TreatMissingData"], alarm["ComparisonOperator"]) == ("breaching", "LessThanThreshold")


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_evidence_of_the_table_says_where_items_go(name: str) -> None:
    metadata = deployed(name).template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    setting = {"Exports": "exports", "Expired": "expired_items"}[name]
    assert f"Test/{name}/orders" in metadata["settings"][setting]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_copies_are_as_sensitive_as_the_tables(name: str) -> None:
    template = deployed(name).template
    tags = {each["Key"]: each["Value"] for each in template.properties("AWS::S3::Bucket", f"{name}Bucket")["Tags"]}
    assert tags["DataClassification"] == "restricted"
    retention = template.properties("AWS::S3::Bucket", f"{name}Bucket")["ObjectLockConfiguration"]["Rule"]
    assert retention["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 90}


def test_many_tables_share_one_function_and_one_policy_for_each_ten() -> None:
    stack = here()
    topic = Topic.from_topic_arn(stack, "Topic", f"arn:aws:sns:{REGION}:111122223333:alarms")
    tables = {
        f"t{number}": SecureTable(stack, f"T{number}", partition_key=PK, ownership=OWNERSHIP) for number in range(11)
    }
    exports(stack, tables=tables, alarm_topic=topic)
    app = stack.node.root
    assert isinstance(app, App)
    resources = app.synth().get_stack_by_name("Test").template["Resources"]
    named = [name for name in resources if name.startswith("ExportsTablePermissions")]
    assert len(named) == 2
    longest = max(len(json.dumps(resources[name]["Properties"]["PolicyDocument"])) for name in named)
    assert longest < 12_000


def here(name: str = "Test") -> Stack:
    return Stack(App(), name, env=Environment(account="111122223333", region=REGION))


def exports(stack: Stack, **arguments: Any) -> TableExports:
    return TableExports(stack, "Exports", **{"retention": Duration.days(30), "ownership": OWNERSHIP, **arguments})


def expired(stack: Stack, **arguments: Any) -> ExpiredItems:
    return ExpiredItems(stack, "Expired", **{"retention": Duration.days(30), "ownership": OWNERSHIP, **arguments})


@pytest.mark.parametrize("make", [exports, expired])
@pytest.mark.parametrize("given", [{}, [], "orders", None])
def test_tables_have_names(make: Callable[..., Any], given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a name in the bucket for each of one or more SecureTables"):
        make(here(), tables=given)


@pytest.mark.parametrize("make", [exports, expired])
@pytest.mark.parametrize("name", ["", "a/b", "grün", "a b"])
def test_a_name_has_no_letters_that_paths_lack(make: Callable[..., Any], name: str) -> None:
    stack = here()
    with pytest.raises(InvalidArgumentError, match="allowed: letters, digits, - and _"):
        make(stack, tables={name: orders(stack, time_to_live_attribute="expires")})


@pytest.mark.parametrize("make", [exports, expired])
def test_only_tables_of_this_app(make: Callable[..., Any]) -> None:
    with pytest.raises(InvalidArgumentError, match=r"tables\['orders'\] is .*a SecureTable of this app"):
        make(here(), tables={"orders": "orders"})


@pytest.mark.parametrize("make", [exports, expired])
def test_only_roles_read(make: Callable[..., Any]) -> None:
    stack = here()
    table = orders(stack, time_to_live_attribute="expires")
    with pytest.raises(InvalidArgumentError, match=r"readers\[0\] is .*an aws_iam.IRole"):
        make(stack, tables={"orders": table}, readers=[User(stack, "Somebody")])


@pytest.mark.parametrize("make", [exports, expired])
@pytest.mark.parametrize(("given", "shown"), [(Duration.days(0), "0 days"), (Duration.days(36_501), "36501 days")])
def test_a_lock_has_a_length_that_s3_takes(make: Callable[..., Any], given: Duration, shown: str) -> None:
    stack = here()
    table = orders(stack, time_to_live_attribute="expires")
    with pytest.raises(InvalidArgumentError, match=f"retention is '{shown}'; allowed: 1 to 36500 days"):
        make(stack, tables={"orders": table}, retention=given)


@pytest.mark.parametrize("every", [Duration.hours(5), Duration.minutes(30), Duration.hours(48)])
def test_periods_divide_a_day(every: Duration) -> None:
    stack = here()
    with pytest.raises(InvalidArgumentError, match=r"incremental_every .*allowed: 1, 2, 3, 4, 6, 8, 12 or 24 hours"):
        exports(stack, tables={"orders": orders(stack)}, incremental_every=every)


def test_full_exports_come_after_whole_days() -> None:
    stack = here()
    with pytest.raises(InvalidArgumentError, match=r"full_every .*allowed: one or more whole days, or None"):
        exports(stack, tables={"orders": orders(stack)}, full_every=Duration.hours(36))


def test_a_full_export_is_kept_until_the_next() -> None:
    stack = here()
    with pytest.raises(InvalidArgumentError, match="retention is '30 days'; allowed: 31 days or more"):
        exports(stack, tables={"orders": orders(stack)}, full_every=Duration.days(31))


def test_an_ephemeral_table_has_nothing_to_export_from() -> None:
    stack = here()
    table = orders(
        stack, classification=DataClassification.INTERNAL, lifecycle=Lifecycle.ephemeral(reason="integration tests")
    )
    with pytest.raises(InvalidArgumentError, match="tables with point-in-time recovery"):
        exports(stack, tables={"orders": table})


def test_a_table_in_which_nothing_expires_is_refused() -> None:
    stack = here()
    with pytest.raises(InvalidArgumentError, match="a table with a time_to_live_attribute"):
        expired(stack, tables={"orders": orders(stack)})


def test_tables_with_several_topics_need_one_to_be_named() -> None:
    stack = here()
    other = SecureTable(stack, "Other", partition_key=PK, ownership=OWNERSHIP)
    with pytest.raises(InvalidArgumentError, match=r"alarm_topic .*because the tables have several"):
        exports(stack, tables={"orders": orders(stack), "other": other})


def test_exports_of_a_table_inside_of_a_perimeter_are_in_its_stack() -> None:
    app = App()
    env = Environment(account="111122223333", region=REGION)
    table = orders(Stack(app, "Table", env=env), perimeter=INSIDE)
    with pytest.raises(InvalidArgumentError, match="the two stacks would wait for each other"):
        exports(Stack(app, "Exports", env=env), tables={"orders": table})


def test_exports_of_another_region_are_refused() -> None:
    app = App()
    table = orders(Stack(app, "Table", env=Environment(account="111122223333", region="eu-west-1")))
    with pytest.raises(InvalidArgumentError, match="a table of this account in eu-central-1"):
        exports(Stack(app, "E", env=Environment(account="111122223333", region=REGION)), tables={"orders": table})
