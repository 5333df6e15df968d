"""The control statements claim no more than their wording, for tables of this library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack

from secure_ddb import (
    AcceptedAwsKeyMaterial,
    DataClassification,
    EncryptionSettings,
    ImportedMaterialKey,
    SecureTable,
)
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from tests.orders import OWNERSHIP, PK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from secure_ddb.evidence.model import ControlFacts

    Controls = Callable[..., dict[str, ControlFacts]]


def stack(app: App, name: str) -> Stack:
    return Stack(app, name, env=Environment(account="111122223333", region="eu-central-1"))


@pytest.fixture
def controls(tmp_path: Path) -> Controls:
    """Return how the controls stand for a table with some arguments; it is in an app of its own."""

    def standing(*, is_imported: bool = False, **arguments: Any) -> dict[str, ControlFacts]:
        app = App(outdir=str(tmp_path))
        if is_imported:
            key = ImportedMaterialKey(stack(app, "Keys"), "CompanyKey", ownership=OWNERSHIP)
            arguments["encryption"] = EncryptionSettings(key=key)
        SecureTable(stack(app, "Test"), "Orders", partition_key=PK, ownership=OWNERSHIP, **arguments)
        app.synth()
        return {control.id: control for control in collect(tmp_path).controls}

    return standing


def test_key_material_of_aws_is_for_a_person_to_accept(controls: Controls) -> None:
    found = controls()["CS-1"]
    assert (found.status, found.claims) == (Status.MANUAL, ())


def test_accepted_key_material_is_claimed_and_not_met(controls: Controls) -> None:
    found = controls(encryption=EncryptionSettings(key_material=AcceptedAwsKeyMaterial(stated_by="SEC-150")))
    assert found["CS-1"].status is Status.MANUAL
    assert [claim.endswith("(stated by SEC-150)") for claim in found["CS-1"].claims] == [True]
    assert found["CS-9"].claims == ()


def test_imported_key_material_is_the_company_s_own_and_rotated_by_a_person(controls: Controls) -> None:
    found = controls(is_imported=True)
    assert found["CS-1"].status is Status.MET
    # Where it comes from, and that it is rotated.
    assert {found[name].status for name in ("CS-3", "CS-9", "ENC-2", "PCI DSS v4.0.1/3.7.4")} == {Status.MANUAL}


def test_the_hmac_key_is_for_a_person_to_replace_every_year(controls: Controls) -> None:
    found = controls()["CS-9"]
    assert found.status is Status.MANUAL
    assert "HMAC keys" in found.manual
    assert "docs/decisions/digest-key.md" in found.manual


@pytest.mark.parametrize(("days", "status"), [(365, Status.MANUAL), (366, Status.NOT_MET)])
@pytest.mark.parametrize("classification", [DataClassification.PUBLIC, DataClassification.INTERNAL])
def test_rotation_that_the_classification_allows_is_not_yearly_all_the_same(
    controls: Controls, classification: DataClassification, days: int, status: Status
) -> None:
    encryption = EncryptionSettings(rotation_period=Duration.days(days))
    assert controls(classification=classification, encryption=encryption)["CS-9"].status is status
