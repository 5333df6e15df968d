"""The rules of AWS CloudFormation Guard find what this library's rules find."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from secure_ddb.config_rules.guard import (
    CONTROLS,
    GLOBAL_TABLE,
    TABLE,
    Expected,
    Input,
    configuration_rules,
    template_rules,
)
from secure_ddb.config_rules.hook import RULES
from secure_ddb.rules.pack import RULES as OURS
from tests.config_rules.guarded import failed, names
from tests.configurations import ephemeral, minimal
from tests.synthesized import synthesized

ROOT = Path(__file__).parents[2]
RECOVERY_STATUS = (
    "supplementaryConfiguration/ContinuousBackupsDescription/pointInTimeRecoveryDescription/pointInTimeRecoveryStatus"
)
EXPECTED = Expected(
    encrypted=["orders", "events"],
    recoverable=["orders"],
    streaming=["orders"],
    usable_keys=["1234abcd", "5678abcd"],
    rotating_keys=["1234abcd"],
)
# Fields of AWS's schema of configuration items: https://github.com/awslabs/aws-config-resource-schema
ITEM: dict[str, Any] = {
    "resourceType": TABLE,
    "configuration": {
        "tableName": "orders",
        "tableStatus": "ACTIVE",
        "ssedescription": {"ssetype": "KMS", "status": "ENABLED"},
        "streamSpecification": {"streamEnabled": True, "streamViewType": "NEW_AND_OLD_IMAGES"},
    },
    "supplementaryConfiguration": {
        "ContinuousBackupsDescription": {
            "pointInTimeRecoveryDescription": {"pointInTimeRecoveryStatus": "ENABLED"},
        }
    },
}
KEY_ITEM: dict[str, Any] = {
    "resourceType": "AWS::KMS::Key",
    "configuration": {"keyId": "1234abcd", "enabled": True, "keyState": "Enabled"},
    "supplementaryConfiguration": {"KeyRotationStatus": True},
}
PLAIN_TABLE = {
    "SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "1234abcd"},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "DeletionProtectionEnabled": True,
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
}
SETTINGS = (*PLAIN_TABLE, "Replicas")


def changed(item: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy with another value; None takes the value away."""
    copy = deepcopy(item)
    *parents, last = path.split("/")
    inner: Any = copy
    for each in parents:
        inner = inner[int(each) if each.isdigit() else each]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return copy


def test_each_control_names_a_rule_of_ours() -> None:
    assert {each.rule for each in CONTROLS} <= {rule.id for rule in OURS}


def test_the_hook_reads_these_rules() -> None:
    assert RULES.read_text(encoding="utf-8") == template_rules(Input.HOOK)


def test_a_secure_table_passes() -> None:
    assert failed(template_rules(Input.TEMPLATE), synthesized(minimal).body) == set()


def test_an_ephemeral_table_lacks_recovery_and_deletion_protection() -> None:
    found = failed(template_rules(Input.TEMPLATE), synthesized(ephemeral).body)
    assert found == {"deletion_protection_globaltables", "point_in_time_recovery_globaltables"}


def test_a_table_without_anything_fails_every_rule() -> None:
    body = yaml.safe_load("{Resources: {Plain: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: plain}}}}")
    rules = template_rules(Input.TEMPLATE)
    assert failed(rules, body) == {name for name in names(rules) if name.endswith("_tables")}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("SSESpecification/SSEEnabled", False, "customer_managed_key"),
        ("SSESpecification/KMSMasterKeyId", None, "customer_managed_key"),
        ("PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", False, "point_in_time_recovery"),
        ("DeletionProtectionEnabled", None, "deletion_protection"),
        ("StreamSpecification/StreamViewType", "KEYS_ONLY", "stream"),
    ],
)
def test_a_hook_finds_each_failure_of_a_table(path: str, value: object, rule: str) -> None:
    def handed_over(properties: dict[str, Any]) -> dict[str, Any]:
        return {"Resources": {"Orders": {"ResourceType": TABLE, "ResourceProperties": properties}}}

    rules = template_rules(Input.HOOK)
    assert failed(rules, handed_over(PLAIN_TABLE)) == set()
    assert failed(rules, handed_over(changed(PLAIN_TABLE, path, value))) == {f"{rule}_tables"}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("SSESpecification", None, "customer_managed_key"),
        ("Replicas/0/SSESpecification", None, "customer_managed_key"),
        (
            "Replicas/0/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled",
            False,
            "point_in_time_recovery",
        ),
        ("Replicas/0/DeletionProtectionEnabled", False, "deletion_protection"),
        ("StreamSpecification", None, "stream"),
    ],
)
def test_a_hook_finds_each_failure_of_a_secure_table(path: str, value: object, rule: str) -> None:
    def handed_over(properties: dict[str, Any]) -> dict[str, Any]:
        return {"Resources": {"Orders": {"ResourceType": GLOBAL_TABLE, "ResourceProperties": properties}}}

    (table,) = synthesized(minimal).of_type(GLOBAL_TABLE).values()
    # The report of a failure repeats all that it is given, and would be cut off.
    properties = {name: deepcopy(table["Properties"][name]) for name in SETTINGS if name in table["Properties"]}
    (replica,) = properties["Replicas"]
    properties["Replicas"] = [{name: replica[name] for name in SETTINGS if name in replica}]
    rules = template_rules(Input.HOOK)
    assert failed(rules, handed_over(properties)) == set()
    found = failed(rules, handed_over(changed(properties, path, value)))
    assert found == {f"{rule}_globaltables"}


@pytest.mark.parametrize("item", [ITEM, KEY_ITEM])
def test_configuration_items_as_declared_comply(item: dict[str, Any]) -> None:
    assert failed(configuration_rules(EXPECTED), item) == set()


@pytest.mark.parametrize(
    ("item", "path", "value", "rule"),
    [
        (ITEM, "configuration/ssedescription", None, "customer_managed_key"),
        (ITEM, "configuration/ssedescription/status", "DISABLED", "customer_managed_key"),
        (
            ITEM,
            RECOVERY_STATUS,
            "DISABLED",
            "point_in_time_recovery",
        ),
        (ITEM, "configuration/streamSpecification", None, "stream"),
        (ITEM, "configuration/streamSpecification/streamViewType", "KEYS_ONLY", "stream"),
        (KEY_ITEM, "configuration/enabled", False, "key_usable"),
        (KEY_ITEM, "configuration/keyState", "PendingDeletion", "key_usable"),
        (KEY_ITEM, "supplementaryConfiguration/KeyRotationStatus", False, "key_rotates"),
    ],
)
def test_configuration_items_that_changed_do_not_comply(
    item: dict[str, Any], path: str, value: object, rule: str
) -> None:
    assert failed(configuration_rules(EXPECTED), changed(item, path, value)) == {rule}


def test_what_is_not_expected_of_a_table_is_not_looked_at() -> None:
    bare = changed(changed(ITEM, "configuration/streamSpecification", None), "supplementaryConfiguration", {})
    rules = configuration_rules(EXPECTED)
    assert failed(rules, changed(bare, "configuration/tableName", "events")) == set()
    assert failed(rules, changed(bare, "configuration/tableName", "orders")) == {"point_in_time_recovery", "stream"}
    other = changed(changed(bare, "configuration/ssedescription", None), "configuration/tableName", "other")
    assert failed(rules, other) == set()


def test_a_table_that_is_being_changed_is_not_looked_at() -> None:
    updating = changed(
        changed(ITEM, "configuration/streamSpecification", None), "configuration/tableStatus", "UPDATING"
    )
    assert failed(configuration_rules(EXPECTED), updating) == set()


def test_the_text_has_room_for_all_tables_with_the_longest_names() -> None:
    names_of_tables = [f"{number:x>255}" for number in range(25)]
    keys = [f"{number:0>36}" for number in range(25)]
    expected = Expected(
        encrypted=names_of_tables,
        recoverable=names_of_tables,
        streaming=names_of_tables,
        usable_keys=keys,
        rotating_keys=keys,
    )
    assert len(configuration_rules(expected)) < 10_000
