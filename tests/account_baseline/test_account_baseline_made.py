"""What `AccountBaseline` makes, and what it refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_s3 import Bucket
from botocore.session import get_session  # type: ignore[import-untyped]
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks

from examples.account_baseline import AccountBaselineStack
from secure_ddb import AccountBaseline, AccountService, InvalidArgumentError
from secure_ddb.account_baseline.check import RECORDED_TYPES
from tests.orders import OWNERSHIP
from tests.template import Template
from tests.test_lint_templates import LINT_ALLOWED, not_allowed, template_issues

HERE = Environment(account="111122223333", region="eu-central-1")


@cache
def example() -> Template:
    app = App()
    AccountBaselineStack(app, "Baseline", env=HERE)
    return Template(app.synth().get_stack_by_name("Baseline").template)


def types(template: Template) -> list[str]:
    return sorted(each["Type"] for each in template.resources.values())


def test_only_what_is_asked_for_is_made() -> None:
    assert types(example()) == [
        "AWS::AccessAnalyzer::Analyzer",
        "AWS::Config::ConfigurationRecorder",
        "AWS::Config::DeliveryChannel",
        "AWS::GuardDuty::Detector",
    ]
    app = App()
    stack = Stack(app, "Test", env=HERE)
    AccountBaseline(stack, "Baseline", create=[AccountService.GUARD_DUTY], ownership=OWNERSHIP)
    assert types(Template(app.synth().get_stack_by_name("Test").template)) == ["AWS::GuardDuty::Detector"]


def test_the_recorder_records_types_that_aws_config_knows() -> None:
    recorder = example().properties("AWS::Config::ConfigurationRecorder", "Baseline")
    assert recorder["RecordingGroup"]["ResourceTypes"] == list(RECORDED_TYPES)
    known = get_session().get_service_model("config").shape_for("ResourceType").enum
    assert set(RECORDED_TYPES) <= set(known)
    assert str(recorder["RoleARN"]).count(":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig") == 1
    channel = example().properties("AWS::Config::DeliveryChannel", "Baseline")
    assert channel["S3BucketName"] == "company-config-archive"


def test_linters_find_nothing(tmp_path: Any) -> None:
    assert not_allowed(template_issues(example()), LINT_ALLOWED) == []
    app = App(outdir=str(tmp_path))
    AccountBaselineStack(app, "Baseline", env=HERE)
    packs = (AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks)
    Validations.of(app).add_plugins(*(pack(app) for pack in packs))
    app.synth()


@pytest.mark.parametrize(
    ("create", "message"),
    [
        ([], r"create is \[\]; allowed: one or more, each once, of AccountService.ACCESS_ANALYZER"),
        ("GuardDuty", "create is 'GuardDuty'"),
        (["GuardDuty"], r"create\[0\] is 'GuardDuty'"),
        ([AccountService.GUARD_DUTY] * 2, "each once"),
        ([AccountService.CONFIG_RECORDER], "config_bucket is None; allowed: a bucket with"),
    ],
)
def test_what_it_cannot_take_is_refused(create: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        AccountBaseline(Stack(App(), "Test", env=HERE), "Baseline", create=create, ownership=OWNERSHIP)


def test_a_bucket_without_a_recorder_is_refused() -> None:
    stack = Stack(App(), "Test", env=HERE)
    create = [AccountService.GUARD_DUTY]
    with pytest.raises(InvalidArgumentError, match=r"config_bucket is .*, and none without"):
        AccountBaseline(
            stack,
            "Baseline",
            create=create,
            ownership=OWNERSHIP,
            config_bucket=Bucket.from_bucket_name(stack, "Bucket", "company-bucket"),
        )
    with pytest.raises(InvalidArgumentError, match=r"config_bucket is 'b'; allowed: an aws_s3\.IBucket"):
        AccountBaseline(stack, "Other", create=create, ownership=OWNERSHIP, config_bucket="b")  # type: ignore[arg-type]
