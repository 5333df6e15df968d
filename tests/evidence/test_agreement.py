"""Rules and catalogue agree, and where they do not, a test says what to write."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from secure_ddb.evidence.catalogue.load import FILES, Catalogue, Control, read_catalogue
from secure_ddb.rules.pack import RULES
from tests.evidence import rules_lines
from tests.evidence.agreement import disagreements

if TYPE_CHECKING:
    from secure_ddb.rules.rule import Rule

CONTROL = Control(id="CS-1", title="", source="", rules=("SecureDdb-ENC1",), cdk_nag=(), manual="")
RULE = replace(RULES[0], requirements=(), controls=("CS-1",))
FILE = "secure_ddb/rules/encryption/customer_managed_key.py"


def test_rules_and_catalogue_agree() -> None:
    found = list(disagreements({file: read_catalogue(file) for file in FILES}, RULES))
    hint = "believe the rules instead: python -m tests.evidence.rules_lines"
    assert not found, "\n".join([f"{len(found)} disagreements ({hint})", *found])


@pytest.mark.parametrize(
    ("control", "rule", "said"),
    [
        (CONTROL, RULE, ""),
        (
            replace(CONTROL, rules=()),
            RULE,
            f'own.toml, CS-1: add "SecureDdb-ENC1" to its rules, or take the control out of {FILE}',
        ),
        (
            CONTROL,
            replace(RULE, controls=()),
            f'{FILE}: add "CS-1" to its controls, or take SecureDdb-ENC1 out of own.toml, CS-1',
        ),
        (
            CONTROL,
            replace(RULE, controls=("CS-1", "CS-99")),
            f'{FILE}: "CS-99" is in no catalogue; add a control, or take it out',
        ),
        (
            replace(CONTROL, rules=("SecureDdb-ENC1", "SecureDdb-ENC99")),
            RULE,
            "own.toml, CS-1: there is no rule SecureDdb-ENC99",
        ),
    ],
)
def test_disagreement_says_what_to_add_where(control: Control, rule: Rule, said: str) -> None:
    own = Catalogue(name="Own", version="1", source="", controls=(control,))
    assert "\n".join(disagreements({"own.toml": own}, [rule])) == said


def test_row_of_the_requirements_belongs_to_a_rule_s_requirements() -> None:
    rows = Catalogue(name="Requirements", version="1", source="", controls=(replace(CONTROL, id="ENC-1"),))
    (said,) = disagreements({"requirements.toml": rows}, [replace(RULE, controls=())])
    assert said.startswith(f'{FILE}: add "ENC-1" to its requirements')


@pytest.mark.parametrize("file", FILES)
def test_rules_lines_are_as_they_would_be_written(file: str) -> None:
    text = (rules_lines.FOLDER / file).read_text(encoding="utf-8")
    assert rules_lines.rewritten(text, RULES) == text
    assert len(rules_lines.CONTROL.findall(text)) == text.count("[[controls]]")


def test_rules_lines_are_written_anew() -> None:
    text = '[[controls]]\nid = "CS-1"\ntitle = "T"\nrules = [\n    "SecureDdb-OLD1",\n]\nsource = "S"\n'
    rules = [replace(RULE, id=f"SecureDdb-ENC{number}") for number in range(1, 9)]
    found = tomllib.loads(rules_lines.rewritten(text, rules))["controls"]
    assert found == [{"id": "CS-1", "title": "T", "rules": [rule.id for rule in rules], "source": "S"}]
    assert 'rules = ["SecureDdb-ENC1"]\nsource' in rules_lines.rewritten(text, [rules[0]])
    assert "rules = []\nsource" in rules_lines.rewritten(text, [])
