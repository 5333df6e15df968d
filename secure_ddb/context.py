"""The context of a table: its scope, its environment, and decisions that every part needs."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aws_cdk import Names, Stack
from constructs import Construct

from secure_ddb.classification import DataClassification
from secure_ddb.defaults.least_retention import NO_LEAST_RETENTION, LeastRetention
from secure_ddb.errors import reject, require_type
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tags.ownership import Ownership
from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS, TagKeys
from secure_ddb.tokens import is_token

# How AWS's SDKs tell the Regions of the partition `aws` (partitions.json of botocore). In others, hosts and principals
# have names that our policies do not.
REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+")
_REGION_ALLOWED = (
    "a Region of the partition aws, such as eu-central-1: "
    "China, GovCloud, ISO Regions and the European Sovereign Cloud are not supported"
)

if TYPE_CHECKING:
    from constructs import IConstruct


@dataclass(frozen=True, kw_only=True, eq=False)
class StackEnvironment:
    """Where a stack is deployed, one object per stack. All but the region may be tokens.

    Attributes:
        tag_keys: The keys of the mandatory tags there.
    """

    partition: str
    region: str
    account: str
    stack_name: str
    tag_keys: TagKeys = DEFAULT_TAG_KEYS

    @property
    def account_root(self) -> str:
        """ARN that delegates a decision to the account's IAM policies."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def sid_suffix(self) -> str:
        """Text that ends each `Sid` that this stack adds to another construct's policy: a `Sid` must be unique."""
        return "Nested" if is_token(self.stack_name) else re.sub(r"\W", "", self.stack_name)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, kw_only=True)
class TableContext:
    """The table's scope and the decisions on the table as a whole.

    Attributes:
        scope: The `SecureTable`. Nothing can be made in it before all arguments are checked.
        outer_scope: Where the `SecureTable` is made.
        environment: Where its stack is deployed.
        ownership: Its owner and cost centre.
        classification: How sensitive its data is.
        lifecycle: Whether it outlives its stack.
        evidence: Collects statements of the parts.
        least_retention: The company's minimum in addition to the classification's.
    """

    scope: Construct
    outer_scope: Construct
    environment: StackEnvironment
    ownership: Ownership
    classification: DataClassification
    lifecycle: Lifecycle
    evidence: TableEvidence
    least_retention: LeastRetention = NO_LEAST_RETENTION

    def least(self, name: str) -> tuple[int, str]:
        """Return for how many days something has to be kept, and what an error says is allowed.

        Args:
            name: An attribute that `Floor` and `LeastRetention` have, such as `log_retention`.
        """
        days: int = getattr(self.classification.floor, name)
        of_company = self.least_retention.days(name)
        if of_company > days:
            return of_company, f"{of_company} days or more, by the TableDefaults"
        return days, f"{days} days or more for {self.classification.name}"

    @cached_property
    def unique_id(self) -> str:
        """CDK's unique id of the scope, for resources that must have a name."""
        return Names.unique_id(self.scope)

    def regional_name(self, longest: int, variant: str = "") -> str:
        """Return a name that no other table of the Region has, in any stack.

        The unique id ends in a hash of the construct's path; one of the stack's name keeps two deployments of the same
        app apart. Of a nested stack the name is not known at synth, but that of the stack around it is.

        Args:
            longest: Characters that the name may have.
            variant: Settings that cannot change in place, so that another value gives another name.
        """
        name = self.environment.stack_name
        if is_token(name):
            name = outermost_stack(self.scope).stack_name
        stack = sha256(f"{name}{variant}".encode()).hexdigest()[:8].upper()
        return f"{self.unique_id[-(longest - len(stack)) :]}{stack}"


def table_context(  # noqa: PLR0917 - in the order in which a table has them
    table: Construct,
    outer_scope: Construct,
    ownership: Ownership | None,
    classification: DataClassification,
    lifecycle: Lifecycle,
    least_retention: LeastRetention = NO_LEAST_RETENTION,
) -> TableContext:
    """Check the arguments that concern all parts, and start the context of a table, which is not made yet."""
    if not isinstance(ownership, Ownership):
        reject("ownership", ownership, "an Ownership, given here or in TableDefaults")
    require_type("classification", classification, DataClassification, _CLASSIFICATIONS)
    require_type("lifecycle", lifecycle, Lifecycle)
    environment = stack_environment(outer_scope)
    evidence = TableEvidence()
    environment.tag_keys.check(evidence)
    lifecycle.check(classification, evidence)
    return TableContext(
        scope=table,
        outer_scope=outer_scope,
        environment=environment,
        ownership=ownership,
        classification=classification,
        lifecycle=lifecycle,
        evidence=evidence,
        least_retention=least_retention,
    )


_CLASSIFICATIONS = ", ".join(f"DataClassification.{member.name}" for member in DataClassification)

# Both remember: a scope its stack's environment, and a stack its own.
_environments: WeakKeyDictionary[Construct, StackEnvironment] = WeakKeyDictionary()


def stack_environment(scope: Construct) -> StackEnvironment:
    """Return where the stack around `scope` is deployed; asks CDK once per stack.

    Raises:
        InvalidArgumentError: The stack is in another partition than `aws`, or is region-agnostic: a table names its
            key per Region, which CDK can write only for a Region that it knows.
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


def environment_of_account(environment: StackEnvironment, account: str | None) -> StackEnvironment:
    """Return the same Region of another account, unless none is named."""
    return environment if account in (None, environment.account) else replace(environment, account=account)


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
    if not REGION.fullmatch(region):
        reject("env of the stack", region, _REGION_ALLOWED)
    partition = stack.partition
    if partition != "aws" and not is_token(partition):
        reject("partition of the stack", partition, "aws")
    return StackEnvironment(
        partition=partition,
        region=region,
        account=stack.account,
        stack_name=stack.stack_name,
        tag_keys=TagKeys.of(stack),
    )
