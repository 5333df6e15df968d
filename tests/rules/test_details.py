"""No finding shows a placeholder of ours, or how Python writes a value."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stage

from examples.minimal import MinimalStack
from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import shown
from tests.rules.cases import CASES
from tests.rules.handwritten import body, changed, template
from tests.rules.tablev2 import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable

GOOD_CASES = sorted((Path(__file__).parent / "good_cases").iterdir())
# A placeholder, one that is cut, a dictionary, a list, a tuple or a value as Python writes it.
INTERNAL = re.compile(
    r"\$\{\?|\$\{AWS\.|\$\{(Orders|Template|Example|Minimal)[-.]|\$\{-|template-?\.?json|\$\{[^}]*(…|$)|\{'|\{\"Fn::|\{\"Ref|\['|\('|\bNone\b|\bTrue\b|\bFalse\b"
    r"|<[\w.]+ object|Resource\(|Verdict\."
)


def bad_details(assemblies: Iterable[Assembly]) -> set[tuple[str, str]]:
    """Return the rules and details of the judgements that show what is internal."""
    return {
        (rule.id, judgement.detail)
        for assembly in assemblies
        for rule, judgement in judge(assembly)
        if INTERNAL.search(judgement.detail)
    }


def assembled(content: dict[str, Any], *, known: bool) -> Assembly:
    """Return a template whose account, Region and stack are known or not."""
    return Assembly([template(content) if known else template(content, account="", region="", stack_name="")])


@pytest.mark.parametrize("rule", CASES)
def test_details_of_cases_are_readable(rule: str) -> None:
    changes = [*CASES[rule].broken, *CASES[rule].unknown]
    contents = [changed(*(change if isinstance(change, list) else [change])) for change in changes]
    # By turns, as both take twice as long.
    assemblies = (assembled(content, known=number % 2 == 0) for number, content in enumerate(contents))
    assert bad_details(assemblies) == set()


@pytest.mark.parametrize("file", GOOD_CASES, ids=lambda file: file.stem)
def test_details_of_good_cases_are_readable(file: Path) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    assert bad_details(assembled(content, known=known) for known in (True, False)) == set()


def test_details_of_cdk_s_examples_are_readable() -> None:
    app = App()
    for number, name in enumerate(EXAMPLES):
        EXAMPLES[name].make(Stage(app, f"Example{number}"))
    folder = Path(app.synth().directory)
    assemblies = [read_templates([file]) for file in sorted(folder.glob("**/*.template.json"))]
    assert len(assemblies) >= len(EXAMPLES)
    assert bad_details(assemblies) == set()


def test_details_of_the_minimal_example_are_readable() -> None:
    app = App()
    MinimalStack(app, "Minimal", env=Environment(account="111122223333", region="eu-central-1"))
    assembly = read_templates([Path(app.synth().directory) / "Minimal.template.json"])
    details = {judgement.detail for _, judgement in judge(assembly)}
    assert any("key/${OrdersAuditDigestKey" in detail for detail in details)
    assert bad_details([assembly]) == set()


def test_details_are_the_same_in_whatever_file_the_template_is(tmp_path: Path) -> None:
    found = []
    for name in ("a", "a-long-name-" * 8):
        file = tmp_path / f"{name}.template.json"
        file.write_text(json.dumps(body()), encoding="utf-8")
        assembly = read_templates([file])
        assert bad_details([assembly]) == set()
        found.append([(rule.id, judgement.path, judgement.detail) for rule, judgement in judge(assembly)])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("x" * 80, "x" * 80),
        ("x" * 81, f"{'x' * 80}…"),
        (f"{'x' * 60}${{{'A' * 90}.B}}", f"{'x' * 60}${{{'A' * 90}.B}}"),
        (f"{'x' * 61}${{{'A' * 90}.B}}", f"{'x' * 61}…"),
        ("${A}" * 5, "${A}" * 4 + "…"),
        ("${A}" * 4 + "\n${", "${A}" * 4 + "…"),
    ],
)
def test_values_are_cut_beside_placeholders_and_not_inside(value: str, written: str) -> None:
    assert shown(value) == written


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Parameter"},
        {"Fn::ImportValue": "x"},
        "{{resolve:ssm:/x}}",
        {"a": ["b", True]},
        ["a", {"b": None}],
        None,
    ],
    ids=str,
)
def test_details_of_any_value_anywhere_are_readable(value: Any) -> None:
    paths = [
        f"{name}/Properties/{each}" for name, resource in body()["Resources"].items() for each in resource["Properties"]
    ]
    # One by one, because a thousand templates in memory slow down the judging of each.
    assemblies = (Assembly([template(changed((path, value)))]) for path in paths[::3])
    assert bad_details(assemblies) == set()
