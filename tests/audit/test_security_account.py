"""An audit log that is archived in a security account: both sides, who may what, and what is refused."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_sns import Topic

from examples.security_account import CardsStack, SecurityStack, app_with_security_account
from secure_ddb import (
    ArchiveDestination,
    ArchiveSettings,
    AuditDestination,
    AuditSettings,
    DataClassification,
    InvalidArgumentError,
    NotCreatedError,
    SecureTable,
)
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.orders import INSIDE, OWNERSHIP, PK
from tests.template import Template, text
from tests.test_lint_templates import (
    LINT_ALLOWED,
    PARLIAMENT_ALLOWED,
    not_allowed,
    policies,
    policy_issues,
    template_issues,
)

SECURITY, PAYMENTS, REGION = "444455556666", "111122223333", "eu-central-1"
ARN = f"arn:aws:logs:{REGION}:{SECURITY}:destination:secure-ddb-audit"


@cache
def templates() -> dict[str, Template]:
    with tempfile.TemporaryDirectory() as folder:
        assembly = app_with_security_account(folder).synth()
        return {name: Template(assembly.get_stack_by_name(name).template) for name in ("Security", "Cards")}


@pytest.mark.parametrize("name", ["Security", "Cards"])
def test_template_passes_cfn_lint_and_parliament(name: str) -> None:
    assert not_allowed(template_issues(templates()[name]), LINT_ALLOWED) == []
    issues = (issue for policy in policies(templates()[name]) for issue in policy_issues(policy))
    assert not_allowed(issues, PARLIAMENT_ALLOWED) == []


def test_example_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(Path(__file__).parents[2])
    app = checked_app()
    SecurityStack(app, "Security", env=Environment(account=SECURITY, region=REGION))
    CardsStack(app, "Cards", env=Environment(account=PAYMENTS, region=REGION))
    evidence = collect(Path(app.synth().directory))
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []


def test_the_table_s_account_has_a_filter_for_every_line_and_no_way_into_the_archive() -> None:
    cards = templates()["Cards"]
    (subscription,) = cards.of_type("AWS::Logs::SubscriptionFilter").values()
    assert subscription["Properties"]["FilterPattern"] == ""
    assert subscription["Properties"]["DestinationArn"] == ARN
    # Neither a stream nor a role that writes to the archive is there.
    assert "RoleArn" not in subscription["Properties"]
    assert not cards.of_type("AWS::KinesisFirehose::DeliveryStream")
    assert SECURITY not in json.dumps(list(cards.of_type("AWS::IAM::ManagedPolicy").values()))


def test_the_mapping_waits_for_the_filter() -> None:
    cards = templates()["Cards"]
    mapping = cards.only("AWS::Lambda::EventSourceMapping")
    assert cards.named("AWS::Logs::SubscriptionFilter", "Cards") in mapping["DependsOn"]


def test_the_table_s_account_watches_what_it_hands_on() -> None:
    names = {name for name in templates()["Cards"].alarms() if "Archive" in name}
    assert names == {"CardsAuditArchiveErrors", "CardsAuditArchiveThrottles"}


def test_the_security_account_takes_lines_of_the_named_account_only() -> None:
    security = templates()["Security"]
    destination = security.properties("AWS::Logs::Destination")
    policy = json.loads(text(destination["DestinationPolicy"]))
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"AWS": [PAYMENTS]}
    assert statement["Action"] == "logs:PutSubscriptionFilter"
    assert statement["Resource"].endswith(ARN.removeprefix("arn:aws"))
    role = security.properties("AWS::IAM::Role", "AuditAuditArchiveSubscriptionRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    sources = [text(each).partition(":logs:")[2] for each in trust["Condition"]["StringLike"]["aws:SourceArn"]]
    assert sources == [f"{REGION}:{account}:*" for account in (PAYMENTS, SECURITY)]


def test_only_firehose_of_the_security_account_writes_the_archive() -> None:
    security = templates()["Security"]
    policy = security.properties("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert all(each["Effect"] == "Deny" for each in policy)
    (writing,) = (each for each in policy if each["Sid"] == "DenyWritingToOthers")
    role = security.named("AWS::IAM::Role", "AuditAuditArchiveRole")
    assert writing["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == {"Fn::GetAtt": [role, "Arn"]}
    key = json.dumps(security.properties("AWS::KMS::Key")["KeyPolicy"])
    assert PAYMENTS not in key
    lock = security.properties("AWS::S3::Bucket")["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert lock == {"Mode": "GOVERNANCE", "Days": 2557}


def test_the_evidence_says_where_the_log_goes_and_what_cannot_be_seen() -> None:
    metadata = templates()["Cards"].only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert metadata["settings"]["audit.archive"] == f"in account {SECURITY}, by {ARN}"
    assert any(ARN in each for each in metadata["not_verifiable"])
    assert "waivers" not in metadata


def here(account: str = PAYMENTS) -> Stack:
    return Stack(App(), "Test", env=Environment(account=account, region=REGION))


def table(stack: Stack, arn: str) -> SecureTable:
    return SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        classification=DataClassification.RESTRICTED,
        perimeter=INSIDE,
        audit=AuditSettings(archive=ArchiveDestination(arn=arn)),
    )


def test_there_is_no_bucket_to_hand_out() -> None:
    with pytest.raises(NotCreatedError, match="audit_archive_bucket"):
        _ = table(here(), ARN).audit_archive_bucket


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "secure-ddb-audit",
        f"arn:aws:firehose:{REGION}:{SECURITY}:deliverystream/audit",
        f"arn:aws:logs:{REGION}:security:destination:audit",
        f"arn:aws:logs:{REGION}:{SECURITY}:log-group:audit",
    ],
)
def test_only_the_arn_of_a_destination_is_taken(arn: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"audit.archive.arn is .*allowed: arn:aws:logs:REGION:ACCOUNT:"):
        ArchiveDestination(arn=arn)


def test_another_region_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="a destination in eu-central-1, as the log group"):
        table(here(), ARN.replace(REGION, "eu-west-1"))


def test_the_own_account_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="a destination in another account than the table's"):
        table(here(SECURITY), ARN)


def destination(stack: Stack, **arguments: Any) -> AuditDestination:
    topic = Topic.from_topic_arn(stack, "Alarms", f"arn:aws:sns:{REGION}:{SECURITY}:security-alarms")
    return AuditDestination(
        stack,
        "Audit",
        **{"source_accounts": [PAYMENTS], "alarm_topic": topic, "ownership": OWNERSHIP, **arguments},
    )


@pytest.mark.parametrize("accounts", [[], "111122223333", ["payments"], ["*"], [111122223333]])
def test_accounts_are_named(accounts: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="source_accounts"):
        destination(here(SECURITY), source_accounts=accounts)


def test_more_accounts_than_the_policy_takes_are_refused() -> None:
    accounts = [f"{number:012}" for number in range(400)]
    with pytest.raises(InvalidArgumentError, match="'400 accounts'; allowed: fewer"):
        destination(here(SECURITY), source_accounts=accounts)


def test_the_archive_is_not_shorter_than_the_floor() -> None:
    with pytest.raises(InvalidArgumentError, match="400 days or more for RESTRICTED"):
        destination(here(SECURITY), archive=ArchiveSettings(retention=Duration.days(30)))


def test_the_destination_has_the_name_that_others_are_told() -> None:
    made = destination(here(SECURITY), destination_name="company-audit")
    assert made.destination_arn.endswith(":logs:eu-central-1:444455556666:destination:company-audit")
    with pytest.raises(InvalidArgumentError, match="destination_name"):
        destination(here(SECURITY), destination_name="a:b")
