"""The stack of examples/erasure has no open finding; one role erases without reading, the other proves."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import App, Environment

from examples.erasure.stack import ErasureStack
from secure_ddb import SamlSignIn
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.policies.engine import Decision, Request, decide
from tests.policies.requests.row import Context, attributes, returning, select
from tests.policies.resolve import Deployed
from tests.template import Template

ROOT = Path(__file__).parents[3]
HERE = Environment(account="111122223333", region="eu-central-1")
SIGN_IN = SamlSignIn(provider="arn:aws:iam::111122223333:saml-provider/Company", issuer="https://id.example.com")
LISTED = select("SPECIFIC_ATTRIBUTES")
KEYS = attributes("person", "record")
INDEX_KEYS = attributes("order", "person")


def stack(app: App) -> None:
    ErasureStack(app, "Erasure", sign_in=SIGN_IN, env=HERE)


@pytest.fixture(scope="module")
def deployed() -> Deployed:
    app = App()
    stack(app)
    return Deployed(Template(app.synth().get_stack_by_name("Erasure").template))


def test_example_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    app = checked_app()
    stack(app)
    evidence = collect(Path(app.synth().directory))
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []


def allowed(deployed: Deployed, role: str, action: str, resource: str, *context: Context) -> bool:
    """Tell whether a role may do something."""
    merged: Context = {name: value for each in context for name, value in each.items()}
    request = Request(principal=deployed.arn("AWS::IAM::Role", role), action=action, resource=resource, context=merged)
    return decide([(deployed.policies(request), request)]) == [Decision.ALLOWED]


def test_the_eraser_finds_marks_and_deletes_and_reads_no_value(deployed: Deployed) -> None:
    customers, orders = (deployed.arn("AWS::DynamoDB::GlobalTable", name) for name in ("Customers", "Orders"))
    marks = attributes("person", "record", "erasure")

    def may(action: str, resource: str, *context: Context) -> bool:
        return allowed(deployed, "EraserRole", f"dynamodb:{action}", resource, *context)

    assert may("DescribeTable", customers)
    assert may("Query", customers, KEYS, LISTED)
    assert may("Query", f"{orders}/index/by-person", INDEX_KEYS, LISTED)
    assert may("UpdateItem", customers, marks)
    assert may("DeleteItem", customers, marks)
    assert not may("Query", customers, attributes("person", "record", "value"), LISTED)
    assert not may("Scan", customers, KEYS, LISTED)
    assert not may("UpdateItem", customers, attributes("person", "record", "value"))
    assert not may("UpdateItem", customers, marks, returning("ALL_OLD"))
    assert not may("DeleteItem", customers, marks, returning("ALL_OLD"))
    assert not may("PutItem", customers, marks)


def test_the_privacy_office_reads_the_trail_and_signs_and_erases_nothing(deployed: Deployed) -> None:
    table, key = deployed.arn("AWS::DynamoDB::GlobalTable", "Customers"), deployed.arn("AWS::KMS::Key", "ReportKey")
    log = deployed.arn("AWS::Logs::LogGroup", "SharedAuditLogGroup").replace(":*", ":log-stream:")
    office = "PrivacyOfficeRole"
    assert allowed(deployed, office, "kms:Sign", key)
    assert allowed(deployed, office, "logs:FilterLogEvents", log)
    assert not allowed(deployed, "EraserRole", "kms:Sign", key)
    assert not allowed(deployed, "EraserRole", "logs:FilterLogEvents", log)
    assert not any(allowed(deployed, office, f"dynamodb:{name}", table, KEYS) for name in ("DeleteItem", "UpdateItem"))
