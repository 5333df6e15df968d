"""A replica in another account of the organization is not offered, and one that is made all the same has findings."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import GlobalTableSettingsReplicationMode, ITableV2, TableV2MultiAccountReplica

from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.orders import orders

OTHER = "444455556666"
REPLICA = f"arn:aws:dynamodb:eu-west-1:{OTHER}:table/orders"
ALL = GlobalTableSettingsReplicationMode.ALL


def findings(*, granted: bool, replicated: bool) -> set[tuple[str, str, Verdict]]:
    """Return the findings: stack, rule and verdict."""
    app = App()
    here = Stack(app, "Here", env=Environment(account="111122223333", region="eu-central-1"))
    away = Stack(app, "Away", env=Environment(account=OTHER, region="eu-west-1"))
    source: ITableV2 = orders(here, table_name="orders").table
    if granted:
        source.grants.multi_account_replication_to(REPLICA)
    if replicated:
        TableV2MultiAccountReplica(
            away,
            "Replica",
            table_name="orders",
            replica_source_table=source,
            global_table_settings_replication_mode=ALL,
        )
    templates = (
        Template(
            name=each.stack_name,
            stack_name=each.stack_name,
            body=each.template,
            account=each.environment.account,
            region=each.environment.region,
        )
        for each in app.synth().stacks
    )
    return {
        (judgement.resource.template.name, rule.id.removeprefix("SecureDdb-"), judgement.verdict)
        for rule, judgement in judge(Assembly(templates))
        if judgement.resource and judgement.verdict in (Verdict.NOT_MET, Verdict.NOT_VERIFIABLE)
    }


def test_a_table_says_that_it_grants_no_replica() -> None:
    table = orders(Stack(App(), "Here", env=Environment(account="111122223333", region="eu-central-1")))
    with pytest.raises(AttributeError, match="Replicas in other accounts are not supported"):
        table.grants  # type: ignore[attr-defined]  # noqa: B018


def test_a_replica_that_is_made_all_the_same_is_judged_as_a_table() -> None:
    found = findings(granted=False, replicated=True)
    rules = ("ENC1", "ENC3", "BAK1", "BAK3", "BAK5", "AUD2", "MON1", "OPS1")
    assert {("Away", rule, Verdict.NOT_MET) for rule in rules} <= found


def test_letting_another_account_replicate_a_table_is_found() -> None:
    found = findings(granted=True, replicated=False) - findings(granted=False, replicated=False)
    # The key is for a service that works for every account; whose account may copy the table, no template shows.
    assert found == {("Here", "ENC10", Verdict.NOT_MET), ("Here", "IAM8", Verdict.NOT_VERIFIABLE)}
