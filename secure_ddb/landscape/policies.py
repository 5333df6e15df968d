"""The policies of resources, wherever a template writes them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.iam.policy import Statement, statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates

# What a policy is attached to, and where it says what it allows.
_POLICY_RESOURCES = (
    (kinds.BUCKET_POLICY, "Bucket", "PolicyDocument", (kinds.BUCKET,)),
    (kinds.QUEUE_POLICY, "Queues", "PolicyDocument", (kinds.QUEUE,)),
    ("AWS::SQS::QueueInlinePolicy", "Queue", "PolicyDocument", (kinds.QUEUE,)),
    (kinds.STREAM_POLICY, "ResourceArn", "ResourcePolicy", (kinds.STREAM, kinds.STREAM_CONSUMER)),
    (kinds.TOPIC_POLICY, "Topics", "PolicyDocument", (kinds.TOPIC,)),
    ("AWS::SNS::TopicInlinePolicy", "TopicArn", "PolicyDocument", (kinds.TOPIC,)),
)

_KEY_POLICY = "KeyPolicy"
_OWN_POLICY = {
    kinds.BACKUP_VAULT: "AccessPolicy",
    kinds.ENDPOINT: "PolicyDocument",
    kinds.LOG_GROUP: "ResourcePolicyDocument",
}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy document, without intrinsic functions, and where it stands: a resource and a path in it."""

    resource: Resource
    path: str
    document: Any
    statements: Sequence[Statement]

    @cached_property
    def is_unknown(self) -> bool:
        """Whether the deployment decides what a statement of it does at all."""
        return any(statement.is_open for statement in self.statements)

    @cached_property
    def allowing(self) -> list[Statement]:
        """The statements that allow something, or may do so."""
        return [statement for statement in self.statements if statement.allows]

    def path_of(self, statement: Statement) -> str:
        """Return where a statement stands."""
        return f"{self.path}.Statement.{statement.position}" if isinstance(self.document, dict) else self.path


class Policies:
    """The policies of resources, each read once."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates
        self._read: dict[tuple[Resource, tuple[str, ...]], Policy] = {}
        self._default_policies: dict[Resource, Policy] = {}

        # What a statement does that is not known yet: a resource and the path in it to the statement.
        self.uncertain: dict[tuple[Resource | None, str], Statement] = {}

    def of(self, resource: Resource, *path: str) -> Policy:
        """Return the policy document in a resource's property."""
        found = self._read.get((resource, path))
        if found is None:
            document: Any = resource.properties
            for name in path:
                if isinstance(document, list):
                    document = document[int(name)] if name.isdigit() and int(name) < len(document) else None
                else:
                    document = at(document, name)
            where = ".".join(("Properties", *path))
            found = Policy(resource=resource, path=where, document=document, statements=statements(document))
            self._read[resource, path] = found
            for each in found.statements:
                if each.is_open or each.has_unknown_actions:
                    self.uncertain[resource, found.path_of(each)] = each
        return found

    def at(self, resource: Resource, path: str) -> Policy:
        """Return the policy document at a place in a resource, such as `Properties.PolicyDocument`."""
        return self.of(resource, *path.split(".")[1:])

    def of_key(self, key: Resource) -> Policy:
        """Return a key's policy, which is AWS's default policy where the template has none."""
        policy = self.of(key, _KEY_POLICY)
        if policy.document is not None:
            return policy
        if key not in self._default_policies:
            self._default_policies[key] = _default_key_policy(key)
        return self._default_policies[key]

    def on(self, resource: Resource) -> list[Policy]:
        """Return the policies that belong to a resource and not to a principal."""
        if resource.type in {kinds.KEY, kinds.REPLICA_KEY}:
            return [self.of_key(resource)]
        path = _OWN_POLICY.get(resource.type)
        if path:
            policy = self.of(resource, path)
            return [policy] if policy.document is not None else []
        return self._attached.get(resource, [])

    @cached_property
    def _attached(self) -> dict[Resource, list[Policy]]:
        found: defaultdict[Resource, list[Policy]] = defaultdict(list)
        for kind, name, document, owners in _POLICY_RESOURCES:
            for policy in self._templates.of_type(kind):
                for text in as_list(policy.properties.get(name)):
                    target = self._templates.find(text, policy, *owners)
                    if target:
                        found[target].append(self.of(policy, document))
        return found


def _default_key_policy(key: Resource) -> Policy:
    """Return the policy that AWS KMS gives a key that was made without one.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = f"arn:{kinds.partition(key.region)}:iam::{key.account}:root"
    body = {
        "Sid": "DefaultKeyPolicy",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }
    return Policy(resource=key, path=f"Properties.{_KEY_POLICY}", document=[body], statements=[Statement(0, body)])
