"""Resources that are given instead of made have to be in the table's Region and account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Fn, Stack
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic

from secure_ddb import (
    AlarmSettings,
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    InvalidArgumentError,
    Lifecycle,
    SecureTable,
)
from secure_ddb.context import table_context
from tests.orders import OWNERSHIP, PK
from tests.refusals import HERE, a_stack

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT, OTHER = "111122223333", "444455556666"
AGNOSTIC = Environment(region="eu-central-1")
ELSEWHERE = {
    "account": (Environment(account=OTHER, region="eu-central-1"), OTHER, ACCOUNT),
    "Region": (Environment(account=ACCOUNT, region="us-east-1"), "us-east-1", "eu-central-1"),
}
IMPORTED: dict[str, Callable[[Stack, str, str], Any]] = {
    "encryption.key": lambda stack, region, account: Key.from_key_arn(
        stack, "Given", f"arn:aws:kms:{region}:{account}:key/1234abcd"
    ),
    "backup.vault": lambda stack, region, account: BackupVault.from_backup_vault_arn(
        stack, "Given", f"arn:aws:backup:{region}:{account}:backup-vault:company"
    ),
    "alarms.topic": lambda stack, region, account: Topic.from_topic_arn(
        stack, "Given", f"arn:aws:sns:{region}:{account}:company"
    ),
}
MADE: dict[str, Callable[[Stack], Any]] = {
    "encryption.key": lambda stack: Key(stack, "Given"),
    "backup.vault": lambda stack: BackupVault(stack, "Given"),
    "alarms.topic": lambda stack: Topic(stack, "Given"),
}
SETTINGS: dict[str, Any] = {"encryption": EncryptionSettings, "backup": BackupSettings, "alarms": AlarmSettings}
BY_TOKEN: dict[str, Callable[[Stack], Any]] = {
    "encryption.key": lambda stack: Key.from_key_arn(stack, "Given", Fn.import_value("Key")),
    "backup.vault": lambda stack: BackupVault.from_backup_vault_arn(stack, "Given", Fn.import_value("Vault")),
    "alarms.topic": lambda stack: Topic.from_topic_arn(stack, "Given", Fn.import_value("Topic")),
}


def table_with(argument: str, resource: Any, stack: Stack) -> SecureTable:
    part, _, name = argument.partition(".")
    settings = SETTINGS[part](**{name: resource})
    return SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP, **{part: settings})


def not_verifiable(argument: str, resource: Any, stack: Stack) -> list[str]:
    """Return what the check of a setting says about where a resource is."""
    context = table_context(stack, stack, OWNERSHIP, DataClassification.CONFIDENTIAL, Lifecycle.retained())
    part, _, name = argument.partition(".")
    SETTINGS[part](**{name: resource}).check(context)
    return context.evidence.not_verifiable


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("argument", IMPORTED)
def test_imported_resource_of_another_place_is_refused(argument: str, place: str) -> None:
    env, actual, expected = ELSEWHERE[place]
    stack = a_stack()
    resource = IMPORTED[argument](stack, str(env.region), str(env.account))
    with pytest.raises(InvalidArgumentError) as raised:
        table_with(argument, resource, stack)
    assert raised.value.argument == argument
    assert raised.value.value == f"in {place} {actual}"
    assert raised.value.allowed == f"one in {place} {expected}, as the table"


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("argument", MADE)
def test_construct_of_a_stack_in_another_place_is_refused(argument: str, place: str) -> None:
    app = App()
    env, actual, _ = ELSEWHERE[place]
    resource = MADE[argument](Stack(app, "There", env=env))
    stack = Stack(app, "Here", env=HERE)
    with pytest.raises(InvalidArgumentError, match=rf"^{argument} is 'in {place} {actual}'; allowed: one in {place}"):
        table_with(argument, resource, stack)
    assert stack.node.children == []


@pytest.mark.parametrize("env", [HERE, AGNOSTIC], ids=["account", "no account"])
@pytest.mark.parametrize("argument", MADE)
def test_construct_of_another_stack_in_the_same_place_passes(argument: str, env: Environment) -> None:
    app = App()
    resource = MADE[argument](Stack(app, "Shared", env=env))
    assert not_verifiable(argument, resource, Stack(app, "Orders", env=env)) == []


@pytest.mark.parametrize("argument", IMPORTED)
def test_imported_resource_of_the_same_place_passes(argument: str) -> None:
    stack = a_stack()
    assert not_verifiable(argument, IMPORTED[argument](stack, "eu-central-1", ACCOUNT), stack) == []


@pytest.mark.parametrize("argument", IMPORTED)
def test_account_that_the_stack_does_not_know_cannot_be_compared(argument: str) -> None:
    stack = a_stack(AGNOSTIC)
    resource = IMPORTED[argument](stack, "eu-central-1", ACCOUNT)
    assert not_verifiable(argument, resource, stack) == [f"that {argument} is in the table's account"]


@pytest.mark.parametrize("argument", BY_TOKEN)
def test_resource_that_is_known_only_at_deployment_cannot_be_compared(argument: str) -> None:
    stack = a_stack()
    assert not_verifiable(argument, BY_TOKEN[argument](stack), stack) == [
        f"that {argument} is in the table's Region",
        f"that {argument} is in the table's account",
    ]
