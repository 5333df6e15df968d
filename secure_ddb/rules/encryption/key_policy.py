"""The policies of keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_bool, is_unknown
from secure_ddb.iam.comparison import only, same_account
from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.iam.evaluation import matches_action
from secure_ddb.landscape.key_permissions import ADMINISTRATION, DIGEST, DIGEST_USAGE, USE, account_may, in_words
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.encryption.key import own_keys
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_statement, judged_value, shown
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Principal, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_KEY_USABLE_NEEDED = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
# CloudFormation's default.
_DEFAULTS: dict[str, Any] = {"Enabled": True, "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT"}


@Rule(
    id="SecureDdb-ENC6",
    title="Users of the table can use its key through DynamoDB",
    problem="Users of the table cannot use its key through DynamoDB",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("SC-12")),
    rationale="DynamoDB uses the key on behalf of the caller. It archives a table whose key is unusable for a week.",
    remedy=(
        "Allow the account, or the table's users, kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey*, "
        "kms:DescribeKey and kms:CreateGrant on the key with kms:ViaService dynamodb.REGION.amazonaws.com."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
)
def key_usable(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table's key."""
    for key, tables in assembly.tables.keys.items():
        yield _setting(key, "Enabled", tables)
        yield _setting(key, _shows_kind(key), tables)._replace(key="KeyUsage")
        may = account_may(assembly, key, "dynamodb", _KEY_USABLE_NEEDED)
        detail = f"through DynamoDB the account's principals {in_words(may)}"
        yield judged(key, "Properties.KeyPolicy", all_of(*may.values()), detail, key="KeyPolicy", tables=tables)


def _setting(key: Resource, name: str, tables: Sequence[Table]) -> Judgement:
    default = _DEFAULTS[name]
    if name not in key.properties:
        detail = f"{name} is not set and defaults to {shown(default)}"
        return judged(key, "Properties", True, detail, key=name, tables=tables)
    value = key.properties[name]
    good = as_bool(value) if default is True else value == default
    return judged_value(key, f"Properties.{name}", value, good=good, key=name, tables=tables)


def _shows_kind(key: Resource) -> str:
    """Return which property shows that it is a key for encryption, or best that it is none."""
    other = [name for name in ("KeyUsage", "KeySpec") if key.properties.get(name, _DEFAULTS[name]) != _DEFAULTS[name]]
    return next((name for name in other if not is_unknown(key.properties[name])), (*other, "KeyUsage")[0])


_THROUGH_A_SERVICE = "kms:viaservice"
_KEY_SEPARATION_IN_WORDS = {
    True: "allows administration of the key but not its use",
    False: "allows administration and use of the key",
    None: "may allow administration and use of the key",
}


@Rule(
    id="SecureDdb-ENC7",
    title="Administrators of the table's key cannot use it",
    problem="Administrators of the table's key can also use it",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("AC-5", "SC-12"), *pci("3.6.1")),
    rationale="An administrator who can decrypt can read the items. CDK's default, kms:* for the account, allows both.",
    remedy="Write one statement with the administrative actions, and others for use through services.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
)
def key_separation(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that allows administering the key."""
    for key, tables in own_keys(assembly):
        use = DIGEST if key.properties.get("KeyUsage") == DIGEST_USAGE else USE
        policy = assembly.policies.of_key(key)
        if policy.is_unknown:
            yield judged(key, policy.path, None, "the policy is known only at deployment", tables=tables)
        users = _users(policy.statements, use)
        for statement in policy.statements:
            administers = _allows(statement, ADMINISTRATION)
            if administers is not False:
                uses = any_of([_allows(statement, use), *(users.get(who, False) for who in statement.principals)])
                answer = negate(all_of(administers, uses))
                detail = f"{statement.label} {_KEY_SEPARATION_IN_WORDS[answer]}"
                yield judged_statement(policy, statement, answer, detail, tables=tables)


def _allows(statement: Statement, actions: tuple[str, ...]) -> Truth:
    """Return whether a statement allows any of some actions."""
    return matches_action(statement, actions) if statement.allows else False


def _users(statements: Iterable[Statement], use: tuple[str, ...]) -> dict[Principal, Truth]:
    """Return the principals that use the key itself and not only through a service."""
    users: dict[Principal, Truth] = {}
    for statement in statements:
        through = any(not condition.is_negated for condition in statement.conditions_on(_THROUGH_A_SERVICE))
        # One that is not known yet may demand a service.
        applies = None if any(condition.is_unknown for condition in statement.conditions) else True
        uses = False if through else all_of(_allows(statement, use), applies)
        users |= {who: any_of([users.get(who, False), uses]) for who in statement.principals}
    return users


_WATCHED = (*USE, "kms:CreateGrant")
_KEY_USE_IN_WORDS = {
    True: "allows use of the key only through services of this account or organization and Region",
    None: "allows use of the key in an account or Region known only at deployment",
    False: "allows use of the key directly, or from another account or Region",
}


_ROLE = re.compile(r"arn:[^:*?$]+:iam::\d{12}:role/[^*?$]+")


@Rule(
    id="SecureDdb-ENC8",
    title="The table's key can be used only through services, in its own account or organization and Region",
    problem="The table's key can be used directly, or from another account or Region",
    severity=Severity.HIGH,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("SC-12", "AC-3"), *pci("3.6.1")),
    rationale="With direct use of the key, data taken from a backup, an export or a log can be decrypted elsewhere.",
    remedy=(
        "Add the conditions StringEquals kms:ViaService SERVICE.REGION.amazonaws.com and kms:CallerAccount to each "
        "statement that lets principals use the key."
    ),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
)
def key_use(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that lets principals use the key, those of services aside."""
    for key, tables in assembly.tables.keys.items():
        policy = assembly.policies.of_key(key)
        for statement in policy.allowing:
            people = statement.excludes_principals or any(who.kind != "Service" for who in statement.principals)
            if people and statement.touches_actions(_WATCHED):
                answer = _bound(statement, key)
                detail = f"{statement.label} {_KEY_USE_IN_WORDS[answer]}"
                yield judged_statement(policy, statement, answer, detail, tables=tables)


def _bound(statement: Statement, key: Resource) -> Truth:
    services = _demanded(statement, "kms:ViaService")
    accounts = _demanded(statement, "kms:CallerAccount", "aws:PrincipalAccount")
    # A statement that names principals of the account needs no condition to say so.
    named = not statement.excludes_principals and all_of(*(_is_of(who, key) for who in statement.principals))
    in_account = any_of(
        [
            named,
            bool(accounts) and all_of(*(only(account, key.account) for account in accounts)),
            _is_for_roles_of_organization(statement),
        ]
    )
    in_region = bool(services) and all_of(*(_is_in(service, key.region) for service in services))
    answer = all_of(in_account, in_region)
    return answer or (None if statement.is_unknown else answer)


def _is_for_roles_of_organization(statement: Statement) -> bool:
    """Return whether a statement names roles one by one, as long as they are of one organization."""
    organizations = _demanded(statement, "aws:PrincipalOrgID")
    is_bound = bool(organizations) and all(
        each.startswith("o-") and not set("*?$") & set(each) for each in organizations
    )
    return is_bound and bool(statement.principals) and all(_ROLE.fullmatch(who.value) for who in statement.principals)


def _demanded(statement: Statement, *keys: str) -> list[str]:
    conditions = [condition for condition in statement.conditions_on(*keys) if condition.must_be_present]
    return [value for condition in conditions for value in condition.values]


def _is_of(who: Principal, key: Resource) -> Truth:
    return who.kind == "AWS" and only(who.account, key.account)


def _is_in(service: str, region: str) -> Truth:
    """Return whether a service is one of a Region."""
    name, _, rest = service.partition(".")
    return bool(name) and only(rest.removesuffix(".cn"), f"{region}.amazonaws.com")


@Rule(
    id="SecureDdb-ENC9",
    title="Only AWS services can create grants on the table's key",
    problem="Not only AWS services can create grants on the table's key",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("AC-3", "SC-12"), *pci("3.6.1")),
    rationale=(
        "The holder of a grant can use the key. The grant outlives the session that created it, and appears in no "
        "policy."
    ),
    remedy="Add the condition Bool kms:GrantIsForAWSResource true to each statement that allows kms:CreateGrant.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
)
def key_grants(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that allows making grants."""
    for key, tables in assembly.tables.keys.items():
        policy = assembly.policies.of_key(key)
        for statement in policy.allowing:
            if statement.touches_actions(("kms:CreateGrant",)):
                bound = any(
                    condition.must_be_present and condition.values == ("true",)
                    for condition in statement.conditions_on("kms:GrantIsForAWSResource")
                )
                answer = None if statement.is_unknown and not bound else bound
                detail = f"{statement.label} allows grants to {'AWS services' if bound else 'anyone'}"
                yield judged_statement(policy, statement, answer, detail, tables=tables)


@Rule(
    id="SecureDdb-ENC10",
    title="Services can use the table's keys only for resources of this account",
    problem="A service can use the table's key for resources of other accounts",
    severity=Severity.MEDIUM,
    requirements=("ENC-1", "MON-2"),
    controls=("PR.DS-1", *nist("AC-3", "AC-6")),
    rationale=(
        "Without a condition, a service also uses the key for resources of other accounts (the confused-deputy "
        "problem)."
    ),
    remedy=(
        "Add aws:SourceAccount or aws:SourceArn if the service sends it, otherwise the encryption context, such as "
        "kms:EncryptionContext:aws:logs:arn. Allow no administrative actions."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
)
def key_services(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of a key's policy that is for a service."""
    for key, tables in assembly.all_keys.items():
        policy = assembly.policies.of_key(key)
        for statement in policy.allowing:
            if any(who.kind == "Service" for who in statement.principals):
                administers = bool(statement.touches_actions(ADMINISTRATION))
                answer = False if administers else bound_to_account(statement, key)
                what = "administer the key" if administers else "use the key"
                whose = "of this account" if answer else "of any account"
                detail = f"{statement.label} lets a service {what} for resources {whose}"
                yield judged_statement(policy, statement, answer, detail, tables=tables)


# What it takes to see a key's state, to stop its use, to undo both, and to change its policy.
_KEY_ADMINISTERED_NEEDED = (
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
)


@Rule(
    id="SecureDdb-ENC13",
    title="Only the account can administer the table's keys",
    problem="The account cannot administer the table's key, or another account can",
    severity=Severity.MEDIUM,
    requirements=("ENC-1",),
    controls=("PR.DS-1", *nist("SC-12")),
    rationale=(
        "A key without an administrator can be neither disabled after misuse nor saved from deletion. AWS KMS honors "
        "few administrative actions from other accounts, such as revoking the grants that the table needs; there is "
        "no reason to allow the rest."
    ),
    remedy="Allow the account's root, or an administrator role of this account, the administrative actions.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
)
def key_administered(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the administrators of each key that tables depend on, of its account and of others."""
    for key, tables in own_keys(assembly):
        may = account_may(assembly, key, "", _KEY_ADMINISTERED_NEEDED)
        detail = f"the account's principals {in_words(may)}"
        yield judged(key, "Properties.KeyPolicy", all_of(*may.values()), detail, tables=tables)
        policy = assembly.policies.of_key(key)
        for statement in policy.statements:
            administers = _allows(statement, ADMINISTRATION)
            answer = any_of([_of_account(statement, key), negate(administers)])
            if not answer:
                lets = "may let" if answer is None else "lets"
                detail = f"{statement.label} {lets} principals of another account administer the key"
                yield judged_statement(policy, statement, answer, detail, tables=tables)


def _of_account(statement: Statement, key: Resource) -> Truth:
    """Return whether a statement is only for principals of the key's account."""
    named = [who for who in statement.principals if who.kind == "AWS"]
    by_name = not statement.is_for_everyone() and all_of(*(same_account(who.account, key.account) for who in named))
    # An organization has other accounts, too.
    return any_of([by_name, bound_to_account(statement, key, or_organization=False)])
