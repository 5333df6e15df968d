"""The Terraform backend: it passes all packs, and a pipeline reaches its own state and lock only."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment

from examples.terraform_state.stack import Pipeline, TerraformStateStack
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.policies.engine import Decision, Document, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.template import Template

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
    # What the stack does not choose, it puts out.
    assert {"Bucket", "StateKeyArn", "LockTable"} == template().body["Outputs"].keys()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": ""}, "state is ''; allowed: a key of letters"),
        ({"state": "*"}, r"state is '\*'; allowed: a key of letters"),
        ({"state": "network/${aws:userid}"}, "state is 'network/.*; allowed: a key of letters"),
        ({"state": "network/prod.tfstate-md5"}, "state is 'network/prod.tfstate-md5'; allowed: .* not end with -md5"),
        ({"subject": "repo:example/*"}, r"subject is 'repo:example/\*'; allowed: a whole subject"),
        ({"subject": ""}, "subject is ''; allowed: a whole subject"),
    ],
)
def test_a_pipeline_that_reaches_more_than_one_state_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Pipeline(**{"state": "network/prod.tfstate", "subject": "repo:example/network:environment:prod", **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"issuer": "https://id.example.com"}, "issuer is 'https://id.example.com'; allowed: a host"),
        ({"pipelines": {}}, "pipelines is {}; allowed: at least one"),
    ],
)
def test_a_refused_setting_leaves_no_stack(changes: dict[str, Any], message: str) -> None:
    app = App()
    given = {"bucket_name": BUCKET, "pipelines": PIPELINES, "issuer": "id.example.com", **changes}
    with pytest.raises(ValueError, match=f"^{message}"):
        TerraformStateStack(app, "TerraformState", **given, env=HERE)
    assert app.node.children == []


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
        # Where Terraform looks for workspaces: without it, some versions end.
        ("s3:ListBucket", states, "env:/"),
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


EVERYTHING: Document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
VIA_S3 = {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}


@pytest.mark.parametrize(
    ("action", "context", "expected"),
    [
        ("s3:GetObject", {}, Decision.EXPLICITLY_DENIED),
        ("s3:GetObjectVersion", {}, Decision.EXPLICITLY_DENIED),
        ("s3:PutObject", {}, Decision.EXPLICITLY_DENIED),
        ("s3:DeleteObjectVersion", {}, Decision.EXPLICITLY_DENIED),
        ("kms:Decrypt", {}, Decision.IMPLICITLY_DENIED),
        ("kms:Decrypt", VIA_S3, Decision.IMPLICITLY_DENIED),
        ("kms:CreateGrant", {}, Decision.IMPLICITLY_DENIED),
        # Somebody has to be able to mend both.
        ("kms:PutKeyPolicy", {}, Decision.ALLOWED),
        ("s3:PutBucketPolicy", {}, Decision.ALLOWED),
    ],
)
def test_an_administrator_reaches_no_state(action: str, context: dict[str, Any], expected: Decision) -> None:
    deployed = Deployed(template())
    key, bucket = (deployed.arn(*each) for each in (("AWS::KMS::Key", "StateKey"), ("AWS::S3::Bucket", "States")))
    of_objects = "Object" in action
    resource = key if action.startswith("kms:") else f"{bucket}/network/prod.tfstate" if of_objects else bucket
    request = Request(
        principal="arn:aws:iam::111122223333:role/Administrator", action=action, resource=resource, context=context
    )
    policies = Policies(identity=(EVERYTHING,), resource=deployed.resource_policy(resource))
    assert decide([(policies, request)]) == [expected]


@pytest.mark.parametrize(("context", "expected"), [(VIA_S3, Decision.ALLOWED), ({}, Decision.IMPLICITLY_DENIED)])
def test_a_pipeline_uses_the_key_through_s3(context: dict[str, Any], expected: Decision) -> None:
    deployed = Deployed(template())
    key = deployed.arn("AWS::KMS::Key", "StateKey")
    role = deployed.arn("AWS::IAM::Role", "NetworkRole")
    requests = [
        Request(principal=role, action=action, resource=key, context=context)
        for action in ("kms:Decrypt", "kms:GenerateDataKey")
    ]
    assert set(decide([(deployed.policies(each), each) for each in requests])) == {expected}
