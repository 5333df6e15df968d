"""How `secure-ddb audit verify` has AWS KMS verify MACs. Loads boto3, so the command loads it only when needed."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from secure_ddb.audit_trail.handler.audit_trail.messages import link_message
from secure_ddb.cli.aws import connect_to_kms, in_one_sentence
from secure_ddb.cli.terminal import CannotRunError

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_LINK, _NO_MAC = "", "A" * 43


class MacVerifier:
    """Has AWS KMS verify the MACs of links under one of several keys: a replaced key leaves lines under both."""

    def __init__(self, keys: Sequence[str], region: str | None, profile: str | None) -> None:
        """Make sure that each key can be used, before a long trail is read.

        Raises:
            CannotRunError: A key cannot be used.
        """
        self._keys = list(keys)
        try:
            self._clients = {key: connect_to_kms(key, region, profile) for key in keys}
        except BotoCoreError as error:
            raise _cannot(self._keys[0], error) from error
        for key in keys:
            self._fits(key, _NO_LINK, _NO_MAC)

    def __call__(self, link: str, mac: str) -> bool:
        """Return whether a link has this MAC under one of the keys.

        Raises:
            CannotRunError: AWS KMS does not answer.
        """
        for key in self._keys:
            if self._fits(key, link, mac):
                # The next chain was probably written under the same key.
                self._keys.remove(key)
                self._keys.insert(0, key)
                return True
        return False

    def _fits(self, key: str, link: str, mac: str) -> bool:
        try:
            answer: dict[str, Any] = self._clients[key].verify_mac(
                KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=link_message(link), Mac=urlsafe_b64decode(f"{mac}=")
            )
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "KMSInvalidMacException":
                return False
            raise _cannot(key, error) from error
        return answer["MacValid"] is True


def _cannot(key: str, error: Exception) -> CannotRunError:
    text = f"the origin cannot be verified with the key {key}: {in_one_sentence(error)}"
    return CannotRunError(f"{text}; without --origin-key only the links are verified")
