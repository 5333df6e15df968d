"""Auditors read the audit trail and no items (AUD-5). What the policies decide together, tests/policies shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal, User
from cdk_nag import AwsSolutionsChecks

from secure_ddb import (
    ArchiveSettings,
    AuditSettings,
    DataClassification,
    InvalidArgumentError,
    LoggedKeys,
    NotCreatedError,
    SecureTable,
    SharedResources,
    TableTrail,
)
from tests.acceptance.managed_policies import actions_of
from tests.orders import OWNERSHIP, WAIVER, orders
from tests.template import Template, as_list

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Environment(account="111122223333", region="eu-central-1")
ALL_OF_IT = AuditSettings(archive=ArchiveSettings(), reads=TableTrail())


def a_stack() -> Stack:
    return Stack(App(), "Test", env=HERE)


def a_role(stack: Stack) -> Role:
    return Role(stack, "Auditor", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com"))


def granted(**arguments: Any) -> dict[str, list[dict[str, Any]]]:
    """Return what the auditor of a table may do: service to statements."""
    app = App()
    stack = Stack(app, "Test", env=HERE)
    orders(stack, **arguments).grant_audit(ManagedPolicy(stack, "AuditorPolicy", roles=[a_role(stack)]))
    template = Template(app.synth().get_stack_by_name("Test").template)
    found: dict[str, list[dict[str, Any]]] = {}
    for statement in template.properties("AWS::IAM::ManagedPolicy", "AuditorPolicy")["PolicyDocument"]["Statement"]:
        (service,) = {action.split(":")[0] for action in as_list(statement["Action"])}
        found.setdefault(service, []).append(statement)
    return found


def test_auditor_of_a_table_without_archive_and_trail_gets_no_object_and_no_key() -> None:
    found = granted()
    assert found.keys() == {"logs", "s3", "kms"}
    assert [as_list(each["Action"]) for each in found["s3"]] == [
        ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"]
    ]
    assert [each["Action"] for each in found["kms"]] == ["kms:VerifyMac"]


def test_auditor_verifies_no_macs_where_there_is_no_key_for_them() -> None:
    plain = AuditSettings(keys=LoggedKeys.PLAIN)
    assert "kms" not in granted(audit=plain, classification=DataClassification.INTERNAL)


def test_public_keys_of_cloudtrail_are_for_auditors_of_a_trail() -> None:
    assert granted(audit=ALL_OF_IT)["cloudtrail"][0]["Action"] == "cloudtrail:ListPublicKeys"
    assert "cloudtrail" not in granted(audit=AuditSettings(archive=ArchiveSettings()))


def test_only_the_public_keys_are_granted_on_everything() -> None:
    everywhere = [
        action
        for statements in granted(audit=ALL_OF_IT).values()
        for statement in statements
        if statement["Resource"] == "*"
        for action in as_list(statement["Action"])
    ]
    assert everywhere == ["cloudtrail:ListPublicKeys"]


@pytest.mark.parametrize("policy", ["ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess"])
def test_policies_of_aws_for_auditors_use_no_key(policy: str) -> None:
    # So that with them, too, an auditor's key decrypts archive and trail only.
    assert {action for action in actions_of(policy) if action.startswith("kms:D") or action in ("*", "kms:*")} <= {
        "kms:Describe*"
    }


def test_auditor_of_a_shared_audit_function_is_granted_that_as_a_whole() -> None:
    stack = a_stack()
    table = orders(stack, shared_resources=SharedResources(stack, "Shared", ownership=OWNERSHIP))
    with pytest.raises(InvalidArgumentError, match=r"shared audit function'; allowed: SharedResources\.grant_audit"):
        table.grant_audit(a_role(stack))


def test_table_without_an_audit_trail_has_nothing_to_grant() -> None:
    stack = a_stack()
    with pytest.raises(NotCreatedError, match=r"^audit trail does not exist"):
        orders(stack, audit=WAIVER).grant_audit(a_role(stack))


@pytest.mark.parametrize("make", [orders, lambda stack: SharedResources(stack, "Shared", ownership=OWNERSHIP)])
def test_users_get_no_grant(make: Callable[[Stack], SecureTable | SharedResources]) -> None:
    stack = a_stack()
    with pytest.raises(InvalidArgumentError, match="never IAM users"):
        make(stack).grant_audit(User(stack, "User"))


def test_wildcards_are_answered_on_policies_and_on_roles() -> None:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    table = orders(stack, audit=ALL_OF_IT)
    table.grant_audit(ManagedPolicy(stack, "AuditorPolicy", roles=[a_role(stack)]))
    table.grant_audit(Role(stack, "Other", assumed_by=ServicePrincipal("ecs-tasks.amazonaws.com")))
    table.grant_audit(Role.from_role_name(stack, "Existing", "auditors"))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    # It would raise.
    app.synth()
