"""Every template of a cloud assembly is found, and what is no cloud assembly is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.evidence.files import AssemblyError, stack_templates
from tests.evidence.written import KEY, assembly, write

if TYPE_CHECKING:
    from pathlib import Path


def test_templates_of_stacks_and_stages_are_found_by_their_construct_paths(tmp_path: Path) -> None:
    assembly(tmp_path, {"Orders": {"K": KEY}, "Prod/Orders": {"K": KEY}, "Alpha": {"K": KEY}})

    found = [file.relative_to(tmp_path).as_posix() for file in stack_templates(tmp_path)]

    assert found == ["Alpha.template.json", "Orders.template.json", "assembly-Prod/ProdOrders.template.json"]


def test_other_artifacts_are_no_templates(tmp_path: Path) -> None:
    write(tmp_path, "manifest.json", {"artifacts": {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}})

    assert stack_templates(tmp_path) == []


def test_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match=r"there is no directory .*nowhere"):
        stack_templates(tmp_path / "nowhere")


def test_directory_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match="is no cloud assembly"):
        stack_templates(tmp_path)


def test_template_that_is_missing_is_refused(tmp_path: Path) -> None:
    assembly(tmp_path, {"Orders": {"K": KEY}})
    (tmp_path / "Orders.template.json").unlink()

    with pytest.raises(AssemblyError, match=r"Orders\.template\.json is missing"):
        stack_templates(tmp_path)


def test_stage_that_is_missing_is_refused(tmp_path: Path) -> None:
    assembly(tmp_path, {"Prod/Orders": {"K": KEY}})
    (tmp_path / "assembly-Prod" / "manifest.json").unlink()

    with pytest.raises(AssemblyError, match="assembly-Prod is no cloud assembly"):
        stack_templates(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_manifest_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("latin-1"))

    with pytest.raises(AssemblyError, match=r"manifest\.json cannot be read"):
        stack_templates(tmp_path)
