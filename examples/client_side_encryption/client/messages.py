"""Authenticated encryption, as the rest of the client sees it, and the AWS Encryption SDK that does it."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, Protocol

from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateDefaultCryptographicMaterialsManagerInput,
    CreateRequiredEncryptionContextCMMInput,
)
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from aws_encryption_sdk.identifiers import AlgorithmSuite
from cryptography.exceptions import InvalidTag

from examples.client_side_encryption.client.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# AES-256-GCM with a key for each message, derived by HKDF, and with key commitment. It has no ECDSA signature: with
# branch keys every reader can also write, so a signature would not say who did.
# https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/supported-algorithms.html
_SUITE = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
_OF_AWS = ("ComAmazonawsKms", "ComAmazonawsDynamodb", "KeyStoreException", "KeyManagementException")


class AlteredMessageError(Exception):
    """A message was altered, or its context is another one, or its key is."""


class Messages(Protocol):
    """Encrypts and signs bytes; all that the client needs of a library."""

    def encrypt(self, plaintext: bytes, context: Mapping[str, str]) -> bytes:
        """Return a message that can be read with the same context only.

        The context is not in the message; `context["key"]` is the id of the branch key.

        Raises:
            KeyUnavailableError: The branch key cannot be had.
        """

    def decrypt(self, message: bytes, context: Mapping[str, str]) -> bytes:
        """Return the plaintext of a whole, unaltered message.

        Raises:
            AlteredMessageError: It is not whole, not unaltered, or has another context or key.
            KeyUnavailableError: The branch key cannot be had.
        """


class EncryptionSdk:
    """Messages of the AWS Encryption SDK, under branch keys."""

    def __init__(self, keyring: Any) -> None:
        """Store the keyring that has the branch keys."""
        self._client = EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, max_encrypted_data_keys=1
        )
        self._providers = AwsCryptographicMaterialProviders(MaterialProvidersConfig())
        self._keys = self._providers.create_default_cryptographic_materials_manager(
            CreateDefaultCryptographicMaterialsManagerInput(keyring=keyring)
        )

    def encrypt(self, plaintext: bytes, context: Mapping[str, str]) -> bytes:
        """Return a message; see `Messages`."""
        try:
            message, _ = self._client.encrypt(
                source=plaintext,
                materials_manager=self._requiring(context),
                encryption_context=dict(context),
                algorithm=_SUITE,
            )
        except Exception as error:
            # The library passes on errors of the key store as they are, of a class for each service.
            _raise_if_of_aws(error)
            raise
        return bytes(message)

    def decrypt(self, message: bytes, context: Mapping[str, str]) -> bytes:
        """Return the plaintext; see `Messages`."""
        source = io.BytesIO(message)
        try:
            with self._client.stream(
                mode="decrypt-unsigned",
                source=source,
                materials_manager=self._requiring(context),
                encryption_context=dict(context),
            ) as stream:
                plaintext = bytes(stream.read())
        except (AWSEncryptionSDKClientError, InvalidTag, ValueError, struct.error) as error:
            _raise_if_of_aws(error)
            raise AlteredMessageError from error
        # The library stops where the message ends.
        if source.read(1):
            raise AlteredMessageError
        return plaintext

    def _requiring(self, context: Mapping[str, str]) -> Any:
        """Return a manager that requires the whole context at decryption, and keeps it out of the message."""
        return self._providers.create_required_encryption_context_cmm(
            CreateRequiredEncryptionContextCMMInput(
                underlying_cmm=self._keys, required_encryption_context_keys=sorted(context)
            )
        )


def _raise_if_of_aws(error: BaseException) -> None:
    """Distinguish an altered item from an unavailable key."""
    for each in _nested(error):
        if type(each).__name__ in _OF_AWS:
            raise KeyUnavailableError(str(each)) from error


def _nested(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those within it: the library wraps errors, and gathers those of several keys."""
    yield error
    for each in (*error.args, *(getattr(error, "list", None) or ())):
        if isinstance(each, BaseException):
            yield from _nested(each)
