"""Findings that constructs beside tables accept by design are told from waivers of people, from any stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk.aws_iam import Role
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from secure_ddb import (
    Containment,
    DriftDetection,
    Remediation,
    RestoreTesting,
    SecureDdbChecks,
    SharedResources,
    TableConfigRules,
    TableExports,
)
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from tests.orders import OWNERSHIP, orders

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence

HERE = Environment(account="111122223333", region="eu-central-1")


def collected(folder: Path) -> Evidence:
    """Return the evidence of a table, and of constructs in another stack that work on it."""
    app = App(outdir=str(folder))
    Validations.of(app).add_plugins(SecureDdbChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
    platform, team, beside = (Stack(app, name, env=HERE) for name in ("Platform", "Team", "Beside"))
    shared = SharedResources(platform, "Shared", ownership=OWNERSHIP)
    table = orders(team, shared_resources=shared)
    about: dict[str, Any] = {"topic": shared.alarm_topic, "ownership": OWNERSHIP}
    responders = Role.from_role_arn(beside, "Responders", "arn:aws:iam::111122223333:role/incident-responders")
    Containment(beside, "Containment", tables=[table], responders=[responders], ownership=OWNERSHIP)
    DriftDetection(beside, "Drift", stacks=[team], **about)
    Remediation(beside, "Remediation", tables=[table], **about)
    RestoreTesting(beside, "Restores", tables=[table], **about)
    TableConfigRules(beside, "Config", tables=[table], topic=shared.alarm_topic)
    TableExports(
        beside,
        "Exports",
        tables={"orders": table},
        retention=Duration.days(365),
        ownership=OWNERSHIP,
        alarm_topic=shared.alarm_topic,
    )
    return collect(Path(app.synth().directory))


def test_nothing_is_open_and_nothing_is_taken_for_a_waiver_of_people(tmp_path: Path) -> None:
    evidence = collected(tmp_path)
    open_findings = [
        (each.rule, each.key, each.construct) for each in evidence.results if each.status is Status.NOT_MET
    ]
    assert open_findings == []
    waived = [each for each in evidence.results if each.status is Status.WAIVED]
    assert [(each.rule, each.construct) for each in waived if not each.by_design] == []
    assert {each.construct.split("/")[1] for each in waived if each.stack == "Beside"} >= {
        "Containment",
        "Drift",
        "Restores",
    }
