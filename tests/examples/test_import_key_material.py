"""The procedure of docs/imported-key-material.md, with OpenSSL and against a stand-in for AWS KMS (kms.py)."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.import_key_material import TOKEN, WRAPPED, WRAPPING, main
from secure_ddb.context import StackEnvironment
from secure_ddb.encryption.imported_material_key import imported_key_statements
from tests.examples.kms import KEY, Kms, make_wrapping_key

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).parents[2] / "docs" / "imported-key-material.md"
MATERIAL, NEW_MATERIAL = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture(scope="module")
def wrapping_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wrapping_key(tmp_path_factory.mktemp("kms") / "private-key.pem")


@pytest.fixture
def kms(wrapping_key: Path) -> Kms:
    return Kms(wrapping_key)


@pytest.fixture
def commands() -> dict[str, list[str]]:
    """Return the page's commands by their name: `openssl`, or what they tell the script."""
    lines = re.findall(r"^ *```console\n *(.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    words = [shlex.split(line.replace("KEY", KEY)) for line in lines]
    return {"openssl" if each[0] == "openssl" else each[2]: each for each in words}


def wrap(material: bytes, folder: Path, command: Sequence[str]) -> None:
    (folder / "material.bin").write_bytes(material)
    subprocess.run(command, cwd=folder, check=True)


def do(command: Sequence[str], folder: Path, kms: Kms) -> str:
    assert list(command[:2]) == ["python", "import_key_material.py"]
    return main([*command[2:], *([] if command[2] == "rotate" else [str(folder)])], kms.client)


def imported(material: bytes, folder: Path, kms: Kms, commands: dict[str, list[str]]) -> str:
    do(commands["download"], folder, kms)
    wrap(material, folder, commands["openssl"])
    return do(commands["import"], folder, kms)


def test_material_is_imported_by_the_commands_of_the_page(
    tmp_path: Path, kms: Kms, commands: dict[str, list[str]]
) -> None:
    assert commands.keys() == {"download", "openssl", "import", "rotate"}
    assert not kms.is_imported
    assert imported(MATERIAL, tmp_path, kms, commands).endswith("the key is Enabled")
    assert kms.materials == [MATERIAL]


def test_new_material_is_imported_into_the_same_key_and_rotated_to(
    tmp_path: Path, kms: Kms, commands: dict[str, list[str]]
) -> None:
    for material in (MATERIAL, NEW_MATERIAL):
        imported(material, tmp_path, kms, commands)
    assert kms.current == 0
    do(commands["rotate"], tmp_path, kms)
    assert kms.materials[kms.current] == NEW_MATERIAL


def test_material_that_was_deleted_is_imported_again(tmp_path: Path, kms: Kms, commands: dict[str, list[str]]) -> None:
    imported(MATERIAL, tmp_path, kms, commands)
    kms.is_imported = False
    again = ["reimport" if word == "import" else word for word in commands["import"]]
    assert do(again, tmp_path, kms).endswith("the key is Enabled")
    assert kms.materials == [MATERIAL]


@pytest.mark.parametrize(
    ("file", "code"), [(TOKEN, "InvalidImportTokenException"), (WRAPPED, "InvalidCiphertextException")]
)
def test_what_aws_kms_refuses_is_an_error(
    tmp_path: Path, kms: Kms, commands: dict[str, list[str]], file: str, code: str
) -> None:
    do(commands["download"], tmp_path, kms)
    wrap(MATERIAL, tmp_path, commands["openssl"])
    (tmp_path / file).write_bytes(bytes(512))
    with pytest.raises(ClientError, match=code):
        do(commands["import"], tmp_path, kms)
    assert not kms.is_imported


def test_material_of_another_length_is_refused(tmp_path: Path, kms: Kms, commands: dict[str, list[str]]) -> None:
    with pytest.raises(ClientError, match="IncorrectKeyMaterialException"):
        imported(MATERIAL[:16], tmp_path, kms, commands)


def test_key_s_policy_allows_what_the_script_asks_for() -> None:
    environment = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Keys")
    allowed = {each["Sid"]: each["Condition"] for each in imported_key_statements(environment) if "Condition" in each}
    for name, value in WRAPPING.items():
        assert value in allowed["DownloadWrappingKey"]["StringEquals"][f"kms:{name}"]
