"""A template's file, in JSON or YAML, and the line on which each resource begins."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.written_template import TemplateError, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"\s*")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
_SECTIONS = ("Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs")
# What an extension of the template language writes in place of a resource.
_EXTENSION = "Fn::"


def parse_template(content: bytes, file: str) -> Written:
    """Read a template.

    Args:
        content: The file's content.
        file: Its name, for messages. One that ends in `.yaml` or `.yml` may hold JSON too.

    Raises:
        TemplateError: It is neither JSON nor YAML, or no CloudFormation template.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(file, "not text in UTF-8", content.count(b"\n", 0, error.start) + 1) from error
    if not text.strip():
        raise TemplateError(file, "empty")
    if text.lstrip().startswith("{") and not file.endswith((".yaml", ".yml")):
        written = _parse_json(text, file)
    else:
        # PyYAML is an extra, which only YAML needs.
        from secure_ddb.cloudformation.yaml_template import parse_yaml  # noqa: PLC0415

        written = parse_yaml(text, file)
    body = written.body
    # Nothing shall be called fine of which nothing was read.
    if not isinstance(body, dict) or not body.keys() & _SECTIONS:
        raise TemplateError(file, "no CloudFormation template: it has no Resources")
    check_template(written, file)
    return written


def _parse_json(text: str, file: str) -> Written:
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            repeated.extend(name for name in found if names.count(name) > 1)
        return found

    try:
        body = json.loads(text, object_pairs_hook=members)
    except json.JSONDecodeError as error:
        raise TemplateError(file, f"not JSON: {error.msg}", error.lineno) from error
    except RecursionError:
        raise TemplateError(file, "nested too deeply") from None
    if repeated:
        raise TemplateError(file, f"the key {repeated[0]!r} stands twice in one object", _second(text, repeated[0]))
    return Written(body, _json_lines(text))


def _second(text: str, name: str) -> int:
    """Return the line of a key's second place. It may be that of another object, which is better than none."""
    places = [place.start() for place in re.finditer(rf"{re.escape(json.dumps(name))}\s*:", text)]
    return _line(text, places[1]) if len(places) > 1 else 0


def _json_lines(text: str) -> dict[str, int]:
    lines = {}
    for section, _, value in _members(text, _skip(text, 0)):
        if section == "Resources" and text[value] == "{":
            line, seen_to = 1, 0
            for name, place, _ in _members(text, value):
                line += text.count("\n", seen_to, place)
                seen_to = place
                lines[name] = line
    return lines


def _members(text: str, place: int) -> Iterator[tuple[str, int, int]]:
    """Yield of each member of the object at a place its name, where that stands, and where its value begins."""
    decoder = json.JSONDecoder()
    place = _skip(text, place + 1)
    while text[place] == '"':
        name, end = decoder.raw_decode(text, place)
        value = _skip(text, _skip(text, end) + 1)
        yield name, place, value
        _, end = decoder.raw_decode(text, value)
        end = _skip(text, end)
        place = _skip(text, end + 1) if text[end] == "," else end


def _skip(text: str, place: int) -> int:
    """Return where the white space at a place ends."""
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def check_template(written: Written, file: str) -> None:
    """Reject anything but a template; an empty stack's is accepted.

    Raises:
        TemplateError: It is none.
    """
    body, lines = written
    if not isinstance(body, dict):
        raise TemplateError(file, "no CloudFormation template: it is no object")
    for section in _SECTIONS:
        if body.get(section) is None:
            # YAML says so of a section without content.
            body.pop(section, None)
        elif not isinstance(body[section], dict):
            raise TemplateError(file, f"{section} is no object of names to what they stand for")
    for logical_id, resource in body.get("Resources", {}).items():
        typed = isinstance(resource, dict) and isinstance(resource.get("Type"), str)
        if not typed and not logical_id.startswith(_EXTENSION):
            raise TemplateError(file, f"resource {logical_id} has no Type", lines.get(logical_id, 0))
    for name, output in body.get("Outputs", {}).items():
        if not isinstance(output, dict) and not name.startswith(_EXTENSION):
            raise TemplateError(file, f"output {name} is no object with a Value")
