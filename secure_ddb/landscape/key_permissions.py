"""KMS keys: actions on them, and whether a policy allows these.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.kinds import REPLICA_KEY
from secure_ddb.iam.evaluation import OUTSIDE_OF_CODE, Request, allowed, answers
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.evaluation import Context
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

USE = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
# VerifyMac is not among it: item keys are digested under a secret that is a MAC itself, so it tests no guess of a key.
DIGEST = ("kms:GenerateMac",)
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:UpdateAlias",
)
DIGEST_USAGE = "GENERATE_VERIFY_MAC"
# What a service's own principal never has.
NO_PRINCIPAL: dict[str, Sequence[str]] = {
    "aws:principalaccount": (),
    "aws:principalarn": (),
    "aws:principalorgid": (),
    "kms:calleraccount": (),
}


def makes_digests(key: Resource) -> bool:
    """Return whether a key configured in an audit function makes digests; the usage of a replica is its primary's."""
    return key.type == REPLICA_KEY or key.properties.get("KeyUsage") == DIGEST_USAGE


def use_through(service: str, actions: tuple[str, ...], key: Resource, role: str = "*") -> Request:
    """Return the request of a principal of the key's account to use the key through a service, or by itself."""
    through = (f"{service}.{key.region}.amazonaws.com",) if service else ()
    return Request(
        actions=actions,
        resources=(key.arn, "*"),
        role=role,
        account=key.account,
        context={
            "aws:principalaccount": (key.account,),
            "aws:resourceaccount": (key.account,),
            **({"aws:principalarn": (role,)} if role != "*" else {}),
            "aws:securetransport": ("true",),
            "kms:calleraccount": (key.account,),
            "kms:grantisforawsresource": ("true",),
            "kms:viaservice": through,
        },
    )


def account_may(assembly: Assembly, key: Resource, service: str, actions: tuple[str, ...]) -> dict[str, Truth]:
    """Return for each action whether a key's policy lets principals of its account use it through a service."""
    policy = assembly.policies.of_key(key)
    return (
        dict.fromkeys(actions) if policy.is_unknown else answers(policy.statements, use_through(service, actions, key))
    )


def lets_account_use(assembly: Assembly, key: Resource, service: str, actions: tuple[str, ...]) -> Truth:
    """Return whether a key's policy lets principals of its account use it through a service."""
    return all_of(*account_may(assembly, key, service, actions).values())


def lets_service_use(
    assembly: Assembly, key: Resource, service: str, actions: tuple[str, ...], context: Mapping[str, Sequence[str]]
) -> Truth:
    """Return whether a key's policy lets a service use it on behalf of one of its resources."""
    policy = assembly.policies.of_key(key)
    if policy.is_unknown:
        return None
    context = {**NO_PRINCIPAL, **context}
    return allowed(policy.statements, Request(actions=actions, service=service, account=key.account, context=context))


def lets_role_use(
    assembly: Assembly,
    key: Resource,
    role: Resource,
    service: str,
    actions: tuple[str, ...],
    *,
    granted: bool = False,
    context: Context = OUTSIDE_OF_CODE,
) -> Truth:
    """Return whether a key's policy and a role's own policies together let the role use the key.

    It does so through a service, or directly if `service` is empty. `granted` says that one of AWS's own policies
    allows the role all of it; `context` has further condition keys, such as `in_code_of()` a function.
    """
    policy = assembly.policies.of_key(key)
    if policy.is_unknown:
        return None
    request = use_through(service, actions, key, role.arn)
    request = request._replace(context={**request.context, **context})
    by_account, own = answers(policy.statements, request), assembly.identities.role_may(role, request, granted=granted)
    by_both = {action: all_of(by_account[action], own[action]) for action in actions}
    if all(by_both.values()):
        return True
    # A statement that names the role needs no permission of the role itself.
    by_name = answers([each for each in policy.statements if each.denies or _names_a_role(each)], request)
    refused = assembly.identities.role_refuses(role, request)
    by_name = {action: all_of(answer, negate(refused[action])) for action, answer in by_name.items()}
    return all_of(*(any_of([by_name[action], by_both[action]]) for action in actions))


def _names_a_role(statement: Statement) -> bool:
    """Return whether a statement is for principals themselves, and leaves nothing to an account or a service."""
    return not any(who.kind == "Service" or who.is_account for who in statement.principals)


def in_words(answers_of: Mapping[str, Truth]) -> str:
    """Return the allowed actions on a key, in words."""
    refused = [action for action, answer in answers_of.items() if answer is False]
    if refused:
        return f"are not allowed {', '.join(refused)}"
    return (
        "may or may not be allowed to use it" if None in answers_of.values() else f"are allowed {', '.join(answers_of)}"
    )
