"""`RestoreTesting` makes a plan with two narrow roles, a function and alarms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_sns import Topic

from secure_ddb import BackupFrequency, InvalidArgumentError, Lifecycle, RestoreTesting, SharedResources
from secure_ddb.classification import DataClassification
from tests.orders import OWNERSHIP, PK, WAIVER, orders
from tests.template import Template, as_list, text

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Environment(account="111122223333", region="eu-central-1")
RESTORED = "table/awsbackup-restore-test-*"


def made(**arguments: Any) -> Template:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    table = orders(stack)
    RestoreTesting(stack, "Tests", tables=[table], topic=table.alarm_topic, ownership=OWNERSHIP, **arguments)
    return Template(app.synth().get_stack_by_name("Test").template)


@pytest.fixture(scope="module")
def monthly() -> Template:
    return made()


def refused(make: Callable[[], object]) -> str:
    with pytest.raises(InvalidArgumentError) as raised:
        make()
    return raised.value.argument


def statements(template: Template, policy: str) -> dict[str, dict[str, Any]]:
    name = template.named("AWS::IAM::ManagedPolicy", policy)
    found = template.resources[name]["Properties"]["PolicyDocument"]["Statement"]
    return {each["Sid"]: each for each in found}


def test_the_newest_recovery_point_of_each_table_is_restored(monthly: Template) -> None:
    plan = monthly.properties("AWS::Backup::RestoreTestingPlan")
    (vault,) = monthly.of_type("AWS::Backup::BackupVault")
    assert plan["ScheduleExpression"] == "cron(0 7 2 * ? *)"
    assert plan["RecoveryPointSelection"] == {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": [{"Fn::GetAtt": [vault, "BackupVaultArn"]}],
        "RecoveryPointTypes": ["SNAPSHOT"],
        "SelectionWindowDays": 35,
    }
    selection = monthly.properties("AWS::Backup::RestoreTestingSelection")
    assert selection["ProtectedResourceType"] == "DynamoDB"
    # By name, so that tables of other stacks need no export.
    name = monthly.properties("AWS::DynamoDB::GlobalTable")["TableName"]
    arn = ["arn:", {"Ref": "AWS::Partition"}, f":dynamodb:eu-central-1:111122223333:table/{name}"]
    assert selection["ProtectedResourceArns"] == [{"Fn::Join": ["", arn]}]


def test_restored_tables_have_a_key_of_their_own(monthly: Template) -> None:
    selection = monthly.properties("AWS::Backup::RestoreTestingSelection")
    key = monthly.named("AWS::KMS::Key", "TestsKey")
    assert selection["RestoreMetadataOverrides"] == {
        "encryptionType": "KMS",
        "kmsMasterKeyArn": {"Fn::GetAtt": [key, "Arn"]},
    }


def test_names_are_what_aws_takes(monthly: Template) -> None:
    name = monthly.properties("AWS::Backup::RestoreTestingPlan")["RestoreTestingPlanName"]
    assert name.isalnum()
    assert len(name) <= 50


def test_the_restore_role_writes_to_restored_tables_only(monthly: Template) -> None:
    found = statements(monthly, "TestsRestorePolicy")
    for sid, each in found.items():
        if any(action.startswith("dynamodb:") for action in as_list(each["Action"])) and sid != "ReadBackups":
            assert text(each["Resource"]).endswith(RESTORED)
    assert found["ReadBackups"]["Action"] == "dynamodb:RestoreTableFromBackup"
    assert text(found["ReadBackups"]["Resource"]).endswith("/backup/*")


def test_the_function_reads_restored_tables_only(monthly: Template) -> None:
    found = statements(monthly, "TestsValidationPolicy")
    assert found["CountItems"]["Action"] == "dynamodb:Scan"
    assert text(found["CountItems"]["Resource"]).endswith(RESTORED)
    assert found["CompareTables"]["Action"] == "dynamodb:DescribeTable"
    key = monthly.named("AWS::KMS::Key", "TestsKey")
    assert found["DecryptRestoredTables"]["Resource"] == {"Fn::GetAtt": [key, "Arn"]}
    assert {sid for sid, each in found.items() if each["Resource"] == "*"} == {"ReportResult", "CountResults"}
    assert found["CountResults"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "SecureDdb/RestoreTesting"}}


def test_only_tests_of_this_plan_start_the_function(monthly: Template) -> None:
    plan = monthly.named("AWS::Backup::RestoreTestingPlan", "TestsPlan")
    rule = monthly.resources[monthly.named("AWS::Events::Rule", "TestsRestored")]["Properties"]
    assert rule["EventPattern"] == {
        "source": ["aws.backup"],
        "detail-type": ["Restore Job State Change"],
        "detail": {
            "resourceType": ["DynamoDB"],
            "status": ["COMPLETED"],
            "restoreTestingPlanArn": [{"Fn::GetAtt": [plan, "RestoreTestingPlanArn"]}],
        },
    }
    permission = monthly.resources[monthly.named("AWS::Lambda::Permission", "TestsStartValidation")]["Properties"]
    assert permission["SourceArn"]["Fn::GetAtt"][0] == monthly.named("AWS::Events::Rule", "TestsRestored")


def test_a_restore_that_failed_is_a_message(monthly: Template) -> None:
    rule = monthly.resources[monthly.named("AWS::Events::Rule", "TestsRestoreFailed")]["Properties"]
    assert rule["EventPattern"]["detail"]["status"] == ["ABORTED", "EXPIRED", "FAILED"]
    (target,) = rule["Targets"]
    template = json.loads(target["InputTransformer"]["InputTemplate"])
    assert all(f"<{name}>" in template for name in target["InputTransformer"]["InputPathsMap"])


@pytest.mark.parametrize(
    ("frequency", "schedule", "missing"),
    [
        (BackupFrequency.DAILY, "cron(0 7 * * ? *)", (86_400, 2)),
        (BackupFrequency.WEEKLY, "cron(0 7 ? * SUN *)", (604_800, 1)),
        (BackupFrequency.MONTHLY, "cron(0 7 2 * ? *)", None),
    ],
)
def test_alarms_watch_results_errors_and_missing_tests(
    frequency: BackupFrequency, schedule: str, missing: tuple[int, int] | None
) -> None:
    template = made(frequency=frequency)
    plan = template.properties("AWS::Backup::RestoreTestingPlan")
    assert plan["ScheduleExpression"] == schedule
    alarms = {name: alarm for name, alarm in template.alarms().items() if name.startswith("TestsRestoreTest")}
    assert set(alarms) == {
        "TestsRestoreTestFailed",
        "TestsRestoreTestErrors",
        *(["TestsRestoreTestMissing"] if missing else []),
    }
    failed = alarms["TestsRestoreTestFailed"]
    assert failed["Dimensions"] == [{"Name": "Plan", "Value": plan["RestoreTestingPlanName"]}]
    function = template.named("AWS::Lambda::Function", "TestsValidationFunction")
    assert alarms["TestsRestoreTestErrors"]["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    if missing:
        found = alarms["TestsRestoreTestMissing"]
        assert (found["Period"], found["EvaluationPeriods"], found["TreatMissingData"]) == (*missing, "breaching")


def test_settings_reach_the_function() -> None:
    template = made(least_share=0.9, most_items=5)
    function = template.resources[template.named("AWS::Lambda::Function", "TestsValidationFunction")]["Properties"]
    variables = function["Environment"]["Variables"]
    assert (variables["LEAST_SHARE"], variables["MOST_ITEMS"]) == ("0.9", "5")
    assert variables["PLAN"] == template.properties("AWS::Backup::RestoreTestingPlan")["RestoreTestingPlanName"]
    compile(function["Code"]["ZipFile"], "index.py", "exec")


def test_tables_that_share_a_vault_are_tested_together() -> None:
    app = App()
    shared = SharedResources(Stack(app, "Shared", env=HERE), "Shared", ownership=OWNERSHIP)
    tables = [orders(Stack(app, f"App{number}", env=HERE), shared_resources=shared) for number in range(2)]
    # Its role names the tables, which name the shared resources: so it is in a stack of its own.
    stack = Stack(app, "Test", env=HERE)
    RestoreTesting(stack, "Tests", tables=tables, topic=shared.alarm_topic, ownership=OWNERSHIP)
    template = Template(app.synth().get_stack_by_name("Test").template)
    assert len(template.properties("AWS::Backup::RestoreTestingPlan")["RecoveryPointSelection"]["IncludeVaults"]) == 1
    assert len(template.properties("AWS::Backup::RestoreTestingSelection")["ProtectedResourceArns"]) == 2


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"tables": []}, "tables"),
        ({"tables": "orders"}, "tables[0]"),
        ({"tables": ["orders"]}, "tables[0]"),
        ({"topic": "topic"}, "topic"),
        ({"frequency": "monthly"}, "frequency"),
        ({"least_share": 0}, "least_share"),
        ({"least_share": 1.1}, "least_share"),
        ({"least_share": True}, "least_share"),
        ({"most_items": 0}, "most_items"),
        ({"most_items": 2.5}, "most_items"),
    ],
)
def test_other_arguments_are_refused(arguments: dict[str, Any], argument: str) -> None:
    stack = Stack(App(), "Test", env=HERE)
    table = orders(stack)
    given = {"tables": [table], "topic": table.alarm_topic, "ownership": OWNERSHIP, **arguments}
    assert refused(lambda: RestoreTesting(stack, "Tests", **given)) == argument
    assert stack.node.try_find_child("Tests") is None


def test_a_table_stands_once_and_thirty_at_most() -> None:
    stack = Stack(App(), "Test", env=HERE)
    table = orders(stack)
    common: dict[str, Any] = {"topic": table.alarm_topic, "ownership": OWNERSHIP}
    assert refused(lambda: RestoreTesting(stack, "Twice", tables=[table, table], **common)) == "tables[1]"
    assert refused(lambda: RestoreTesting(stack, "Many", tables=[table] * 31, **common)) == "tables"


@pytest.mark.parametrize(
    "without",
    [
        {"backup": WAIVER},
        {
            "lifecycle": Lifecycle.ephemeral(reason="integration tests"),
            "classification": DataClassification.INTERNAL,
        },
    ],
)
def test_a_table_without_backups_is_refused(without: dict[str, Any]) -> None:
    stack = Stack(App(), "Test", env=HERE)
    table = orders(stack, partition_key=PK, **without)
    topic = Topic(stack, "Topic")
    make = lambda: RestoreTesting(stack, "Tests", tables=[table], topic=topic, ownership=OWNERSHIP)  # noqa: E731
    assert refused(make) == "tables[0]"
