"""Evidence with something in every place."""

from __future__ import annotations

from dataclasses import replace

from secure_ddb.evidence.model import (
    Arrow,
    ControlFacts,
    CostFacts,
    Evidence,
    Flow,
    Location,
    PackFacts,
    Part,
    Result,
    Role,
    Status,
    TableCostFacts,
)
from tests.evidence.facts import JUDGED_ON, TRIAL, evidence_with, finding, stack_with, table_with

WAIVED_BY = replace(TRIAL, construct="Orders")
WAIVED = Result(
    pack="AwsSolutions",
    rule="AwsSolutions-S1",
    status=Status.WAIVED,
    title="Server access logs are on",
    severity="error",
    detail='it says "no", and a line\nmore',
    key="eu-central-1",
    template="Orders.template.json",
    stack="Orders",
    logical_id="Bucket",
    resource_type="AWS::S3::Bucket",
    property_path="Properties.LoggingConfiguration",
    construct="Orders/Bucket",
    tables=("Orders/Table", "Orders/Other"),
    requirements=("AUD-1",),
    controls=("CS-4",),
    remedy="Name a bucket.",
    source="https://example.com/S1",
    waived_by=WAIVED_BY,
    location=Location(file="app.py", line=7),
)
MET = Result(
    pack="SecureDdb", rule="SecureDdb-ENC1", status=Status.MET, title="Größe: 5 €", severity="high", remedy="Do it."
)
ALONE = finding(construct="", stack="", severity="low", tables=("t",))
TABLE = table_with(
    name="Table",
    resource_type="AWS::DynamoDB::Table",
    regions=("eu-central-1",),
    waivers={"Alarms (MON-1)": WAIVED_BY},
    settings={"alarms.latency": "25 ms"},
    claims={"audit.reads": "a trail"},
    not_verifiable=("its key",),
    backups={"asked": "2026-01-02T03:04:05Z"},
    parts=(Part(id="t", role=Role.TABLE, label="Table"), Part(id="k", role=Role.KEY, label="Key", known=False)),
    arrows=(Arrow(start="k", end="t", flow=Flow.KEY, label="encrypts"),),
    location=Location(file="app.py"),
)
CONTROLS = (
    ControlFacts(
        catalogue="C", id="C-1", title="both", status=Status.WAIVED, rules=("SecureDdb-ENC1",), results=(0, 1)
    ),
    ControlFacts(
        catalogue="C", id="C-2", title="a person", status=Status.MANUAL, manual="show it", claims=("x: y", "z")
    ),
)
FILLED = evidence_with(
    stack_with(resources=3, sha256="5e" * 32),
    version="1.0",
    packs=(PackFacts(name="SecureDdb", version="1.0"), PackFacts(name="Broken", succeeded=False)),
    tables=(TABLE,),
    results=(WAIVED, MET, ALONE),
    controls=CONTROLS,
    problems=("no report",),
    cost=CostFacts(
        summary="USD 5.40 a month",
        sharing=("sharing saves little",),
        warnings=("old prices",),
        assumptions=("small items",),
        tables=(
            TableCostFacts(
                name="Orders/Table",
                monthly=5.4,
                monthly_after_rotations=7.4,
                per_gb=6.77,
                per_million_writes=4.46,
                per_million_writes_in_full_batches=1.13,
                not_known=("cold storage",),
            ),
        ),
    ),
)
EMPTY = Evidence(title="", judged_on=JUDGED_ON, version="", packs=(), stacks=(), tables=(), results=(), controls=())
