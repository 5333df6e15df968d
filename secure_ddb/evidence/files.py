"""Which templates a cloud assembly holds.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    templates = [file for _, file in sorted(_stacks(directory))]
    for file in templates:
        if not file.exists():
            raise AssemblyError(f"{file} is missing: the manifest beside it names it")
    return templates


def _stacks(directory: Path) -> Iterator[tuple[str, Path]]:
    manifest = directory / "manifest.json"
    if not manifest.exists():
        raise AssemblyError(f"{directory} is no cloud assembly, which a synth writes: it has no manifest.json")
    for name, artifact in read_json(manifest).get("artifacts", {}).items():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == _STACK:
            yield artifact.get("displayName") or name, directory / str(properties.get("templateFile"))
        elif artifact.get("type") == _ASSEMBLY:
            yield from _stacks(directory / str(properties.get("directoryName")))


def read_json(file: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        AssemblyError: It is none.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AssemblyError(f"{file} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise AssemblyError(f"{file} cannot be read: it holds no JSON object")
    return content
