"""Reads CDK's output: templates, nested ones too, and acknowledgements.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.json_schema import TEXT, Shape, ShapeError, check_shape
from secure_ddb.cloudformation.kinds import NESTED_STACK
from secure_ddb.cloudformation.template import Template
from secure_ddb.cloudformation.values import at
from secure_ddb.judging.gc_pause import without_garbage_collection
from secure_ddb.landscape.assembly import Acknowledged, Assembly
from secure_ddb.waivers.stated_waiver import EXPIRES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_STACK = "aws:cloudformation:stack"
_ENVIRONMENT = re.compile(r"aws://(\d{12}|[^/]*)/(.*)")
_UNKNOWN_ENVIRONMENT = {"unknown-account", "unknown-region"}
_ASSET = re.compile(r"/([0-9a-f]{64})\.json")
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
_LOGICAL_ID = "aws:cdk:logicalId"
_TEMPLATE_FILE = "aws:cdk:templateFile"
# Construct path to what CDK recorded of it.
_METADATA = Shape(dict, each=Shape(list, each=Shape(dict, {"type": TEXT}, frozenset({"type"}))))
_ARTIFACT = Shape(
    dict,
    {
        "type": TEXT,
        "displayName": TEXT,
        "environment": TEXT,
        "properties": Shape(
            dict, {"templateFile": TEXT, "directoryName": TEXT, "stackName": TEXT, "terminationProtection": Shape(bool)}
        ),
        "metadata": _METADATA,
        "additionalMetadataFile": TEXT,
    },
)
MANIFEST = Shape(dict, {"artifacts": Shape(dict, each=_ARTIFACT)})
_SOURCE = Shape(dict, {"source": Shape(dict, {"path": TEXT})})
_ASSETS = Shape(dict, {"files": Shape(dict, each=_SOURCE)})


def read_json(file: Path, shape: Shape | None = None) -> dict[str, Any]:
    """Return the parsed JSON of a file.

    Raises:
        ShapeError: It is no JSON, or of another shape.
    """
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if shape:
            check_shape(content, shape)
    except (ValueError, RecursionError) as error:
        raise ShapeError(f"{file} cannot be read: {error}") from error
    return content


def read_metadata(directory: Path, artifact: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return CDK's metadata for the constructs of an artifact: path of the construct to entries.

    Raises:
        ShapeError: The file with it is no JSON, or of another shape.
    """
    name = artifact.get("additionalMetadataFile")
    found: dict[str, list[dict[str, Any]]] = artifact.get("metadata", {})
    return read_json(directory / name, _METADATA) if name else found


@without_garbage_collection()
def read_templates(
    files: Iterable[Path],
    *,
    around: Sequence[Acknowledged] = (),
    with_paths: bool = False,
    read: Callable[[Path], dict[str, Any]] = read_json,
) -> Assembly:
    """Read the templates of stacks from cloud assemblies, with their metadata files.

    A template that stands alone is read as one of a stack of which nothing is known. One of a nested stack is read
    with the stack around it, also if it is among the files.

    Args:
        files: The templates.
        around: Acknowledgements on the app or on stages, which are in no stack's metadata.
        with_paths: Whether the constructs' paths are needed even if nothing was acknowledged.
        read: How a template is read.

    Raises:
        ShapeError: A file next to a template is not JSON, or not of the shape that CDK writes.
    """
    manifests = cache(_read_manifest)
    templates: list[Template] = []
    acknowledged: list[Acknowledged] = []
    paths: dict[tuple[str, str], str] = {}
    for file in files:
        stack = manifests(file.parent).get(file.name, {})
        template = _read_stack(file, stack, read)
        templates.append(template)
        metadata = _metadata(file.parent, stack, always=with_paths or bool(around))
        acknowledged += _acknowledged(metadata)
        # Only acknowledgments need the paths, and most synths have none of ours.
        if metadata:
            paths.update(_paths(metadata, template))
    nested = {file for template in templates for file in _nested_files(template)}
    outermost = [template for template in templates if template.file not in nested]
    return Assembly(outermost, acknowledged=[*acknowledged, *around], paths=paths)


def _nested_files(template: Template) -> Iterator[str]:
    for child in template.nested.values():
        yield child.file
        yield from _nested_files(child)


def _read_manifest(directory: Path) -> dict[str, dict[str, Any]]:
    """Return the stacks of a cloud assembly: name of the template's file to its manifest entry.

    A standalone template may be next to an unrelated manifest, such as that of a web app.
    """
    try:
        artifacts = at(read_json(directory / "manifest.json"), "artifacts")
    except (OSError, ShapeError):
        return {}
    stacks = {}
    for name, artifact in artifacts.items() if isinstance(artifacts, dict) else ():
        if at(artifact, "type") == _STACK:
            try:
                check_shape(artifact, _ARTIFACT)
            except ShapeError as error:
                raise ShapeError(f"{directory / 'manifest.json'} cannot be read: in {name} {error}") from error
            stacks[at(artifact, "properties", "templateFile")] = {"id": name, **artifact}
    return stacks


def _read_stack(file: Path, stack: dict[str, Any], read: Callable[[Path], dict[str, Any]]) -> Template:
    match = _ENVIRONMENT.fullmatch(stack.get("environment", ""))
    account, region = ("" if each in _UNKNOWN_ENVIRONMENT else each for each in match.groups()) if match else ("", "")
    template = Template(
        name=stack.get("displayName") or file.as_posix(),
        body=read(file),
        file=str(file),
        # CDK leaves out a name that is also the artifact's.
        stack_name=at(stack, "properties", "stackName") or stack.get("id", ""),
        account=account,
        region=region,
        # CDK leaves out what was not asked for.
        termination_protection=bool(at(stack, "properties", "terminationProtection")) if stack else None,
    )
    _add_nested(template, file.parent / file.name.replace(".template.json", ".assets.json"), read)
    return template


def _add_nested(template: Template, assets_file: Path, read: Callable[[Path], dict[str, Any]]) -> None:
    """Find the templates of nested stacks: each stack's URL holds the hash of a file among the assets."""
    nested = [each for each in template.resources.values() if each.type == NESTED_STACK]
    # A template that stands alone has another name, and no assets.
    named = assets_file.name.endswith(".assets.json") and assets_file.exists()
    assets = read_json(assets_file, _ASSETS).get("files", {}) if nested and named else {}
    for resource in nested:
        hashed = _ASSET.search(json.dumps(at(resource.body, "Properties", "TemplateURL")))
        source = at(assets.get(hashed[1], {}) if hashed else {}, "source", "path")
        if source:
            file = assets_file.parent / source
            child = Template(name=f"{template.name}/{resource.logical_id}", body=read(file), file=str(file))
            template.nested[resource.logical_id] = child
            _add_nested(child, assets_file, read)


def _metadata(directory: Path, stack: dict[str, Any], *, always: bool) -> dict[str, list[dict[str, Any]]]:
    """Return the metadata of a stack's constructs: always, or if anything that we check was acknowledged there."""
    if not always:
        name = stack.get("additionalMetadataFile")
        text = (directory / name).read_text(encoding="utf-8") if name else json.dumps(stack.get("metadata", {}))
        if _ACKNOWLEDGED not in text or ("SecureDdb" not in text and EXPIRES not in text):
            return {}
    return read_metadata(directory, stack)


def _acknowledged(metadata: dict[str, list[dict[str, Any]]]) -> Iterator[Acknowledged]:
    for construct, entries in metadata.items():
        for entry in entries:
            if entry["type"] == _ACKNOWLEDGED:
                yield from acknowledged_at(construct.strip("/"), entry.get("data"))


def acknowledged_at(construct: str, rules: object) -> Iterator[Acknowledged]:
    """Yield acknowledgements on a construct that concern our rules or expire."""
    for name, reason in rules.items() if isinstance(rules, dict) else ():
        if isinstance(reason, str):
            acknowledged = Acknowledged(construct=construct, id=name, reason=reason)
            if acknowledged.of_our_rules or acknowledged.waiver.expires is not None:
                yield acknowledged


def _paths(metadata: dict[str, list[dict[str, Any]]], template: Template) -> dict[tuple[str, str], str]:
    """Return the construct's path of each resource: file of the template and logical id to path."""
    values = [
        (construct.strip("/"), entry["type"], entry.get("data"))
        for construct, entries in metadata.items()
        for entry in entries
    ]
    file = Path(template.file)
    stacks = {path: str(file.parent / str(data)) for path, kind, data in values if kind == _TEMPLATE_FILE}
    found = {}
    for path, kind, logical_id in values:
        if kind == _LOGICAL_ID:
            found[_file_of(path, stacks) or template.file, str(logical_id)] = path
    return found


def _file_of(path: str, stacks: dict[str, str]) -> str:
    """Return the template of the innermost stack around a construct."""
    while path:
        if path in stacks:
            return stacks[path]
        path = path.rpartition("/")[0]
    return ""
