"""Tables, and the keys that encrypt them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.resource import Resource
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.landscape.table import Table, stated_tag_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.table import Replica
    from secure_ddb.tags.tag_keys import TagKeys

# A resource to the tables that it serves.
TablesByResource = dict[Resource, list[Table]]


class Tables(Sequence[Table]):
    """All tables of the templates."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates

    @overload
    def __getitem__(self, index: int) -> Table: ...
    @overload
    def __getitem__(self, index: slice) -> list[Table]: ...
    def __getitem__(self, index: int | slice) -> Table | list[Table]:
        """Return one, in the order of the templates."""
        return self._all[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    @cached_property
    def _all(self) -> list[Table]:
        """All tables, of both types."""
        resources = self._templates.of_type(kinds.TABLE, kinds.GLOBAL_TABLE)
        return [Table(resource, self.chosen_tag_keys) for resource in resources]

    @cached_property
    def chosen_tag_keys(self) -> tuple[TagKeys, ...]:
        """The keys of mandatory tags that a `SecureTable` states to have been chosen for it."""
        stated = map(stated_tag_keys, self._templates.of_type(kinds.TABLE, kinds.GLOBAL_TABLE))
        return tuple(dict.fromkeys(filter(None, stated)))

    @cached_property
    def replicas(self) -> list[tuple[Table, Replica]]:
        """All tables in each of their Regions."""
        return [(table, replica) for table in self._all for replica in table.replicas]

    @cached_property
    def _table_of(self) -> dict[Resource, Table]:
        return {table.resource: table for table in self._all}

    def find(self, text: object, near: Resource) -> Table | None:
        """Return the table that a name, an ARN or the ARN of a stream stands for."""
        found = self._templates.find(text, near, kinds.TABLE, kinds.GLOBAL_TABLE)
        return self._table_of[found] if found else self._replicated.get((near.account, near.region, str(text)))

    def find_replica_stream(self, text: object, near: Resource) -> tuple[Table, Replica] | None:
        """Return the table, and its further Region, whose stream an ARN stands for: the table's ARN and a label."""
        arn, _, label = str(text).partition("/stream/")
        table = self.find(arn, near) if label and arn.startswith("arn:") else None
        region = arn.split(":", 4)[3] if table else ""
        return next(((table, each) for each in table.replicas[1:] if each.region == region), None) if table else None

    @cached_property
    def _replicated(self) -> dict[tuple[str, str, str], Table]:
        """Account, further Region and name of each table that has replicas."""
        return {
            (table.resource.account, replica.region, table.name): table
            for table in self._all
            for replica in table.replicas[1:]
        }

    @cached_property
    def keys(self) -> TablesByResource:
        """Each key in the templates that encrypts tables, with those tables."""
        return tables_by_resource(
            (self._templates.find_key(table.key_of(replica), table.resource), [table])
            for table, replica in self.replicas
        )


def tables_by_resource(pairs: Iterable[tuple[Resource | None, Iterable[Table]]]) -> TablesByResource:
    """Return each resource once, with each table that it serves once."""
    found: defaultdict[Resource, dict[Table, None]] = defaultdict(dict)
    for resource, tables in pairs:
        if resource is not None:
            found[resource].update(dict.fromkeys(tables))
    return {resource: list(tables) for resource, tables in found.items()}


def merged(*relations: TablesByResource) -> TablesByResource:
    """Return all resources of several relations, each with the tables of all of them."""
    return tables_by_resource(pair for relation in relations for pair in relation.items())


def key_named_by(resource: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return the key that a resource of any type is configured to encrypt with."""
    path = _KEY_PROPERTIES.get(resource.type)
    if resource.type == kinds.BUCKET:
        return bucket_encryption(resource).get("KMSMasterKeyID")
    return at(resource.properties, *path) if path else None


def bucket_encryption(bucket: Resource) -> dict[str, Any]:
    """Return the default encryption of a bucket."""
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
