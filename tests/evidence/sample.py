"""Evidence as an app of some tables gives it, made up from the rules' own texts, in every status."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import (
    Arrow,
    ControlFacts,
    Evidence,
    Flow,
    Location,
    PackFacts,
    Part,
    Result,
    Role,
    StackFacts,
    Status,
    TableFacts,
    WaivedBy,
)
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.rule import Rule

JUDGED_ON = date(2026, 1, 15)
ACCOUNT = "111122223333"
HOLDS = WaivedBy(reason="The key is rotated by hand in the HSM", approved_by="A. Reviewer", expires=date(2026, 3, 1))
RUN_OUT = WaivedBy(reason="Backups move to another plan", approved_by="B. Reviewer", expires=date(2026, 1, 1))
BY_DESIGN = WaivedBy(reason="The bucket holds only failed records", construct="Shop0/Orders0/AuditFailureBucket")
ACKNOWLEDGED = WaivedBy(reason="Flow logs are the network team's", construct="Shop0/Network/Vpc")

_TYPES = {
    "ENC": ("Key", "AWS::KMS::Key", "Properties.KeyPolicy.Statement.2.Condition"),
    "BAK": ("Vault", "AWS::Backup::BackupVault", "Properties.LockConfiguration.MinRetentionDays"),
    "AUD": ("AuditFunction", "AWS::Lambda::Function", "Properties.Environment.Variables.LOG_GROUP"),
    "NET": ("Endpoint", "AWS::EC2::VPCEndpoint", "Properties.PolicyDocument.Statement.0.Action"),
    "IAM": ("Role", "AWS::IAM::Policy", "Properties.PolicyDocument.Statement.0.Resource"),
    "MON": ("ThrottledAlarm", "AWS::CloudWatch::Alarm", "Properties.AlarmActions.0"),
}
_TABLE = ("Table", "AWS::DynamoDB::GlobalTable", "Properties.Replicas.0.PointInTimeRecoverySpecification")
_CATALOGUES = (
    ("CS-", "Control statements"),
    ("PR.", "NIST CSF 1.1"),
    ("NIST", "NIST SP 800-53 Rev. 5"),
    ("Security Hub", "AWS Security Hub"),
)
_PARTS = (
    ("caller", Role.CALLER, "Callers", "3 roles"),
    ("endpoint", Role.ENDPOINT, "Gateway endpoint", "NetworkDataEndpoint"),
    ("table", Role.TABLE, "Table", "Table"),
    ("stream", Role.STREAM, "Stream", ""),
    ("function", Role.FUNCTION, "Audit function", "TableAuditFunction0A1B2C3D"),
    ("log", Role.LOG, "Audit log", "TableAuditLog4E5F6A7B"),
    ("failures", Role.BUCKET, "Failure bucket", "TableAuditFailures"),
    ("trail", Role.TRAIL, "Organization's trail", "claimed"),
    ("vault", Role.BACKUP, "Backup vault", "TableBackupVault"),
    ("alarms", Role.ALARM, "Alarms", "18 of them"),
    ("topic", Role.TOPIC, "Topic", "TableTopic"),
    ("key", Role.KEY, "Customer managed key", "TableKey"),
    ("other-key", Role.KEY, "Key elsewhere", "alias/backup"),
)
_ARROWS = (
    ("caller", "endpoint", Flow.DATA, "requests"),
    ("endpoint", "table", Flow.DATA, "requests"),
    ("table", "stream", Flow.DATA, "changes"),
    ("stream", "function", Flow.DATA, "changes"),
    ("function", "log", Flow.DATA, "records"),
    ("function", "failures", Flow.DATA, "what failed"),
    ("table", "vault", Flow.DATA, "recovery points"),
    ("table", "trail", Flow.DATA, "who read"),
    ("table", "alarms", Flow.ALARM, ""),
    ("function", "alarms", Flow.ALARM, ""),
    ("alarms", "topic", Flow.ALARM, "publish"),
    ("key", "table", Flow.KEY, ""),
    ("key", "stream", Flow.KEY, ""),
    ("key", "log", Flow.KEY, ""),
    ("key", "failures", Flow.KEY, ""),
    ("key", "topic", Flow.KEY, ""),
    ("other-key", "vault", Flow.KEY, ""),
)


def evidence(*, tables: int = 2) -> Evidence:
    """Return evidence of some tables, ten in a stack; it is the same each time."""
    facts = tuple(_table(number) for number in range(tables))
    results = tuple(chain.from_iterable(_results(table, number) for number, table in enumerate(facts)))
    stacks = dict.fromkeys(table.stack for table in facts)
    return Evidence(
        title="Shop",
        judged_on=JUDGED_ON,
        version="0.1.0",
        packs=(
            PackFacts(name="SecureDdb", version="0.1.0", rules=len(RULES), not_applicable=(RULES[-1].id,)),
            PackFacts(name="AwsSolutions", version="3.0.2"),
            PackFacts(name="Serverless", version="3.0.2"),
            PackFacts(name="CloudFormation", succeeded=False),
        ),
        stacks=tuple(
            StackFacts(
                name=name, template=f"{name}.template.json", account=ACCOUNT, region="", resources=460, sha256="5e" * 32
            )
            for name in stacks
        ),
        tables=facts,
        results=results,
        controls=tuple(_controls(results)),
        problems=("CloudFormation broke down: what it would have found is not known",),
    )


def _table(number: int) -> TableFacts:
    stack = f"Shop{number // 10}"
    return TableFacts(
        id=f"{stack}/Orders{number}/Table",
        name=f"Orders{number}Table0A1B2C3D",
        stack=stack,
        template=f"{stack}.template.json",
        resource_type="AWS::DynamoDB::GlobalTable",
        classification="confidential" if number % 2 == 0 else "internal",
        regions=("eu-central-1", "eu-west-1"),
        made_by_secure_table=True,
        ephemeral="",
        waivers={"BAK-2": RUN_OUT} if number % 10 == 0 else {},
        settings={"backup": "none", "alarms.latency": "50 ms"} if number % 2 == 0 else {},
        claims={"reads_recorded_by": "the organization's trail records data events"},
        not_verifiable=("rotation of the key alias/backup",),
        parts=tuple(
            Part(id=name, role=role, label=label, detail=detail, known=name not in ("trail", "other-key"))
            for name, role, label, detail in _PARTS
        ),
        arrows=tuple(Arrow(start=start, end=end, flow=flow, label=label) for start, end, flow, label in _ARROWS),
        location=Location(file="app.py", line=12 + number),
    )


def _results(table: TableFacts, number: int) -> Iterator[Result]:
    """Give a result of most rules, and of every second table something that is wrong, waived or unknown."""
    for position, rule in enumerate(RULES[: 6 * 8]):
        yield _result(rule, table, Status.MET)
        if number % 2 == 0 and position in (0, 14):
            yield replace(_result(rule, table, Status.NOT_MET), detail="it is off", key="eu-west-1")
        if number % 2 == 0 and position in (1, 2):
            yield replace(_result(rule, table, Status.WAIVED), detail="it does not rotate", waived_by=HOLDS)
        if number % 2 == 0 and position in (9, 30):
            unknown = "the key is in no template of the app"
            yield replace(_result(rule, table, Status.NOT_VERIFIABLE), detail=unknown)
    if number % 10 == 0:
        yield from _cdk_nag(table)


def _result(rule: Rule, table: TableFacts, status: Status) -> Result:
    name, kind, path = _TYPES.get(rule.id.removeprefix("SecureDdb-")[:3], _TABLE)
    made = table.id.removesuffix("/Table")
    return Result(
        pack="SecureDdb",
        rule=rule.id,
        status=status,
        title=rule.title,
        severity=rule.severity.value,
        detail="as the data's classification demands",
        template=table.template,
        stack=table.stack,
        logical_id=f"{made.rpartition('/')[2]}{name}4E5F6A7B",
        resource_type=kind,
        property_path=path,
        construct=f"{made}/{name}/Resource",
        tables=(table.id,),
        requirements=rule.requirements,
        controls=rule.controls,
        remedy=rule.remedy,
        source=rule.source,
        location=table.location,
    )


def _cdk_nag(table: TableFacts) -> Iterator[Result]:
    finding = Result(
        pack="AwsSolutions",
        rule="AwsSolutions-VPC7",
        status=Status.NOT_MET,
        title="The VPC does not have an associated Flow Log.",
        severity="error",
        template=table.template,
        stack=table.stack,
        logical_id="NetworkVpc8A9B0C1D",
        resource_type="AWS::EC2::VPC",
        construct=f"{table.stack}/Network/Vpc/Resource",
    )
    yield finding
    yield replace(finding, rule="AwsSolutions-S1", title="The bucket has no access logs.", severity="warning")
    yield replace(finding, rule="AwsSolutions-IAM4", status=Status.WAIVED, waived_by=ACKNOWLEDGED)
    yield replace(
        finding,
        rule="AwsSolutions-S2",
        status=Status.WAIVED,
        logical_id="AuditFailureBucket1A2B3C4D",
        resource_type="AWS::S3::Bucket",
        construct=f"{table.stack}/Orders0/AuditFailureBucket",
        tables=(table.id,),
        waived_by=BY_DESIGN,
        by_design=True,
    )


def _controls(results: tuple[Result, ...]) -> Iterator[ControlFacts]:
    served: dict[str, list[int]] = {}
    for position, result in enumerate(results):
        for control in result.controls:
            served.setdefault(control, []).append(position)
    for prefix, catalogue in _CATALOGUES:
        for control in sorted(name for name in served if name.startswith(prefix)):
            found = [results[position] for position in served[control]]
            yield ControlFacts(
                catalogue=catalogue,
                id=control,
                title=f"What {control} demands of data at rest, of logs and of whoever administers them",
                status=next(status for status in Status if any(result.status is status for result in found)),
                rules=tuple(dict.fromkeys(result.rule for result in found)),
                results=tuple(served[control]),
                claims=("reads_recorded_by: the organization's trail",) if control == "CS-4" else (),
                source="https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final" if prefix == "NIST" else "",
            )
    for control, status, manual in (
        ("CS-3", Status.MANUAL, "That key material comes from the HSM: the import ceremony's record."),
        ("CS-8", Status.NOT_APPLICABLE, ""),
    ):
        yield ControlFacts(catalogue="Control statements", id=control, title="Keys", status=status, manual=manual)
