"""The sandbox script against an account that does as AWS documents, and against accounts that differ in one point."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from examples.sandbox import run as run_module
from examples.sandbox.audit_trail import poison_attributes
from examples.sandbox.connection import Aws
from examples.sandbox.report import Observation, Report
from examples.sandbox.run import run
from examples.sandbox.stack import Asset, Synthesized, synthesize
from examples.sandbox.staging import create_bucket
from secure_ddb.audit_trail.handler.audit_trail.batch import LONGEST_LINE
from tests.examples.sandbox_account import (
    ACCOUNT,
    FAILURE_KEY,
    NOW,
    POINT,
    REGION,
    Account,
    Refusal,
    body,
)
from tests.template import Template
from tests.test_lint_templates import (
    CHECKOUT,
    LINT_ALLOWED,
    PARLIAMENT_ALLOWED,
    not_allowed,
    policies,
    policy_issues,
    template_issues,
)

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_ITEM = 400 * 1024


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    """Return the account; the stack is not synthesized anew for each test."""
    template = tmp_path / "Sandbox.template.json"
    template.write_text("{}", encoding="utf-8")
    code = tmp_path / "code"
    code.mkdir()
    (code / "index.py").write_text("", encoding="utf-8")
    assets = [Asset(template, is_folder=False, key="template.json"), Asset(code, is_folder=True, key="code.zip")]
    monkeypatch.setattr(run_module, "synthesize", lambda *_: Synthesized("template.json", assets))
    return Account()


def report_of(account: Account, *, keep: bool = False) -> Report:
    return run(account, ACCOUNT, keep=keep, say=lambda _: None)


def not_seen(report: Report) -> list[str]:
    return [each.claim for each in report.observations if not each.seen]


def detail(report: Report, claim: str) -> str:
    (found,) = (each.detail for each in report.observations if each.claim == claim)
    return found


def interrupt(_arguments: dict[str, Any]) -> None:
    raise KeyboardInterrupt


def test_everything_is_seen_and_deleted(account: Account) -> None:
    report = report_of(account)
    assert not_seen(report) == []
    assert report.is_good
    assert len(report.observations) == 27
    deletions = [each for each in account.operations() if each.startswith("delete_") and each != "delete_item"]
    assert deletions == [
        "delete_recovery_point",
        "delete_stack",
        "delete_log_group",
        "delete_object",
        "delete_object",
        "delete_bucket",
    ]


def test_template_and_code_are_uploaded_before_the_stack_is_created(account: Account) -> None:
    report_of(account)
    assert account.operations()[:4] == ["create_bucket", "put_object", "put_object", "create_stack"]
    created = dict(account.calls)["create_stack"]
    bucket = dict(account.calls)["create_bucket"]["Bucket"]
    assert created["TemplateURL"] == f"https://{bucket}.s3.{REGION}.amazonaws.com/template.json"
    assert created["Capabilities"] == ["CAPABILITY_IAM"]


def test_a_backup_job_uses_the_vault_and_role_of_the_stack(account: Account) -> None:
    report_of(account)
    job = dict(account.calls)["start_backup_job"]
    assert (job["BackupVaultName"], job["Lifecycle"]) == ("SandboxVault", {"DeleteAfterDays": 1})
    assert "BackupRole" in job["IamRoleArn"]


@pytest.mark.parametrize(
    ("operation", "answer", "claims"),
    [
        (
            "get_item",
            {},
            [
                "The table denies requests without TLS",
                "A role with a narrow grant reads listed attributes of its own item",
                "That role cannot read the whole item",
                "That role cannot read another tenant's item",
            ],
        ),
        ("transact_get_items", {}, ["That role cannot read another tenant's item in a transaction"]),
        ("scan", {}, ["That role cannot scan"]),
        ("describe_alarms", {"MetricAlarms": []}, ["The alarm AuditFailureDestination rings"]),
        (
            "get_metric_statistics",
            {"Datapoints": [{"Sum": 1.0}]},
            ["A change that fails alone is no error of the function"],
        ),
        (
            "describe_backup_job",
            {"State": "FAILED", "StatusMessage": "Access denied"},
            ["AWS Backup backs the table up with the library's role"],
        ),
        (
            "describe_recovery_point",
            {"EncryptionKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/other"},
            ["The recovery point is encrypted with the vault's key"],
        ),
        (
            "list_backups",
            {"BackupSummaries": [{"BackupName": "SandboxTable$DeletedTableBackup"}]},
            ["Deleting the ephemeral table leaves no backup"],
        ),
        ("list_event_source_mappings", {}, ["Failures are kept"]),
        ("list_object_versions", Refusal("AccessDenied"), ["Failures are kept"]),
        (
            "invoke",
            {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": body(b"{}")},
            ["A replay reads the object and reports that the change failed again"],
        ),
        (
            "get_object",
            {"Body": body(b'{"payload":{}}')},
            ["The object is an invocation record as AWS documents it"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_differs_is_reported(account: Account, operation: str, answer: Any, claims: list[str]) -> None:
    account.instead[operation] = answer
    report = report_of(account)
    assert not_seen(report) == claims
    assert not report.is_good


def test_lines_that_are_missing_are_reported(account: Account) -> None:
    account.instead["filter_log_events"] = {"events": []}
    report = report_of(account)
    assert not_seen(report) == [
        "The audit log has a line for each change",
        "The audit trail is intact",
        "The line of the update names the attribute",
        "No line holds a value",
        "The next change of that item is logged",
        "The audit trail names the change that is missing, and nothing else is wrong",
    ]
    assert detail(report, "The audit log has a line for each change") == "0 of 5"


def test_a_failure_under_another_key_is_reported(account: Account) -> None:
    other = FAILURE_KEY.replace("/2030/01/02/", "/")
    listed = {"Key": other, "VersionId": "1", "IsLatest": True, "Size": 1, "LastModified": NOW}
    account.instead["list_object_versions"] = {"Versions": [listed]}
    account.instead["get_object"] = Refusal("NoSuchKey")
    account.instead["delete_bucket"] = {}
    assert not_seen(report_of(account)) == ["The object's key is as AWS documents it", "Failures are kept"]


def test_a_stack_that_cannot_be_created_is_deleted_and_its_reasons_are_told(account: Account) -> None:
    account.instead["describe_stacks"] = lambda _: (
        Refusal("ValidationError")
        if "delete_stack" in account.operations()
        else {"Stacks": [{"StackName": "Sandbox", "CreationTime": NOW, "StackStatus": "CREATE_FAILED"}]}
    )
    event = {"StackId": "1", "EventId": "1", "StackName": "Sandbox", "Timestamp": NOW}
    account.instead["describe_stack_events"] = {
        "StackEvents": [
            {
                **event,
                "LogicalResourceId": "TableAuditEventSource",
                "ResourceStatus": "CREATE_FAILED",
                "ResourceStatusReason": "The function's role may not call PutObject",
            },
            {**event, "LogicalResourceId": "Table", "ResourceStatus": "CREATE_COMPLETE"},
        ]
    }
    report = report_of(account)
    assert report.stopped == (
        "the stack is CREATE_FAILED: TableAuditEventSource: The function's role may not call PutObject"
    )
    assert report.observations == []
    assert (report.remains, account.operations()[-1]) == ([], "delete_bucket")


def test_a_bucket_that_cannot_be_created_needs_no_deletion(account: Account) -> None:
    account.instead["create_bucket"] = Refusal("AccessDenied")
    report = report_of(account)
    assert "access denied" in report.stopped
    assert report.remains == []
    assert "create_stack" not in account.operations()


@pytest.mark.parametrize("operation", ["put_object", "create_stack", "put_item", "describe_alarms", "start_backup_job"])
def test_ctrl_c_deletes_everything(account: Account, operation: str) -> None:
    account.instead[operation] = interrupt
    report = report_of(account)
    assert (report.stopped, report.remains) == ("interrupted", [])
    assert account.operations()[-1] in ("delete_bucket", "list_backups")
    assert ("delete_stack" in account.operations()) == (operation != "put_object")


def test_an_unexpected_error_deletes_everything(account: Account) -> None:
    def fail(_arguments: dict[str, Any]) -> None:
        raise RuntimeError("a defect")

    account.instead["create_stack"] = fail
    report = report_of(account)
    assert report.stopped == "RuntimeError('a defect')"
    assert account.operations()[-1] == "delete_bucket"


def test_what_cannot_be_deleted_is_named_and_the_rest_is_deleted(account: Account) -> None:
    account.instead["delete_recovery_point"] = Refusal("AccessDeniedException", "vault policy")
    account.instead["delete_stack"] = interrupt
    report = report_of(account)
    points, stack = report.remains
    assert points.startswith("recovery points in SandboxVault: access denied")
    assert stack.endswith(": interrupted")
    assert account.operations()[-1] == "delete_bucket"
    assert not report.is_good


def test_a_recovery_point_that_stays_is_named(account: Account) -> None:
    account.instead["delete_recovery_point"] = {}
    account.instead["delete_stack"] = {}
    report = report_of(account)
    assert report.remains[0] == f"recovery points in SandboxVault: it still holds {POINT}"
    assert account.waited > 30 * 60


def test_a_running_job_is_waited_for(account: Account) -> None:
    states = iter(["RUNNING", "RUNNING"])
    account.instead["list_backup_jobs"] = lambda _: {"BackupJobs": [{"State": next(states, "COMPLETED")}]}
    assert report_of(account).is_good
    assert account.operations().count("list_backup_jobs") == 3


def test_a_stack_that_cannot_be_deleted_is_named(account: Account) -> None:
    describe = account._describe_stacks

    def answer(arguments: dict[str, Any]) -> Any:
        if "delete_stack" in account.operations():
            return {"Stacks": [{"StackName": "Sandbox", "CreationTime": NOW, "StackStatus": "DELETE_FAILED"}]}
        return describe(**arguments)

    account.instead["describe_stacks"] = answer
    report = report_of(account)
    (remains,) = report.remains
    assert remains.startswith("stack SecureDdbSandbox-")
    assert ": it is DELETE_FAILED" in remains
    assert account.operations()[-1] == "delete_bucket"


def test_keep_deletes_nothing_and_names_what_is_there(account: Account) -> None:
    report = report_of(account, keep=True)
    assert [each.split()[0] for each in report.kept] == ["recovery", "stack", "bucket"]
    assert report.is_good
    assert not {"delete_stack", "delete_bucket", "delete_recovery_point"} & set(account.operations())


def test_a_role_that_is_not_known_yet_is_tried_again(account: Account) -> None:
    attempts = iter([Refusal("AccessDenied"), Refusal("AccessDenied")])
    assume = account._assume_role
    account.instead["assume_role"] = lambda asked: next(attempts, None) or assume(**asked)
    assert report_of(account).is_good
    assert account.operations().count("assume_role") == 3


def test_the_poison_is_an_item_that_dynamodb_takes_and_no_line_holds() -> None:
    names = poison_attributes()
    assert all(len(name) < 64 * 1024 for name in names)
    assert LONGEST_LINE < sum(map(len, names)) < LARGEST_ITEM


@pytest.mark.parametrize(("region", "location"), [("us-east-1", None), (REGION, {"LocationConstraint": REGION})])
def test_s3_wants_no_location_for_us_east_1(account: Account, region: str, location: dict[str, str] | None) -> None:
    account.session.region_name = region
    create_bucket(account, "bucket")
    assert account.calls == [
        ("create_bucket", {"Bucket": "bucket"} | ({"CreateBucketConfiguration": location} if location else {}))
    ]


def test_waiting_ends() -> None:
    waited: list[float] = []
    aws = Aws(None, waited.append)
    assert aws.until(lambda: None, minutes=1) is None
    assert waited == [15, 15, 15, 15]


def test_the_report_shows_claims_reasons_and_remains() -> None:
    report = Report([Observation("A claim", False, "[red]detail")], "interrupted", ["stack x: no"], ["bucket y"])
    console = Console(file=StringIO(), width=100)
    report.print(console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for expected in ("A claim", "no", "[red]detail", "stopped: interrupted", "remains: stack x: no", "kept: bucket y"):
        assert expected in text


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Synthesized]:
    directory = tmp_path_factory.mktemp("sandbox")
    return directory, synthesize(directory, "Sandbox", ACCOUNT, REGION, "assets")


def test_the_stack_needs_no_bootstrapped_account(synthesized: tuple[Path, Synthesized]) -> None:
    directory, stack = synthesized
    template = Template.read(directory / "Sandbox.template.json")
    assert "Parameters" not in template.body
    assert "Rules" not in template.body
    code = [each["Properties"]["Code"] for each in template.of_type("AWS::Lambda::Function").values()]
    keys = {asset.key for asset in stack.assets}
    assert len(code) == 2
    assert all(each["S3Bucket"] == "assets" and each["S3Key"] in keys for each in code)
    assert {stack.template} < keys


def test_nothing_of_the_stack_stays_behind(synthesized: tuple[Path, Synthesized]) -> None:
    directory, _ = synthesized
    resources = Template.read(directory / "Sandbox.template.json").resources
    kept = [name for name, each in resources.items() if each.get("DeletionPolicy", "Delete") != "Delete"]
    assert kept == []


def test_the_stack_passes_the_linters(synthesized: tuple[Path, Synthesized]) -> None:
    directory, _ = synthesized
    template = Template.read(directory / "Sandbox.template.json")
    assert not_allowed(template_issues(template), LINT_ALLOWED) == []
    issues = [issue for policy in policies(template) for issue in policy_issues(policy)]
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


def test_outputs_are_those_that_the_account_of_these_tests_has(
    account: Account, synthesized: tuple[Path, Synthesized]
) -> None:
    directory, _ = synthesized
    outputs = json.loads((directory / "Sandbox.template.json").read_text(encoding="utf-8"))["Outputs"]
    account.client("cloudformation").create_stack(StackName="Sandbox", TemplateBody="{}")
    (stack,) = account.client("cloudformation").describe_stacks(StackName="Sandbox")["Stacks"]
    assert outputs.keys() == {output["OutputKey"] for output in stack["Outputs"]}


def test_the_list_of_what_is_not_proven_has_each_claim(account: Account) -> None:
    page = (CHECKOUT / "docs" / "not-proven.md").read_text(encoding="utf-8")
    section = page.partition("## Shown by the sandbox script")[2].partition("\n## ")[0]
    listed = [line.removeprefix("- ") for line in section.splitlines() if line.startswith("- ")]
    assert listed == [each.claim for each in report_of(account).observations]


def test_the_readme_says_that_it_has_never_been_run() -> None:
    assert "never been run against AWS" in (CHECKOUT / "examples" / "sandbox" / "README.md").read_text(encoding="utf-8")
