"""What every part of a table needs to know while it is built."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aws_cdk import Names, Stack
from constructs import Construct

from secure_ddb.errors import reject, require_type
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from constructs import IConstruct

    from secure_ddb.classification import DataClassification
    from secure_ddb.lifecycle import Lifecycle
    from secure_ddb.table_evidence import TableEvidence


@dataclass(frozen=True, kw_only=True, eq=False)
class StackEnvironment:
    """Where a stack is deployed, one object per stack. All but the region may be tokens."""

    partition: str
    region: str
    account: str
    stack_name: str

    @property
    def account_root(self) -> str:
        """ARN that delegates a decision to the account's IAM policies."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, kw_only=True)
class TableContext:
    """The table's scope and what was decided for the table as a whole.

    Attributes:
        scope: The `SecureTable`.
        unique_id: CDK's unique id of the scope, for resources that must have a name.
        environment: Where its stack is deployed.
        classification: How sensitive its data is.
        lifecycle: Whether it outlives its stack.
        evidence: Collects what the parts have to say.
    """

    scope: Construct
    unique_id: str
    environment: StackEnvironment
    classification: DataClassification
    lifecycle: Lifecycle
    evidence: TableEvidence

    def regional_name(self, longest: int) -> str:
        """Return a name that no other table of the Region has, in whatever stack.

        The unique id ends in a hash of the construct's path; one of the stack's name keeps two deployments of the same
        app apart. Of a nested stack the name is not known at synth, but that of the stack around it is.
        """
        name = self.environment.stack_name
        if is_token(name):
            name = outermost_stack(self.scope).stack_name
        stack = sha256(name.encode()).hexdigest()[:8].upper()
        return f"{self.unique_id[-(longest - len(stack)) :]}{stack}"


def table_context(
    scope: Construct,
    environment: StackEnvironment,
    classification: DataClassification,
    lifecycle: Lifecycle,
    evidence: TableEvidence,
) -> TableContext:
    """Start the context of a table."""
    return TableContext(
        scope=scope,
        unique_id=Names.unique_id(scope),
        environment=environment,
        classification=classification,
        lifecycle=lifecycle,
        evidence=evidence,
    )


# Both remember: a scope its stack's environment, and a stack its own.
_environments: WeakKeyDictionary[Construct, StackEnvironment] = WeakKeyDictionary()


def stack_environment(scope: Construct) -> StackEnvironment:
    """Return where the stack around `scope` is deployed; asks CDK once per stack.

    Raises:
        InvalidArgumentError: The stack is region-agnostic. A table with a customer managed key names its key
            per Region, which CDK can write only for a Region that it knows.
    """
    require_type("scope", scope, Construct, "a Stack, or a construct inside of one")
    environment = _environments.get(scope)
    if environment is None:
        stack = None
        with suppress(RuntimeError):
            stack = Stack.of(scope)
        if stack is None:
            reject("scope", scope.node.path, "a Stack, or a construct inside of one")
        environment = _environments.get(stack) or _ask(stack)
        _environments[stack] = _environments[scope] = environment
    return environment


def require_same_region(argument: str, arn: str, environment: StackEnvironment) -> None:
    """Refuse a resource of another Region, which the table's resources could not name; tokens pass.

    Raises:
        InvalidArgumentError: The ARN names another Region.
    """
    region = arn.split(":")[3] if arn.startswith("arn:") and not is_token(":".join(arn.split(":")[:4])) else ""
    if region and region != environment.region:
        reject(argument, arn, f"one in {environment.region}, as the table")


def outermost_stack(scope: IConstruct) -> Stack:
    """Return the stack around a scope that is nested in no other."""
    stack = Stack.of(scope)
    while (parent := stack.nested_stack_parent) is not None:
        stack = parent
    return stack


def _ask(stack: Stack) -> StackEnvironment:
    region = stack.region
    if is_token(region):
        example = "Stack(..., env=Environment(region='eu-central-1'))"
        reject("env of the stack", "region-agnostic", f"a Region, such as {example}")
    return StackEnvironment(
        partition=stack.partition, region=region, account=stack.account, stack_name=stack.stack_name
    )
