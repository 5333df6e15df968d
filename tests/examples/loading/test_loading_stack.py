"""The stack of examples/loading has no open finding, and its role loads the table and does nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import App, Environment

from examples.loading.stack import LoadingStack
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template

ROOT = Path(__file__).parents[3]
HERE = Environment(account="111122223333", region="eu-central-1")
SUBJECT = "repo:example/catalog:environment:prod"


def stack(app: App) -> None:
    LoadingStack(app, "Loading", issuer="id.example.com", subject=SUBJECT, env=HERE)


@pytest.fixture(scope="module")
def template() -> Template:
    app = App()
    stack(app)
    return Template(app.synth().get_stack_by_name("Loading").template)


def test_example_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    app = checked_app()
    stack(app)
    evidence = collect(Path(app.synth().directory))
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []


def test_the_role_is_for_one_pipeline(template: Template) -> None:
    (statement,) = template.properties("AWS::IAM::Role", "Loader")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        "id.example.com:sub": SUBJECT,
        "id.example.com:aud": "sts.amazonaws.com",
    }


def test_the_role_loads_one_table_and_reads_exports(template: Template) -> None:
    deployed = Deployed(template)
    own, exported = (deployed.arn("AWS::DynamoDB::GlobalTable", name) for name in ("ByCategory", "Products"))
    bucket = deployed.arn("AWS::S3::Bucket", "ExportsBucket")
    expected = {
        **{(f"dynamodb:{name}", own): True for name in ("BatchGetItem", "BatchWriteItem", "DescribeTable")},
        **{(f"dynamodb:{name}", own): False for name in ("Scan", "Query", "DeleteItem", "PutItem", "UpdateTable")},
        **{(f"dynamodb:{name}", exported): False for name in ("BatchGetItem", "BatchWriteItem", "Scan")},
        ("s3:ListBucket", bucket): True,
        ("s3:GetObject", f"{bucket}/products/full/a"): True,
        ("s3:PutObject", f"{bucket}/products/full/a"): False,
    }
    role = deployed.arn("AWS::IAM::Role", "Loader")
    requests = [Request(principal=role, action=action, resource=resource, context={}) for action, resource in expected]
    decisions = decide([(deployed.policies(request), request) for request in requests])
    assert {pair: each is Decision.ALLOWED for pair, each in zip(expected, decisions, strict=True)} == expected
