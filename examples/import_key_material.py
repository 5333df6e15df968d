"""Imports key material into an `ImportedMaterialKey`: docs/imported-key-material.md says when to run which command.

It needs boto3, and a role that the key's policy and IAM allow to do so. It never sees the material itself: between
`download` and `import`, the HSM wraps it under the downloaded public key.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Sequence

WRAPPING_KEY, TOKEN, WRAPPED = "wrapping-key.der", "import-token.bin", "wrapped-material.bin"
# The strongest that the key's policy allows. An HSM without it takes RSA_3072, or RSA_AES_KEY_WRAP_SHA_256.
WRAPPING = {"WrappingKeySpec": "RSA_4096", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"}


def download(kms: Any, key: str, folder: Path) -> str:
    """Download the public key to wrap the material under, and the token that belongs to it. Both expire in 24 hours."""
    answer = kms.get_parameters_for_import(KeyId=key, **WRAPPING)
    (folder / WRAPPING_KEY).write_bytes(answer["PublicKey"])
    (folder / TOKEN).write_bytes(answer["ImportToken"])
    return f"wrap the material under {folder / WRAPPING_KEY} until {answer['ParametersValidTo']}"


def import_material(kms: Any, key: str, folder: Path, *, is_new: bool) -> str:
    """Import the wrapped material: new one, or the same again after it was deleted."""
    answer = kms.import_key_material(
        KeyId=key,
        ImportToken=(folder / TOKEN).read_bytes(),
        EncryptedKeyMaterial=(folder / WRAPPED).read_bytes(),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        ImportType="NEW_KEY_MATERIAL" if is_new else "EXISTING_KEY_MATERIAL",
    )
    state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    return f"imported as {answer['KeyMaterialId']}; the key is {state}"


def rotate(kms: Any, key: str) -> str:
    """Encrypt with the newest material from now on; AWS KMS still decrypts with the former ones."""
    kms.rotate_key_on_demand(KeyId=key)
    return "rotation has begun; `aws kms list-key-rotations` shows when it is complete"


def main(arguments: Sequence[str] | None = None, kms: Any = None) -> str:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("download", "import", "reimport", "rotate"))
    parser.add_argument("key", help="ARN of the key")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), help="where the files are; here unless given")
    given = parser.parse_args(arguments)
    # The ARN names the key's Region.
    kms = kms or boto3.client("kms", region_name=given.key.split(":")[3])
    if given.command == "download":
        return download(kms, given.key, given.folder)
    if given.command == "rotate":
        return rotate(kms, given.key)
    return import_material(kms, given.key, given.folder, is_new=given.command == "import")


if __name__ == "__main__":
    sys.stdout.write(f"{main()}\n")
