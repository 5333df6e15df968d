"""Principals use the key only through a service, in this account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.comparison import only
from secure_ddb.landscape.key_permissions import USE
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Principal, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_WATCHED = (*USE, "kms:CreateGrant")
_IN_WORDS = {
    True: "allows using the key only through services of this account and Region",
    None: "allows using the key in an account or Region that only the deployment knows",
    False: "allows using the key by itself, or from elsewhere",
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that lets principals use the key, those of services aside."""
    for key, tables in assembly.tables.keys.items():
        policy = assembly.policies.of_key(key)
        for statement in policy.statements:
            people = statement.excludes_principals or any(who.kind != "Service" for who in statement.principals)
            if statement.allows and people and statement.touches_actions(_WATCHED):
                answer = _bound(statement, key)
                detail = f"{statement.label} {_IN_WORDS[answer]}"
                yield judged(key, policy.path_of(statement), answer, detail, key=statement.label, tables=tables)


def _bound(statement: Statement, key: Resource) -> Truth:
    services = _demanded(statement, "kms:ViaService")
    accounts = _demanded(statement, "kms:CallerAccount", "aws:PrincipalAccount")
    # A statement that names principals of the account needs no condition to say so.
    named = not statement.excludes_principals and all_of(*(_is_of(who, key) for who in statement.principals))
    in_account = any_of([named, bool(accounts) and all_of(*(only(account, key.account) for account in accounts))])
    in_region = bool(services) and all_of(*(_is_in(service, key.region) for service in services))
    answer = all_of(in_account, in_region)
    return answer or (None if statement.is_unknown else answer)


def _demanded(statement: Statement, *keys: str) -> list[str]:
    conditions = [condition for condition in statement.conditions_on(*keys) if condition.must_be_present]
    return [value for condition in conditions for value in condition.values]


def _is_of(who: Principal, key: Resource) -> Truth:
    return who.kind == "AWS" and only(who.account, key.account)


def _is_in(service: str, region: str) -> Truth:
    """Tell whether a service is one of a Region."""
    name, _, rest = service.partition(".")
    return bool(name) and only(rest.removesuffix(".cn"), f"{region}.amazonaws.com")


RULE = Rule(
    id="SecureDdb-ENC8",
    title="The table's key is used only through services, in its own account and Region",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", "NIST.800-53.r5 SC-12", "NIST.800-53.r5 AC-3", "PCI DSS v4.0.1/3.6.1"),
    explanation="With the key itself, data taken from a backup, an export or a log could be decrypted elsewhere.",
    remedy=(
        "Add the conditions StringEquals kms:ViaService SERVICE.REGION.amazonaws.com and kms:CallerAccount to each "
        "statement that lets principals use the key."
    ),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
    check=check,
)
