"""A template that was copied out of its assembly: nobody knows its account, its Region, or its stack's name."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.configurations import CONFIGURATIONS
from tests.rules.handwritten import changed, judgements
from tests.rules.handwritten.making import ACCOUNT, PARAMETER, REGION
from tests.synthesized import synthesized


def not_met(name: str, **about: Any) -> set[tuple[str, str, str]]:
    body = synthesized(CONFIGURATIONS[name]).body
    judged = judge(Assembly([Template(name="Copied", body=body, **about)]))
    return {(rule.id, each.path, each.key) for rule, each in judged if each.verdict is Verdict.NOT_MET}


@pytest.mark.parametrize("name", sorted(CONFIGURATIONS))
@pytest.mark.parametrize("about", [{}, {"account": ACCOUNT}, {"account": ACCOUNT, "region": REGION}], ids=len)
def test_what_is_not_known_of_a_template_is_not_held_against_it(name: str, about: dict[str, str]) -> None:
    known = not_met(name, account=ACCOUNT, region=REGION, stack_name="Test")
    assert not_met(name, **about) <= known


def test_a_wildcard_is_no_region_wherever_it_is_deployed() -> None:
    through = "Key/Properties/KeyPolicy/Statement/1/Condition/StringLike"
    content = changed((through, {"kms:ViaService": "dynamodb.*.amazonaws.com"}))
    found = judgements(content, "SecureDdb-ENC8", account="", region="")
    assert Verdict.NOT_MET in {each.verdict for each in found}


def test_one_fault_of_the_encryption_is_said_once() -> None:
    place = "Table/Properties/SSESpecification"
    (missing,) = judgements(changed((place, None)), "SecureDdb-ENC1")
    assert missing.verdict is Verdict.NOT_MET
    found = judgements(changed((f"{place}/KMSMasterKeyId", PARAMETER)), "SecureDdb-ENC1")
    assert [each.verdict for each in found] == [Verdict.MET, Verdict.NOT_VERIFIABLE]
