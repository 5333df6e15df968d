"""A stand-in for AWS KMS, as far as key material is imported into it. It is our reading of AWS's documentation.

It answers in place of the service, after boto3 has checked the request against AWS's description of the interface. It
also checks the values of enumerations, which boto3 does not.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from botocore import UNSIGNED  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from pathlib import Path

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOKEN = b"import token"
OPENSSL = shutil.which("openssl") or "openssl"
_OAEP = [f"-pkeyopt {option}" for option in ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")]


class Kms:
    """One key of origin EXTERNAL.

    Attributes:
        client: A boto3 client that asks this stand-in.
        materials: The imported materials; the last one is pending until it rotates.
        current: Which of them encrypts.
        is_imported: Whether the material is there.
    """

    def __init__(self, private_key: Path) -> None:
        """Take the wrapping key, which is slow to make."""
        self._private_key = private_key
        self.materials: list[bytes] = []
        self.current = 0
        self.is_imported = False
        self.client: Any = boto3.client("kms", region_name="eu-central-1", config=Config(signature_version=UNSIGNED))
        self.client.meta.events.register("provide-client-params.kms.*", self._check)
        self.client.meta.events.register("before-call.kms.*", self._answer)
        self._asked: dict[str, Any] = {}

    def _check(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        for name, value in params.items():
            allowed = getattr(model.input_shape.members[name], "enum", None)
            assert not allowed or value in allowed, f"{name}: {value}"
        self._asked = params

    def _answer(self, model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        assert self._asked["KeyId"] == KEY
        try:
            return SimpleNamespace(status_code=200), getattr(self, model.name)(**self._asked)
        except RefusedError as refused:
            return SimpleNamespace(status_code=400), {"Error": {"Code": str(refused), "Message": ""}}

    def GetParametersForImport(self, **asked: Any) -> dict[str, Any]:  # noqa: N802 - the service's name for it
        assert (asked["WrappingKeySpec"], asked["WrappingAlgorithm"]) == ("RSA_4096", "RSAES_OAEP_SHA_256")
        public_key = _openssl(f"pkey -in {self._private_key} -pubout -outform DER")
        valid_to = datetime.now(UTC) + timedelta(days=1)
        return {"KeyId": KEY, "PublicKey": public_key, "ImportToken": TOKEN, "ParametersValidTo": valid_to}

    def ImportKeyMaterial(self, **asked: Any) -> dict[str, Any]:  # noqa: N802
        if asked["ImportToken"] != TOKEN:
            raise RefusedError("InvalidImportTokenException")
        # The key's policy would refuse another one.
        assert asked["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
        material = self._unwrapped(asked["EncryptedKeyMaterial"])
        is_known = material in self.materials
        if len(material) != 32 or is_known != (asked["ImportType"] == "EXISTING_KEY_MATERIAL"):
            raise RefusedError("IncorrectKeyMaterialException")
        if not is_known:
            self.materials.append(material)
        self.is_imported = True
        return {"KeyId": KEY, "KeyMaterialId": sha256(material).hexdigest()}

    def DescribeKey(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        state = "Enabled" if self.is_imported else "PendingImport"
        return {"KeyMetadata": {"KeyId": KEY, "Origin": "EXTERNAL", "KeyState": state}}

    def RotateKeyOnDemand(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        if self.current == len(self.materials) - 1:
            raise RefusedError("KMSInvalidStateException")
        self.current += 1
        return {"KeyId": KEY}

    def _unwrapped(self, wrapped: bytes) -> bytes:
        file = self._private_key.with_name("received.bin")
        file.write_bytes(wrapped)
        try:
            return _openssl(f"pkeyutl -decrypt -inkey {self._private_key} -in {file} {' '.join(_OAEP)}")
        except subprocess.CalledProcessError as error:
            raise RefusedError("InvalidCiphertextException") from error


def make_wrapping_key(file: Path) -> Path:
    """Write a private RSA key of 4096 bits."""
    _openssl(f"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out {file}")
    return file


def _openssl(arguments: str) -> bytes:
    return subprocess.run([OPENSSL, *arguments.split()], check=True, capture_output=True).stdout


class RefusedError(Exception):
    """AWS KMS refuses a request, with this code."""
