"""Linters that know AWS better than CDK does: cfn-lint reads every template, parliament every policy."""

from __future__ import annotations

import json
import warnings
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.configurations import CONFIGURATIONS
from tests.policies.deployments import BOUNDARY, SERVICE_CONTROL, separate_lanes
from tests.policies.resolve import Deployed
from tests.policies.service_actions import exists
from tests.synthesized import synthesized
from tests.template import Template, as_list, walk

with warnings.catch_warnings():
    # It leaves its data files open, and newer setuptools deprecate the module that it finds them with.
    warnings.simplefilter("ignore")
    from parliament import analyze_policy_string, expand_action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CHECKOUT = Path(__file__).parents[1]
REPLAY_POLICY = "docs/replay-policy.json"
REGION = "eu-central-1"
BUCKET_POLICY = "AWS::S3::BucketPolicy PolicyDocument"
ENDPOINT_POLICY = "AWS::EC2::VPCEndpoint PolicyDocument"
KEY_POLICY = "AWS::KMS::Key KeyPolicy"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy PolicyDocument"
TABLE_POLICY = "AWS::DynamoDB::GlobalTable PolicyDocument"
TOPIC_POLICY = "AWS::SNS::TopicPolicy PolicyDocument"
TRUST_POLICY = "AWS::IAM::Role AssumeRolePolicyDocument"
VAULT_POLICY = "AWS::Backup::BackupVault AccessPolicy"
POLICIES = (
    BUCKET_POLICY,
    ENDPOINT_POLICY,
    KEY_POLICY,
    MANAGED_POLICY,
    TABLE_POLICY,
    TOPIC_POLICY,
    TRUST_POLICY,
    VAULT_POLICY,
)


class Allowed(NamedTuple):
    """What a linter may find, because it is wrong or speaks of what this library did not make.

    Attributes:
        where: What the logical id begins with, or the kind of the policy.
        rule: What the linter calls it.
        detail: What the finding begins with.
        reason: Why it is allowed.
    """

    where: str
    rule: str
    detail: str
    reason: str


LINT_ALLOWED = (
    Allowed("Vpc", "W3010", "Avoid hardcoding", "the test's own VPC; CDK cannot look its zones up"),
    Allowed("CustomS3AutoDeleteObjects", "W3005", "'CustomS3AutoDelete", "CDK's own, to empty an ephemeral bucket"),
)
# What CloudWatch Logs needs of a key, as documented:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
_LOGS = "kms:EncryptionContext:aws:logs:arn"
PARLIAMENT_ALLOWED = (
    Allowed(KEY_POLICY, "RESOURCE_STAR", "", "the key that has the policy"),
    Allowed(TRUST_POLICY, "RESOURCE_STAR", "", "added by the test: a trust policy names no resource"),
    Allowed(KEY_POLICY, "UNKNOWN_CONDITION_FOR_ACTION", f"Unknown condition {_LOGS} for", "as AWS documents it"),
    Allowed(KEY_POLICY, "MISMATCHED_TYPE", "Type mismatch: ArnLike requires", "as AWS documents it"),
    Allowed(
        MANAGED_POLICY,
        "RESOURCE_MISMATCH",
        "dynamodb:ListStreams needs *",
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        "iam-policy-example-lamda-process-dynamodb-streams.html names the stream",
    ),
    *(
        Allowed(
            kind,
            "RESOURCE_MISMATCH",
            f"dynamodb:{verb}ResourcePolicy needs arn:*:dynamodb:*:*:table/*/stream/*",
            "works on tables and on streams; parliament wants both to be named",
        )
        for kind in (ENDPOINT_POLICY, MANAGED_POLICY)
        for verb in ("Delete", "Get", "Put")
    ),
    Allowed(BUCKET_POLICY, "RESOURCE_MISMATCH", "s3:List", "CDK's own s3:List*, to empty an ephemeral bucket"),
    Allowed(
        BUCKET_POLICY,
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
        "Possible resource policy privilege escalation",
        "CDK's own s3:PutBucketPolicy, to keep new objects out while it empties an ephemeral bucket",
    ),
)

# Without the colons that a real one has, which parliament takes for separators.
STREAM_ARN = f"arn:aws:dynamodb:{REGION}:111122223333:table/Orders/stream/2030-01-01T00.00.00"


class Policy(NamedTuple):
    """A policy of a template, without intrinsic functions."""

    kind: str
    document: dict[str, Any]

    def with_action(self, action: str) -> Policy:
        """Return a copy whose first statement names one more action."""
        document = deepcopy(self.document)
        first = document["Statement"][0]
        first["Action"] = [*as_list(first["Action"]), action]
        return Policy(self.kind, document)


class Issue(NamedTuple):
    """What a linter finds: where, by which rule, and its details."""

    where: str
    rule: str
    detail: str


def policies(template: Template) -> Iterator[Policy]:
    """Yield everything in a template that is a policy, wherever it stands."""
    streams = {f"{name}.StreamArn": STREAM_ARN for name in template.of_type("AWS::DynamoDB::GlobalTable")}
    deployed = Deployed(template, streams)
    for name, resource in template.resources.items():
        for value in walk(resource.get("Properties", {})):
            for key, document in value.items() if isinstance(value, dict) else ():
                if isinstance(document, dict) and "Statement" in document:
                    yield Policy(f"{resource['Type']} {key}", deployed.resolve(document, f"{name}.{key}"))


def policy_issues(policy: Policy) -> Iterator[Issue]:
    """Yield what parliament has to say."""
    # Parliament takes every policy for one of a principal, which has to say what it is about.
    statements = [{"Resource": "*", **_without_new_actions(statement)} for statement in policy.document["Statement"]]
    for finding in _analyzed(json.dumps({**policy.document, "Statement": statements})):
        for detail in as_list(finding.detail):
            text = f"{detail['action']} needs {detail['required_format']}" if isinstance(detail, dict) else str(detail)
            yield Issue(policy.kind, finding.issue, text)


def _without_new_actions(statement: dict[str, Any]) -> dict[str, Any]:
    """Return a statement without the actions that AWS's list has and parliament's, which is older, has not.

    Of a statement with one that it does not know, it says nothing else.
    """
    actions = as_list(statement.get("Action", []))
    new = [action for action in actions if action != "*" and exists(action) and not expand_action(action, False)]
    return {**statement, "Action": [action for action in actions if action not in new]} if new else statement


def template_issues(template: Template) -> Iterator[Issue]:
    """Yield the errors and warnings that cfn-lint has; what merely informs has to be asked for."""
    for match in _linted(json.dumps(template.body)):
        yield Issue(str(match.path[1]), match.rule.id, match.message)


@cache
def _analyzed(document: str) -> list[Any]:
    return list(analyze_policy_string(document).findings)


@cache
def _linted(body: str) -> list[Any]:
    return list(lint(body, config=ManualArgs(regions=[REGION])))


def matches(issue: Issue, allowed: Allowed) -> bool:
    return (
        issue.where.startswith(allowed.where) and issue.rule == allowed.rule and issue.detail.startswith(allowed.detail)
    )


def not_allowed(issues: Iterable[Issue], all_allowed: Iterable[Allowed]) -> list[Issue]:
    return [issue for issue in issues if not any(matches(issue, allowed) for allowed in all_allowed)]


@pytest.fixture(scope="module")
def all_policies(template: Callable[[str], Template]) -> list[Policy]:
    """Return the policies of all configurations."""
    return [policy for name in CONFIGURATIONS for policy in policies(template(name))]


def test_template_passes_cfn_lint(each_template: Template) -> None:
    assert not_allowed(template_issues(each_template), LINT_ALLOWED) == []


def test_policies_pass_parliament(each_template: Template) -> None:
    issues = (issue for policy in policies(each_template) for issue in policy_issues(policy))
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


def test_policies_that_only_the_policy_engine_decides_pass_parliament() -> None:
    guardrails = [Policy("guardrail", document) for document in (BOUNDARY, SERVICE_CONTROL)]
    issues = [
        issue for policy in (*policies(synthesized(separate_lanes)), *guardrails) for issue in policy_issues(policy)
    ]
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


@pytest.mark.parametrize("allowed", LINT_ALLOWED, ids=lambda allowed: allowed.rule)
def test_what_cfn_lint_may_find_is_still_there(template: Callable[[str], Template], allowed: Allowed) -> None:
    assert any(matches(issue, allowed) for name in CONFIGURATIONS for issue in template_issues(template(name)))


@pytest.mark.parametrize("allowed", PARLIAMENT_ALLOWED, ids=lambda allowed: f"{allowed.where}-{allowed.rule}")
def test_what_parliament_may_find_is_still_there(all_policies: list[Policy], allowed: Allowed) -> None:
    assert any(matches(issue, allowed) for policy in all_policies for issue in policy_issues(policy))


def test_policies_of_every_kind_are_read(all_policies: list[Policy]) -> None:
    assert {policy.kind for policy in all_policies} == set(POLICIES)


def test_cfn_lint_finds_a_value_out_of_range(minimal: Template) -> None:
    planted = Template(deepcopy(minimal.body))
    planted.properties("AWS::KMS::Key", "OrdersKey")["PendingWindowInDays"] = 6

    assert "E3034" in {issue.rule for issue in not_allowed(template_issues(planted), LINT_ALLOWED)}


@pytest.mark.parametrize("kind", POLICIES)
def test_parliament_finds_a_misspelt_action(all_policies: list[Policy], kind: str) -> None:
    for policy in (policy for policy in all_policies if policy.kind == kind):
        planted = policy.with_action("dynamodb:GetItmes")
        assert "UNKNOWN_ACTION" in {issue.rule for issue in not_allowed(policy_issues(planted), PARLIAMENT_ALLOWED)}


def test_parliament_finds_an_action_on_a_resource_of_another_kind(all_policies: list[Policy]) -> None:
    for policy in (policy for policy in all_policies if policy.kind == MANAGED_POLICY):
        issues = not_allowed(policy_issues(policy.with_action("sqs:SendMessage")), PARLIAMENT_ALLOWED)
        assert ("RESOURCE_MISMATCH", "sqs:SendMessage") in {(issue.rule, issue.detail.split()[0]) for issue in issues}


def test_parliament_finds_a_permission_on_everything(all_policies: list[Policy]) -> None:
    for policy in (policy for policy in all_policies if policy.kind == MANAGED_POLICY):
        planted = deepcopy(policy)
        planted.document["Statement"][0]["Resource"] = "*"
        issues = not_allowed(policy_issues(planted), PARLIAMENT_ALLOWED)
        assert "RESOURCE_STAR" in {issue.rule for issue in issues}


def test_the_policy_that_the_documents_show_passes_parliament() -> None:
    policy = Policy(REPLAY_POLICY, json.loads((CHECKOUT / REPLAY_POLICY).read_text(encoding="utf-8")))
    assert list(policy_issues(policy)) == []
    for action in ("dynamodb:GetItmes", "s3:GetObject"):
        assert list(policy_issues(policy.with_action(action))) != []
