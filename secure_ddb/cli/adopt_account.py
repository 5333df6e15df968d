"""AWS's responses about a table. Loads boto3, so the command loads it only when it asks AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMESPACE = "dynamodb"


class BotoAccount:
    """An account and Region, asked through boto3."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - boto3 has no types
        """Make the clients. Nothing is asked yet."""
        self._tables = session.client("dynamodb")
        self._keys = session.client("kms")
        self._scaling = session.client("application-autoscaling")

    def describe_table(self, name: str) -> Mapping[str, Any]:
        """Return `Table`."""
        found: Mapping[str, Any] = self._tables.describe_table(TableName=name)["Table"]
        return found

    def tags(self, arn: str) -> list[dict[str, str]]:
        """Return all tags."""
        pages = self._tables.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        return [tag for page in pages for tag in page["Tags"]]

    def continuous_backups(self, name: str) -> Mapping[str, Any]:
        """Return `ContinuousBackupsDescription`."""
        answer = self._tables.describe_continuous_backups(TableName=name)
        found: Mapping[str, Any] = answer["ContinuousBackupsDescription"]
        return found

    def time_to_live(self, name: str) -> Mapping[str, Any]:
        """Return `TimeToLiveDescription`."""
        found: Mapping[str, Any] = self._tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return found

    def insights(self, name: str, index: str) -> Mapping[str, Any]:
        """Return the response of `describe_contributor_insights` for the table, or for one of its indexes."""
        of_index = {"IndexName": index} if index else {}
        found: Mapping[str, Any] = self._tables.describe_contributor_insights(TableName=name, **of_index)
        return found

    def policy(self, arn: str) -> str | None:
        """Return the resource policy of a table or a stream."""
        try:
            return str(self._tables.get_resource_policy(ResourceArn=arn)["Policy"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "PolicyNotFoundException":
                return None
            raise

    def kinesis(self, name: str) -> list[Mapping[str, Any]]:
        """Return `KinesisDataStreamDestinations`."""
        answer = self._tables.describe_kinesis_streaming_destination(TableName=name)
        return list(answer.get("KinesisDataStreamDestinations", ()))

    def key_manager(self, key: str) -> str | None:
        """Return whose key it is, `AWS` or `CUSTOMER`; None if the credentials may not ask."""
        try:
            return str(self._keys.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"])
        except ClientError as error:
            if error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}:
                return None
            raise

    def scalable_targets(self, resource_ids: list[str]) -> list[Mapping[str, Any]]:
        """Return `ScalableTargets`."""
        paginator = self._scaling.get_paginator("describe_scalable_targets")
        pages = paginator.paginate(ServiceNamespace=_NAMESPACE, ResourceIds=resource_ids)
        return [target for page in pages for target in page["ScalableTargets"]]

    def scaling_policies(self, resource_id: str) -> list[Mapping[str, Any]]:
        """Return `ScalingPolicies`."""
        paginator = self._scaling.get_paginator("describe_scaling_policies")
        pages = paginator.paginate(ServiceNamespace=_NAMESPACE, ResourceId=resource_id)
        return [policy for page in pages for policy in page["ScalingPolicies"]]


def connect(region: str | None, profile: str | None) -> BotoAccount:
    """Return the account of the credentials that boto3 finds."""
    return BotoAccount(Session(region_name=region, profile_name=profile))
