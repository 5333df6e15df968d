"""The evidence bucket: who writes, that what is written stays, and that responders may preserve and nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk.aws_iam import Role

from secure_ddb import IncidentEvidence, InvalidArgumentError
from secure_ddb.rules.rule import Verdict
from tests.containment.contained import RESPONDERS
from tests.containment.test_containment_construct import stack
from tests.orders import OWNERSHIP, orders
from tests.policies.deployments import FULL_ACCESS
from tests.policies.engine import Decision, Policies, Request, decide
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
    from aws_cdk import Stack

ADMINISTRATOR = "arn:aws:iam::111122223333:role/administrator"
LOGS = "logs.eu-central-1.amazonaws.com"
FROM_HERE = {
    "aws:SourceAccount": "111122223333",
    "aws:SourceArn": "arn:aws:logs:eu-central-1:111122223333:log-group:audit",
}


def made(stack: Stack, **arguments: Any) -> IncidentEvidence:
    responders = [Role.from_role_arn(stack, "Responders", RESPONDERS)]
    return IncidentEvidence(stack, "Evidence", **{"responders": responders, "ownership": OWNERSHIP, **arguments})


def filled(stack: Stack) -> None:
    made(stack, tables=[orders(stack)], retention=Duration.days(30))


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(filled))


def test_template_passes_cfn_lint() -> None:
    assert not_allowed(template_issues(deployed().template), LINT_ALLOWED) == []


def test_policies_pass_parliament() -> None:
    issues = (issue for policy in policies(deployed().template) for issue in policy_issues(policy))
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


def test_rules_find_nothing() -> None:
    said = judgements(deployed().template.body, stack_name="Test")
    assert [str(each) for each in said if each.verdict is Verdict.NOT_MET] == []


def test_objects_are_locked() -> None:
    properties = deployed().template.properties("AWS::S3::Bucket", "EvidenceBucket")
    assert properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Days": 30, "Mode": "GOVERNANCE"}


def on_bucket(principal: str, action: str, context: dict[str, str] | None = None) -> Decision:
    """Decide a request of a principal that may do everything by IAM."""
    bucket = deployed().arn("AWS::S3::Bucket", "EvidenceBucket")
    resource = bucket if action == "s3:GetBucketAcl" else f"{bucket}/orders/settings.json"
    name = deployed().template.named("AWS::S3::BucketPolicy", "Evidence")
    policy = deployed().resolve(deployed().template.resources[name]["Properties"]["PolicyDocument"], name)
    identity = (FULL_ACCESS,) if principal.startswith("arn:") else ()
    request = Request(principal=principal, action=action, resource=resource, context=context or {})
    (answer,) = decide([(Policies(identity=identity, resource=policy), request)])
    return answer


@pytest.mark.parametrize(
    ("principal", "action", "context", "expected"),
    [
        (RESPONDERS, "s3:PutObject", {}, Decision.ALLOWED),
        (LOGS, "s3:PutObject", FROM_HERE, Decision.ALLOWED),
        (LOGS, "s3:GetBucketAcl", FROM_HERE, Decision.ALLOWED),
        (LOGS, "s3:PutObject", {**FROM_HERE, "aws:SourceAccount": "444455556666"}, Decision.IMPLICITLY_DENIED),
        ("s3.amazonaws.com", "s3:PutObject", FROM_HERE, Decision.IMPLICITLY_DENIED),
        (ADMINISTRATOR, "s3:PutObject", {}, Decision.EXPLICITLY_DENIED),
        (f"{RESPONDERS}-2", "s3:PutObject", {}, Decision.EXPLICITLY_DENIED),
        *(
            (RESPONDERS, f"s3:{action}", {}, Decision.EXPLICITLY_DENIED)
            for action in ("DeleteObject", "PutObjectRetention")
        ),
        (RESPONDERS, "s3:BypassGovernanceRetention", {}, Decision.EXPLICITLY_DENIED),
        (RESPONDERS, "s3:PutObject", {"aws:SecureTransport": "false"}, Decision.EXPLICITLY_DENIED),
    ],
)
def test_who_writes_to_the_bucket(principal: str, action: str, context: dict[str, str], expected: Decision) -> None:
    assert on_bucket(principal, action, context) is expected


def key_policy(name: str) -> dict[str, Any]:
    logical_id = deployed().template.named("AWS::KMS::Key", name)
    properties = deployed().template.resources[logical_id]["Properties"]
    policy: dict[str, Any] = deployed().resolve(properties["KeyPolicy"], logical_id)
    return policy


def preserving(action: str, resource: str, *, key: str = "", **context: str) -> Decision:
    """Decide what a role may that has nothing but the policy; of a key, by the key's own policy, too."""
    name = deployed().template.named("AWS::IAM::ManagedPolicy", "EvidencePreservePolicy")
    policy = deployed().resolve(deployed().template.resources[name]["Properties"]["PolicyDocument"], name)
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    request = Request(principal=RESPONDERS, action=action, resource=resource, context=keys)
    of_key = key_policy(key) if key else None
    (answer,) = decide([(Policies(identity=(policy,), resource=of_key), request)])
    return answer


def test_the_policy_is_enough_for_each_step() -> None:
    table = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders")
    bucket = deployed().arn("AWS::S3::Bucket", "EvidenceBucket")
    for action in ("CreateBackup", "DescribeTable", "DescribeContinuousBackups", "ExportTableToPointInTime"):
        assert preserving(f"dynamodb:{action}", table) is Decision.ALLOWED, action
    assert preserving("dynamodb:DescribeExport", f"{table}/export/01") is Decision.ALLOWED
    for action in ("PutObject", "GetObjectVersion", "AbortMultipartUpload"):
        assert preserving(f"s3:{action}", f"{bucket}/orders/1/settings.json") is Decision.ALLOWED, action
    assert preserving("s3:ListBucketVersions", bucket) is Decision.ALLOWED
    for key, service in (("OrdersKey", "dynamodb"), ("EvidenceKey", "s3")):
        arn = deployed().arn("AWS::KMS::Key", key)
        through = {"kms_ViaService": f"{service}.eu-central-1.amazonaws.com", "kms_CallerAccount": "111122223333"}
        assert preserving("kms:GenerateDataKey", arn, key=key, **through) is Decision.ALLOWED, key


def test_the_policy_allows_neither_items_nor_changes() -> None:
    table = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders")
    for action in ("GetItem", "Scan", "PutItem", "DeleteTable", "PutResourcePolicy"):
        assert preserving(f"dynamodb:{action}", table) is Decision.IMPLICITLY_DENIED, action
    key = deployed().arn("AWS::KMS::Key", "OrdersKey")
    assert preserving("kms:Decrypt", key, key="OrdersKey") is Decision.IMPLICITLY_DENIED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tables": []}, "tables .*one or more SecureTables"),
        ({"responders": []}, "responders .*otherwise no role could write"),
        ({"responders": ["arn:aws:iam::111122223333:role/a"]}, r"responders\[0\] .*an aws_iam.IRole"),
        ({"retention": Duration.days(0)}, "retention is '0 days'; allowed: 1 to 36500 days"),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments: dict[str, Any], message: str) -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=message):
        made(here, **{"tables": [orders(here)], **arguments})
