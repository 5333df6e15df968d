"""Reading synthesized templates as plain dictionaries, which is a thousand times faster than asking CDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Resource = dict[str, Any]


class Template:
    """A synthesized template."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.resources: dict[str, Resource] = body["Resources"]

    @classmethod
    def read(cls, file: Path) -> Template:
        """Return the template in a file."""
        return cls(json.loads(file.read_text(encoding="utf-8")))

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Return the resources of a type: logical id to resource."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def only(self, kind: str, prefix: str = "") -> Resource:
        """Return the one resource of a type (whose logical id starts with a prefix)."""
        found = [resource for name, resource in self.of_type(kind).items() if name.startswith(prefix)]
        assert len(found) == 1, f"{len(found)} of {kind} {prefix}"
        return found[0]

    def properties(self, kind: str, prefix: str = "") -> dict[str, Any]:
        """Return the properties of the one resource of a type."""
        properties: dict[str, Any] = self.only(kind, prefix)["Properties"]
        return properties

    def named(self, kind: str, prefix: str) -> str:
        """Return the logical id of the one resource of a type whose logical id starts with a prefix."""
        (name,) = (name for name in self.of_type(kind) if name.startswith(prefix))
        return name

    def table(self) -> dict[str, Any]:
        """Return the properties of the only table."""
        return self.properties("AWS::DynamoDB::GlobalTable")

    def replica(self) -> dict[str, Any]:
        """Return the only replica of the only table."""
        (replica,) = self.table()["Replicas"]
        assert isinstance(replica, dict)
        return replica

    def alarms(self) -> dict[str, dict[str, Any]]:
        """Return the alarms' properties: construct id without its hash to properties."""
        return {name[:-8]: alarm["Properties"] for name, alarm in self.of_type("AWS::CloudWatch::Alarm").items()}


def statements(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a policy's statements by their Sid."""
    found = {statement["Sid"]: statement for statement in document["Statement"]}
    assert len(found) == len(document["Statement"]), "a Sid stands twice"
    return found


def as_list(value: Any) -> list[Any]:
    """Return a value that may stand alone as a list."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """Write a value of a template as one string: `Ref` and `GetAtt` become `<name>` and `<name.attribute>`."""
    match value:
        case str():
            return value
        case {"Ref": name} | {"Fn::ImportValue": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(text, parts))
        case _:
            raise AssertionError(f"not a string: {value}")


def walk(value: Any) -> Iterator[Any]:
    """Yield every value inside a value, itself included."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in inner:
        yield from walk(child)
