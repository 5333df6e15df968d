"""The payroll's stack has no open finding, and only the application's role uses the root key, with its context."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from examples.client_side_encryption.payroll import KEY_STORE
from tests.policies.engine import Decision, Request, decide
from tests.policies.requests.row import keys
from tests.policies.resolve import Deployed
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.policies.requests.row import Context
    from tests.synthesis.runs import Run

ALLOWED, NOT_ALLOWED = Decision.ALLOWED, Decision.IMPLICITLY_DENIED
APPLICATION, ADMINISTRATOR, REPORT = "Application", "KeyAdministrator", "AcmeReport"
ROLES = (APPLICATION, ADMINISTRATOR, REPORT)
ROOT, PAYROLL, KEYS, INDEX = "Root", "Payroll", "Keys", "Payroll/index/by-iban"
DECRYPT, MAKE = "kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"
MOVE = ("kms:ReEncryptFrom", "kms:ReEncryptTo")
ACTIVE, OLD, DIGEST = "branch:ACTIVE", "branch:version:02af920e-f02b-4ec0-a87a-3c47ed31616a", "beacon:ACTIVE"
SAME_KEY: Context = {"kms:ReEncryptOnSameKey": "true"}
OTHER_KEY: Context = {"kms:ReEncryptOnSameKey": "false"}


def context(company: str = "acme", kind: str = ACTIVE, store: str = KEY_STORE) -> Context:
    """Return what AWS KMS sees of a branch key's encryption context."""
    pairs = {"branch-key-id": company, "type": kind, "tablename": store, "hierarchy-version": "1"}
    return {f"kms:EncryptionContext:{name}": value for name, value in pairs.items()}


class Asked(NamedTuple):
    """A request of a role, by its construct id, and what has to be decided."""

    role: str
    action: str
    on: str
    context: Context
    expected: Decision = ALLOWED


USE = [
    *(Asked(APPLICATION, DECRYPT, ROOT, context(kind=kind)) for kind in (ACTIVE, OLD, DIGEST)),
    Asked(APPLICATION, DECRYPT, ROOT, context("globex")),
    *(Asked(REPORT, DECRYPT, ROOT, context(kind=kind)) for kind in (ACTIVE, OLD)),
    Asked(ADMINISTRATOR, MAKE, ROOT, context("initech", OLD)),
    Asked(ADMINISTRATOR, MAKE, ROOT, context("initech", DIGEST)),
    *(Asked(ADMINISTRATOR, action, ROOT, {**context("initech"), **SAME_KEY}) for action in MOVE),
]
OTHER_CONTEXTS = [
    # Without a context, with that of another key store, of another company, or of the key for digests.
    *(Asked(role, DECRYPT, ROOT, {}, NOT_ALLOWED) for role in ROLES),
    *(Asked(role, DECRYPT, ROOT, context(store="other-keys"), NOT_ALLOWED) for role in ROLES),
    Asked(REPORT, DECRYPT, ROOT, context("globex"), NOT_ALLOWED),
    Asked(REPORT, DECRYPT, ROOT, context(kind=DIGEST), NOT_ALLOWED),
    Asked(ADMINISTRATOR, MAKE, ROOT, context(store="other-keys"), NOT_ALLOWED),
    Asked(ADMINISTRATOR, MAKE, ROOT, {}, NOT_ALLOWED),
    *(Asked(ADMINISTRATOR, action, ROOT, {**context(), **OTHER_KEY}, NOT_ALLOWED) for action in MOVE),
    *(Asked(ADMINISTRATOR, action, ROOT, {**context(store="x"), **SAME_KEY}, NOT_ALLOWED) for action in MOVE),
]
OTHER_ACTIONS = [
    # Who administers branch keys sees none, and who uses them makes none.
    *(Asked(ADMINISTRATOR, DECRYPT, ROOT, context(kind=kind), NOT_ALLOWED) for kind in (ACTIVE, OLD, DIGEST)),
    *(Asked(role, MAKE, ROOT, context(), NOT_ALLOWED) for role in (APPLICATION, REPORT)),
    *(
        Asked(role, action, ROOT, {**context(), **SAME_KEY}, NOT_ALLOWED)
        for role in (APPLICATION, REPORT)
        for action in MOVE
    ),
    *(
        Asked(role, action, ROOT, {}, NOT_ALLOWED)
        for role in ROLES
        for action in ("kms:CreateGrant", "kms:PutKeyPolicy")
    ),
    *(
        Asked(role, action, ROOT, context(), NOT_ALLOWED)
        for role in ROLES
        for action in ("kms:Encrypt", "kms:GenerateDataKey")
    ),
]
TABLES = [
    Asked(APPLICATION, "dynamodb:PutItem", PAYROLL, keys("acme")),
    Asked(APPLICATION, "dynamodb:GetItem", PAYROLL, keys("acme")),
    Asked(APPLICATION, "dynamodb:Query", INDEX, keys("1f2e")),
    Asked(APPLICATION, "dynamodb:GetItem", KEYS, keys("acme")),
    Asked(APPLICATION, "dynamodb:PutItem", KEYS, keys("acme"), NOT_ALLOWED),
    Asked(APPLICATION, "dynamodb:DeleteItem", KEYS, keys("acme"), NOT_ALLOWED),
    Asked(ADMINISTRATOR, "dynamodb:PutItem", KEYS, keys("acme")),
    Asked(ADMINISTRATOR, "dynamodb:GetItem", KEYS, keys("acme")),
    Asked(ADMINISTRATOR, "dynamodb:GetItem", PAYROLL, keys("acme"), NOT_ALLOWED),
    Asked(ADMINISTRATOR, "dynamodb:PutItem", PAYROLL, keys("acme"), NOT_ALLOWED),
    Asked(REPORT, "dynamodb:Query", PAYROLL, keys("acme")),
    Asked(REPORT, "dynamodb:GetItem", KEYS, keys("acme")),
    Asked(REPORT, "dynamodb:Query", PAYROLL, keys("globex"), NOT_ALLOWED),
    Asked(REPORT, "dynamodb:GetItem", KEYS, keys("globex"), NOT_ALLOWED),
    Asked(REPORT, "dynamodb:PutItem", PAYROLL, keys("acme"), NOT_ALLOWED),
    Asked(REPORT, "dynamodb:Query", INDEX, keys("1f2e"), NOT_ALLOWED),
]


@pytest.fixture(scope="module")
def synthesized(checked: Callable[[str], Run]) -> Run:
    """Run `python -m examples.client_side_encryption`."""
    return checked("examples/client_side_encryption/__main__.py")


@pytest.fixture(scope="module")
def template(synthesized: Run) -> Template:
    return Template.read(synthesized.directory / "Payroll.template.json")


@pytest.fixture(scope="module")
def deployed(template: Template) -> Deployed:
    return Deployed(template)


def arn(deployed: Deployed, name: str) -> str:
    if name == ROOT:
        return deployed.arn("AWS::KMS::Key", "Root")
    table, _, index = name.partition("/")
    return "/".join(filter(None, (deployed.arn("AWS::DynamoDB::GlobalTable", table), index)))


def test_no_finding_is_open_and_nothing_is_waived(synthesized: Run) -> None:
    assert synthesized.status == 0, synthesized.output + synthesized.errors
    assert synthesized.output.startswith("OK: no open findings in 2 tables; ")
    assert "waived" not in synthesized.output


@pytest.mark.parametrize(
    "asked", [USE, OTHER_CONTEXTS, OTHER_ACTIONS, TABLES], ids=["use", "contexts", "actions", "tables"]
)
def test_roles_may_do_what_they_need_and_no_more(deployed: Deployed, asked: list[Asked]) -> None:
    pairs = []
    for each in asked:
        request = Request(
            principal=deployed.arn("AWS::IAM::Role", f"{each.role}Role"),
            action=each.action,
            resource=arn(deployed, each.on),
            context=each.context,
        )
        pairs.append((deployed.policies(request), request))
    decided = zip(asked, decide(pairs), strict=True)
    assert [f"{each}: {decision}" for each, decision in decided if decision is not each.expected] == []


def test_no_other_role_of_the_account_uses_the_root_key_whatever_its_own_policies_allow(deployed: Deployed) -> None:
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    pairs = []
    for action in (DECRYPT, MAKE, *MOVE, "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"):
        request = Request(
            principal="arn:aws:iam::111122223333:role/Administrator",
            action=action,
            resource=arn(deployed, ROOT),
            context={} if action == "kms:CreateGrant" else context() | (SAME_KEY if action in MOVE else {}),
        )
        policies = deployed.policies(request)
        pairs.append((type(policies)(identity=(anything,), resource=policies.resource), request))
    assert decide(pairs) == [NOT_ALLOWED] * len(pairs)


def test_three_keys_have_three_purposes(template: Template) -> None:
    tables = {name: template.properties("AWS::DynamoDB::GlobalTable", name) for name in (PAYROLL, KEYS)}
    used = {text(table["Replicas"][0]["SSESpecification"]["KMSMasterKeyId"]) for table in tables.values()}
    assert used == {f"<{template.named('AWS::KMS::Key', f'{name}Key')}.Arn>" for name in tables}
    root = template.properties("AWS::KMS::Key", "Root")
    assert root["EnableKeyRotation"]
    assert root["PendingWindowInDays"] == 30


def test_tables_have_the_keys_that_the_client_reads(template: Template) -> None:
    payroll, store = (template.properties("AWS::DynamoDB::GlobalTable", name) for name in (PAYROLL, KEYS))
    assert [key["AttributeName"] for key in payroll["KeySchema"]] == ["company", "employee"]
    assert [key["AttributeName"] for key in store["KeySchema"]] == ["branch-key-id", "type"]
    (index,) = payroll["GlobalSecondaryIndexes"]
    assert (index["IndexName"], [key["AttributeName"] for key in index["KeySchema"]]) == (
        "by-iban",
        ["iban_digest", "company"],
    )
    # What a search reads is verified, so the index has whole items.
    assert index["Projection"] == {"ProjectionType": "ALL"}
