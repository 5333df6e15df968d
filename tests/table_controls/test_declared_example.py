"""The example of docs/declared-elsewhere.md does what the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import App

from examples.declared_elsewhere import ForTerraform, SameStack
from secure_ddb.rules.rule import Verdict
from tests.refusals import HERE
from tests.rules.handwritten import judgements
from tests.table_controls.offered import offered
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def synthesized(kind: Callable[..., Stack]) -> Template:
    app = App()
    kind(app, "Test", env=HERE)
    return Template(app.synth().get_stack_by_name("Test").template)


def test_a_table_of_the_stack_has_the_policies() -> None:
    template = synthesized(SameStack)
    assert "Outputs" not in template.body
    sids = [each["Sid"] for each in template.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"]]
    assert sids == [
        "DenyRequestsWithoutTls",
        "DenyItemsFromOutsideTheNetwork",
        "DenyBackupsFromOutsideTheNetwork",
        "DenyPrincipalsFromOutside",
    ]


def test_what_the_owner_left_out_is_all_that_is_found() -> None:
    said = judgements(synthesized(SameStack).body, stack_name="Test")
    found = {each.resource.logical_id[:-8] for each in said if each.verdict is Verdict.NOT_MET and each.resource}
    assert found == {"Key", "Orders"}


def test_the_owner_of_a_table_of_terraform_finds_three_documents() -> None:
    template = synthesized(ForTerraform)
    assert len(template.body["Outputs"]) == 3
    for what, least in (("Table", 4), ("Stream", 3), ("Key", 3)):
        document = offered(template, what)
        assert document["Version"] == "2012-10-17"
        assert len(document["Statement"]) >= least
