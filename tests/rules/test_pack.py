"""Which rules there are, and what each of them says about itself."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import secure_ddb.rules
from secure_ddb.cloudformation.template import Template
from secure_ddb.iam import actions, wildcards
from secure_ddb.iam import policy as policies
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.pack import RULES
from tests.rules.handwritten import body

if TYPE_CHECKING:
    from secure_ddb.rules.rule import Rule

FOLDER = Path(secure_ddb.rules.__path__[0])
PACKAGE = FOLDER.parent


def test_no_two_rules_have_one_id_or_one_title() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.title for rule in RULES}) == len(RULES) > 100


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_explains_itself(rule: Rule) -> None:
    assert re.fullmatch(r"SecureDdb-[A-Z]+\d+", rule.id)
    assert not rule.title.endswith(".")
    assert all(text.endswith(".") for text in (rule.rationale, rule.remedy))
    assert rule.source.startswith("https://docs.aws.amazon.com/")
    assert rule.controls
    assert rule.requirements or rule.id.startswith("SecureDdb-WAIVER")


def test_only_the_plugin_needs_cdk_or_node() -> None:
    folders = ("cloudformation", "iam", "landscape", "rules", "judging", "evidence")
    importing = [
        file.name
        for folder in folders
        for file in (PACKAGE / folder).rglob("*.py")
        if re.search(r"^\s*(from|import) (aws_cdk|jsii|constructs)", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert importing == ["plugin.py"]


def calls(tables: int) -> int:
    """Count the functions that are called to judge some tables, with all that belongs to them, that share a topic."""
    templates = [
        Template(
            name=f"Stack{number}", stack_name=f"Stack{number}", account="111122223333", region="eu-central-1", body=one
        )
        for number, one in ((number, _of_its_own(number)) for number in range(tables))
    ]
    count = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    # What an earlier call has left there would make this one cheaper.
    for kept in (actions.actions_named, policies._condition, policies._principal, wildcards._compare, wildcards._regex):
        kept.cache_clear()
    re.purge()
    previous = sys.getprofile()
    sys.setprofile(counted)
    try:
        judge(Assembly(templates))
    finally:
        sys.setprofile(previous)
    return count


def _of_its_own(number: int) -> dict[str, Any]:
    text = json.dumps(body()["Resources"]).replace("orders", f"orders{number}").replace("/audit", f"/audit{number}")
    resources: dict[str, Any] = json.loads(text.replace('"audit"', f'"audit{number}"'))
    if number:
        for name in ("Topic", "TopicPolicy"):
            del resources[name]
        for resource in resources.values():
            if "AlarmActions" in resource["Properties"]:
                resource["Properties"]["AlarmActions"] = [{"Fn::ImportValue": "Topic"}]
        return {"Resources": resources}
    export = {"Topic": {"Value": {"Ref": "Topic"}, "Export": {"Name": "Topic"}}}
    return {"Resources": resources, "Outputs": export}


def test_work_grows_no_faster_than_the_number_of_tables() -> None:
    # Counted and not timed, so that it fails only for a reason.
    twenty, thirty, forty = calls(20), calls(30), calls(40)
    # Selections, trails and log policies are compared with each table, which is little.
    assert forty - thirty <= 1.08 * (thirty - twenty)
