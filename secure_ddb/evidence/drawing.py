"""A drawing of a table and its surroundings, as parts and arrows: how data, keys and alarms flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.evidence.alarms import draw_alarms
from secure_ddb.evidence.canvas import Canvas
from secure_ddb.evidence.keys import draw_keys
from secure_ddb.evidence.model import Flow, Role
from secure_ddb.landscape.audit import destination_of
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.rules.network.endpoint import dynamodb_endpoints
from secure_ddb.table_evidence import READS

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.evidence.model import Arrow, Part
    from secure_ddb.evidence.users import Users
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table

_LOG = "Audit log"


def drawing_of(table: Table, assembly: Assembly, users: Users) -> tuple[tuple[Part, ...], tuple[Arrow, ...]]:
    """Return the parts and arrows of a table's drawing. Parts that are in no template of the app are marked as such."""
    canvas = Canvas(table.resource.region)
    here = canvas.add(Role.TABLE, "Table", table.resource)
    places = {table.resource.region: here} | {
        replica.region: _draw_replica(replica, canvas, here) for replica in table.replicas[1:]
    }
    for replica in table.replicas:
        there = places.get(replica.region, here)
        endpoints = _draw_endpoints(table, replica, assembly, canvas)
        _draw_callers(users.callers(table, replica), replica, canvas, there, endpoints)
    _draw_audit(table, assembly, canvas, here)
    for (read, region), readers in assembly.audit.replica_consumers.items():
        if read is table:
            _draw_readers(readers, region, assembly, canvas, places[region])
    _draw_change_stream(table, assembly, canvas, places)
    _draw_backup(table, assembly, canvas, places)
    _draw_trails(table, assembly, canvas, here)
    draw_alarms(users.alarms(table), assembly, canvas, places)
    draw_keys(table, assembly, canvas, places)
    return canvas.parts, canvas.arrows


def _draw_replica(replica: Replica, canvas: Canvas, here: list[str]) -> list[str]:
    """Draw the table in a further Region."""
    part = [canvas.place(Role.TABLE, "Replica", region=replica.region)]
    canvas.connect(here, part, Flow.DATA, "replication")
    canvas.connect(part, here, Flow.DATA, "replication")
    return part


def _draw_callers(roles: list[Resource], replica: Replica, canvas: Canvas, here: list[str], between: list[str]) -> None:
    region = replica.region
    if roles:
        number = f"{len(roles)} role{'s' if len(roles) > 1 else ''}"
        callers = [canvas.place(Role.CALLER, "Callers", number, region)]
    else:
        callers = canvas.elsewhere(Role.CALLER, "Callers", ["no role in the app has a grant"], region)
    canvas.connect(callers, between or here, Flow.DATA, "requests")
    canvas.connect(between, here, Flow.DATA, "requests")


def _draw_endpoints(table: Table, replica: Replica, assembly: Assembly, canvas: Canvas) -> list[str]:
    """Draw the endpoints that allow requests to the table in a Region, and the endpoints named in its policy there."""
    all_endpoints = dynamodb_endpoints(assembly)
    inside = {endpoint.ref for endpoint in all_endpoints}
    policy = assembly.policies.of(table.resource, *replica.policy_path.split(".")[1:])
    named = [
        value
        for statement in policy.statements
        for condition in statement.conditions_on("aws:SourceVpce")
        for value in condition.values
    ]
    passing = [each for each in all_endpoints if _lets_pass(each, table, replica, assembly)]
    interfaces = [each for each in passing if each.properties.get("VpcEndpointType") == "Interface"]
    return [
        *canvas.add(Role.ENDPOINT, "Gateway endpoint", *(each for each in passing if each not in interfaces)),
        *canvas.add(Role.ENDPOINT, "Interface endpoint", *(each for each in passing if each in interfaces)),
        *canvas.elsewhere(
            Role.ENDPOINT,
            "Endpoint elsewhere",
            [value for value in named if value not in inside],
            replica.region,
        ),
    ]


def _lets_pass(endpoint: Resource, table: Table, replica: Replica, assembly: Assembly) -> bool:
    """Return whether an endpoint of the table's account and of a Region lets requests to it there pass."""
    if (endpoint.account, endpoint.region) != (table.resource.account, replica.region):
        return False
    policy = assembly.policies.of(endpoint, "PolicyDocument")
    # Without a policy it lets everything pass.
    return policy.document is None or any(
        statement.allows and statement.covers_resource(table.arn_of(replica)) for statement in policy.statements
    )


def _draw_audit(table: Table, assembly: Assembly, canvas: Canvas, here: list[str]) -> None:
    readers = assembly.audit.stream_consumers.get(table, [])
    if not readers and not table.resource.properties.get("StreamSpecification"):
        return
    _draw_readers(readers, table.resource.region, assembly, canvas, here)


def _draw_readers(readers: list[Resource], region: str, assembly: Assembly, canvas: Canvas, here: list[str]) -> None:
    """Draw a stream and its readers."""
    stream = [canvas.place(Role.STREAM, "Stream", region=region)]
    canvas.connect(here, stream, Flow.DATA, "changes")
    recorders = [recorder for _, recorder, _ in assembly.audit.all_consumers]
    for kind, label in ((kinds.PIPE, "Pipe"), (kinds.SERVERLESS_FUNCTION, "AWS SAM function")):
        found = [reader for reader in readers if reader.type == kind]
        canvas.connect(stream, canvas.add(Role.FUNCTION, label, *found), Flow.DATA, "changes")
    for mapping in (reader for reader in readers if reader.type == kinds.EVENT_SOURCE):
        records = mapping in recorders
        function = assembly.functions.of(mapping)
        named = [(mapping.properties.get("FunctionName"), function)]
        label = "Audit function" if records else "Other function"
        read_by = canvas.add_named(Role.FUNCTION, label, named, "Function elsewhere", region)
        canvas.connect(stream, read_by, Flow.DATA, "changes")
        if records:
            if function:
                _draw_log(function, assembly, canvas, read_by)
            _draw_failures(mapping, assembly, canvas, read_by)


def _draw_change_stream(table: Table, assembly: Assembly, canvas: Canvas, places: dict[str, list[str]]) -> None:
    """Draw the Kinesis streams that replicas send their changes to."""
    for replica in table.replicas:
        arn = replica.at("KinesisStreamSpecification", "StreamArn")
        named = [(arn, assembly.find(arn, table.resource, kinds.STREAM))] if arn is not None else []
        drawn = canvas.add_named(Role.STREAM, "Kinesis stream", named, region=replica.region)
        canvas.connect(places.get(replica.region, next(iter(places.values()))), drawn, Flow.DATA, "changes")


def _draw_log(function: Resource, assembly: Assembly, canvas: Canvas, read_by: list[str]) -> None:
    log_group = assembly.functions.log_group_of(function)
    if log_group is None:
        log = canvas.elsewhere(Role.LOG, f"{_LOG} elsewhere", ["its log group is in no template"])
        canvas.connect(read_by, log, Flow.DATA, "records")
        return
    log = canvas.add(Role.LOG, _LOG, log_group)
    canvas.connect(read_by, log, Flow.DATA, "records")
    named = []
    for subscription in assembly.archive.subscriptions.get(log_group, ()):
        stream = assembly.archive.stream_of(subscription)
        bucket = assembly.archive.bucket_of(stream) if stream else None
        named.append((subscription.properties.get("DestinationArn"), bucket))
    archive = canvas.add_named(Role.BUCKET, "Archive bucket", named, "Archive elsewhere")
    canvas.connect(log, archive, Flow.DATA, "copies")


def _draw_failures(mapping: Resource, assembly: Assembly, canvas: Canvas, read_by: list[str]) -> None:
    named = destination_of(mapping)
    if named is None:
        return
    found = assembly.find(named, mapping, kinds.BUCKET, kinds.QUEUE, kinds.TOPIC)
    label = f"Failure {found.type.rpartition('::')[2].lower()}" if found else ""
    kept = canvas.add_named(Role.BUCKET, label, [(named, found)], "Failures elsewhere")
    canvas.connect(read_by, kept, Flow.DATA, "what failed")


def _draw_backup(table: Table, assembly: Assembly, canvas: Canvas, places: dict[str, list[str]]) -> None:
    here = next(iter(places.values()))
    found: dict[str, list[tuple[object, Resource | None]]] = {}
    for selection, _ in assembly.backup.selections.get(table, ()):
        named = found.setdefault(selection.region, [])
        plan = assembly.backup.plan_of(selection)
        if plan is None:
            named.append((selection.properties.get("BackupPlanId"), None))
            continue
        vaults = [rule.get("TargetBackupVault") for rule in plan_rules(plan)]
        named += [(vault, assembly.find(vault, plan, kinds.BACKUP_VAULT)) for vault in vaults]
    for region, named in found.items():
        kept = canvas.add_named(Role.BACKUP, "Backup vault", named, "Backup elsewhere", region)
        canvas.connect(places.get(region, here), kept, Flow.DATA, "recovery points")


def _draw_trails(table: Table, assembly: Assembly, canvas: Canvas, here: list[str]) -> None:
    for trail, tables in assembly.trails.all.items():
        if table not in tables:
            continue
        drawn = canvas.add(Role.TRAIL, "Trail" if trail.type == kinds.TRAIL else "Event data store", trail)
        canvas.connect(here, drawn, Flow.DATA, "who read and wrote")
        bucket = trail.properties.get("S3BucketName")
        if bucket is not None:
            named = [(bucket, assembly.find(bucket, trail, kinds.BUCKET))]
            canvas.connect(drawn, canvas.add_named(Role.BUCKET, "Trail bucket", named), Flow.DATA, "log files")
    claim = table.stated("claims").get(READS)
    if claim:
        canvas.connect(here, canvas.elsewhere(Role.TRAIL, "Trail, claimed", [claim]), Flow.DATA, "who read and wrote")
