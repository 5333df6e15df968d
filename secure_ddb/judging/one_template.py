"""Judging a template that a test has at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secure_ddb.rules.rule import Judgement, Rule


def judge_template(
    template: Mapping[str, Any], *rules: Rule, account: str = "111122223333", region: str = "eu-central-1"
) -> list[Judgement]:
    """Return some rules' results for a template, as in a synth: with conditions and waivers applied.

    Args:
        template: The template, such as `Template.from_stack(stack).to_json()` of `aws_cdk.assertions`.
        rules: The rules.
        account: Where it is deployed.
        region: Likewise.
    """
    one = Template(name="Stack", stack_name="Stack", account=account, region=region, body=dict(template))
    return [judgement for _, judgement in judge(Assembly([one]), rules)]
