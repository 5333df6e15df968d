"""What `Containment` makes, and what it refuses."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_iam import Role

from secure_ddb import Containment, InvalidArgumentError
from secure_ddb.containment.policies import Exempt, quarantine_of_table
from secure_ddb.context import StackEnvironment
from secure_ddb.perimeter.policy import LARGEST_POLICY
from secure_ddb.rules.rule import Verdict
from tests.containment.contained import RESPONDERS, contained, document, named
from tests.orders import OWNERSHIP, WAIVER, orders
from tests.policies.engine import Decision, Request, decide
from tests.policies.resolve import Deployed
from tests.rules.handwritten import judgements
from tests.synthesized import synthesized
from tests.template import statements
from tests.test_lint_templates import (
    LINT_ALLOWED,
    PARLIAMENT_ALLOWED,
    not_allowed,
    policies,
    policy_issues,
    template_issues,
)

if TYPE_CHECKING:
    from tests.template import Template

LARGEST_DOCUMENT = 64 * 1024


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(contained))


def template() -> Template:
    return deployed().template


def actions(policy: str) -> dict[str, Any]:
    return statements(template().properties("AWS::IAM::ManagedPolicy", policy)["PolicyDocument"])


def test_template_passes_cfn_lint() -> None:
    assert not_allowed(template_issues(template()), LINT_ALLOWED) == []


def test_policies_pass_parliament() -> None:
    issues = (issue for policy in policies(template()) for issue in policy_issues(policy))
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


def test_rules_find_nothing() -> None:
    said = judgements(template().body, stack_name="Test")
    assert [str(each) for each in said if each.verdict is Verdict.NOT_MET] == []


@pytest.mark.parametrize("name", ["Quarantine", "Release"])
def test_documents_are_in_what_systems_manager_takes(name: str) -> None:
    properties = template().resources[named(template(), name)]["Properties"]
    assert (properties["DocumentType"], properties["UpdateMethod"]) == ("Automation", "NewVersion")
    assert len(json.dumps(document(deployed(), name))) < LARGEST_DOCUMENT


def test_quarantine_backs_up_first_and_tells_last() -> None:
    steps = document(deployed(), "Quarantine")["mainSteps"]
    assert [step["name"] for step in steps] == ["BackUp", "Deny", "RaiseAlarm"]
    assert [step.get("onFailure") for step in steps] == ["Continue", None, None]


def test_release_waits_before_it_changes_a_policy_again() -> None:
    assert [step["name"] for step in document(deployed(), "Release")["mainSteps"]] == ["Wait", "Restore", "EndAlarm"]


def test_only_systems_manager_assumes_the_role_for_automations_of_this_account() -> None:
    role = template().properties("AWS::IAM::Role", "ContainmentAutomationRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ssm.amazonaws.com"}
    assert deployed().resolve(trust["Condition"], "Trust") == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ssm:eu-central-1:111122223333:automation-execution/*"},
    }


def decision(action: str, resource: str, **context: str) -> Decision:
    """Decide what the runbooks' role may do."""
    role = deployed().arn("AWS::IAM::Role", "ContainmentAutomationRole")
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    request = Request(principal=role, action=action, resource=resource, context=keys)
    (answer,) = decide([(deployed().policies(request), request)])
    return answer


def test_the_role_does_what_it_needs() -> None:
    table = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders")
    saved = f"{deployed().arn('AWS::S3::Bucket', 'ContainmentPolicyBucket')}/{table.rpartition('/')[2]}.json"
    for action in ("CreateBackup", "DescribeTable", "GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy"):
        assert decision(f"dynamodb:{action}", table) is Decision.ALLOWED, action
    for action in ("GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy"):
        assert decision(f"dynamodb:{action}", f"{table}/stream/2026-01-01T00:00:00.000") is Decision.ALLOWED, action
    for action in ("s3:GetObject", "s3:PutObject"):
        assert decision(action, saved) is Decision.ALLOWED, action
    for key, service in (("ContainmentKey", "s3"), ("OrdersKey", "dynamodb")):
        arn = deployed().arn("AWS::KMS::Key", key)
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            through = {"kms_ViaService": f"{service}.eu-central-1.amazonaws.com"}
            assert decision(action, arn, **through) is Decision.ALLOWED, (action, key)


def test_the_role_does_nothing_else() -> None:
    table = deployed().arn("AWS::DynamoDB::GlobalTable", "Orders")
    bucket = deployed().arn("AWS::S3::Bucket", "ContainmentPolicyBucket")
    assert decision("dynamodb:PutResourcePolicy", f"{table}-other") is Decision.IMPLICITLY_DENIED
    for action in ("GetItem", "PutItem", "DeleteTable", "UpdateTable"):
        assert decision(f"dynamodb:{action}", table) is Decision.IMPLICITLY_DENIED, action
    assert decision("s3:GetObject", f"{bucket}/other.json") is Decision.IMPLICITLY_DENIED
    assert decision("s3:DeleteObject", f"{bucket}/{table.rpartition('/')[2]}.json") is Decision.EXPLICITLY_DENIED
    # The engine decides requests with a resource, which those of metrics do not have.
    (metrics,) = (each for each in actions("ContainmentAutomationPolicy").values() if each["Resource"] == "*")
    assert metrics["Action"] == "cloudwatch:PutMetricData"
    assert metrics["Condition"] == {"StringEquals": {"cloudwatch:namespace": "SecureDdb/Containment"}}


def test_nobody_else_writes_what_is_saved() -> None:
    bucket = deployed().arn("AWS::S3::Bucket", "ContainmentPolicyBucket")
    request = Request(
        principal="arn:aws:iam::111122223333:role/administrator", action="s3:PutObject", resource=f"{bucket}/a.json"
    )
    (answer,) = decide([(deployed().policies(request), request)])
    assert answer is Decision.EXPLICITLY_DENIED
    properties = template().properties("AWS::S3::Bucket", "ContainmentPolicyBucket")
    retention = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (properties["VersioningConfiguration"]["Status"], retention["Days"]) == ("Enabled", 365)


def test_start_policy_starts_both_runbooks_and_nothing_else() -> None:
    policy = actions("ContainmentStartPolicy")
    names = [each["Properties"]["Name"] for each in template().of_type("AWS::SSM::Document").values()]
    resources = deployed().resolve(policy["StartRunbooks"]["Resource"], "StartPolicy")
    here = "arn:aws:ssm:eu-central-1:111122223333"
    # What Systems Manager checks, and what it checked before and is giving up.
    assert resources == [
        *(f"{here}:document/{name}" for name in names),
        *(f"{here}:automation-definition/{name}:*" for name in names),
        f"{here}:automation-execution/*",
    ]
    assert policy["FindRunbooks"] == {
        "Sid": "FindRunbooks",
        "Effect": "Allow",
        "Action": "ssm:ListDocuments",
        "Resource": "*",
    }
    assert policy["PassRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}


def test_an_alarm_stays_on_until_the_release() -> None:
    alarm = template().alarms()["ContainmentQuarantined1"]
    assert alarm["TreatMissingData"] == "ignore"
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": template().named("AWS::SNS::Topic", "Orders")}]


def test_the_policy_has_room_for_many_responders() -> None:
    environment = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Test")
    responders = [f"arn:aws:iam::111122223333:role/{'x' * 64}-{number}" for number in range(20)]
    policy = quarantine_of_table(Exempt(responders=responders, automation="x" * 100, stream_readers=[]), environment)
    assert len(json.dumps(policy)) < LARGEST_POLICY


def stack() -> Stack:
    return Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))


def made(stack: Stack, **arguments: Any) -> Containment:
    responders = [Role.from_role_arn(stack, "Responders", RESPONDERS)]
    return Containment(stack, "Containment", **{"responders": responders, "ownership": OWNERSHIP, **arguments})


@pytest.mark.parametrize("given", [[], "orders", [None]])
def test_only_secure_tables_are_contained(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"tables is .*; allowed: one or more SecureTables"):
        made(stack(), tables=given)


def test_somebody_has_to_respond() -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=r"responders .*would deny everyone"):
        made(here, tables=[orders(here)], responders=[])


@pytest.mark.parametrize("argument", ["responders", "stream_readers"])
def test_only_roles_are_exempt(argument: str) -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=rf"{argument}\[0\] is .*an aws_iam.IRole"):
        made(here, tables=[orders(here)], **{argument: ["arn:aws:iam::111122223333:user/alice"]})


def test_a_table_without_alarms_is_refused() -> None:
    here = stack()
    with pytest.raises(InvalidArgumentError, match=r"tables\[0\] .*a table with alarms"):
        made(here, tables=[orders(here, alarms=WAIVER)])
