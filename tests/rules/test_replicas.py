"""Every replica of a global table is judged by itself."""

from __future__ import annotations

from typing import Any

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import body, template, verdicts
from tests.rules.handwritten.alarms import alarm
from tests.rules.handwritten.conditions import CONDITIONS
from tests.rules.handwritten.making import Body, no_tls

REGIONS = ("eu-central-1", "eu-west-1")
LAG = alarm("ReplicationLatency", "Average", TableName="orders", ReceivingRegion="eu-west-1")


def replica(region: str) -> Body:
    return {
        "Region": region,
        "SSESpecification": {"KMSMasterKeyId": f"arn:aws:kms:{region}:111122223333:key/1234abcd"},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
        "ContributorInsightsSpecification": {"Enabled": True},
        "ResourcePolicy": {"PolicyDocument": {"Statement": [no_tls("dynamodb:*", "*")]}},
        "ReplicaStreamSpecification": {
            "ResourcePolicy": {"PolicyDocument": {"Statement": [no_tls("dynamodb:*", "*")]}}
        },
        "Tags": body()["Resources"]["Table"]["Properties"]["Tags"],
    }


def global_table(**changes: Any) -> Body:
    """Return the template with a global table whose second replica has other values."""
    content = body()
    second = {name: value for name, value in {**replica("eu-west-1"), **changes}.items() if value is not None}
    content["Resources"]["Table"] = {
        **content["Resources"]["Table"],
        "Type": "AWS::DynamoDB::GlobalTable",
        "Properties": {
            "TableName": "orders",
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "Replicas": [replica("eu-central-1"), second],
        },
    }
    content["Resources"]["Lag"] = LAG
    return content


def not_met(content: Body) -> set[tuple[str, str, str]]:
    judged = judge(Assembly([template(content)]))
    return {(rule.id, each.key, each.path) for rule, each in judged if each.verdict is Verdict.NOT_MET}


# Backups, alarms and detection of a Region are resources of another stack, which this template does not have:
# tests/replicas judges them.
IN_STACK_OF_REGION = {f"SecureDdb-{name}" for name in ("BAK5", "DET4", "MON1", "MON2", "MON3", "MON4")}


def not_met_by_table(content: Body) -> set[tuple[str, str, str]]:
    return {each for each in not_met(content) if each[0] not in IN_STACK_OF_REGION}


def test_replicas_that_lack_nothing_have_no_finding() -> None:
    found = not_met(global_table())
    assert {rule for rule, _, _ in found} == IN_STACK_OF_REGION
    assert all(key.endswith("eu-west-1") for _, key, _ in found)


def test_each_replica_needs_everything_and_a_finding_names_its_region() -> None:
    found = {
        name: not_met_by_table(global_table(**{name: None}))
        for name in (
            *("SSESpecification", "PointInTimeRecoverySpecification", "DeletionProtectionEnabled"),
            *("ContributorInsightsSpecification", "ResourcePolicy", "ReplicaStreamSpecification", "Tags"),
        )
    }
    rules = {name: {rule for rule, _, _ in each} for name, each in found.items()}
    assert rules == {
        "SSESpecification": {"SecureDdb-ENC1"},
        "PointInTimeRecoverySpecification": {"SecureDdb-BAK1"},
        "DeletionProtectionEnabled": {"SecureDdb-BAK3"},
        "ContributorInsightsSpecification": {"SecureDdb-MON11"},
        "ResourcePolicy": {"SecureDdb-ENC3"},
        "ReplicaStreamSpecification": {"SecureDdb-ENC3"},
        "Tags": {"SecureDdb-OPS1"},
    }
    places = {(key, path.startswith("Properties.Replicas.1.")) for each in found.values() for _, key, path in each}
    assert places == {("eu-west-1", True), ("stream in eu-west-1", True)}


def test_a_lagging_replica_raises_an_alarm() -> None:
    rule = "SecureDdb-MON13"
    content = global_table()
    assert verdicts(content, rule) == {Verdict.MET}
    for path, value in (("MetricName", "Other"), ("Statistic", "SampleCount"), ("Threshold", 10**9)):
        content["Resources"]["Lag"] = {**LAG, "Properties": {**LAG["Properties"], path: value}}
        assert verdicts(content, rule) == {Verdict.NOT_MET}
    content["Resources"]["Lag"] = {**LAG, "Properties": {**LAG["Properties"], "Threshold": {"Ref": "Parameter"}}}
    assert verdicts(content, rule) == {Verdict.NOT_VERIFIABLE}
    assert verdicts(body(), rule) == set()


def test_replicas_that_are_strongly_consistent_do_not_lag() -> None:
    content = global_table()
    del content["Resources"]["Lag"]
    table = content["Resources"]["Table"]["Properties"]
    for consistency, expected in (
        ("EVENTUAL", {Verdict.NOT_MET}),
        ({"Ref": "Parameter"}, {Verdict.NOT_VERIFIABLE}),
        ("STRONG", set()),
    ):
        table["MultiRegionConsistency"] = consistency
        assert verdicts(content, "SecureDdb-MON13") == expected


def test_a_global_table_without_replicas_is_not_fine() -> None:
    content = global_table()
    content["Resources"]["Table"]["Properties"]["Replicas"] = []
    assert {"SecureDdb-ENC1", "SecureDdb-BAK1", "SecureDdb-ENC3"} <= {rule for rule, _, _ in not_met(content)}


def test_replicas_that_only_the_deployment_knows_do_not_disappear() -> None:
    content = {**global_table(), "Conditions": CONDITIONS}
    table = content["Resources"]["Table"]["Properties"]
    second = {"Fn::If": ["Sometimes", table["Replicas"][1], {"Ref": "AWS::NoValue"}]}
    rules = {
        f"SecureDdb-{name}" for name in ("ENC1", "ENC3", "BAK1", "BAK3", "AUD16", "MON11", "MON13", "OPS1", "IAM8")
    }
    # Of a replica that may be missing, only what it demands is open.
    demanding = rules - {"SecureDdb-IAM8", "SecureDdb-MON13"}
    # Of one beside another, only its own defects are: its key and its trail are not in the app.
    its_own = {"SecureDdb-ENC1", "SecureDdb-AUD16"}
    for replicas, open_rules in (
        ({"Ref": "Parameter"}, rules),
        ([second], demanding),
        ([table["Replicas"][0], second], its_own),
    ):
        table["Replicas"] = replicas
        judged = judge(Assembly([template(content)]))
        place = f"Properties.Replicas.{len(replicas) - 1}"
        found = {(rule.id, each.verdict) for rule, each in judged if f"{each.path}.".startswith(f"{place}.")}
        assert rules <= {rule for rule, _ in found}
        assert {rule for rule, verdict in found if verdict is Verdict.NOT_VERIFIABLE} & rules == open_rules
        assert not_met_by_table(content) == set()
    second["Fn::If"][1]["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": False}
    assert Verdict.NOT_VERIFIABLE in verdicts(content, "SecureDdb-BAK1")
