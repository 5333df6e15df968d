"""Templates in YAML, with CloudFormation's short forms of functions such as `!Ref` and `!Sub`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from secure_ddb.cloudformation.written_template import TemplateError, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

# The parser in C, where PyYAML has it, is eight times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_MERGE = f"{_STANDARD}merge"
# What JSON has, and dates, which stay text. `value` is a lone equals sign.
_KINDS = {"bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value"}
_NO_FN = ("Condition", "Ref")
_FUNCTIONS = {
    *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "GetStackOutput", "If", "ImportValue"),
    *("Join", "Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"),
    *_NO_FN,
}
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
# CloudFormation takes 1 MB; aliases can make far more of a few lines.
_MOST_VALUES = 1_000_000
# The parser in C breaks down over some ten thousand levels; templates have fewer than a hundred.
_DEEPEST = 100


def parse_yaml(text: str, file: str) -> Written:
    """Read a template in YAML.

    Raises:
        TemplateError: It is not YAML, has a key twice, or a tag that CloudFormation does not know.
    """
    try:
        _check_depth(text, file)
        node = yaml.compose(text, Loader=_LOADER)
        body = _Converter(file).value(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not YAML: {error.problem or error.context}"
        raise TemplateError(file, message, mark.line + 1 if mark else 0) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise TemplateError(file, f"not YAML: {error.reason}", line) from error
    except RecursionError:
        raise TemplateError(file, "an alias refers to itself, or aliases are nested too deeply") from None
    return Written(body, dict(_lines(node)))


def _check_depth(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise TemplateError(file, "nested too deeply", _line(event))


def _lines(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    for section, resources in _pairs(node):
        if section.value == "Resources":
            for name, _ in _pairs(resources):
                yield str(name.value), _line(name)


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _line(place: yaml.Node | yaml.Event) -> int:
    return place.start_mark.line + 1 if place.start_mark else 0


class _Converter:
    """Loads YAML as the same template in JSON would load."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._values = 0

    def value(self, node: yaml.Node | None) -> Any:  # noqa: ANN401 - a value of a template
        self._values += 1
        if node is None:
            return None
        if self._values > _MOST_VALUES:
            raise TemplateError(self._file, "its aliases make more of it than CloudFormation takes", _line(node))
        if node.tag.startswith("!"):
            return self._function(node)
        if not node.tag.startswith(_STANDARD) or node.tag.removeprefix(_STANDARD) not in _KINDS:
            raise TemplateError(self._file, f"CloudFormation has no tag {node.tag}", _line(node))
        return self._plain(node)

    def _plain(self, node: yaml.Node) -> Any:  # noqa: ANN401 - a value of a template
        if isinstance(node, yaml.MappingNode):
            return self._object(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each) for each in node.value]
        return _scalar(node)

    def _function(self, node: yaml.Node) -> dict[str, Any]:
        name = node.tag[1:]
        if name not in _FUNCTIONS:
            raise TemplateError(self._file, f"CloudFormation has no function {node.tag}", _line(node))
        # A scalar with such a tag is text, even if it looks like a number.
        argument = self._plain(node)
        if name == "GetAtt" and isinstance(argument, str):
            argument = argument.split(".", 1)
        return {name if name in _NO_FN else f"Fn::{name}": argument}

    def _object(self, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                inner = self.value(value)
                for each in inner if isinstance(inner, list) else [inner]:
                    merged = {**each, **merged} if isinstance(each, dict) else merged
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise TemplateError(self._file, "a key is no text", _line(key))
            if key.value in found:
                raise TemplateError(self._file, f"the key {key.value!r} stands twice in one object", _line(key))
            found[key.value] = self.value(value)
        return {**merged, **found}


def _scalar(node: yaml.Node) -> Any:  # noqa: ANN401 - a value of a template
    """Return the JSON form: dates, and numbers that would change if written again, stay text."""
    text = str(node.value)
    kind = node.tag.removeprefix(_STANDARD)
    if kind == "null":
        return None
    if kind == "bool":
        return _TRUTH.get(text.lower(), text)
    if kind in ("int", "float"):
        try:
            number = int(text) if kind == "int" else float(text)
        except ValueError:
            return text
        # `012` may be an octal number, or an account id: a reader who wants a number takes text as well.
        return number if kind == "float" or str(number) == text else text
    return text
