"""Which templates a cloud assembly holds.

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
    templates = [file for _, file in sorted(_stacks(directory, ()))]
    for file in templates:
        if not file.exists():
            raise AssemblyError(f"{file} is missing: the manifest beside it names it")
    return templates


def _stacks(directory: Path, around: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
    manifest = directory / "manifest.json"
    if directory.resolve() in around:
        raise AssemblyError(f"{manifest} cannot be read: it is a stage of itself")
    if not manifest.exists():
        raise AssemblyError(f"{directory} is no cloud assembly, which a synth writes: it has no manifest.json")
    for name, artifact in read_json(manifest, MANIFEST).get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact.get("type") == _STACK:
            yield artifact.get("displayName") or name, directory / _named(properties, "templateFile", name, manifest)
        elif artifact.get("type") == _ASSEMBLY:
            inside = directory / _named(properties, "directoryName", name, manifest)
            yield from _stacks(inside, (*around, directory.resolve()))


def _named(properties: dict[str, str], what: str, name: str, manifest: Path) -> str:
    if what not in properties:
        raise AssemblyError(f"{manifest} cannot be read: artifacts.{name}.properties has no {what}")
    return properties[what]


def read_json(file: Path, shape: Shape) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        AssemblyError: It is no JSON, or of another shape.
    """
    try:
        return read_shaped(file, shape)
    except ShapeError as error:
        raise AssemblyError(str(error)) from error
