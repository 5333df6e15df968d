"""A synthesized template as if it were deployed: its names and ARNs, and its policies as plain JSON."""

from __future__ import annotations

import hashlib
import re
import uuid
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tests.policies.engine import ACCOUNT, Document, Policies, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.policies.engine import Request
    from tests.template import Template

REGION = "eu-central-1"
PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "Test",
    "AWS::URLSuffix": "amazonaws.com",
}

# The property that names a resource, if the template does not leave that to CloudFormation.
NAMES = {
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
}
_HERE = f"{REGION}:{ACCOUNT}"
_TABLE = {
    "Ref": "{name}",
    "Arn": f"arn:aws:dynamodb:{_HERE}:table/{{name}}",
    "StreamArn": f"arn:aws:dynamodb:{_HERE}:table/{{name}}/stream/2026-01-01T00:00:00.000",
}
# What Ref and each attribute return, as CloudFormation would write it.
ATTRIBUTES = {
    "AWS::ApiGateway::RestApi": {"Ref": "{hexadecimal:.10}"},
    "AWS::Cognito::IdentityPool": {"Ref": f"{REGION}:{{uuid}}"},
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::EC2::VPC": {"Ref": "vpc-{hexadecimal}", "VpcId": "vpc-{hexadecimal}"},
    "AWS::EC2::VPCEndpoint": {"Ref": "vpce-{hexadecimal}"},
    "AWS::Events::Rule": {"Ref": "{name}", "Arn": f"arn:aws:events:{_HERE}:rule/{{name}}"},
    "AWS::IAM::ManagedPolicy": {"Ref": f"arn:aws:iam::{ACCOUNT}:policy{{path}}{{name}}"},
    "AWS::IAM::Role": {"Ref": "{name}", "Arn": f"arn:aws:iam::{ACCOUNT}:role{{path}}{{name}}"},
    "AWS::KMS::Key": {"Ref": "{uuid}", "Arn": f"arn:aws:kms:{_HERE}:key/{{uuid}}"},
    "AWS::Kinesis::Stream": {"Ref": "{name}", "Arn": f"arn:aws:kinesis:{_HERE}:stream/{{name}}"},
    "AWS::KinesisFirehose::DeliveryStream": {
        "Ref": "{name}",
        "Arn": f"arn:aws:firehose:{_HERE}:deliverystream/{{name}}",
    },
    "AWS::Lambda::Function": {"Ref": "{name}", "Arn": f"arn:aws:lambda:{_HERE}:function:{{name}}"},
    "AWS::Logs::LogGroup": {"Ref": "{name}", "Arn": f"arn:aws:logs:{_HERE}:log-group:{{name}}:*"},
    "AWS::Logs::LogStream": {"Ref": "{name}"},
    "AWS::S3::Bucket": {"Ref": "{bucket}", "Arn": "arn:aws:s3:::{bucket}"},
    "AWS::SNS::Topic": {"Ref": f"arn:aws:sns:{_HERE}:{{name}}", "TopicName": "{name}"},
}


class UnresolvableError(Exception):
    """A value of the template is known only to CloudFormation."""


def _written(value: Any) -> str:
    """Return a value as CloudFormation writes it into a text."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
    raise ValueError(value)


def _selected(position: Any, values: list[Any]) -> Any:
    if not 0 <= int(position) < len(values) or not isinstance(values, list):
        raise ValueError(position)
    return values[int(position)]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Fn::Join": lambda separator, parts: separator.join(map(_written, parts)),
    "Fn::Select": _selected,
    "Fn::Split": lambda separator, text: text.split(separator),
}


class Deployed:
    """A template, deployed.

    Attributes:
        values: What cannot be told from the template, or has to be something else: a logical id, or a logical id and
            attribute as in `Key.Arn`, to a value.
    """

    def __init__(self, template: Template, values: Mapping[str, str] | None = None) -> None:
        self.template = template
        self.values = {**PSEUDO_PARAMETERS, **(values or {})}
        self._identity_policies: dict[str, tuple[Document, ...]] = {}
        self._documents: dict[str, Document] = {}

    def ref(self, kind: str, prefix: str = "") -> str:
        """Return what Ref returns for the one resource of a type whose logical id starts with a prefix."""
        return self._attribute(self.template.named(kind, prefix), "Ref", prefix)

    def arn(self, kind: str, prefix: str = "") -> str:
        """Return the ARN of the one resource of a type whose logical id starts with a prefix."""
        return self._attribute(self.template.named(kind, prefix), "Arn", prefix)

    def policies(self, request: Request, *, endpoint: str = "") -> Policies:
        """Return the policies of the template that a request meets.

        Args:
            request: The request.
            endpoint: Start of the logical id of the VPC endpoint that the request comes through.
        """
        principal = role_of(request.principal or "")
        return Policies(
            identity=self.identity_policies(principal),
            boundary=self.boundary(principal),
            resource=self.resource_policy(request.resource),
            endpoint=self.endpoint_policy(endpoint) if endpoint else None,
        )

    def resource_policy(self, arn: str) -> Document | None:
        """Return the policy of a resource of the template, if it has one."""
        return next((policy for name, policy in self.resource_policies.items() if fnmatchcase(arn, name)), None)

    @cached_property
    def resource_policies(self) -> dict[str, Document]:
        """Policies of all resources that have one, a role's trust among them: pattern of ARNs to document."""
        return dict(self._resource_policies())

    def endpoint_policy(self, prefix: str) -> Document:
        """Return the policy of the one VPC endpoint whose logical id starts with a prefix."""
        return self._document(self.template.named("AWS::EC2::VPCEndpoint", prefix))

    @cached_property
    def roles(self) -> dict[str, str]:
        """Roles: ARN to logical id."""
        return {self._attribute(name, "Arn", name): name for name in self.template.of_type("AWS::IAM::Role")}

    def identity_policies(self, principal: str) -> tuple[Document, ...]:
        """Return the policies of a role of the template; other principals have none."""
        if principal in self.roles and principal not in self._identity_policies:
            self._identity_policies[principal] = tuple(self._role_policies(self.roles[principal]))
        return self._identity_policies.get(principal, ())

    def boundary(self, principal: str) -> Document | None:
        """Return the permissions boundary of a role of the template, if it has one."""
        role = self.roles.get(principal)
        arn = self.property(role, "PermissionsBoundary") if role else None
        return self._managed_policy(arn, f"Resources.{role}.Properties.PermissionsBoundary") if arn else None

    def property(self, name: str, key: str, default: Any = None) -> Any:
        """Return a property of a resource, resolved."""
        value = self.template.resources[name]["Properties"].get(key, default)
        return self.resolve(value, f"Resources.{name}.Properties.{key}")

    def resolve(self, value: Any, path: str) -> Any:
        """Return a value of the template without intrinsic functions.

        Raises:
            UnresolvableError: Something in it is known only to CloudFormation; the error says where.
        """
        match value:
            case dict() if len(value) == 1 and (
                (function := next(iter(value))).startswith("Fn::") or function == "Ref"
            ):
                return self._call(function, value[function], f"{path}.{function}")
            case dict():
                return {key: self.resolve(inner, f"{path}.{key}") for key, inner in value.items()}
            case list():
                return [self.resolve(inner, f"{path}[{position}]") for position, inner in enumerate(value)]
            case _:
                return value

    def _call(self, function: str, argument: Any, path: str) -> Any:
        if function == "Ref":
            return self._attribute(argument, "Ref", path)
        if function == "Fn::GetAtt":
            name, attribute = argument if isinstance(argument, list) else argument.split(".", maxsplit=1)
            return self._attribute(name, attribute, path)
        if function == "Fn::Sub":
            return self._substitute(argument, path)
        if function not in _FUNCTIONS:
            raise UnresolvableError(path)
        resolved = self.resolve(argument, path)
        try:
            return _FUNCTIONS[function](*resolved)
        except (AttributeError, TypeError, ValueError) as error:
            raise UnresolvableError(f"{path}: {error}") from error

    def _substitute(self, argument: Any, path: str) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        own = self.resolve(own, path)

        def value(found: re.Match[str]) -> str:
            if found[1].startswith("!"):  # written as it stands
                return f"${{{found[1][1:]}}}"
            name, _, attribute = found[1].partition(".")
            try:
                return _written(own[found[1]] if found[1] in own else self._attribute(name, attribute or "Ref", path))
            except ValueError as error:
                raise UnresolvableError(f"{path}: {error}") from error

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _attribute(self, name: str, attribute: str, path: str) -> str:
        known = self.values.get(name if attribute == "Ref" else f"{name}.{attribute}")
        if known is not None:
            return known
        kind = self.template.resources.get(name, {}).get("Type", "")
        shape = ATTRIBUTES.get(kind, {}).get(attribute)
        if shape is None:
            raise UnresolvableError(f"{path}: {attribute} of {name} ({kind or 'not a resource'})")
        chosen = self.property(name, NAMES[kind]) if kind in NAMES else None
        digest = hashlib.sha256(name.encode()).hexdigest()
        # CloudFormation begins a name that it makes with the stack's.
        made = f"{self.values['AWS::StackName']}-{name}-{digest[:12].upper()}"
        return shape.format(
            name=chosen or made,
            path=self.property(name, "Path", "/") if kind.startswith("AWS::IAM::") else "",
            bucket=chosen or made.lower(),
            uuid=uuid.UUID(digest[:32], version=4),
            hexadecimal=digest[:17],
        )

    def _resource_policies(self) -> Iterator[tuple[str, Document]]:
        yield from self._table_policies()
        for name in self.template.of_type("AWS::KMS::Key"):
            yield self._attribute(name, "Arn", name), self.property(name, "KeyPolicy")
        for name in self.template.of_type("AWS::S3::BucketPolicy"):
            bucket, document = self.property(name, "Bucket"), self.property(name, "PolicyDocument")
            yield from ((f"arn:aws:s3:::{bucket}", document), (f"arn:aws:s3:::{bucket}/*", document))
        for name in self.template.of_type("AWS::Lambda::ResourcePolicy"):
            yield self.property(name, "ResourceArn"), self.property(name, "PolicyDocument")
        for name in self.template.of_type("AWS::SNS::TopicPolicy"):
            document = self.property(name, "PolicyDocument")
            yield from ((topic, document) for topic in self.property(name, "Topics"))
        for name in self.template.of_type("AWS::Backup::BackupVault"):
            vault, policy = self.property(name, "BackupVaultName"), self.property(name, "AccessPolicy")
            if policy:
                # The ARN of a real recovery point does not say which vault it is in.
                yield f"arn:aws:backup:{_HERE}:recovery-point:{vault}-*", policy
        for arn, name in self.roles.items():
            yield arn, self.property(name, "AssumeRolePolicyDocument")

    def _table_policies(self) -> Iterator[tuple[str, Document]]:
        for name in self.template.of_type("AWS::DynamoDB::GlobalTable"):
            arn = self._attribute(name, "Arn", name)
            for replica in self.property(name, "Replicas"):
                if "ResourcePolicy" in replica:
                    document = replica["ResourcePolicy"]["PolicyDocument"]
                    yield from ((arn, document), (f"{arn}/index/*", document))
                stream = replica.get("ReplicaStreamSpecification", {})
                if "ResourcePolicy" in stream:
                    yield self._attribute(name, "StreamArn", name), stream["ResourcePolicy"]["PolicyDocument"]

    def _role_policies(self, role: str) -> Iterator[Document]:
        for policy in self.property(role, "Policies", []):
            yield policy["PolicyDocument"]
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for name in self.template.of_type(kind):
                if self._attribute(role, "Ref", role) in self.property(name, "Roles", []):
                    yield self._document(name)
        for arn in self.property(role, "ManagedPolicyArns", []):
            yield self._managed_policy(arn, f"Resources.{role}.Properties.ManagedPolicyArns")

    def _managed_policy(self, arn: str, path: str) -> Document:
        for name in self.template.of_type("AWS::IAM::ManagedPolicy"):
            if self._attribute(name, "Ref", path) == arn:
                return self._document(name)
        raise UnresolvableError(f"{path}: the template does not have the policy {arn}")

    def _document(self, name: str) -> Document:
        """Return a policy resource's document: the same object each time, which mutants take the place of."""
        return self._documents.setdefault(name, self.property(name, "PolicyDocument"))
