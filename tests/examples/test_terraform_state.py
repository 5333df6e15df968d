"""The Terraform backend: it passes all packs, and a pipeline reaches its own state and lock only."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import App, Environment

from examples.terraform_state.stack import Pipeline, TerraformStateStack
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
HERE = Environment(account="111122223333", region="eu-central-1")
BUCKET = "example-terraform-states"
PIPELINES = {
    name: Pipeline(state=f"{name.lower()}/prod.tfstate", subject=f"repo:example/{name.lower()}:environment:prod")
    for name in ("Network", "Accounts")
}


def backend(app: App) -> None:
    TerraformStateStack(
        app,
        "TerraformState",
        bucket_name=BUCKET,
        pipelines=PIPELINES,
        issuer="id.example.com",
        env=HERE,
        termination_protection=True,
    )


@cache
def template() -> Template:
    app = App()
    backend(app)
    return Template(app.synth().get_stack_by_name("TerraformState").template)


def test_example_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    app = checked_app()
    backend(app)
    evidence = collect(Path(app.synth().directory))
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []


def test_states_are_versioned_encrypted_and_kept() -> None:
    bucket = template().only("AWS::S3::Bucket", "States")
    properties = bucket["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert bucket["DeletionPolicy"] == "Retain"


def test_a_role_is_for_one_pipeline_of_the_ci_system() -> None:
    role = template().properties("AWS::IAM::Role", "NetworkRole")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        "id.example.com:sub": "repo:example/network:environment:prod",
        "id.example.com:aud": "sts.amazonaws.com",
    }


def test_the_backend_of_a_pipeline_names_what_the_stack_makes() -> None:
    backend_file = (ROOT / "examples" / "terraform_state" / "backend.tf").read_text(encoding="utf-8")
    values = dict(re.findall(r'^ +(\w+) += "([^"]+)"', backend_file, re.MULTILINE))
    assert (values["bucket"], values["key"]) == (BUCKET, PIPELINES["Network"].state)


def decisions(*requests: tuple[str, str, str]) -> list[Decision]:
    """Decide what the role of a pipeline asks for: action, resource and partition key or prefix."""
    deployed = Deployed(template())
    role = deployed.arn("AWS::IAM::Role", "NetworkRole")
    pairs = []
    for action, resource, named in requests:
        key = "s3:prefix" if action.startswith("s3:") else "dynamodb:LeadingKeys"
        context: dict[str, str | list[str] | None] = {key: [named] if "Leading" in key else named} if named else {}
        request = Request(principal=role, action=action, resource=resource, context=context)
        pairs.append((deployed.policies(request), request))
    return decide(pairs)


def test_a_pipeline_reaches_its_own_state_and_lock_and_no_other() -> None:
    table = Deployed(template()).arn("AWS::DynamoDB::GlobalTable", "Locks")
    own, other = (f"{BUCKET}/{PIPELINES[name].state}" for name in ("Network", "Accounts"))
    states = f"arn:aws:s3:::{BUCKET}"
    mine = decisions(
        *(
            (f"dynamodb:{name}", table, lock)
            for name in ("GetItem", "PutItem", "DeleteItem")
            for lock in (own, f"{own}-md5")
        ),
        ("dynamodb:DescribeTable", table, ""),
        *((f"s3:{name}", f"{states}/{PIPELINES['Network'].state}", "") for name in ("GetObject", "PutObject")),
        ("s3:ListBucket", states, PIPELINES["Network"].state),
    )
    assert set(mine) == {Decision.ALLOWED}
    others = decisions(
        *((f"dynamodb:{name}", table, other) for name in ("GetItem", "PutItem", "DeleteItem")),
        ("dynamodb:Scan", table, ""),
        ("dynamodb:UpdateTable", table, ""),
        *((f"s3:{name}", f"{states}/{PIPELINES['Accounts'].state}", "") for name in ("GetObject", "PutObject")),
        ("s3:DeleteObject", f"{states}/{PIPELINES['Network'].state}", ""),
        ("s3:ListBucket", states, ""),
    )
    assert Decision.ALLOWED not in others
