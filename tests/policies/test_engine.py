"""Known answers, so that what the engine says about our policies can be believed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.engine import Decision, Document, EngineError, Policies, Request, context_of, decide, first_changes

ALLOWED, IMPLICITLY, EXPLICITLY = Decision.ALLOWED, Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED

TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/reader"
ROOT = "arn:aws:iam::111122223333:root"
FOREIGN_ROLE = "arn:aws:iam::444455556666:role/thief"
LOG_GROUP = "arn:aws:logs:eu-central-1:111122223333:log-group"


def policy(*statements: dict[str, Any]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def deny(action: str, **more: Any) -> dict[str, Any]:
    return {**allow(action, **more), "Effect": "Deny"}


ALL = policy(allow("*"))


def get_item(principal: str | None = ROLE, **context: Any) -> Request:
    return Request(
        principal=principal,
        action="dynamodb:GetItem",
        resource=TABLE,
        context={key.replace("_", ":", 1): value for key, value in context.items()},
    )


def decrypt(principal: str = ROLE, context: dict[str, Any] | None = None) -> Request:
    return Request(principal=principal, action="kms:Decrypt", resource=KEY, context=context or {})


def test_identity_policy_allows_and_nothing_else_does() -> None:
    request = get_item()
    assert decide([(Policies(identity=(ALL,)), request), (Policies(), request)]) == [ALLOWED, IMPLICITLY]


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (Policies(identity=(ALL,), boundary=policy(allow("dynamodb:Query"))), IMPLICITLY),
        (Policies(identity=(ALL,), boundary=policy(allow("*"), deny("dynamodb:GetItem"))), EXPLICITLY),
        (Policies(identity=(ALL,), boundary=policy(allow("dynamodb:GetItem"))), ALLOWED),
        (Policies(boundary=ALL), IMPLICITLY),
        (Policies(identity=(ALL,), endpoint=policy(allow("dynamodb:Query", Principal="*"))), IMPLICITLY),
        (Policies(identity=(ALL,), endpoint=policy(allow("dynamodb:GetItem", Principal="*"))), ALLOWED),
        (Policies(identity=(ALL,), service_control=(policy(deny("dynamodb:*")),)), EXPLICITLY),
        (Policies(identity=(ALL,), service_control=(policy(deny("s3:*")), policy(deny("dynamodb:*")))), EXPLICITLY),
        (Policies(identity=(ALL,), service_control=(policy(deny("s3:*")),)), ALLOWED),
        (Policies(identity=(ALL,), resource=policy(deny("dynamodb:*", Principal="*"))), EXPLICITLY),
        (Policies(identity=(ALL, policy(deny("dynamodb:*")))), EXPLICITLY),
    ],
)
def test_every_policy_has_its_say(policies: Policies, expected: Decision) -> None:
    assert decide([(policies, get_item())]) == [expected]


def test_resource_policy_is_enough_within_the_account_and_half_of_it_beyond() -> None:
    everybody = policy(allow("dynamodb:*", Principal="*"))
    assert decide(
        [
            (Policies(resource=everybody), get_item()),
            (Policies(resource=everybody), get_item(FOREIGN_ROLE)),
            (Policies(resource=everybody, identity=(ALL,)), get_item(FOREIGN_ROLE)),
            (Policies(identity=(ALL,)), get_item(FOREIGN_ROLE)),
            (Policies(resource=everybody), get_item(None)),
        ]
    ) == [ALLOWED, IMPLICITLY, ALLOWED, IMPLICITLY, ALLOWED]


def test_key_needs_its_own_policy_and_where_that_names_the_account_the_principal_s_too() -> None:
    delegating = policy(allow("kms:*", Principal={"AWS": ROOT}))
    naming = policy(allow("kms:*", Principal={"AWS": ROLE}))
    assert decide(
        [
            (Policies(resource=delegating), decrypt()),
            (Policies(resource=delegating, identity=(ALL,)), decrypt()),
            (Policies(resource=naming), decrypt()),
            (Policies(resource=policy(allow("kms:*", Principal={"AWS": FOREIGN_ROLE})), identity=(ALL,)), decrypt()),
        ]
    ) == [IMPLICITLY, ALLOWED, ALLOWED, IMPLICITLY]


def test_for_all_values_lets_a_scan_through_unless_null_guards_it() -> None:
    scan = Request(principal=ROLE, action="dynamodb:Scan", resource=TABLE)
    trap = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["alice"]}}
    guarded = {**trap, "Null": {"dynamodb:LeadingKeys": "false"}}
    trapped = Policies(identity=(policy(allow("dynamodb:*", Condition=trap)),))
    safe = Policies(identity=(policy(allow("dynamodb:*", Condition=guarded)),))
    own, others = get_item(dynamodb_LeadingKeys=["alice"]), get_item(dynamodb_LeadingKeys=["alice", "bob"])
    assert decide([(trapped, own), (trapped, others), (trapped, scan)]) == [ALLOWED, IMPLICITLY, ALLOWED]
    assert decide([(safe, own), (safe, others), (safe, scan)]) == [ALLOWED, IMPLICITLY, IMPLICITLY]


def test_bool_misses_long_term_credentials_which_have_no_mfa_key() -> None:
    without, with_mfa = get_item(aws_MultiFactorAuthPresent="false"), get_item(aws_MultiFactorAuthPresent="true")
    requests = (get_item(), without, with_mfa)

    def denying(operator: str) -> Policies:
        condition = {operator: {"aws:MultiFactorAuthPresent": "false"}}
        return Policies(identity=(ALL, policy(deny("*", Condition=condition))))

    trap, safe = denying("Bool"), denying("BoolIfExists")
    assert decide([(trap, request) for request in requests]) == [ALLOWED, EXPLICITLY, ALLOWED]
    assert decide([(safe, request) for request in requests]) == [EXPLICITLY, EXPLICITLY, ALLOWED]


@pytest.mark.parametrize("operator", ["StringNotEquals", "StringNotEqualsIfExists"])
def test_negated_operator_holds_for_a_missing_key_with_if_exists_or_without(operator: str) -> None:
    condition = {operator: {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}
    policies = Policies(identity=(ALL, policy(deny("*", Condition=condition))))
    requests = get_item(), get_item(aws_SourceVpce="vpce-3"), get_item(aws_SourceVpce="vpce-2")
    assert decide([(policies, request) for request in requests]) == [EXPLICITLY, EXPLICITLY, ALLOWED]


def test_encryption_context_is_decided_upon() -> None:
    condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"{LOG_GROUP}:Orders-*"}}
    logs = "logs.eu-central-1.amazonaws.com"
    policies = Policies(resource=policy(allow("kms:*", Principal={"Service": logs}, Condition=condition)))
    ours, others = (
        {"kms:EncryptionContext:aws:logs:arn": f"{LOG_GROUP}:{name}"} for name in ("Orders-audit", "Payments-audit")
    )
    assert decide([(policies, decrypt(logs, context)) for context in (ours, others, {})]) == [
        ALLOWED,
        IMPLICITLY,
        IMPLICITLY,
    ]


def test_context_has_what_aws_always_sends() -> None:
    session = "arn:aws:sts::111122223333:assumed-role/reader/alice"
    assert context_of(decrypt(session, {"aws:SecureTransport": None, "aws:SourceVpce": "vpce-1"})) == {
        "aws:PrincipalAccount": "111122223333",
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalIsAWSService": "false",
        "aws:ResourceAccount": "111122223333",
        "aws:SourceVpce": "vpce-1",
        "aws:ViaAWSService": "false",
        "kms:CallerAccount": "111122223333",
    }
    service = context_of(decrypt("logs.amazonaws.com"))
    assert service["aws:PrincipalServiceName"] == "logs.amazonaws.com"
    assert service["aws:PrincipalIsAWSService"] == "true"
    assert "aws:PrincipalArn" not in service
    assert context_of(get_item(None))["aws:PrincipalAccount"] == "anonymous"


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (
            Request(
                principal=ROLE, action="dynamodb:Scan", resource=TABLE, context={"dynamodb:LeadingKeys": ["alice"]}
            ),
            "dynamodb:LeadingKeys is not a key of dynamodb:Scan",
        ),
        (get_item(aws_PrincipleOrgID="o-1"), "aws:PrincipleOrgID is not a key of dynamodb:GetItem"),
        (
            Request(principal=ROLE, action="kms:DescribeKey", resource=KEY, context={"kms:EncryptionContext:a:b": "c"}),
            "kms:EncryptionContext:a:b is not a key of kms:DescribeKey",
        ),
        (get_item(aws_SourceVpce=["vpce-1", "vpce-2"]), "aws:SourceVpce has one value"),
        (
            Request(
                principal=ROLE, action="dynamodb:GetItem", resource=TABLE, context={"www.amazon.com:id": ["a", "b"]}
            ),
            "www.amazon.com:id has one value",
        ),
        (get_item(dynamodb_LeadingKeys=[]), "dynamodb:LeadingKeys has no value"),
        (Request(principal=ROLE, action="dynamodb:GetItems", resource=TABLE), "invalid.action"),
        (Request(principal=ROLE, action="dynamodb:GetItem", resource=KEY), "no.resource.types"),
        (Request(principal=ROLE, action="dynamodb:GetItem", resource=f"{TABLE}*"), "one resource, not a pattern"),
        (Request(principal=ROLE, action="dynamodb:ListTables", resource=TABLE), "must.use.wildcard"),
    ],
)
def test_request_that_the_engine_misunderstands_is_an_error(request_: Request, problem: str) -> None:
    with pytest.raises(EngineError, match=problem) as raised:
        decide([(Policies(identity=(ALL,)), request_)])
    assert "PrincipalTag" not in str(raised.value)  # the worker's name for it


@pytest.mark.parametrize(
    ("policies", "request_", "problem"),
    [
        (Policies(identity=(policy(allow("dynamodb")),)), get_item(), "2 segments"),
        (Policies(resource=policy({"Effect": "Deny", "Resource": "*"})), get_item(), "Action"),
        # The engine would not look at an endpoint policy's principal.
        (Policies(endpoint=policy(allow("*", Principal={"AWS": ROLE}))), get_item(), "Principal must be"),
        (Policies(identity=(ALL,)), get_item(None), "anonymous.identityPolicies.invalid"),
        # The engine would apply these to a service, which has no such policies.
        (Policies(identity=(ALL,)), decrypt("logs.amazonaws.com"), "a service"),
        (Policies(boundary=ALL), decrypt("logs.amazonaws.com"), "a service"),
        (Policies(service_control=(ALL,)), decrypt("logs.amazonaws.com"), "a service"),
    ],
)
def test_policy_that_the_engine_misunderstands_is_an_error(policies: Policies, request_: Request, problem: str) -> None:
    with pytest.raises(EngineError, match=problem):
        decide([(policies, request_)])


def test_engine_that_breaks_down_is_an_error() -> None:
    with pytest.raises(EngineError, match="TypeError"):
        decide([(Policies(identity=(None,)), get_item())])  # type: ignore[arg-type]


def test_first_change_ends_a_group() -> None:
    policies = Policies(identity=(ALL,))
    right, wrong = (policies, get_item(), ALLOWED), (policies, get_item(), IMPLICITLY)
    broken = (policies, get_item(aws_SourceVpce=["vpce-1", "vpce-2"]), ALLOWED)
    assert first_changes([[right, wrong, broken], [right, right], [], [wrong]]) == [1, None, None, 0]


# Where the engine is known to differ from AWS. A new version that fails here has been repaired.


def test_engine_does_not_know_that_the_root_user_needs_no_identity_policy() -> None:
    delegating = policy(allow("kms:*", Principal={"AWS": ROOT}))
    assert decide([(Policies(resource=delegating), decrypt(ROOT))]) == [IMPLICITLY]  # AWS: Allowed
    assert decide([(Policies(resource=delegating, identity=(ALL,)), decrypt(ROOT))]) == [ALLOWED]


def test_engine_takes_a_not_principal_without_the_account_for_an_exemption() -> None:
    # AWS also wants the account (and the session) listed, and denies here.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    denying = {key: value for key, value in deny("*").items() if key != "Principal"} | {"NotPrincipal": {"AWS": ROLE}}
    assert decide([(Policies(identity=(ALL,), resource=policy(denying)), get_item())]) == [ALLOWED]


def test_engine_lets_an_unknown_operator_never_match_a_value() -> None:
    # AWS refuses such a policy.
    denying = policy(deny("*", Condition={"StringNotEqual": {"aws:SourceVpce": "vpce-1"}}))
    assert decide([(Policies(identity=(ALL, denying)), get_item(aws_SourceVpce="vpce-2"))]) == [ALLOWED]


def test_engine_lets_an_operator_without_a_set_never_match_a_key_with_several_values() -> None:
    denying = policy(deny("*", Condition={"StringNotEquals": {"dynamodb:LeadingKeys": "alice"}}))
    request = get_item(dynamodb_LeadingKeys=["bob"])
    assert decide([(Policies(identity=(ALL, denying)), request)]) == [ALLOWED]


def test_engine_takes_an_arn_apart_at_the_colon_of_a_variable() -> None:
    # AWS replaces variables first.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    condition = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/reader"}}
    assert decide([(Policies(identity=(ALL, policy(deny("*", Condition=condition)))), get_item())]) == [ALLOWED]


def test_engine_has_no_address_in_the_block_of_all() -> None:
    # In AWS all addresses of version 4 are in it.
    denying = policy(deny("*", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))
    assert decide([(Policies(identity=(ALL, denying)), get_item(aws_SourceIp="203.0.113.7"))]) == [ALLOWED]


def test_engine_overlooks_if_exists_beside_for_any_value() -> None:
    # A missing key is true with IfExists, says AWS.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    condition = {"ForAnyValue:StringEqualsIfExists": {"dynamodb:LeadingKeys": "alice"}}
    assert decide([(Policies(identity=(policy(allow("*", Condition=condition)),)), get_item())]) == [IMPLICITLY]
