"""A table that is declared elsewhere has a row in the evidence; what of it cannot be seen is never met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack

from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.evidence.page.render import page
from tests.orders import INSIDE, WAIVER
from tests.refusals import HERE
from tests.table_controls.declared import controls, table_of_app, table_of_terraform

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.evidence.model import Evidence


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    app = App(outdir=str(tmp_path))
    foreign, own = (Stack(app, name, env=HERE) for name in ("Foreign", "Own"))
    controls(foreign, table_of_terraform(foreign), perimeter=INSIDE, backup=WAIVER)
    controls(own, table_of_app(own, table_name="carts"))
    app.synth()
    return collect(tmp_path)


def test_a_table_of_no_template_has_a_row(evidence: Evidence) -> None:
    table = evidence.tables[0]
    assert (table.id, table.name, table.stack) == ("Foreign/OrdersControls", "orders", "Foreign")
    assert (table.template, table.resource_type) == ("Foreign.template.json", "declared elsewhere")
    assert (table.classification, table.regions, table.made_by_secure_table) == (
        "confidential",
        ("eu-central-1",),
        False,
    )
    assert table.settings == {"perimeter": "enforce; from 203.0.113.0/24"}
    assert table.waivers["AWS Backup (BAK-2)"].approved_by == "SEC-142"
    assert [each for each in table.not_verifiable if "has the statements of the output" in each] == [
        "that the policy of the table has the statements of the output TablePolicy",
        "that the policy of the table's stream has the statements of the output StreamPolicy",
        "that the policy of the table's key has the statements of the output KeyPolicy",
    ]


def test_what_is_around_it_is_judged_and_it_is_not_verifiable(evidence: Evidence) -> None:
    its = [each for each in evidence.results if "Foreign/OrdersControls" in each.tables]
    of_table = [each for each in its if each.construct == "Foreign/OrdersControls"]
    protection = next(each for each in of_table if each.rule == "SecureDdb-BAK3")
    assert protection.status is Status.NOT_VERIFIABLE
    assert any(each.status is Status.MET and each.resource_type == "AWS::Lambda::Function" for each in its)
    assert not any(each.status is Status.NOT_MET for each in its)


def test_page_shows_it(evidence: Evidence) -> None:
    html = page(evidence)
    assert "<code>declared elsewhere</code>" in html
    assert "has the statements of the output TablePolicy" in html


def test_a_table_of_the_app_is_judged_and_says_who_made_it(evidence: Evidence) -> None:
    table = evidence.tables[1]
    assert (table.id, table.made_by_secure_table) == ("Own/Orders/Resource", False)
    assert any(table.id in result.tables for result in evidence.results)
