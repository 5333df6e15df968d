"""What triggers have in common: the account, what was made for them, and how to delete it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from examples.sandbox.run import Cleanup

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.sandbox.connection import Aws

NAME = "secure-ddb-game-day"
# IAM changes take some time to propagate.
_MINUTES_UNTIL_SEEN = 2


class NotTriedError(Exception):
    """A trigger cannot run here; the message names what is missing."""


class FailedError(Exception):
    """A trigger shows by itself that its detection does not work; the message says how."""


@dataclass
class Game:
    """A game day in an account and Region.

    Attributes:
        aws: The account and Region.
        account: The account's id.
        log_group: The audit log group, whose retention is set to what it is.
        cleanup: Deletes what was made.
    """

    aws: Aws
    account: str
    log_group: str
    cleanup: Cleanup = field(default_factory=Cleanup)
    _made: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client of boto3."""
        return self.aws.client(service)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what is made at the first call."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def key(self) -> str:
        """Return the id of a key, which is scheduled for deletion in the end."""

        def make() -> str:
            kms = self.client("kms")
            key = str(kms.create_key(Description=NAME)["KeyMetadata"]["KeyId"])
            self.cleanup.add(f"key {key}", lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7))
            return key

        return str(self.once("key", make))

    def table(self) -> str:
        """Return the ARN of an empty table without recovery to a point in time."""

        def make() -> str:
            tables = self.client("dynamodb")
            tables.create_table(
                TableName=NAME,
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            self.cleanup.add(f"table {NAME}", lambda: tables.delete_table(TableName=NAME))
            active = self.aws.until(lambda: self._state(tables) == "ACTIVE", minutes=5)
            if not active:
                raise NotTriedError(f"the table {NAME} did not become active")
            return str(tables.describe_table(TableName=NAME)["Table"]["TableArn"])

        return str(self.once("table", make))

    def role(self) -> str:
        """Return the ARN of a role that nothing is allowed to; AWS Backup and this account may assume it."""

        def make() -> str:
            iam = self.client("iam")
            principal = {"AWS": f"arn:aws:iam::{self.account}:root", "Service": "backup.amazonaws.com"}
            trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
            role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document)["Role"]["Arn"]
            self.cleanup.add(f"role {NAME}", lambda: iam.delete_role(RoleName=NAME))
            return str(role)

        return str(self.once("role", make))

    def vault(self) -> str:
        """Return the name of an empty backup vault."""

        def make() -> str:
            backups = self.client("backup")
            backups.create_backup_vault(BackupVaultName=NAME)
            self.cleanup.add(f"vault {NAME}", lambda: backups.delete_backup_vault(BackupVaultName=NAME))
            return NAME

        return str(self.once("vault", make))

    def until_allowed(self, call: Callable[[], Any], code: str) -> Any:
        """Repeat a call while AWS refuses it with a code, because something new is not seen yet."""

        def look() -> Any:
            try:
                return call()
            except self.client("sts").exceptions.ClientError as error:
                if error.response["Error"]["Code"] != code:
                    raise
                return None

        answer = self.aws.until(look, _MINUTES_UNTIL_SEEN)
        if answer is None:
            raise NotTriedError(f"AWS refused with {code} for {_MINUTES_UNTIL_SEEN} minutes")
        return answer

    def _state(self, tables: Any) -> str:
        return str(tables.describe_table(TableName=NAME)["Table"]["TableStatus"])
