"""The files of a cloud assembly.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.judging.reading import MANIFEST
from secure_ddb.judging.reading import read_json as read_shaped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from secure_ddb.cloudformation.json_schema import Shape

_STACK = "aws:cloudformation:stack"
_ASSEMBLY = "cdk:cloud-assembly"


class AssemblyError(Exception):
    """A directory is no cloud assembly, or cannot be read as one."""


def stack_templates(directory: Path) -> list[Path]:
    """Return the template of each stack, those of stages among them, by the stacks' construct paths.

    Raises:
        AssemblyError: The directory is no cloud assembly, or a file of it is missing or no JSON.
    """
    if not directory.is_dir():
        raise AssemblyError(f"there is no directory {directory}")
    templates = [
        (artifact.get("displayName") or name, folder / _property(artifact, "templateFile", name, folder))
        for folder, name, artifact in artifacts(directory)
        if artifact.get("type") == _STACK
    ]
    files = [file for _, file in sorted(templates)]
    for file in files:
        if not file.exists():
            raise AssemblyError(f"{file} is missing, although the manifest next to it names it")
    return files


def artifacts(directory: Path, around: tuple[Path, ...] = ()) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Yield the artifacts of a cloud assembly and of its stages: directory, name, and entry in the manifest.

    Raises:
        AssemblyError: A manifest is missing, is no JSON, or has another shape.
    """
    manifest = directory / "manifest.json"
    if directory.resolve() in around:
        raise AssemblyError(f"{manifest} cannot be read: it is a stage of itself")
    if not manifest.exists():
        raise AssemblyError(f"{directory} is no cloud assembly, which a synth writes: it has no manifest.json")
    for name, artifact in read_json(manifest, MANIFEST).get("artifacts", {}).items():
        yield directory, name, artifact
        if artifact.get("type") == _ASSEMBLY:
            stage = directory / _property(artifact, "directoryName", name, directory)
            yield from artifacts(stage, (*around, directory.resolve()))


def _property(artifact: dict[str, Any], name: str, artifact_name: str, directory: Path) -> str:
    value: str | None = artifact.get("properties", {}).get(name)
    if value is None:
        where = f"artifacts.{artifact_name}.properties"
        raise AssemblyError(f"{directory / 'manifest.json'} cannot be read: {where} has no {name}")
    return value


def read_json(file: Path, shape: Shape) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        AssemblyError: It is no JSON, or of another shape.
    """
    try:
        return read_shaped(file, shape)
    except ShapeError as error:
        raise AssemblyError(str(error)) from error
