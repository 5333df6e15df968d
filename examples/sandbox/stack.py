"""The deployed resources: an ephemeral table, a role with a narrow grant, and a backup vault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, Environment, RemovalPolicy, Stack
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import (
    AccountRootPrincipal,
    ManagedPolicy,
    PolicyDocument,
    PolicyStatement,
    Role,
    ServicePrincipal,
)

from secure_ddb import DataClassification, LeadingKeys, Lifecycle, Ownership, SecureTable
from secure_ddb.backup.backup import backup_key_statements
from secure_ddb.backup.role import backup_statements
from secure_ddb.context import stack_environment
from secure_ddb.encryption.table_key import KeyPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct

OWN_TENANT = "tenant-1"
_LIFECYCLE = Lifecycle.ephemeral(reason="sandbox")


class SandboxStack(Stack):
    """A table with everything that may go away with its stack."""

    def __init__(self, scope: Construct, id: str, *, env: Environment, assets_bucket: str) -> None:
        """Create the table and the resources for the trials.

        Args:
            scope: The app.
            id: Name of the stack.
            env: Account and Region.
            assets_bucket: The bucket that templates and code are uploaded to.
        """
        super().__init__(
            scope, id, env=env, synthesizer=CliCredentialsStackSynthesizer(file_assets_bucket_name=assets_bucket)
        )
        table = SecureTable(
            self,
            "Table",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=Ownership(
                owner="sandbox@example.com", cost_center="sandbox", application="sandbox", environment="sandbox"
            ),
            classification=DataClassification.INTERNAL,
            lifecycle=_LIFECYCLE,
        )
        tenant = Role(self, "Tenant", assumed_by=AccountRootPrincipal())
        table.grant_read_write_data(
            ManagedPolicy(self, "TenantPolicy", roles=[tenant]),
            attributes=["status"],
            leading_keys=LeadingKeys.values([OWN_TENANT]),
        )
        vault, backup_role = self._back_up(table)
        for name, value in {
            "TableName": table.table_name,
            "TableArn": table.table_arn,
            "LogGroupName": table.audit_log_group.log_group_name,
            "FunctionName": table.audit_function.function_name,
            "TenantRoleArn": tenant.role_arn,
            "VaultName": vault.backup_vault_name,
            "KeyArn": table.encryption_key.key_arn,
            "BackupRoleArn": backup_role.role_arn,
        }.items():
            CfnOutput(self, name, value=value)

    def _back_up(self, table: SecureTable) -> tuple[BackupVault, Role]:
        """Create a vault that can be deleted, and a role with what the library gives to AWS Backup."""
        environment = stack_environment(table)
        for statement in backup_key_statements(KeyPolicy(environment=environment)):
            table.encryption_key.add_to_resource_policy(PolicyStatement.from_json(statement))
        vault = BackupVault(self, "Vault", encryption_key=table.encryption_key, removal_policy=RemovalPolicy.DESTROY)
        statements = backup_statements(environment, table.table_arn, table.encryption_key.key_arn)
        policy = ManagedPolicy(
            self,
            "BackupPolicy",
            document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        )
        role = Role(self, "BackupRole", assumed_by=ServicePrincipal("backup.amazonaws.com"), managed_policies=[policy])
        return vault, role


class Asset(NamedTuple):
    """A file to upload.

    Attributes:
        source: The file, or the folder to zip.
        is_folder: Whether to zip it.
        key: Its key in the bucket.
    """

    source: Path
    is_folder: bool
    key: str


class Synthesized(NamedTuple):
    """A stack, ready to upload.

    Attributes:
        template: Key of the template in the bucket.
        assets: The template and the functions' code.
    """

    template: str
    assets: list[Asset]


def synthesize(directory: Path, name: str, account: str, region: str, assets_bucket: str) -> Synthesized:
    """Write the stack's template and list what has to be in the bucket."""
    app = App(outdir=str(directory))
    SandboxStack(app, name, env=Environment(account=account, region=region), assets_bucket=assets_bucket)
    artifact = app.synth().get_stack_by_name(name)
    manifest = json.loads((directory / f"{artifact.id}.assets.json").read_text(encoding="utf-8"))
    assets = [
        Asset(
            directory / each["source"]["path"],
            each["source"]["packaging"] == "zip",
            destination["objectKey"],
        )
        for each in manifest["files"].values()
        for destination in each["destinations"].values()
    ]
    (template,) = (each.key for each in assets if each.source.name == artifact.template_file)
    return Synthesized(template, assets)
