"""Evidence as JSON is what its schema says, which says all that there is."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from secure_ddb.evidence import model
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.write_json import to_json
from tests.evidence.filled import EMPTY, FILLED
from tests.evidence.written import assembly, table_with

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: dict[str, Any] = json.loads(
    files("secure_ddb.evidence").joinpath("evidence.schema.json").read_text(encoding="utf-8")
)
CLASSES: dict[str, Any] = {
    name: each for name, each in vars(model).items() if isinstance(each, type) and each.__module__ == model.__name__
}


def problems(content: object) -> list[str]:
    validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(cast("Any", content))]


def schema_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA if name == "Evidence" else SCHEMA["$defs"][name]
    return found


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("evidence", [FILLED, EMPTY])
def test_evidence_is_as_its_schema_says(evidence: model.Evidence) -> None:
    assert problems(json.loads(to_json(evidence))) == []


def test_evidence_of_an_app_is_as_its_schema_says(tmp_path: Path) -> None:
    directory = assembly(tmp_path, {"Orders": {"Table": table_with("restricted")}})

    content = json.loads(to_json(collect(directory)))

    assert problems(content) == []
    assert len(content["results"]) > 10


def test_nothing_is_lost() -> None:
    content = json.loads(to_json(FILLED))

    assert content["judged_on"] == "2030-01-01"
    assert content["problems"] == ["no report"]
    assert content["results"][0]["status"] == "waived"
    assert content["results"][0]["waived_by"] == {
        "reason": "a trial",
        "approved_by": "SEC-1",
        "expires": "2030-06-30",
        "construct": "Orders",
    }
    assert content["results"][0]["location"] == {"file": "app.py", "line": 7}
    assert content["results"][1]["title"] == "Größe: 5 €"
    assert content["results"][1]["waived_by"] is None
    assert content["controls"][0]["results"] == [0, 1]
    (table,) = content["tables"]
    assert table["waivers"]["Alarms (MON-1)"]["approved_by"] == "SEC-1"
    assert table["arrows"] == [{"start": "k", "end": "t", "flow": "key", "label": "encrypts"}]
    assert [part["known"] for part in table["parts"]] == [True, False]


def test_each_result_has_a_line_of_its_own() -> None:
    lines = to_json(FILLED).splitlines()

    assert sum('"AwsSolutions-S1"' in line for line in lines) == 1
    assert sum("Größe: 5 €" in line for line in lines) == 1
    assert not any('"AwsSolutions-S1"' in line and '"R1 wants more"' in line for line in lines)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_schema_says_each_attribute_and_no_other(name: str) -> None:
    described = schema_of(name)
    assert described["description"]
    if issubclass(CLASSES[name], Enum):
        assert described["enum"] == [member.value for member in CLASSES[name]]
        return
    assert is_dataclass(CLASSES[name])
    names = [each.name for each in fields(CLASSES[name])]
    assert list(described["properties"]) == names
    assert described["required"] == names
    assert described["additionalProperties"] is False
    assert all(each["description"] for each in described["properties"].values())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("judged_on",), "tomorrow"),
        (("further",), "x"),
        (("results", 0, "status"), "fine"),
        (("results", 0, "further"), "x"),
        (("results", 0, "waived_by", "expires"), "2030-13-01"),
        (("results", 0, "location", "line"), "7"),
        (("tables", 0, "parts", 0, "role"), "queue"),
        (("tables", 0, "settings", "x"), 1),
        (("controls", 0, "results", 0), -1),
        (("packs", 0, "succeeded"), "yes"),
    ],
)
def test_schema_refuses_what_is_wrong(place: tuple[str | int, ...], value: object) -> None:
    content = json.loads(to_json(FILLED))
    around = content
    for each in place[:-1]:
        around = around[each]
    around[place[-1]] = value

    assert len(problems(content)) == 1


def test_value_that_has_no_place_in_evidence_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no place in evidence"):
        to_json(replace(FILLED, title=cast("Any", {"a"})))
