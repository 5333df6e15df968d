"""The stack of the profiles has no open finding, and each user reaches only what the user's role is for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.examples.web_identity.profile_users import COGNITO, role_named
from tests.policies.engine import Decision, Request, decide
from tests.policies.mutation import Case, score
from tests.policies.requests.row import attributes, keys, returning, select

if TYPE_CHECKING:
    from tests.policies.requests.row import Context
    from tests.policies.resolve import Deployed
    from tests.synthesis.runs import Run

ALLOWED, DENIED, NOT_ALLOWED = Decision.ALLOWED, Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED
# What follows the table's ARN.
TABLE, INDEX, ANOTHER = "", "/index/by-department", "-2"
INTERNET: Context = {"aws:SourceIp": "198.51.100.7"}
COMPANY: Context = {"aws:SourceIp": "203.0.113.7"}
PLAIN: Context = {"aws:SecureTransport": "false"}
ALICE, BOB = "eu-central-1:alice", "eu-central-1:bob"
ALL_READ = attributes("identity", "record", "name", "job_title", "department", "phone", "address")
CONTACT = attributes("identity", "record", "phone", "address")
LISTED, EVERYTHING = select("SPECIFIC_ATTRIBUTES"), select("ALL_ATTRIBUTES")
OWN, OTHERS, SALES, LEGAL = keys(ALICE), keys(BOB), keys("sales"), keys("legal")
ITEM_READS, WHOLE_WRITES = ("GetItem", "BatchGetItem", "Query"), ("PutItem", "DeleteItem", "BatchWriteItem")


class Asked(NamedTuple):
    """A request of a role for an action of DynamoDB, in a session of Alice, who is of the department sales."""

    expected: Decision
    action: str
    context: tuple[Context, ...] = ()
    on: str = TABLE
    source: Context = INTERNET


# What employees and managers may do with their own items, and what neither may do with any.
OF_EVERYBODY = [
    *(Asked(ALLOWED, action, (OWN, LISTED, ALL_READ)) for action in ITEM_READS),
    *(Asked(ALLOWED, "UpdateItem", (OWN, CONTACT, returning(what))) for what in ("NONE", "UPDATED_NEW")),
    *(Asked(NOT_ALLOWED, action, (OTHERS, LISTED, ALL_READ)) for action in ITEM_READS),
    Asked(NOT_ALLOWED, "UpdateItem", (OTHERS, CONTACT, returning("NONE"))),
    # One of one's own and another's in one batch.
    Asked(NOT_ALLOWED, "BatchGetItem", (keys(ALICE, BOB), LISTED, ALL_READ)),
    Asked(NOT_ALLOWED, "UpdateItem", (keys(ALICE, BOB), CONTACT, returning("NONE"))),
    # No key at all, and keys that are nearly one's own.
    Asked(NOT_ALLOWED, "GetItem", (LISTED, ALL_READ)),
    *(Asked(NOT_ALLOWED, "GetItem", (keys(key), LISTED, ALL_READ)) for key in (f"{ALICE}2", ALICE.upper(), "*", "")),
    Asked(NOT_ALLOWED, "UpdateItem", (CONTACT, returning("NONE"))),
    # No attributes named, and another table.
    Asked(NOT_ALLOWED, "GetItem", (OWN, LISTED)),
    Asked(NOT_ALLOWED, "UpdateItem", (OWN, returning("NONE"))),
    Asked(NOT_ALLOWED, "GetItem", (OWN, LISTED, ALL_READ), ANOTHER),
    Asked(NOT_ALLOWED, "UpdateItem", (OWN, CONTACT, returning("NONE")), ANOTHER),
    # Pay and appraisals, also in a filter or a condition; whole items.
    *(Asked(NOT_ALLOWED, "GetItem", (OWN, LISTED, attributes(name))) for name in ("salary", "rating")),
    Asked(NOT_ALLOWED, "Query", (OWN, LISTED, attributes("name", "salary"))),
    Asked(NOT_ALLOWED, "GetItem", (OWN, EVERYTHING)),
    Asked(NOT_ALLOWED, "Query", (OWN, EVERYTHING, ALL_READ)),
    # What the personnel department says of them: a department would let another manager read, too.
    *(
        Asked(NOT_ALLOWED, "UpdateItem", (OWN, attributes("phone", name), returning("NONE")))
        for name in ("department", "job_title", "name", "salary", "rating")
    ),
    *(Asked(NOT_ALLOWED, "UpdateItem", (OWN, CONTACT, returning(what))) for what in ("ALL_OLD", "ALL_NEW")),
    *(Asked(NOT_ALLOWED, action, (OWN, CONTACT)) for action in WHOLE_WRITES),
    Asked(NOT_ALLOWED, "Scan", (LISTED, ALL_READ)),
    *(
        Asked(NOT_ALLOWED, action, (OWN, CONTACT))
        for action in ("PartiQLSelect", "PartiQLUpdate", "ConditionCheckItem")
    ),
    *(Asked(NOT_ALLOWED, action) for action in ("DescribeTable", "DeleteTable", "PutResourcePolicy")),
    # The perimeter lets them pass, its denial of requests without TLS does not.
    Asked(DENIED, "GetItem", (OWN, LISTED, ALL_READ, PLAIN)),
]
EMPLOYEE = [
    *OF_EVERYBODY,
    *(
        Asked(NOT_ALLOWED, "Query", (key, select(what)), INDEX)
        for key in (SALES, OWN)
        for what in ("ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
    ),
    Asked(NOT_ALLOWED, "Query", (SALES, LISTED, ALL_READ), INDEX),
]
MANAGER = [
    *OF_EVERYBODY,
    *(
        Asked(ALLOWED, "Query", (SALES, context), INDEX)
        for context in (EVERYTHING, select("ALL_PROJECTED_ATTRIBUTES"), attributes("name", "salary", "rating"))
    ),
    Asked(NOT_ALLOWED, "Query", (LEGAL, EVERYTHING), INDEX),
    Asked(NOT_ALLOWED, "Query", (keys("sales", "legal"), EVERYTHING), INDEX),
    Asked(NOT_ALLOWED, "Query", (EVERYTHING,), INDEX),
    Asked(NOT_ALLOWED, "Query", (OWN, EVERYTHING), INDEX),
    Asked(NOT_ALLOWED, "Scan", (EVERYTHING,), INDEX),
    # The index is read; the table itself stays that of each user.
    Asked(NOT_ALLOWED, "Query", (SALES, EVERYTHING)),
    Asked(NOT_ALLOWED, "UpdateItem", (SALES, attributes("rating"), returning("NONE"))),
    Asked(NOT_ALLOWED, "Query", (SALES, EVERYTHING), "/index/by-pay"),
    Asked(NOT_ALLOWED, "Query", (SALES, EVERYTHING), f"{ANOTHER}{INDEX}"),
    Asked(NOT_ALLOWED, "PartiQLSelect", (SALES, EVERYTHING), INDEX),
    Asked(DENIED, "Query", (SALES, EVERYTHING, PLAIN), INDEX),
]
PERSONNEL = [
    *(Asked(ALLOWED, action, source=COMPANY) for action in ("PutItem", "UpdateItem", "DeleteItem", "GetItem", "Scan")),
    *(Asked(DENIED, action) for action in ("PutItem", "GetItem", "Scan")),
]
ROLES = {"EmployeeRole": EMPLOYEE, "ManagerRole": MANAGER, "PersonnelRole": PERSONNEL}


OF_ALICE: Context = {f"{COGNITO}:sub": ALICE, "aws:PrincipalTag/department": "sales"}


def cases(deployed: Deployed, role: str, asked: list[Asked], session: Context) -> list[Case]:
    """Return the requests of a role with the policies that they meet."""
    table = deployed.arn("AWS::DynamoDB::GlobalTable", "Profiles")
    found = []
    for each in asked:
        request = Request(
            principal=role_named(deployed, role),
            action=f"dynamodb:{each.action}",
            resource=table + each.on,
            context={key: value for part in (session, each.source, *each.context) for key, value in part.items()},
        )
        found.append(Case(deployed.policies(request), request, each.expected))
    return found


def wrong(deployed: Deployed, role: str, asked: list[Asked], session: Context) -> list[str]:
    """Return the requests of a role that are decided otherwise than expected."""
    pairs = [(case.policies, case.request) for case in cases(deployed, role, asked, session)]
    return [f"{each}: {got}" for each, got in zip(asked, decide(pairs), strict=True) if got is not each.expected]


def test_no_finding_is_open(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 1 table; ")


@pytest.mark.parametrize("role", ROLES)
def test_roles_of_cognito_users_reach_only_what_is_theirs(of_cognito: Deployed, role: str) -> None:
    assert wrong(of_cognito, role, ROLES[role], {} if role == "PersonnelRole" else OF_ALICE) == []


@pytest.mark.parametrize("role", ROLES)
def test_roles_of_another_provider_s_users_reach_only_what_is_theirs(of_provider: Deployed, role: str) -> None:
    session: Context = {"id.example.com/workforce:sub": ALICE, "aws:PrincipalTag/department": "sales"}
    assert wrong(of_provider, role, ROLES[role], {} if role == "PersonnelRole" else session) == []


@pytest.mark.parametrize("role", ["EmployeeRole", "ManagerRole"])
def test_sessions_without_a_user_or_a_department_reach_nothing(of_cognito: Deployed, role: str) -> None:
    asked = [each._replace(expected=NOT_ALLOWED) for each in ROLES[role] if each.expected is ALLOWED]
    # One of another provider's, whose users have the same ids.
    sessions: list[Context] = [{}, {"id.example.com/workforce:sub": ALICE}]
    for session in sessions:
        assert wrong(of_cognito, role, asked, session) == []


@pytest.mark.parametrize("role", ["EmployeeRole", "ManagerRole"])
def test_no_permission_on_items_can_be_weakened_unnoticed(of_cognito: Deployed, role: str) -> None:
    (policy,) = of_cognito.identity_policies(role_named(of_cognito, role))
    # What grants allow with the table's key is the library's, and asked for in tests/policies.
    on_items = [each for each in policy["Statement"] if "dynamodb" in str(each["Action"])]
    document = {"Version": policy["Version"], "Statement": on_items}
    asked = [
        replace(case, policies=replace(case.policies, identity=(document,)))
        for case in cases(of_cognito, role, ROLES[role], OF_ALICE)
    ]
    scored = score(asked, {role: document})
    assert scored.mutants > 20
    assert scored.survivors == ()


def test_everybody_else_is_kept_out_from_the_internet_whatever_policies_allow(of_cognito: Deployed) -> None:
    table = of_cognito.arn("AWS::DynamoDB::GlobalTable", "Profiles")
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    pairs = []
    for name in ("Administrator", "ProfilesEmployeeRole", "IdentitiesEmployeeRole-2"):
        for action in ("GetItem", "Query", "Scan", "PutItem"):
            request = Request(
                principal=f"arn:aws:iam::111122223333:role/{name}",
                action=f"dynamodb:{action}",
                resource=table,
                context=INTERNET,
            )
            policies = of_cognito.policies(request)
            pairs.append((type(policies)(identity=(everything,), resource=policies.resource), request))
    assert set(decide(pairs)) == {DENIED}
