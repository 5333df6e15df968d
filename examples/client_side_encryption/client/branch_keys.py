"""Branch keys: one for each partition key, kept in a table, encrypted by the root key in AWS KMS."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from aws_cryptographic_material_providers.keystore.client import KeyStore
from aws_cryptographic_material_providers.keystore.config import KeyStoreConfig
from aws_cryptographic_material_providers.keystore.models import (
    CreateKeyInput,
    GetBeaconKeyInput,
    KMSConfigurationKmsKeyArn,
    VersionKeyInput,
)
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CacheTypeDefault,
    CreateAwsKmsHierarchicalKeyringInput,
    DefaultCache,
    GetBranchKeyIdOutput,
)
from aws_cryptographic_material_providers.mpl.references import IBranchKeyIdSupplier

from examples.client_side_encryption.client.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

# How long a key that was taken away still works in a client that has used it, in seconds.
CACHED_SECONDS = 600
_CACHED_KEYS = 1_000


class BranchKeys:
    """The branch keys of a key store."""

    def __init__(self, dynamodb: Any, kms: Any, *, table: str, logical_name: str, root_key_arn: str) -> None:
        """Read and write the key store with these clients of boto3.

        Args:
            dynamodb: Client of DynamoDB.
            kms: Client of AWS KMS.
            table: Name of the key store's table.
            logical_name: Bound to each branch key; stays when the table is restored under another name.
            root_key_arn: The key in AWS KMS that encrypts branch keys.
        """
        self._store = KeyStore(
            KeyStoreConfig(
                ddb_client=dynamodb,
                kms_client=kms,
                ddb_table_name=table,
                logical_key_store_name=logical_name,
                kms_configuration=KMSConfigurationKmsKeyArn(root_key_arn),
            )
        )
        self._digest_keys: dict[str, tuple[float, bytes]] = {}

    def create(self, name: str) -> None:
        """Make a branch key and a key for digests, in one transaction; needs the administrator's role.

        Raises:
            KeyUnavailableError: There is one already, or AWS refuses.
        """
        # The library demands a context of its own where the caller chooses the id.
        _asking(
            lambda: self._store.create_key(
                CreateKeyInput(branch_key_identifier=name, encryption_context={"company": name})
            )
        )

    def rotate(self, name: str) -> None:
        """Make a new version, under which items are encrypted from now on; old items keep theirs.

        Raises:
            KeyUnavailableError: There is none, or AWS denies the request.
        """
        _asking(lambda: self._store.version_key(VersionKeyInput(branch_key_identifier=name)))

    def digest_key(self, name: str) -> bytes:
        """Return the key for digests, which never rotates: a new one would find no old item.

        Raises:
            KeyUnavailableError: There is none, or AWS denies the request.
        """
        read_at, key = self._digest_keys.get(name, (0.0, b""))
        if not key or time.monotonic() - read_at > CACHED_SECONDS:
            found = _asking(lambda: self._store.get_beacon_key(GetBeaconKeyInput(branch_key_identifier=name)))
            key = bytes(found.beacon_key_materials.beacon_key)
            self._digest_keys[name] = time.monotonic(), key
        return key

    def keyring(self) -> Any:
        """Return a keyring that encrypts under the branch key that the context names as `key`."""
        return AwsCryptographicMaterialProviders(MaterialProvidersConfig()).create_aws_kms_hierarchical_keyring(
            CreateAwsKmsHierarchicalKeyringInput(
                key_store=self._store,
                branch_key_id_supplier=_NamedInContext(),
                ttl_seconds=CACHED_SECONDS,
                cache=CacheTypeDefault(value=DefaultCache(entry_capacity=_CACHED_KEYS)),
            )
        )


class _NamedInContext(IBranchKeyIdSupplier):  # type: ignore[misc]
    """Which branch key a message is under."""

    def get_branch_key_id(self, param: Any) -> Any:
        """Return its id."""
        return GetBranchKeyIdOutput(branch_key_id=param.encryption_context["key"])


def _asking(request: Callable[[], Any]) -> Any:
    try:
        return request()
    except Exception as error:
        # The library has a class of errors for each service, and passes on what boto3 raises.
        raise KeyUnavailableError(str(error)) from error
