"""Tables, their keys, and the policies of resources."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.resource import Resource
from secure_ddb.cloudformation.templates import Templates
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.iam.policy import Statement, statements
from secure_ddb.landscape.table import Table, stated_tag_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.table import Replica
    from secure_ddb.tag_keys import TagKeys

# A resource to the tables that it serves.
Serving = dict[Resource, list[Table]]

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


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy document and where it stands.

    Attributes:
        resource: The resource in which it stands.
        path: Where it stands there.
        document: The document, without intrinsic functions.
        statements: Its statements.
    """

    resource: Resource
    path: str
    document: Any
    statements: Sequence[Statement]

    @cached_property
    def is_unknown(self) -> bool:
        """Whether the deployment decides what a statement of it does at all."""
        return any(statement.is_open for statement in self.statements)

    def path_of(self, statement: Statement) -> str:
        """Return where a statement stands."""
        return f"{self.path}.Statement.{statement.position}" if isinstance(self.document, dict) else self.path


class TableRelations(Templates):
    """Tables, their keys, and the policies of resources."""

    def __init__(self, templates: Iterable[Template]) -> None:
        """Take the templates of stacks."""
        super().__init__(templates)
        self._policies: dict[tuple[Resource, tuple[str, ...]], Policy] = {}
        self._default_policies: dict[Resource, Policy] = {}
        self._statements: dict[int, list[Statement]] = {}
        # What a statement does that is not known yet: a resource and the path in it to the statement.
        self.uncertain: dict[tuple[Resource | None, str], Statement] = {}

    @cached_property
    def tables(self) -> list[Table]:
        """All tables, of both types."""
        resources = self.of_type(kinds.TABLE, kinds.GLOBAL_TABLE)
        return [Table(resource, self.chosen_tag_keys) for resource in resources]

    @cached_property
    def chosen_tag_keys(self) -> tuple[TagKeys, ...]:
        """The keys of mandatory tags that a `SecureTable` states to have been chosen for it."""
        stated = map(stated_tag_keys, self.of_type(kinds.TABLE, kinds.GLOBAL_TABLE))
        return tuple(dict.fromkeys(filter(None, stated)))

    @cached_property
    def replicas(self) -> list[tuple[Table, Replica]]:
        """All tables in each of their Regions."""
        return [(table, replica) for table in self.tables for replica in table.replicas]

    @cached_property
    def _table_of(self) -> dict[Resource, Table]:
        return {table.resource: table for table in self.tables}

    def find_table(self, text: object, near: Resource) -> Table | None:
        """Return the table that a name, an ARN or the ARN of a stream stands for."""
        found = self.find(text, near, kinds.TABLE, kinds.GLOBAL_TABLE)
        return self._table_of[found] if found else None

    @cached_property
    def keys(self) -> Serving:
        """Each key in the templates that encrypts tables, with those tables."""
        return serving(
            (self.find_key(table.key_of(replica), table.resource), [table]) for table, replica in self.replicas
        )

    def policy(self, resource: Resource, *path: str) -> Policy:
        """Return the policy document in a resource's property."""
        found = self._policies.get((resource, path))
        if found is None:
            document: Any = resource.properties
            for name in path:
                if isinstance(document, list):
                    document = document[int(name)] if name.isdigit() and int(name) < len(document) else None
                else:
                    document = at(document, name)
            where = ".".join(("Properties", *path))
            # Equal documents of a template are one object, and so are their statements.
            read = self._statements.get(id(document))
            if read is None:
                read = self._statements[id(document)] = statements(document)
            found = Policy(resource=resource, path=where, document=document, statements=read)
            self._policies[resource, path] = found
            self.uncertain.update(
                {(resource, found.path_of(each)): each for each in read if each.is_open or each.has_unknown_actions}
            )
        return found

    def key_policy(self, key: Resource) -> Policy:
        """Return a key's policy, which is AWS's default policy where the template has none."""
        policy = self.policy(key, _KEY_POLICY)
        if policy.document is not None:
            return policy
        if key not in self._default_policies:
            self._default_policies[key] = _default_key_policy(key)
        return self._default_policies[key]

    def resource_policies(self, resource: Resource) -> list[Policy]:
        """Return the policies that belong to a resource and not to a principal."""
        if resource.type == kinds.KEY:
            return [self.key_policy(resource)]
        path = _OWN_POLICY.get(resource.type)
        if path:
            policy = self.policy(resource, path)
            return [policy] if policy.document is not None else []
        return self._attached_policies.get(resource, [])

    @cached_property
    def _attached_policies(self) -> dict[Resource, list[Policy]]:
        found: defaultdict[Resource, list[Policy]] = defaultdict(list)
        for kind, name, document, owners in _POLICY_RESOURCES:
            for policy in self.of_type(kind):
                for text in as_list(policy.properties.get(name)):
                    target = self.find(text, policy, *owners)
                    if target:
                        found[target].append(self.policy(policy, document))
        return found


_OWN_POLICY = {
    kinds.BACKUP_VAULT: "AccessPolicy",
    kinds.ENDPOINT: "PolicyDocument",
    kinds.LOG_GROUP: "ResourcePolicyDocument",
}


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


def serving(pairs: Iterable[tuple[Resource | None, Iterable[Table]]]) -> Serving:
    """Return each resource once, with each table that it serves once."""
    found: defaultdict[Resource, dict[Table, None]] = defaultdict(dict)
    for resource, tables in pairs:
        if resource is not None:
            found[resource].update(dict.fromkeys(tables))
    return {resource: list(tables) for resource, tables in found.items()}


def merged(*relations: Serving) -> Serving:
    """Return all resources of several relations, each with the tables of all of them."""
    return serving(pair for relation in relations for pair in relation.items())


def key_named_by(resource: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return the key that a resource of any type is told to encrypt with."""
    path = _KEY_PROPERTIES.get(resource.type)
    if resource.type == kinds.BUCKET:
        return bucket_encryption(resource).get("KMSMasterKeyID")
    return at(resource.properties, *path) if path else None


def bucket_encryption(bucket: Resource) -> dict[str, Any]:
    """Return how a bucket encrypts what nobody chose another encryption for."""
    rules = at(bucket.properties, "BucketEncryption", "ServerSideEncryptionConfiguration")
    for rule in as_list(rules):
        default = at(rule, "ServerSideEncryptionByDefault")
        if isinstance(default, dict):
            return default
    return {}


_KEY_PROPERTIES = {
    kinds.BACKUP_VAULT: ("EncryptionKeyArn",),
    kinds.DELIVERY_STREAM: ("DeliveryStreamEncryptionConfigurationInput", "KeyARN"),
    kinds.EVENT_DATA_STORE: ("KmsKeyId",),
    kinds.LOG_GROUP: ("KmsKeyId",),
    kinds.QUEUE: ("KmsMasterKeyId",),
    kinds.STREAM: ("StreamEncryption", "KeyId"),
    kinds.TOPIC: ("KmsMasterKeyId",),
    kinds.TRAIL: ("KMSKeyId",),
}
