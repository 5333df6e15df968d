"""`TableHook`: refuses tables at deployment that this library's rules would refuse at synth (DET-4)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnGuardHook
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.classification import DataClassification
from secure_ddb.config_rules.guard import GLOBAL_TABLE, TABLE
from secure_ddb.context import table_context
from secure_ddb.errors import reject, require_type
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.tags.ownership import Ownership

# What `template_rules(Input.HOOK)` returns; a Hook reads its rules from a bucket.
RULES = Path(__file__).parent / "tables.guard"
_ALIAS = "SecureDdb::DynamoDb::Tables"
_MOST_STACKS = 50


class HookMode(StrEnum):
    """CloudFormation's reaction to a table that violates the rules."""

    WARN = "WARN"
    """It goes on, with a warning in the events of the stack."""

    FAIL = "FAIL"
    """It does not create or change the table, and the deployment fails."""


class TableHook(Construct):
    """A CloudFormation Hook on all tables of the account and Region, from whatever template. docs/config-rules.md.

    It looks at encryption, point-in-time recovery, deletion protection and stream when a table is created or changed.
    A Hook sees no waivers: name the stacks that have some.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ownership: Ownership,
        mode: HookMode = HookMode.WARN,
        except_stacks: Sequence[str] = (),
    ) -> None:
        """Make the Hook, and the role with which CloudFormation reads its rules.

        Args:
            scope: Where to make it; once for an account and Region.
            id: Construct id.
            ownership: Its owner and cost center.
            mode: Whether a deployment fails.
            except_stacks: Names of stacks that it does not look at, 50 at most.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, DataClassification.INTERNAL, Lifecycle.retained())
        require_type("mode", mode, HookMode, ", ".join(f"HookMode.{each.name}" for each in HookMode))
        _check_stacks(except_stacks)
        super().__init__(scope, id)
        rules = Asset(self, "Rules", path=str(RULES))
        role = Role(
            self,
            "Role",
            path=SERVICE_ROLE_PATH,
            assumed_by=ServicePrincipal(
                "hooks.cloudformation.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": context.environment.account}},
            ),
        )
        bucket = f"arn:{context.environment.partition}:s3:::{rules.s3_bucket_name}"
        statements = read_rules(bucket, rules.s3_object_key)
        policy = ManagedPolicy(
            self,
            "Policy",
            path=SERVICE_ROLE_PATH,
            description="Lets CloudFormation read the rules of a Hook",
            document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
            roles=[role],
        )
        names = CfnGuardHook.StackNamesProperty(exclude=list(except_stacks))
        hook = CfnGuardHook(
            self,
            "Hook",
            alias=_ALIAS,
            execution_role=role.role_arn,
            failure_mode=mode.value,
            hook_status="ENABLED",
            rule_location=CfnGuardHook.S3LocationProperty(uri=rules.s3_object_url),
            target_operations=["RESOURCE"],
            target_filters=CfnGuardHook.TargetFiltersProperty(
                targets=[
                    CfnGuardHook.HookTargetProperty(target_name=name, action=action, invocation_point="PRE_PROVISION")
                    for name in (GLOBAL_TABLE, TABLE)
                    for action in ("CREATE", "UPDATE")
                ]
            ),
            stack_filters=(
                CfnGuardHook.StackFiltersProperty(filtering_criteria="ALL", stack_names=names)
                if except_stacks
                else None
            ),
        )
        hook.node.add_dependency(policy)
        tag_table(context)


def read_rules(bucket_arn: str, key: str) -> list[dict[str, Any]]:
    """Return the permissions of a Guard Hook's role.

    https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/guard-hooks-prepare-to-create-hook.html
    """
    return [
        {
            "Sid": "ReadRules",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": f"{bucket_arn}/{key}",
        },
        {"Sid": "FindRules", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket_arn},
    ]


def _check_stacks(names: Sequence[str]) -> None:
    allowed = f"a list of at most {_MOST_STACKS} names of stacks that are known at synth"
    if isinstance(names, str) or not isinstance(names, Sequence) or len(names) > _MOST_STACKS:
        reject("except_stacks", names, allowed)
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name or is_token(name):
            reject(f"except_stacks[{position}]", name, allowed)
