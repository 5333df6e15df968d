"""The example's rules find what is missing in front of a table, and nothing in the example itself."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from examples.front_end import rules
from secure_ddb.judging import judge_template
from secure_ddb.rules import Rule, Verdict
from tests.examples.front_end.front_end_settings import template

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[dict[str, Any]], object]

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_VERIFIABLE
PARAMETER = {"Ref": "Given"}
ALL = [each for each in vars(rules).values() if isinstance(each, Rule)]


def verdicts(rule: Rule, kind: str = "", change: Change | None = None) -> set[Verdict]:
    """Judge the example's template after a change of the properties of the one resource of a type."""
    body = deepcopy(template().body)
    body["Parameters"] = {**body.get("Parameters", {}), "Given": {"Type": "String"}}
    if change:
        (resource,) = (each for each in body["Resources"].values() if each["Type"] == kind)
        change(resource["Properties"])
    return {each.verdict for each in judge_template(body, rule)}


def put(name: str, value: Any) -> Change:
    return lambda properties: properties.__setitem__(name, value)


def drop(name: str) -> Change:
    return lambda properties: properties.pop(name)


def rule_of(position: int, **changes: Any) -> Change:
    return lambda properties: properties["Rules"][position].update(changes)


COUNT: dict[str, Any] = {"OverrideAction": {"Count": {}}}
SAMPLED = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "all"}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_the_example_meets_each_rule(rule: Rule) -> None:
    assert verdicts(rule) == {MET}


@pytest.mark.parametrize(
    ("rule", "kind", "change", "expected"),
    [
        (rules.own_name_only, rules.API, drop("DisableExecuteApiEndpoint"), NOT_MET),
        (rules.own_name_only, rules.API, put("DisableExecuteApiEndpoint", False), NOT_MET),
        (rules.own_name_only, rules.API, put("DisableExecuteApiEndpoint", PARAMETER), UNKNOWN),
        (rules.company_certificate, rules.NAME, drop("SecurityPolicy"), NOT_MET),
        (rules.company_certificate, rules.NAME, put("SecurityPolicy", "TLS_1_0"), NOT_MET),
        (rules.company_certificate, rules.NAME, drop("MutualTlsAuthentication"), NOT_MET),
        (rules.company_certificate, rules.NAME, put("RegionalCertificateArn", PARAMETER), UNKNOWN),
        (rules.company_certificate, rules.NAME, drop("RegionalCertificateArn"), NOT_MET),
        (rules.web_acl_in_front, rules.ASSOCIATION, put("ResourceArn", "arn:aws:apigateway:::/x"), NOT_MET),
        (rules.web_acl_in_front, rules.ASSOCIATION, put("ResourceArn", PARAMETER), UNKNOWN),
        (rules.web_acl_blocks, rules.WEB_ACL, drop("Rules"), NOT_MET),
        (rules.web_acl_blocks, rules.WEB_ACL, rule_of(0, Action={"Count": {}}), NOT_MET),
        (rules.web_acl_blocks, rules.WEB_ACL, rule_of(1, Action={"Count": {}}), NOT_MET),
        (rules.web_acl_blocks, rules.WEB_ACL, rule_of(4, **COUNT), NOT_MET),
        (rules.web_acl_blocks, rules.WEB_ACL, put("Rules", PARAMETER), UNKNOWN),
        (rules.logged_without_paths, rules.LOGGING, drop("RedactedFields"), NOT_MET),
        (rules.logged_without_paths, rules.LOGGING, put("ResourceArn", "arn:aws:wafv2:::other"), NOT_MET),
        (rules.logged_without_paths, rules.WEB_ACL, rule_of(3, VisibilityConfig=SAMPLED), NOT_MET),
    ],
)
def test_what_is_missing_is_found(rule: Rule, kind: str, change: Change, expected: Verdict) -> None:
    assert expected in verdicts(rule, kind, change)


def test_a_public_certificate_is_found() -> None:
    body = deepcopy(template().body)
    for each in body["Resources"].values():
        if each["Type"] == rules.CERTIFICATE:
            each["Properties"].pop("CertificateAuthorityArn", None)
    said = {each.key: each.verdict for each in judge_template(body, rules.company_certificate)}
    assert said == {"TLS": MET, "Callers": MET, "Certificate": NOT_MET}


def test_a_stage_that_is_named_in_text_is_found_protected() -> None:
    body: dict[str, Any] = {
        "Resources": {
            "Stage": {"Type": rules.STAGE, "Properties": {"RestApiId": "abc", "StageName": "prod"}},
            "InFront": {
                "Type": rules.ASSOCIATION,
                "Properties": {"ResourceArn": "arn:aws:apigateway:eu-central-1::/restapis/abc/stages/prod"},
            },
        }
    }
    assert [each.verdict for each in judge_template(body, rules.web_acl_in_front)] == [MET]
    body["Resources"]["Stage"]["Properties"]["RestApiId"] = "abcd"
    assert [each.verdict for each in judge_template(body, rules.web_acl_in_front)] == [NOT_MET]
