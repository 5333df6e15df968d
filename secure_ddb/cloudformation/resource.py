"""A resource of a template: its properties, its name and its ARN."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.kinds import ANY_KIND, GLOBAL_TABLE, KINDS, LOG_GROUP, NESTED_STACK, TABLE, partition
from secure_ddb.cloudformation.values import ACCOUNT, REGION, as_list, members, resolve, resolve_once, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.cloudformation.scope import Scope

_STREAM_ATTRIBUTES = {"StreamArn", "LatestStreamArn"}
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")


class Resource:
    """A resource of a template, with its `body` as it was written.

    Attributes:
        construct_path: Path of the construct that states it; empty for what the template declares.
    """

    construct_path = ""

    def __init__(self, template: Scope, logical_id: str, body: Mapping[str, Any]) -> None:
        """Take a resource as it was written."""
        self.template = template
        self.logical_id = logical_id
        self.type = str(body.get("Type", ""))
        self.body = body
        self._kind = KINDS.get(self.type, ANY_KIND)
        properties = body.get("Properties")
        self._written: Mapping[str, Any] = properties if isinstance(properties, dict) else {}

    def __repr__(self) -> str:
        """Name it for messages."""
        return f"{self.template.name}/{self.logical_id}"

    @cached_property
    def properties(self) -> dict[str, Any]:
        """Its properties, without intrinsic functions."""
        return members(self._written, self.template, resolve_once)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata, as it was written."""
        metadata = self.body.get("Metadata")
        return metadata if isinstance(metadata, dict) else {}

    @property
    def account(self) -> str:
        """Account that it is deployed to, or a placeholder."""
        return self.template.account or ACCOUNT

    @property
    def region(self) -> str:
        """Region that it is deployed to, or a placeholder."""
        return self.template.region or REGION

    @cached_property
    def name(self) -> str:
        """Its name, or a placeholder for the one that CloudFormation makes."""
        chosen = self._written.get(self._kind.name)
        if chosen is not None:
            name = resolve(chosen, self.template)
            if isinstance(name, str) and name:
                return name
        made = f"${{{self.template.key}.{self.logical_id}}}"
        if self.type == LOG_GROUP:
            # A key's policy may rely on how the names of log groups begin.
            return f"{self.template.pseudo_parameters['AWS::StackName']}-{self.logical_id}-{made}"
        return made

    @cached_property
    def arn(self) -> str:
        """Its ARN, with placeholders for parts known only at deployment."""
        return self.arn_in(self.region)

    def arn_in(self, region: str) -> str:
        """Return its ARN in a Region, such as that of a table's replica."""
        if not self._kind.arn:
            return f"${{{self.template.key}.{self.logical_id}.Arn}}"
        path = self.properties.get("Path", "/") if "{path}" in self._kind.arn else ""
        rest = self._kind.arn.format(region=region, account=self.account, name=self.name, path=path)
        return f"arn:{partition(region)}:{rest}"

    @property
    def ref(self) -> str:
        """The value of a `Ref` to it."""
        return self.arn if self._kind.ref_is_arn else self.name

    def attribute(self, name: str) -> str:
        """Return the value of an `Fn::GetAtt`."""
        if self.type == NESTED_STACK or self.type.startswith(_CUSTOM):
            # Its code decides.
            return unknown(f"{self.template.key}.{self.logical_id}.{name}")
        if name in self._kind.arn_attributes:
            return self.arn
        if name in self._kind.name_attributes:
            return self.name
        if name in _STREAM_ATTRIBUTES and self.type in {TABLE, GLOBAL_TABLE}:
            return self.stream_arn
        return f"${{{self.template.key}.{self.logical_id}.{name}}}"

    @property
    def stream_arn(self) -> str:
        """ARN of a table's stream."""
        return f"{self.arn}/stream/${{{self.template.key}.{self.logical_id}.Stream}}"

    def identities(self) -> Iterator[str]:
        """Yield every text that stands for this resource."""
        yield self.name
        yield self.arn
        if self.type == LOG_GROUP:
            yield self.arn.removesuffix(":*")
        elif self.type in {TABLE, GLOBAL_TABLE}:
            yield self.stream_arn
            for replica in as_list(self.properties.get("Replicas")):
                if isinstance(replica, dict) and isinstance(replica.get("Region"), str):
                    yield self.arn_in(replica["Region"])
