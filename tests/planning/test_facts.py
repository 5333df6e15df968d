"""The facts of resource types are those of CloudFormation's schemas today."""

from __future__ import annotations

import json

import pytest

from secure_ddb.planning.facts import facts_of
from tests.configurations import CONFIGURATIONS
from tests.planning.schema_facts import FILE, current, written
from tests.synthesized import synthesized
from tests.upgrade.test_upgrade import HOLDS_DATA


def test_facts_are_those_of_the_schemas() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text == written(current(json.loads(text))), "python -m tests.planning.schema_facts writes them anew"


def test_facts_name_the_properties_that_matter_most() -> None:
    table, vault, key = (
        facts_of(each) for each in ("AWS::DynamoDB::GlobalTable", "AWS::Backup::BackupVault", "AWS::KMS::Key")
    )
    assert table is not None
    assert "TableName" in table.create_only
    assert "KeySchema" in table.conditional_create_only
    assert vault is not None
    assert "EncryptionKeyArn" in vault.create_only
    assert key is not None
    assert key.stateful
    assert facts_of("AWS::EC2::Instance") is None


@pytest.mark.parametrize("name", ["everything", "minimal", "own_topic", "ephemeral"])
def test_there_are_facts_of_all_that_a_table_is_made_of(name: str) -> None:
    kinds = {each["Type"] for each in synthesized(CONFIGURATIONS[name]).resources.values()}
    assert {kind for kind in kinds if kind.startswith("AWS::") and facts_of(kind) is None} <= {"AWS::CDK::Metadata"}


def test_what_holds_data_in_an_upgrade_is_stateful() -> None:
    assert all((facts := facts_of(kind)) and facts.stateful for kind in HOLDS_DATA)
