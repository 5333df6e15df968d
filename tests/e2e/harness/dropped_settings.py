"""Settings that the emulator's CloudFormation drops of buckets and topics, although its services keep them.

Encryption and Object Lock of a bucket, and the key of a topic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3, sns

from tests.e2e.harness.handlers import HANDLERS, Made, Properties, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

_bucket, _topic = dict(HANDLERS["AWS::S3::Bucket"]), dict(HANDLERS["AWS::SNS::Topic"])


def install() -> None:
    """Keep the settings when a resource is made and when it is updated."""
    for kind, emulated, keep in (("AWS::S3::Bucket", _bucket, _keep_bucket), ("AWS::SNS::Topic", _topic, _keep_topic)):
        HANDLERS[kind] = {
            **emulated,
            "create": _keeping(emulated["create"], keep, properties=1),
            "update": _keeping(emulated["update"], keep, properties=2),
        }


def _keeping(
    handler: Callable[..., Made], keep: Callable[[str, Properties], None], *, properties: int
) -> Callable[..., Made]:
    def handle(*arguments: Any, **options: Any) -> Made:
        made = handler(*arguments, **options)
        keep(made[0], arguments[properties])
        return made

    return handle


def _keep_bucket(name: str, properties: Properties) -> None:
    if "BucketEncryption" in properties:
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        default = rule["ServerSideEncryptionByDefault"]
        by_default = {"SSEAlgorithm": default["SSEAlgorithm"], "KMSMasterKeyID": default.get("KMSMasterKeyID", "")}
        fields: Properties = {"Rule": {"ApplyServerSideEncryptionByDefault": by_default}}
        _ask(s3._put_bucket_encryption, name, "ServerSideEncryptionConfiguration", fields)
    if "ObjectLockConfiguration" in properties:
        fields = {"ObjectLockEnabled": "Enabled", **properties["ObjectLockConfiguration"]}
        _ask(s3._put_object_lock_configuration, name, "ObjectLockConfiguration", fields)


def _keep_topic(arn: str, properties: Properties) -> None:
    if "KmsMasterKeyId" in properties:
        sns._topics[arn]["attributes"]["KmsMasterKeyId"] = properties["KmsMasterKeyId"]


def _ask(operation: Callable[..., tuple[int, Any, bytes]], bucket: str, name: str, fields: Properties) -> None:
    root = Element(name, xmlns=s3.S3_NS)
    _add(root, fields)
    status, _, body = operation(bucket, tostring(root))
    if status >= 400:
        raise RefusedError(body.decode())


def _add(parent: Element, fields: Properties) -> None:
    for name, value in fields.items():
        child = SubElement(parent, name)
        if isinstance(value, dict):
            _add(child, value)
        else:
            child.text = str(value)
