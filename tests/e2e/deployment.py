"""Deploys synthesized stacks as the CDK CLI does: assets into the bootstrap bucket, then a change set."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.e2e.emulator import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.emulator import Emulator


def assets(region: str) -> str:
    """Return the bucket that `cdk bootstrap` leaves behind in a Region, as far as templates refer to it."""
    return f"cdk-hnb659fds-assets-{ACCOUNT}-{region}"


_BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
_SECONDS = 60


class DeploymentError(Exception):
    """A stack did not become what was asked for; the message has CloudFormation's reasons."""


class Deployment:
    """Stacks of one cloud assembly in one account.

    Attributes:
        emulator: The account.
    """

    def __init__(self, emulator: Emulator, assembly: Path) -> None:
        """Take an assembly; nothing is deployed yet."""
        self.emulator = emulator
        self._assembly = assembly
        self._client = emulator.client("cloudformation")

    def deploy(self, stack: str, *, import_existing: bool = False) -> None:
        """Create the stack, or update it if it is there; one whose creation has failed is deleted first.

        Raises:
            DeploymentError: CloudFormation cannot.
        """
        change_set = self.propose(stack, import_existing=import_existing)
        self._client.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        self._expect(stack, {"CREATE_COMPLETE", "UPDATE_COMPLETE"})

    def propose(self, stack: str, *, import_existing: bool = False) -> dict[str, Any]:
        """Create a change set and return CloudFormation's description of it; nothing is changed yet.

        Raises:
            DeploymentError: CloudFormation cannot.
        """
        if self.status(stack) == "ROLLBACK_COMPLETE":
            self.delete(stack)
        url = self._upload(stack)
        change_set = self._client.create_change_set(
            StackName=stack,
            ChangeSetName=f"deploy-{uuid4()}",
            ChangeSetType="CREATE" if self.status(stack) in (None, "REVIEW_IN_PROGRESS") else "UPDATE",
            TemplateURL=url,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            ImportExistingResources=import_existing,
        )
        described = _settled(lambda: self._client.describe_change_set(ChangeSetName=change_set["Id"]), "Status")
        if described["Status"] != "CREATE_COMPLETE":
            raise DeploymentError(described.get("StatusReason", ""))
        return described

    def delete(self, stack: str) -> None:
        """Delete the stack; what is to be retained stays.

        Raises:
            DeploymentError: CloudFormation cannot.
        """
        (found,) = self._client.describe_stacks(StackName=stack)["Stacks"]
        self._client.delete_stack(StackName=stack)
        # A deleted stack is found by its id only.
        self._expect(found["StackId"], {"DELETE_COMPLETE"})

    def status(self, stack: str) -> str | None:
        """Return the stack's status, or nothing if there is no such stack."""
        try:
            (found,) = self._client.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return str(found["StackStatus"])

    def resources(self, stack: str) -> dict[str, str]:
        """Return the physical id of each resource by its logical id."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=stack)
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
        }

    def template(self, stack: str) -> dict[str, Any]:
        """Return the stack's template as it was synthesized, or written."""
        content: dict[str, Any] = json.loads(self._template_file(stack).read_text(encoding="utf-8"))
        return content

    def write_template(self, stack: str, template: dict[str, Any]) -> None:
        """Deploy another template from now on."""
        self._template_file(stack).write_text(json.dumps(template), encoding="utf-8")

    def _template_file(self, stack: str) -> Path:
        return self._assembly / f"{stack}.template.json"

    def _upload(self, stack: str) -> str:
        """Upload the stack's assets and return the URL of its template."""
        manifest = json.loads((self._assembly / f"{stack}.assets.json").read_text(encoding="utf-8"))
        client = self.emulator.client("s3")
        url = ""
        for asset in manifest["files"].values():
            source = self._assembly / asset["source"]["path"]
            content = _zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
            (destination,) = asset["destinations"].values()
            bucket, key = destination["bucketName"], destination["objectKey"]
            client.put_object(Bucket=bucket, Key=key, Body=content)
            if source.name == f"{stack}.template.json":
                # The CDK CLI names the bucket in the host, which the bare emulator's CloudFormation does not read.
                url = f"https://s3.{self.emulator.region}.amazonaws.com/{bucket}/{key}"
        return url

    def _expect(self, stack: str, statuses: set[str]) -> None:
        status = ended(self._client, stack)["StackStatus"]
        if status not in statuses:
            raise DeploymentError(f"{stack} is {status}: {'; '.join(self._failures(stack))}")

    def _failures(self, stack: str) -> list[str]:
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for page in pages
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED")
        ]


def ended(client: Any, stack: str) -> dict[str, Any]:
    """Return the stack as soon as CloudFormation does not work on it any more."""
    return _settled(lambda: client.describe_stacks(StackName=stack)["Stacks"][0], "StackStatus")


def _settled(describe: Callable[[], dict[str, Any]], status: str) -> dict[str, Any]:
    until = time.monotonic() + _SECONDS
    while (found := describe())[status].endswith(("_IN_PROGRESS", "_PENDING")):
        if time.monotonic() > until:
            raise DeploymentError(f"still {found[status]} after {_SECONDS} seconds")
        time.sleep(0.05)
    return found


def bootstrap(emulator: Emulator) -> None:
    """Make what `cdk bootstrap` makes, as far as the stacks need it."""
    region = emulator.region
    bucket = assets(region)
    emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    emulator.client("ssm").put_parameter(Name=_BOOTSTRAP_VERSION, Value="30", Type="String")


def _zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            archive.write(file, file.relative_to(folder))
    return content.getvalue()
