"""Perimeters, endpoints and zones: what rules leave alone, and other ways to write what is demanded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.access.guardrails import KEPT_OF_RESOURCES, permissions_boundary, service_control_policy
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.guardrails import DEPLOYS, GUARDRAILS, STATEMENTS, organization_policy, shortened
from tests.rules.cases.making import ENDPOINT_STATEMENT, TABLE, TABLE_STATEMENT, P
from tests.rules.cases.network import OTHERS as OTHERS_TABLE
from tests.rules.cases.perimeter import (
    BREAK_GLASS,
    CONDITION,
    OTHERS,
    OUTSIDE,
    PERIMETER,
    RESTRICTED,
    ROLES,
    STRANGERS,
    VARIABLES,
    denying,
    without,
)
from tests.rules.handwritten import body, changed, judgements, template, verdicts
from tests.rules.handwritten.making import ACCOUNT, PARAMETER
from tests.rules.test_waivers import AFTER, WAIVER, found, metadata

if TYPE_CHECKING:
    from tests.rules.cases.making import Change

ENDPOINTS = ("Endpoint", "Management", "OnPremises")
OF_PERIMETERS = [f"SecureDdb-NET{number}" for number in (6, 7, 8, 9)]
NET6, NET7 = OF_PERIMETERS[:2]
MANAGEMENT = ("CreateBackup", "Describe", "GetResource", "List", "PutResource", "Start", "Tag", "Untag", "UpdateTable")
SERVICES = {"aws:PrincipalIsAWSService": "false"}
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
WAIVED = metadata(waivers={"Perimeter (NET-4)": WAIVER})


def said(rule: str, *changes: Change) -> set[Verdict]:
    return verdicts(changed(*changes), rule)


def test_data_that_needs_no_perimeter_has_none() -> None:
    assert [said(rule) for rule in OF_PERIMETERS] == [set()] * 4


def test_restricted_data_needs_one_and_whom_it_would_stop_is_not_asked() -> None:
    assert [said(rule, RESTRICTED) for rule in OF_PERIMETERS] == [{Verdict.NOT_MET}, {Verdict.NOT_MET}, set(), set()]


def test_a_denial_of_management_by_network_is_no_perimeter() -> None:
    statement = denying(["dynamodb:DeleteTable"], Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-1"}})
    assert [said(rule, (TABLE_STATEMENT, [statement])) for rule in OF_PERIMETERS] == [set()] * 4


def test_a_perimeter_that_restricted_data_does_without_is_waived_until_the_waiver_ends() -> None:
    content = changed(RESTRICTED, WAIVED, ("Table/Properties/ContributorInsightsSpecification", None))
    of_perimeter = {rule: verdict for rule, verdict in found(content).items() if rule in OF_PERIMETERS}
    assert of_perimeter == {NET6: Verdict.WAIVED, NET7: Verdict.WAIVED}
    assert found(content, today=AFTER)[NET6] is Verdict.NOT_MET
    assert "SecureDdb-WAIVER2" not in found(content)


def test_a_waiver_beside_a_perimeter_is_superfluous() -> None:
    assert found(changed(PERIMETER, WAIVED)) == {"SecureDdb-WAIVER2": Verdict.NOT_MET}


def test_a_waived_perimeter_does_not_waive_that_nobody_can_mend_the_policy() -> None:
    content = changed(RESTRICTED, WAIVED, (TABLE_STATEMENT, denying("dynamodb:*")))
    assert found(content)["SecureDdb-IAM12"] is Verdict.NOT_MET


SPELLINGS: dict[str, list[Change]] = {
    "as it is": [],
    "one condition for everything": [
        (f"{OUTSIDE}/Condition", {"StringNotEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}),
        (f"{CONDITION}/BoolIfExists", SERVICES),
        (f"{CONDITION}/ArnNotLike", {"aws:PrincipalArn": f"{ROLES}/aws-service-role/*"}),
    ],
    "networks of the organization": [
        (f"{CONDITION}/StringNotEqualsIfExists", {"aws:VpceOrgID": "o-exampleorgid", "aws:VpceAccount": ACCOUNT})
    ],
    "everybody but those that are named": [
        (f"{OUTSIDE}/Principal", None),
        (f"{OUTSIDE}/NotPrincipal", {"AWS": BREAK_GLASS}),
    ],
    "all but management": [
        (f"{OUTSIDE}/Action", None),
        (f"{OUTSIDE}/NotAction", [f"dynamodb:{name}*" for name in MANAGEMENT]),
    ],
    "accounts instead of an organization": [
        (f"{OTHERS}/Condition/StringNotEqualsIfExists", {"aws:PrincipalAccount": [ACCOUNT, "444455556666"]}),
    ],
    "the account of the table instead of an organization": [
        VARIABLES,
        (f"{OTHERS}/Condition/StringNotEqualsIfExists", {"aws:PrincipalAccount": "${aws:ResourceAccount}"}),
    ],
    "two denials": [(OTHERS, {**STRANGERS, "Sid": "Strangers"})],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_perimeter_may_be_written_otherwise(name: str) -> None:
    for rule in OF_PERIMETERS[:3]:
        assert said(rule, RESTRICTED, *without(*SPELLINGS[name])) == {Verdict.MET}, rule


def test_a_perimeter_is_judged_where_the_account_is_not_known_yet() -> None:
    role = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/*"}
    content = changed(
        PERIMETER,
        (f"{CONDITION}/StringNotLike", {"aws:PrincipalArn": [role, BREAK_GLASS]}),
        (f"{OTHERS}/Condition/StringNotEqualsIfExists", {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}),
    )
    judged = judge(Assembly([template(content, account="")]))
    assert {(rule.id, each.verdict) for rule, each in judged if rule.id in OF_PERIMETERS} == {
        (rule, Verdict.MET) for rule in OF_PERIMETERS
    }


@pytest.mark.parametrize(
    "statement",
    [
        denying("*", Condition={"ArnNotLike": {"aws:PrincipalArn": BREAK_GLASS}}),
        denying("*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
        denying("*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
        denying("*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        denying("dynamodb:PutResourcePolicy"),
        {"Effect": "Deny", "NotPrincipal": {"AWS": [BREAK_GLASS, ROOT]}, "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": BREAK_GLASS}, "Action": "*", "Resource": "*"},
        {**denying("dynamodb:*"), "Resource": {"Fn::Sub": "${Table.Arn}/index/*"}},
    ],
    ids=str,
)
def test_whoever_is_left_out_can_mend_the_policy(statement: dict[str, Any]) -> None:
    assert said("SecureDdb-IAM12", (TABLE_STATEMENT, statement)) == {Verdict.MET}


def test_whoever_is_left_out_without_the_account_may_be_denied_too() -> None:
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": BREAK_GLASS}, "Action": "*", "Resource": "*"}
    assert Verdict.NOT_VERIFIABLE in said("SecureDdb-IAM12", (TABLE_STATEMENT, statement))


def test_a_table_without_a_policy_locks_nobody_out() -> None:
    judged = judge(Assembly([template(changed((f"{TABLE}/ResourcePolicy", None)))]))
    assert "Table" not in [each.resource.logical_id for rule, each in judged if "IAM12" in rule.id and each.resource]


def test_an_endpoint_of_an_interface_has_no_route_tables() -> None:
    interface = [(f"{name}/{P}/VpcEndpointType", "Interface") for name in ("Endpoint", "Management")]
    assert [said(f"SecureDdb-NET{number}", *interface) for number in (5, 10, 11, 13)] == [set()] * 4


@pytest.mark.parametrize(
    "target",
    [
        ("GatewayId", {"Ref": "Vpn"}),
        ("GatewayId", {"Fn::GetAtt": "Vpn.VPNGatewayId"}),
        ("GatewayId", "vgw-0123456789abcdef0"),
        ("TransitGatewayId", "tgw-0123456789abcdef0"),
        ("CoreNetworkArn", "arn:aws:networkmanager::111122223333:core-network/core-network-0123456789abcdef0"),
    ],
    ids=str,
)
def test_default_route_may_lead_to_the_company_s_gateway(target: Change) -> None:
    route = f"ToInternet/{P}"
    leads = [(f"{route}/GatewayId", None), (f"{route}/{target[0]}", target[1])]
    assert said("SecureDdb-NET13", (f"{route}/RouteTableId", {"Ref": "AppRouteTable"}), *leads) == {Verdict.MET}


def test_route_to_a_known_network_is_no_default_route() -> None:
    route = f"ToInternet/{P}"
    known = (f"{route}/DestinationCidrBlock", "198.51.100.0/24")
    assert said("SecureDdb-NET13", (f"{route}/RouteTableId", {"Ref": "AppRouteTable"}), known) == {Verdict.MET}


def test_gateway_endpoint_has_no_security_group() -> None:
    assert said("SecureDdb-NET12", ("OnPremises", None)) == set()


def test_endpoint_for_streams_is_judged_like_one_for_items() -> None:
    streams = (f"OnPremises/{P}/ServiceName", "com.amazonaws.eu-central-1.dynamodb-streams")
    wide = (f"OnPremises/{P}/PolicyDocument/Statement/Resource", "*")
    assert Verdict.NOT_MET in said("SecureDdb-NET1", streams, wide)
    assert Verdict.NOT_MET in said("SecureDdb-NET12", streams, (f"OnPremises/{P}/SecurityGroupIds", None))


def test_endpoints_of_other_services_are_left_alone() -> None:
    others = [(f"{name}/{P}/ServiceName", "com.amazonaws.eu-central-1.s3") for name in ENDPOINTS]
    assert [said(f"SecureDdb-NET{number}", *others) for number in (4, 5, 10, 11, 12, 13)] == [set()] * 6


@pytest.mark.parametrize(
    "change", [("AppIn/Properties/Egress", True), ("AppIn/Properties/RuleAction", "deny")], ids=str
)
def test_what_a_network_acl_lets_out_or_refuses_is_not_let_in(change: Change) -> None:
    assert said("SecureDdb-NET11", (f"AppIn/{P}/Protocol", -1), change) == {Verdict.MET}


def test_lanes_may_share_the_network_acl_of_their_zone() -> None:
    second = (f"Management/{P}/PolicyDocument", body()["Resources"]["Endpoint"]["Properties"]["PolicyDocument"])
    shared = (f"OperationsZone/{P}/NetworkAclId", {"Ref": "AppAcl"})
    assert said("SecureDdb-NET11", second, shared) == {Verdict.MET}
    assert said("SecureDdb-NET11", shared) == {Verdict.NOT_MET}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": OTHERS_TABLE},
        {"Effect": "Allow", "Principal": "*", "Action": "*", "NotResource": OTHERS_TABLE},
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:dynamodb:*:*:table/*"},
    ],
    ids=str,
)
def test_only_tables_that_an_endpoint_names_and_lets_pass_have_an_account(statement: dict[str, Any]) -> None:
    assert Verdict.NOT_MET not in said("SecureDdb-NET4", (ENDPOINT_STATEMENT, statement))
    assert Verdict.NOT_VERIFIABLE not in said("SecureDdb-NET4", (ENDPOINT_STATEMENT, statement))


def test_two_route_tables_that_are_not_known_yet_may_be_one() -> None:
    unknown = [(f"{name}/{P}/RouteTableIds", [PARAMETER]) for name in ("Endpoint", "Management")]
    assert said("SecureDdb-NET5", *unknown) == {Verdict.NOT_VERIFIABLE}


def test_a_denial_to_one_network_is_no_perimeter_and_admits_no_endpoint() -> None:
    statement = denying("*", Condition={"StringEquals": {"aws:SourceVpce": {"Ref": "Management"}}})
    assert [said(rule, (TABLE_STATEMENT, [statement])) for rule in OF_PERIMETERS] == [set()] * 4
    assert said("SecureDdb-NET9", PERIMETER, (f"{CONDITION}/StringEquals", {"aws:SourceVpce": "vpce-1"})) == {
        Verdict.MET
    }


def test_an_app_without_guardrails_is_not_judged_for_them() -> None:
    rule = "SecureDdb-IAM13"
    assert said(rule) == set()
    foreign = organization_policy({"Statement": [{"Sid": "Regions", **denying("*")}]})
    assert said(rule, foreign) == set()
    of_resources = ("ServiceControlPolicy/Properties/Type", "RESOURCE_CONTROL_POLICY")
    assert said(rule, organization_policy(shortened()), of_resources) == set()
    # As a plain policy it is one like any other.
    assert said(rule, GUARDRAILS[0]) == set()


@pytest.mark.parametrize("boundary", [permissions_boundary(), permissions_boundary(exempt_roles=DEPLOYS)], ids=len)
def test_a_boundary_is_no_permission(boundary: dict[str, Any]) -> None:
    content = changed(*GUARDRAILS, (f"Boundary/{P}/PolicyDocument", boundary))
    assert [rule for rule, verdict in found(content).items() if verdict not in (Verdict.MET, Verdict.MANUAL)] == []
    attached = changed(*GUARDRAILS, (f"Reader/{P}/ManagedPolicyArns", [{"Ref": "Boundary"}]))
    assert found(attached)["SecureDdb-IAM2"] is Verdict.NOT_MET
    named = changed(*GUARDRAILS, (f"Boundary/{P}/Roles", [{"Ref": "Reader"}]))
    assert found(named)["SecureDdb-IAM2"] is Verdict.NOT_MET


def test_guardrails_may_deny_more() -> None:
    wider = [
        (f"{STATEMENTS}/2/Action", [*KEPT_OF_RESOURCES, "kms:*"]),
        (f"{STATEMENTS}/1/Resource", "*"),
        (f"{STATEMENTS}/2/Condition", None),
    ]
    document = json.dumps(service_control_policy(exempt_roles=DEPLOYS, tables=["orders"]))
    assert said("SecureDdb-IAM13", *GUARDRAILS, *wider, organization_policy(document)) == {Verdict.MET}


@pytest.mark.parametrize(("also", "expected"), [((), Verdict.MET), (("999999999999",), Verdict.NOT_VERIFIABLE)])
def test_where_the_account_is_not_known_another_may_be_outside(also: tuple[str, ...], expected: Verdict) -> None:
    accounts = (
        f"{OTHERS}/Condition/StringNotEqualsIfExists",
        {"aws:PrincipalAccount": [{"Ref": "AWS::AccountId"}, *also]},
    )
    (found,) = judgements(changed(*without(accounts)), NET7, account="")
    assert found.verdict is expected
