"""A quarantine takes a table out of use where policies are enforced, and the release gives it back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_iam import AccountRootPrincipal, ManagedPolicy, Role

from secure_ddb import Containment
from secure_ddb.containment.documents import DIMENSION, METRIC, NAMESPACE
from tests.containment import automation
from tests.containment.contained import document
from tests.e2e.deployment import Deployment, bootstrap
from tests.e2e.emulator import ACCOUNT, Emulator, running
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.e2e.test_enforced_policies import KEY, READS, WRITES, is_allowed
from tests.orders import OWNERSHIP, orders
from tests.policies.resolve import Deployed
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aws_cdk import Stack

pytestmark = pytest.mark.model_of_aws(
    "aliases.py, documents.py, global_tables.py, platform_logs.py, request_context.py"
)
STACK = "Contained"


def fill(stack: Stack) -> None:
    table = orders(stack)
    roles = {
        name: Role(stack, name, role_name=name, assumed_by=AccountRootPrincipal()) for name in ("App", "Responder")
    }
    for name, role in roles.items():
        table.grant_read_write_data(ManagedPolicy(stack, f"{name}Policy", roles=[role]))
    Containment(
        stack,
        "Containment",
        tables=[table],
        responders=[roles["Responder"]],
        roles=[roles["App"]],
        ownership=OWNERSHIP,
    )


class Runbooks:
    """The deployed table and its runbooks."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._resources = table.deployment.resources(STACK)
        iam = table.client("iam")
        template = Template(table.deployment.template(STACK))
        arns = {
            f"{name}.Arn": iam.get_role(RoleName=self._resources[name])["Role"]["Arn"]
            for name in template.of_type("AWS::IAM::Role")
        }
        # Only Systems Manager may assume the roles of the runbooks, and the test stands in for it.
        trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        for name in ("AutomationRole", "PrincipalAutomationRole"):
            iam.update_assume_role_policy(
                RoleName=self.resource(f"Containment{name}"),
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            )
        self._deployed = Deployed(template, {**self._resources, **arns})

    def resource(self, prefix: str) -> str:
        (found,) = (physical for logical, physical in self._resources.items() if logical[:-8] == prefix)
        return found

    def start(self, name: str) -> automation.Execution:
        """Run a runbook as the role that it is deployed with."""
        emulator = self.table.deployment.emulator
        of_role = name.endswith("Role")
        role = emulator.in_role(self.resource(f"Containment{'Principal' if of_role else ''}AutomationRole"))
        parameters = {"Role": "App"} if of_role else {"Table": self.table.name}

        def client(service: str) -> Any:
            # The emulator's policy engine does not know cloudwatch:namespace, which the role's policy names.
            return (emulator if service == "cloudwatch" else role).client(service)

        return automation.run(document(self._deployed, name), client, **parameters)

    def policies(self) -> dict[str, str]:
        client = self.table.client("dynamodb")
        description = self.table.description()
        return {
            arn: client.get_resource_policy(ResourceArn=arn)["Policy"]
            for arn in (description["TableArn"], description["LatestStreamArn"])
        }

    def alarm(self) -> str:
        """Return the state of the table's alarm."""
        client = self.table.client("cloudwatch")
        (alarm,) = client.describe_alarms(AlarmNames=[self.resource("ContainmentQuarantined1")])["MetricAlarms"]
        return str(alarm["StateValue"])

    def lowest_value(self) -> float:
        """Return the lowest value of the alarm's metric in the last hour."""
        now = datetime.now(UTC)
        answer = self.table.client("cloudwatch").get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=METRIC,
            Dimensions=[{"Name": DIMENSION, "Value": self.table.name}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Minimum"],
        )
        return min(float(each["Minimum"]) for each in answer["Datapoints"])

    def allowed(self, role: str) -> set[str]:
        """Return the requests for items that a role of the table is allowed."""
        client = self.table.deployment.emulator.in_role(role).client("dynamodb")
        return {name for name, call in (READS | WRITES).items() if is_allowed(partial(call, client, self.table.name))}


@pytest.fixture(scope="module")
def enforcing(environment: None) -> Iterator[Emulator]:  # noqa: ARG001
    with running(enforces=True) as started:
        bootstrap(started)
        yield started


@pytest.fixture
def runbooks(enforcing: Emulator, folder: Path) -> Runbooks:
    deployment = Deployment(enforcing, assembly(folder / "contained", STACK, fill))
    if deployment.status(STACK) is None:
        deployment.deploy(STACK)
    table = Table(deployment, STACK)
    table.client("dynamodb").put_item(TableName=table.name, Item=KEY)
    return Runbooks(table)


def put_policy(runbooks: Runbooks, sid: str) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "dynamodb:Scan", "Resource": "*"}
    answer: dict[str, Any] = runbooks.table.client("dynamodb").put_resource_policy(
        ResourceArn=runbooks.table.description()["TableArn"],
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return answer


@pytest.mark.proves("A quarantine backs the table up and denies it to all but responders; its release restores it")
def test_quarantine_and_release(runbooks: Runbooks) -> None:
    before = runbooks.policies()
    everything = set(READS) | set(WRITES)
    assert runbooks.allowed("App") == everything
    execution = runbooks.start("Quarantine")
    assert execution.failed == {}
    (backup,) = runbooks.table.client("dynamodb").list_backups(TableName=runbooks.table.name)["BackupSummaries"]
    assert backup["BackupName"] == f"quarantine-{execution.id}"
    assert runbooks.allowed("App") == set()
    assert runbooks.allowed("Responder") == everything
    assert runbooks.alarm() == "ALARM"
    assert runbooks.start("Release").failed == {}
    assert runbooks.policies() == before
    # It ends with the next minute, in which the lowest value is the highest, too.
    assert runbooks.lowest_value() == 0
    assert runbooks.allowed("App") == everything


@pytest.mark.proves("A contained role is denied everything; after its release new sessions may what they might before")
def test_a_role_is_contained_and_released(runbooks: Runbooks) -> None:
    iam = runbooks.table.client("iam")
    before = iam.list_role_policies(RoleName="App")["PolicyNames"]
    assert runbooks.start("ContainRole").failed == {}
    assert runbooks.allowed("App") == set()
    assert runbooks.allowed("Responder") == set(READS) | set(WRITES)
    assert runbooks.start("ReleaseRole").failed == {}
    assert set(iam.list_role_policies(RoleName="App")["PolicyNames"]) == {*before, "AWSRevokeOlderSessions"}
    # The emulator's policy engine does not know aws:TokenIssueTime: the policy engine of the tests decides by it.
    iam.delete_role_policy(RoleName="App", PolicyName="AWSRevokeOlderSessions")
    assert runbooks.allowed("App") == set(READS) | set(WRITES)


@pytest.mark.proves("During a quarantine the audit function logs what responders write")
def test_the_audit_trail_goes_on(runbooks: Runbooks) -> None:
    runbooks.start("Quarantine")
    count = len(runbooks.table.lines())
    client = runbooks.table.deployment.emulator.in_role("Responder").client("dynamodb")
    client.put_item(TableName=runbooks.table.name, Item={"pk": {"S": "written in quarantine"}})
    lines = runbooks.table.wait_for_lines(count + 1)
    assert len(lines) > count
    assert runbooks.start("Release").failed == {}


@pytest.mark.proves("A release after somebody changed the quarantine's policy restores nothing, and says why")
def test_a_changed_quarantine_is_not_released(runbooks: Runbooks) -> None:
    before = runbooks.policies()
    runbooks.start("Quarantine")
    put_policy(runbooks, "SomebodyElse")
    changed = runbooks.policies()
    execution = runbooks.start("Release")
    assert list(execution.failed) == ["Restore"]
    assert "was changed after the quarantine" in execution.failed["Restore"]
    assert runbooks.policies() == changed
    # As the message says.
    assert runbooks.start("Quarantine").failed == {}
    assert runbooks.start("Release").failed == {}
    assert runbooks.policies() == before


@pytest.mark.proves("A second quarantine keeps the policies that the first one saved")
def test_a_quarantine_can_be_started_again(runbooks: Runbooks) -> None:
    before = runbooks.policies()
    for _ in range(2):
        assert runbooks.start("Quarantine").failed == {}
    assert runbooks.start("Release").failed == {}
    assert runbooks.policies() == before


@pytest.mark.proves("A table without a policy has none again after its release")
def test_a_table_without_a_policy(runbooks: Runbooks) -> None:
    client = runbooks.table.client("dynamodb")
    arn = runbooks.table.description()["TableArn"]
    policy = client.get_resource_policy(ResourceArn=arn)["Policy"]
    client.delete_resource_policy(ResourceArn=arn)
    assert runbooks.start("Quarantine").failed == {}
    assert runbooks.allowed("App") == set()
    assert runbooks.start("Release").failed == {}
    with pytest.raises(client.exceptions.PolicyNotFoundException):
        client.get_resource_policy(ResourceArn=arn)
    client.put_resource_policy(ResourceArn=arn, Policy=policy)


@pytest.mark.proves("A table that is not in quarantine is not released")
def test_nothing_to_release(runbooks: Runbooks) -> None:
    execution = runbooks.start("Release")
    assert "it is not in quarantine" in execution.failed["Restore"]


@pytest.mark.proves("A backup that fails does not keep the table from being quarantined")
def test_a_backup_that_fails(runbooks: Runbooks, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_inputs: object, _client: object) -> None:
        raise RuntimeError

    monkeypatch.setitem(automation._ACTIONS, "aws:executeAwsApi", fail)
    execution = runbooks.start("Quarantine")
    assert list(execution.failed) == ["BackUp", "RaiseAlarm"]
    assert runbooks.allowed("App") == set()
    assert runbooks.start("Release").done
