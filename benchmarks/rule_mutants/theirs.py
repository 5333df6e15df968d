"""The same kind of resource, of somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.rule_mutants.policies import THEIRS

if TYPE_CHECKING:
    from benchmarks.rule_mutants.places import Body

_PLACE = f"eu-central-1:{THEIRS}"
# What `Ref` and what the ARN stand for.
_NAMES = {
    "AWS::Backup::BackupPlan": ("00000000-0000-0000-0000-000000000000", f"arn:aws:backup:{_PLACE}:backup-plan:0"),
    "AWS::Backup::BackupVault": ("theirs", f"arn:aws:backup:{_PLACE}:backup-vault:theirs"),
    "AWS::DynamoDB::GlobalTable": ("theirs", f"arn:aws:dynamodb:{_PLACE}:table/theirs"),
    "AWS::IAM::ManagedPolicy": (f"arn:aws:iam::{THEIRS}:policy/theirs",) * 2,
    "AWS::IAM::Role": ("theirs", f"arn:aws:iam::{THEIRS}:role/theirs"),
    "AWS::KMS::Key": ("0f000000-0000-0000-0000-000000000000", f"arn:aws:kms:{_PLACE}:key/0f000000"),
    "AWS::KinesisFirehose::DeliveryStream": ("theirs", f"arn:aws:firehose:{_PLACE}:deliverystream/theirs"),
    "AWS::Kinesis::Stream": ("theirs", f"arn:aws:kinesis:{_PLACE}:stream/theirs"),
    "AWS::Lambda::Function": ("theirs", f"arn:aws:lambda:{_PLACE}:function:theirs"),
    "AWS::Lambda::EventSourceMapping": ("0f000000-0000-0000-0000-000000000000",) * 2,
    "AWS::Logs::LogGroup": ("theirs", f"arn:aws:logs:{_PLACE}:log-group:theirs:*"),
    "AWS::S3::Bucket": ("theirs", "arn:aws:s3:::theirs"),
    "AWS::SNS::Topic": (f"arn:aws:sns:{_PLACE}:theirs",) * 2,
}


def with_theirs(value: Any, body: Body) -> Any:
    """Return a value in which each reference to a resource of the template is one to somebody else's."""
    match value:
        case {"Ref": str(logical_id)}:
            return _names(logical_id, body, value)[0]
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            names = _names(logical_id, body, value)
            if attribute == "StreamArn":
                return f"{names[1]}/stream/2026-01-01T00:00:00.000"
            return names[1] if attribute.endswith("Arn") else names[0]
        case dict():
            return {name: with_theirs(inner, body) for name, inner in value.items()}
        case list():
            return [with_theirs(inner, body) for inner in value]
    return value


def _names(logical_id: str, body: Body, otherwise: Any) -> tuple[Any, Any]:
    kind = body["Resources"].get(logical_id, {}).get("Type")
    return _NAMES.get(kind, (otherwise, otherwise))
