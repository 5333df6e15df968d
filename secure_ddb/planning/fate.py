"""The fate of a resource that an update replaces or that is in the template no longer.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from secure_ddb.cloudformation.kinds import BACKUP_VAULT, BUCKET, GLOBAL_TABLE, KEY, LOG_GROUP, TABLE
from secure_ddb.cloudformation.values import as_bool, as_list, at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.facts import Facts

DELETION = "DeletionPolicy"
REPLACEMENT = "UpdateReplacePolicy"
# Advice of several findings.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
IMPORT: Final = "cdk import, or cdk deploy --import-existing-resources"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html
REFACTOR: Final = "Or move it by a stack refactoring: cdk refactor, or aws cloudformation create-stack-refactor."
SAME_RESOURCE: Final = "If {} the same resource, keep the logical id {}."
_RETAINED = {"Retain", "RetainExceptOnCreate"}
# AWS refuses to delete one that is not empty, and no template says whether it is.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html#delete-a-vault
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
_KEPT_UNLESS_EMPTY = {BACKUP_VAULT, BUCKET}


class Fate(NamedTuple):
    """The fate of the old resource.

    Attributes:
        lost: Whether CloudFormation deletes it with its data.
        certain: Whether that is known before the deployment.
        reason: Why, in a sentence.
    """

    lost: bool
    certain: bool
    reason: str


def fate_of(resource: Resource, facts: Facts, attribute: str, *others: Resource) -> Fate:
    """Return the fate of a resource.

    Args:
        resource: The old one.
        facts: The facts about its type.
        attribute: The attribute of a template that decides on it.
        others: The new one, if there is one. AWS does not say which of both templates decides.
    """
    policies = [each.body.get(attribute) for each in (resource, *others)]
    retained = [policy in _RETAINED for policy in policies if isinstance(policy, str)]
    if len(retained) == len(policies) and all(retained):
        stays = f"it stays with {facts.holds}, outside of the stack"
        return Fate(lost=False, certain=True, reason=f"{attribute} is {policies[0]}, so {stays}.")
    if protected(resource):
        # https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
        reason = "Deletion protection makes its deletion fail. CloudFormation tries three times, and then leaves it"
        return Fate(lost=False, certain=True, reason=f"{reason} with {facts.holds}, outside of the stack.")
    reason = f"{attribute} is {_in_words(policies)}, so CloudFormation deletes it."
    if any(retained) or not all(policy is None or isinstance(policy, str) for policy in policies):
        return Fate(lost=True, certain=False, reason=f"{attribute} differs or is unknown, so it may be deleted.")
    if resource.type in _KEPT_UNLESS_EMPTY:
        return Fate(
            lost=True, certain=False, reason=f"{reason} That fails while it is not empty; then it is left behind."
        )
    if resource.type == KEY:
        # https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
        reason += " AWS KMS waits for 30 days, or PendingWindowInDays; until then the deletion can be cancelled."
    return Fate(lost=True, certain=True, reason=reason)


def _in_words(policies: Iterable[object]) -> str:
    first, *_ = policies
    return "missing" if first is None else str(first)


def is_retained(resource: Resource) -> bool:
    """Return whether a resource certainly stays when it is removed from its template."""
    return str(resource.body.get(DELETION, "")) in _RETAINED


def protected(resource: Resource) -> bool:
    """Return whether deletion protection is certainly on."""
    if resource.type in {TABLE, LOG_GROUP}:
        return as_bool(resource.properties.get("DeletionProtectionEnabled"))
    if resource.type == GLOBAL_TABLE:
        replicas = as_list(resource.properties.get("Replicas"))
        return bool(replicas) and all(as_bool(at(each, "DeletionProtectionEnabled")) for each in replicas)
    return False
