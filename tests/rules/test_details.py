"""No finding shows a placeholder of ours, or how Python writes a value."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stage

from secure_ddb.rules.assembly import Assembly
from secure_ddb.rules.judge import judge
from secure_ddb.rules.reading import read_templates
from tests.rules.cases import CASES
from tests.rules.handwritten import body, changed, template
from tests.rules.tablev2 import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable

GOOD_CASES = sorted((Path(__file__).parent / "good_cases").iterdir())
# A placeholder, a dictionary, a list, a tuple or a value as Python writes it.
INTERNAL = re.compile(
    r"\$\{\?|\$\{AWS\.|\$\{(Orders|Template|Example)[-.]|\{'|\{\"Fn::|\{\"Ref|\['|\('|\bNone\b|\bTrue\b|\bFalse\b"
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
    assemblies = []
    for name, resource in body()["Resources"].items():
        paths = list(resource.get("Properties", {}))
        contents = [changed((f"{name}/Properties/{path}", value)) for path in paths]
        assemblies += [Assembly([template(content)]) for content in contents]
    assert bad_details(assemblies[::3]) == set()
