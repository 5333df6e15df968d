"""A model of an AWS account, for tests of the sandbox script.

botocore checks each request and each answer against AWS's description of the interface. What the services do is our
model of them and no evidence: the script has never been run against AWS.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from boto3 import Session  # type: ignore[import-untyped]
from botocore import xform_name  # type: ignore[import-untyped]
from botocore.response import StreamingBody  # type: ignore[import-untyped]
from botocore.validate import validate_parameters  # type: ignore[import-untyped]

from examples.sandbox.connection import Aws
from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from tests.audit.lines import SETTINGS

ACCOUNT = "111122223333"
REGION = "eu-central-1"
TABLE = "SandboxTable"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
STREAM = f"{TABLE_ARN}/stream/2030-01-01T00:00:00.000"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Sandbox-Audit"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FAILURE_BUCKET = "sandbox-failures"
MAPPING = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
SHARD = "shardId-00000001732217679123-5a6b7c8d"
FAILURE_KEY = f"aws/lambda/{MAPPING}/{SHARD}/2030/01/02/2030-01-02T03.04.05-a1c2"
VAULT = "SandboxVault"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1a2b"
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class Refusal:
    """An answer that is an error."""

    def __init__(self, code: str, message: str = "No.") -> None:
        self.code = code
        self.message = message


class Account(Aws):
    """The account. It sends nothing.

    Attributes:
        calls: Operation and arguments, in order.
        instead: Operation to what it answers instead, or to what is called with the arguments.
        waited: Seconds.
    """

    def __init__(self) -> None:
        super().__init__(SimpleNamespace(region_name=REGION), self._wait)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.instead: dict[str, Any] = {}
        self.waited = 0.0
        self._stack = ""
        self._status = ""
        self._items: dict[str, dict[str, Any]] = {}
        self._lines: list[str] = []
        self._link: str | None = None
        self._changes = 0
        self._objects: dict[str, dict[str, bytes]] = {}
        self._points: list[str] = []
        self._is_tenant = False
        self._over_http = False

    def client(self, service: str, **options: Any) -> Any:
        client = _client(service)
        return _Bound(self, client, over_http=options.get("use_ssl") is False)

    def with_session(self, session: Any) -> Aws:
        assert session.get_credentials().access_key == "ASIAEXAMPLETENANT"
        tenant = Account()
        tenant.__dict__.update({**self.__dict__, "_is_tenant": True})
        return tenant

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def answer(self, operation: str, arguments: dict[str, Any], *, over_http: bool) -> Any:
        self.calls.append((operation, arguments))
        self._over_http = over_http
        if operation in self.instead:
            instead = self.instead[operation]
            return instead(arguments) if callable(instead) else instead
        return getattr(self, f"_{operation}")(**arguments)

    def _wait(self, seconds: float) -> None:
        self.waited += seconds

    # AWS STS

    def _get_caller_identity(self) -> Any:
        return {"Account": ACCOUNT}

    def _assume_role(self, **_: Any) -> Any:
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        return {"Credentials": {**dict.fromkeys(names, "ASIAEXAMPLETENANT"), "Expiration": NOW}}

    # Amazon S3

    def _create_bucket(self, Bucket: str, **_: Any) -> Any:  # noqa: N803
        self._objects[Bucket] = {}
        return {}

    def _put_object(self, Bucket: str, Key: str, Body: bytes) -> Any:  # noqa: N803
        self._objects[Bucket][Key] = Body
        return {}

    def _list_objects_v2(self, Bucket: str, Prefix: str = "") -> Any:  # noqa: N803
        if Bucket not in self._objects:
            return {} if Bucket == FAILURE_BUCKET else Refusal("NoSuchBucket")
        keys = [key for key in self._objects[Bucket] if key.startswith(Prefix)]
        return {"Contents": [{"Key": key, "Size": 1, "LastModified": NOW} for key in keys]}

    def _list_object_versions(self, Bucket: str, Prefix: str) -> Any:  # noqa: N803
        keys = [key for key in self._objects.get(Bucket, ()) if key.startswith(Prefix)]
        return {
            "Versions": [
                {"Key": key, "VersionId": "1", "IsLatest": True, "Size": 1, "LastModified": NOW} for key in keys
            ]
        }

    def _get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803
        return {"Body": body(self._objects[Bucket][Key]), "SSEKMSKeyId": KEY}

    def _delete_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803
        del self._objects[Bucket][Key]
        return {}

    def _delete_bucket(self, Bucket: str) -> Any:  # noqa: N803
        assert self._objects.pop(Bucket) == {}
        return {}

    # AWS CloudFormation

    def _create_stack(self, StackName: str, **_: Any) -> Any:  # noqa: N803
        self._stack, self._status = StackName, "CREATE_IN_PROGRESS"
        return {}

    def _describe_stacks(self, **_: Any) -> Any:
        if not self._status:
            return Refusal("ValidationError")
        status = self._status
        self._status = {"CREATE_IN_PROGRESS": "CREATE_COMPLETE", "DELETE_IN_PROGRESS": ""}.get(status, status)
        outputs = {
            "TableName": TABLE,
            "TableArn": TABLE_ARN,
            "LogGroupName": f"{self._stack}-TableAuditLogGroup-1A2B",
            "FunctionName": "Sandbox-Audit",
            "TenantRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{self._stack}-Tenant-1A2B",
            "VaultName": VAULT,
            "KeyArn": KEY,
            "BackupRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{self._stack}-BackupRole-1A2B",
        }
        listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
        return {"Stacks": [{"StackName": self._stack, "CreationTime": NOW, "StackStatus": status, "Outputs": listed}]}

    def _describe_stack_events(self, **_: Any) -> Any:
        return {"StackEvents": []}

    def _delete_stack(self, **_: Any) -> Any:
        assert not self._points, "a vault that holds recovery points cannot be deleted"
        if self._status:
            self._status = "DELETE_IN_PROGRESS"
        return {}

    # Amazon CloudWatch and its logs

    def _filter_log_events(self, **_: Any) -> Any:
        return {"events": [{"logStreamName": "audit/1", "message": line} for line in self._lines]}

    def _describe_log_groups(self, logGroupNamePrefix: str) -> Any:  # noqa: N803
        return {"logGroups": [{"logGroupName": f"{logGroupNamePrefix}CustomS3AutoDelete"}]}

    def _delete_log_group(self, **_: Any) -> Any:
        return {}

    def _describe_alarms(self, AlarmNamePrefix: str, StateValue: str) -> Any:  # noqa: N803
        assert StateValue == "ALARM"
        return {"MetricAlarms": [{"AlarmName": f"{AlarmNamePrefix}TableAuditFailureDestination-1A2B"}]}

    def _get_metric_statistics(self, **_: Any) -> Any:
        return {"Datapoints": [{"Sum": 0.0}]}

    # Amazon DynamoDB and AWS Lambda

    def _put_item(self, Item: dict[str, Any], **_: Any) -> Any:  # noqa: N803
        self._change("INSERT", Item["pk"]["S"], Item)
        return {}

    def _update_item(self, Key: dict[str, Any], ExpressionAttributeValues: dict[str, Any], **_: Any) -> Any:  # noqa: N803
        if self._is_tenant:
            return Refusal("AccessDeniedException")
        key = Key["pk"]["S"]
        self._change("MODIFY", key, {**self._items[key], "status": ExpressionAttributeValues[":new"]})
        return {}

    def _delete_item(self, Key: dict[str, Any], **_: Any) -> Any:  # noqa: N803
        self._change("REMOVE", Key["pk"]["S"], {})
        return {}

    def _get_item(self, Key: dict[str, Any], ProjectionExpression: str = "", **_: Any) -> Any:  # noqa: N803
        item = self._items.get(Key["pk"]["S"])
        is_own = self._is_tenant and item and item["pk"] == {"S": "tenant-1"} and ProjectionExpression
        if self._over_http or not is_own or not item:
            return Refusal("AccessDeniedException")
        return {"Item": {name: item[name] for name in ("pk", "status")}}

    def _transact_get_items(self, **_: Any) -> Any:
        return Refusal("AccessDeniedException")

    def _scan(self, **_: Any) -> Any:
        return Refusal("AccessDeniedException")

    def _describe_table(self, **_: Any) -> Any:
        return {"Table": {"LatestStreamArn": STREAM}}

    def _list_backups(self, **_: Any) -> Any:
        return {"BackupSummaries": []}

    def _list_event_source_mappings(self, **_: Any) -> Any:
        destination = {"OnFailure": {"Destination": f"arn:aws:s3:::{FAILURE_BUCKET}"}}
        mapping = {"UUID": MAPPING, "FunctionArn": FUNCTION, "DestinationConfig": destination}
        return {"EventSourceMappings": [mapping]}

    def _invoke(self, Payload: bytes, **_: Any) -> Any:  # noqa: N803
        assert json.loads(Payload) == {"replay": {"key": FAILURE_KEY}}
        return {"StatusCode": 200, "Payload": body(json.dumps({"logged": 0, "failed": ["6"]}).encode())}

    def _change(self, action: str, key: str, item: dict[str, Any]) -> None:
        """Hand the change to the handler as Lambda does, and keep it in the failure bucket if that fails."""
        self._changes += 1
        images = {"OldImage": self._items.get(key), "NewImage": item}
        change = {name: image for name, image in images.items() if image}
        record = {
            "eventID": f"{self._changes:032}",
            "eventName": action,
            "eventSourceARN": STREAM,
            "dynamodb": {
                "ApproximateCreationDateTime": 1_893_553_445,
                "Keys": {"pk": {"S": key}},
                "SequenceNumber": str(self._changes),
                **change,
            },
        }
        self._items[key] = item
        batch = write_batch([record], SETTINGS, SHARD, self._link)
        self._lines += batch.lines
        self._link = batch.link or self._link
        if batch.failed:
            kept = {"DDBStreamBatchInfo": {"shardId": SHARD}, "payload": json.dumps({"Records": [record]})}
            self._objects[FAILURE_BUCKET] = {FAILURE_KEY: json.dumps(kept).encode()}

    # AWS Backup

    def _start_backup_job(self, **_: Any) -> Any:
        self._points.append(POINT)
        return {"BackupJobId": "job"}

    def _describe_backup_job(self, **_: Any) -> Any:
        return {"State": "COMPLETED", "RecoveryPointArn": POINT}

    def _describe_recovery_point(self, **_: Any) -> Any:
        return {"EncryptionKeyArn": KEY}

    def _describe_region_settings(self) -> Any:
        return {"ResourceTypeManagementPreference": {"DynamoDB": True}}

    def _list_backup_jobs(self, **_: Any) -> Any:
        return {"BackupJobs": [{"State": "COMPLETED"}]}

    def _list_recovery_points_by_backup_vault(self, **_: Any) -> Any:
        return {"RecoveryPoints": [{"RecoveryPointArn": point} for point in self._points]}

    def _delete_recovery_point(self, RecoveryPointArn: str, **_: Any) -> Any:  # noqa: N803
        self._points.remove(RecoveryPointArn)
        return {}


class _Bound:
    """A client whose requests an account answers."""

    def __init__(self, account: Account, client: Any, *, over_http: bool) -> None:
        self._account, self._client, self._over_http = account, client, over_http

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*arguments: Any, **keywords: Any) -> Any:
            _asked.append((self._account, self._over_http))
            try:
                return method(*arguments, **keywords)
            finally:
                _asked.pop()

        if name == "get_paginator":
            return lambda operation: SimpleNamespace(
                paginate=lambda **keywords: _pages(self, method(operation), keywords)
            )
        return call


def _pages(bound: _Bound, paginator: Any, keywords: dict[str, Any]) -> list[Any]:
    _asked.append((bound._account, bound._over_http))
    try:
        return list(paginator.paginate(**keywords))
    finally:
        _asked.pop()


# Clients are shared; this says whose request is under way.
_asked: list[tuple[Account, bool]] = []


@cache
def _client(service: str) -> Any:
    session = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none")  # noqa: S106
    client = session.client(service, region_name=REGION)
    arguments: list[dict[str, Any]] = []
    client.meta.events.register("before-parameter-build.*.*", lambda params, **_: arguments.append(dict(params)))

    def answer(model: Any, **_: Any) -> Any:
        account, over_http = _asked[-1]
        said = account.answer(xform_name(model.name), arguments.pop(), over_http=over_http)
        if isinstance(said, Refusal):
            return SimpleNamespace(status_code=400), {"Error": {"Code": said.code, "Message": said.message}}
        if model.output_shape:
            validate_parameters(said, model.output_shape)
        return SimpleNamespace(status_code=200), said

    client.meta.events.register("before-call.*.*", answer)
    return client


def body(content: bytes) -> StreamingBody:
    """Return content as S3 and Lambda answer with it."""
    return StreamingBody(io.BytesIO(content), len(content))
