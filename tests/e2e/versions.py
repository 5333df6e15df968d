"""One stack in several versions, each with one table: what a test deploys one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_kms import Key

from secure_ddb import EncryptionSettings
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.orders import orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import Stack

    from secure_ddb import SecureTable
    from tests.e2e.emulator import Emulator


class Versions:
    """A stack that changes.

    Attributes:
        name: Its name.
    """

    def __init__(self, emulator: Emulator, folder: Path, name: str) -> None:
        """Name the stack; nothing is deployed yet."""
        self.name = name
        self._emulator = emulator
        self._folder = folder
        self._count = 0

    def deploy(self, *, import_existing: bool = False, **arguments: Any) -> Table:
        """Deploy a version, and return its table.

        Raises:
            DeploymentError: CloudFormation cannot.
        """
        deployment = self.synthesized(**arguments)
        deployment.deploy(self.name, import_existing=import_existing)
        return Table(deployment, self.name)

    def synthesized(
        self, *, key_arn: str = "", beside: Callable[[Stack, SecureTable], object] | None = None, **arguments: Any
    ) -> Deployment:
        """Return a version that is not deployed yet.

        Args:
            key_arn: The key that encrypts the table; if there is none, the stack makes one.
            beside: Adds to the stack what is there beside the table.
            arguments: Of the table.
        """

        def fill(stack: Stack) -> None:
            given = {"encryption": EncryptionSettings(key=Key.from_key_arn(stack, "Key", key_arn))} if key_arn else {}
            table = orders(stack, **arguments, **given)
            if beside:
                beside(stack, table)

        self._count += 1
        return Deployment(self._emulator, assembly(self._folder / f"{self.name}-{self._count}", self.name, fill))
