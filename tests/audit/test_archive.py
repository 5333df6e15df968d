"""When the audit trail has an archive, what of it is handed out, and whether it can be verified (AUD-3)."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration
from aws_cdk.aws_iam import Role, ServicePrincipal

from secure_ddb import (
    ArchiveSettings,
    AuditSettings,
    DataClassification,
    InvalidArgumentError,
    Lifecycle,
    NotCreatedError,
    SecureTable,
)
from secure_ddb.audit_trail.verify import find_files, read_entries, verify
from tests.audit.trail import Environment, change
from tests.orders import INSIDE, OWNERSHIP, PK, WAIVER
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aws_cdk import Stack

    from secure_ddb.audit_trail.verify import Entry

ARCHIVE = ArchiveSettings()
KINDS = ("AWS::KinesisFirehose::DeliveryStream", "AWS::Logs::SubscriptionFilter")


def table(stack: Stack, classification: DataClassification, **audit: Any) -> SecureTable:
    return SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        classification=classification,
        perimeter=INSIDE,
        audit=AuditSettings(**audit),
    )


def evidence(table: SecureTable) -> dict[str, Any]:
    resource: Any = table.table.node.default_child
    metadata: dict[str, Any] = resource.get_metadata("SecureTable")
    return {**metadata, "settings": {name: text for name, text in metadata["settings"].items() if "audit" in name}}


@pytest.mark.parametrize("configuration", ["restricted", "everything", "archived"])
def test_there_is_an_archive(template: Callable[[str], Template], configuration: str) -> None:
    for kind in KINDS:
        assert len(template(configuration).of_type(kind)) == 1


@pytest.mark.parametrize("configuration", ["minimal", "ephemeral", "plain_keys", "waived", "bring_your_own", "own_key"])
def test_there_is_none_unless_it_is_demanded_or_chosen(template: Callable[[str], Template], configuration: str) -> None:
    resources = template(configuration).resources
    assert not [name for name in resources if "Archive" in name]
    assert not [resource["Type"] for resource in resources.values() if resource["Type"] in KINDS]


@pytest.mark.parametrize("level", ["PUBLIC", "INTERNAL", "CONFIDENTIAL"])
def test_below_restricted_it_can_be_chosen_and_shows(stack: Stack, level: str) -> None:
    chosen = table(stack, DataClassification[level], archive=ARCHIVE)
    assert chosen.audit_archive_bucket.bucket_arn
    assert evidence(chosen)["settings"] == {"audit.archive": "made, locked for 2557 days (default none)"}


def test_restricted_data_goes_without_it_by_a_waiver_only(stack: Stack) -> None:
    waived = table(stack, DataClassification.RESTRICTED, archive=WAIVER)
    assert evidence(waived) == {
        "waivers": {"Archive of the audit trail (AUD-3)": WAIVER.stated.as_metadata()},
        "settings": {},
    }
    assert waived.audit_failure_bucket
    with pytest.raises(NotCreatedError, match=r"^audit_archive_bucket does not exist: a waiver .* left it out$"):
        assert waived.audit_archive_bucket


@pytest.mark.parametrize("level", ["PUBLIC", "INTERNAL", "CONFIDENTIAL"])
def test_a_waiver_that_gives_nothing_up_is_refused(stack: Stack, level: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        table(stack, DataClassification[level], archive=WAIVER)
    assert raised.value.argument == "audit.archive"
    assert raised.value.allowed == f"ArchiveSettings or None: {level} demands no archive"


def test_an_ephemeral_table_has_none_because_its_lock_would_stay(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^audit\.archive is .*only without Lifecycle\.ephemeral"):
        SecureTable(
            stack,
            "Orders",
            partition_key=PK,
            ownership=OWNERSHIP,
            classification=DataClassification.INTERNAL,
            lifecycle=Lifecycle.ephemeral(reason="integration tests"),
            audit=AuditSettings(archive=ARCHIVE),
        )


def test_a_retention_that_differs_shows(stack: Stack) -> None:
    archive = ArchiveSettings(retention=Duration.days(3653))
    settings = evidence(table(stack, DataClassification.RESTRICTED, archive=archive))["settings"]
    assert settings == {"audit.archive.retention": "3653 days (default 2557 days)"}


def test_the_archive_that_is_demanded_needs_no_mention(template: Callable[[str], Template]) -> None:
    settings = template("restricted").only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert list(settings) == ["perimeter"]


def test_without_an_audit_trail_there_is_nothing_to_archive(stack: Stack) -> None:
    waived = SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        classification=DataClassification.RESTRICTED,
        perimeter=INSIDE,
        audit=WAIVER,
    )
    for name in ("audit_archive_bucket", "audit_failure_bucket"):
        with pytest.raises(NotCreatedError, match=rf"^{name} does not exist"):
            getattr(waived, name)


@pytest.mark.parametrize(
    ("name", "bucket"),
    [("audit_archive_bucket", "OrdersAuditArchiveBucket"), ("audit_failure_bucket", "OrdersAuditFailureBucket")],
)
def test_a_grant_on_a_bucket_changes_nothing_that_security_has_seen(
    stacks: Callable[[str], Stack], name: str, bucket: str
) -> None:
    before, after = stacks("Before"), stacks("After")
    table(before, DataClassification.RESTRICTED)
    orders = table(after, DataClassification.RESTRICTED)
    auditor = Role(after, "Auditor", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    assert getattr(orders, name).grant_read(auditor).success
    app = after.node.root
    assert isinstance(app, App)
    assembly = app.synth()
    templates = {stack: Template(assembly.get_stack_by_name(stack).template) for stack in ("Before", "After")}
    granted = templates["After"].properties("AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    logical_id = templates["After"].named("AWS::S3::Bucket", bucket)
    assert text(granted[0]["Resource"][0]) == f"arn:<AWS::Partition>:s3:::<{logical_id}>"
    assert "kms:Decrypt" in granted[1]["Action"]
    for kind in ("AWS::S3::BucketPolicy", "AWS::KMS::Key"):
        policies = [
            [len(document["Statement"]) for document in map(policy_of, template.of_type(kind).values())]
            for template in templates.values()
        ]
        assert policies[0] == policies[1], kind


def policy_of(resource: dict[str, Any]) -> dict[str, Any]:
    properties = resource["Properties"]
    policy: dict[str, Any] = properties.get("PolicyDocument") or properties["KeyPolicy"]
    return policy


def test_downloaded_objects_can_be_verified(tmp_path: Path) -> None:
    first, second = Environment(), Environment()
    one, two = first.batch([change(1), change(2)]), second.batch([change(3)])
    three = first.batch([change(4), change(5)])
    # As Firehose delivers: at least once, newlines that are there already doubled, a batch spread over two objects.
    objects = {
        "audit/day=2026-11-21/stream-1-2026-11-21-20-14-39-a.gz": [*one, "", *two, "", three[0], ""],
        "audit/day=2026-11-22/stream-1-2026-11-22-00-01-02-b.gz": [three[0], "", three[1], ""],
    }
    for name, lines in objects.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
    report = verify(entries(tmp_path), from_beginning=True)
    assert report.intact
    assert (report.records, report.copies) == (5, 1)


def entries(folder: Path) -> Iterator[Entry]:
    for path in find_files([folder]):
        with path.open("rb") as file:
            yield from read_entries(file, str(path))
