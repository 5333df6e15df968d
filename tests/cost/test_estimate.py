"""What tables cost, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.model import Assumptions, Estimate, TableCost, total
from secure_ddb.cost.prices import UnknownRegionError, load_prices
from tests.cost.costing import DAY, Body, alarm, app, costs, of, prices, table

GB = 1024**3


def of_one(resources: Body, assumptions: Assumptions | None = None, **known: float) -> TableCost:
    (only,) = estimate(app(resources), prices(table_storage=0, **known), assumptions).tables
    return only


def key(**properties: Any) -> Body:
    return of("AWS::KMS::Key", **properties)


def encrypted(key_id: str, **properties: Any) -> Body:
    sse = {"SSEEnabled": True, "KMSMasterKeyId": {"Fn::GetAtt": [key_id, "Arn"]}}
    return table(SSESpecification=sse, **properties)


def test_a_key_costs_more_after_its_first_two_rotations() -> None:
    found = of_one({"Key": key(EnableKeyRotation=True), "Table": encrypted("Key")}, kms_key=1)
    assert costs(found.monthly) == {"KMS keys": 1, "rotations of KMS keys": 2}
    assert (total(found.monthly), total(found.monthly, rotated=True)) == (1, 3)


def test_alarms_are_charged_by_metric() -> None:
    name = {"Ref": "Table"}
    math = of(
        "AWS::CloudWatch::Alarm",
        Metrics=[
            {"Id": "sum", "Expression": "SUM(METRICS())"},
            *(
                {
                    "Id": operation.lower(),
                    "ReturnData": False,
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/DynamoDB",
                            "MetricName": "SystemErrors",
                            "Dimensions": [{"Name": "TableName", "Value": name}],
                        },
                        "Period": 60,
                        "Stat": "Sum",
                    },
                }
                for operation in ("GetItem", "PutItem", "Query")
            ),
        ],
    )
    found = of_one(
        {"Table": table(), "Math": math, "One": alarm("ReadThrottleEvents", TableName=name)}, alarm_metric=0.1
    )
    (line,) = found.monthly
    assert line.cost == pytest.approx(0.4)
    assert (line.quantity, len(line.resources)) == (4, 2)


@pytest.mark.parametrize(
    ("mode", "keys", "rules"),
    [("THROTTLED_KEYS", 1, 1), ("THROTTLED_KEYS", 2, 2), ("ACCESSED_AND_THROTTLED_KEYS", 1, 2), (None, 2, 4)],
)
def test_contributor_insights_has_rules_for_each_attribute_of_the_key(mode: str | None, keys: int, rules: int) -> None:
    schema = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}][:keys]
    insights = {"Enabled": True, **({"Mode": mode} if mode else {})}
    found = of_one(
        {"Table": table(KeySchema=schema, ContributorInsightsSpecification=insights)}, contributor_insights_rule=0.5
    )
    assert costs(found.monthly) == {"Contributor Insights rules": rules * 0.5}


def test_a_gb_is_charged_for_the_table_and_for_each_copy() -> None:
    plan = {
        "BackupPlanRule": [
            {"RuleName": "Daily", "TargetBackupVault": "vault", "Lifecycle": {"DeleteAfterDays": 35}},
            {
                "RuleName": "Monthly",
                "TargetBackupVault": "vault",
                "ScheduleExpression": "cron(0 5 1 * ? *)",
                "Lifecycle": {"MoveToColdStorageAfterDays": 73, "DeleteAfterDays": 365},
            },
        ]
    }
    selection = {"Resources": [{"Fn::GetAtt": ["Table", "Arn"]}]}
    resources = {
        "Table": table(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}),
        "Plan": of("AWS::Backup::BackupPlan", BackupPlan=plan),
        "Selection": of("AWS::Backup::BackupSelection", BackupPlanId={"Ref": "Plan"}, BackupSelection=selection),
    }
    known = prices(table_storage=0.3, point_in_time_recovery=0.2, backup_warm_storage=0.1)
    (found,) = estimate(app(resources), known).tables
    assert costs(found.per_gb) == {
        "table storage": 0.3,
        "point-in-time recovery": 0.2,
        "full copies in warm storage, rule Daily": 3.5,
        # 12 copies a year, each warm for a fifth of it.
        "full copies in warm storage, rule Monthly": 0.24,
        "full copies in cold storage, rule Monthly": None,
    }
    assert total(found.per_gb) == pytest.approx(4.24)


def audited(**function: Any) -> Body:
    hmac = key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")
    variables = {"HMAC_KEY_ID": {"Fn::GetAtt": ["Hmac", "Arn"]}}
    return {
        "Hmac": hmac,
        "Table": table(StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}),
        "Log": of("AWS::Logs::LogGroup", RetentionInDays=365),
        "Function": of(
            "AWS::Lambda::Function",
            MemorySize=512,
            LoggingConfig={"LogGroup": {"Ref": "Log"}},
            Environment={"Variables": variables},
            **function,
        ),
        "Mapping": of(
            "AWS::Lambda::EventSourceMapping",
            EventSourceArn={"Fn::GetAtt": ["Table", "StreamArn"]},
            FunctionName={"Ref": "Function"},
            BatchSize=100,
        ),
    }


KNOWN = {
    "write_request_unit": 1e-6,
    "lambda_request": 2e-7,
    "lambda_gb_second": 1e-5,
    "kms_request": 3e-6,
    "log_ingestion": 0.5,
    "log_storage": 0.03,
}


def test_a_million_writes_are_charged_with_what_records_them() -> None:
    assumed = Assumptions(item_bytes=1025, records_per_batch=10, line_bytes=GB // 1_000_000, invocation_milliseconds=40)
    found = of_one(audited(), assumed, **KNOWN)
    said = {line.what: line for line in found.per_million_writes}
    # An item of more than 1 KB takes two units.
    assert said["write request units"].cost == pytest.approx(2)
    assert said["invocations of the audit function"].cost == pytest.approx(0.02)
    # 100,000 invocations of 40 ms with half a GB.
    assert said["GB-seconds of the audit function"].quantity == pytest.approx(2000)
    assert said["requests to AWS KMS, one for each batch"].cost == pytest.approx(0.3)
    assert said["GB of log taken in"].cost == pytest.approx(0.5, rel=1e-3)
    # A GB, compressed to 105 of 490 bytes, for twelve months.
    assert said["GB-months of log kept, compressed"].cost == pytest.approx(105 / 490 * 12 * 0.03, rel=1e-3)
    assert found.full_batches is None


def test_without_a_batch_size_the_range_is_shown() -> None:
    found = of_one(audited(), None, **KNOWN)
    one = next(line.cost for line in found.per_million_writes if "AWS KMS" in line.what)
    assert one == pytest.approx(3)
    # With 100 records in each, there are 10,000 batches: a hundredth of 3 + 0.2 + 0.25.
    rest = total(found.per_million_writes) - 3.45
    assert found.full_batches == pytest.approx(rest + 0.0345)


def test_a_function_on_arm_has_its_own_prices() -> None:
    found = of_one(audited(Architectures=["arm64"]), None, **KNOWN, lambda_request_arm=1e-7)
    said = costs(found.per_million_writes)
    assert said["invocations of the audit function"] == pytest.approx(0.1)
    assert said["GB-seconds of the audit function"] is None


def test_a_log_that_is_kept_for_ever_has_no_known_cost() -> None:
    resources = audited()
    resources["Log"] = of("AWS::Logs::LogGroup")
    found = of_one(resources, None, **KNOWN)
    assert costs(found.per_million_writes)["GB-months of log kept, compressed"] is None


def test_an_archive_is_kept_for_as_long_as_its_bucket_says() -> None:
    expires = {"Rules": [{"Status": "Enabled", "ExpirationInDays": 730}]}
    resources = {
        **audited(),
        "Bucket": of("AWS::S3::Bucket", BucketName="archive", LifecycleConfiguration=expires),
        "Delivery": of(
            "AWS::KinesisFirehose::DeliveryStream",
            ExtendedS3DestinationConfiguration={"BucketARN": {"Fn::GetAtt": ["Bucket", "Arn"]}},
        ),
        "Filter": of(
            "AWS::Logs::SubscriptionFilter",
            LogGroupName={"Ref": "Log"},
            DestinationArn={"Fn::GetAtt": ["Delivery", "Arn"]},
        ),
    }
    found = of_one(resources, Assumptions(line_bytes=GB // 1_000_000), **KNOWN, bucket_storage=0.02)
    said = costs(found.per_million_writes)
    assert said["GB-months of archive, compressed"] == pytest.approx(105 / 490 * 24 * 0.02, rel=1e-3)
    assert said["GB of log taken in by Firehose"] is None


def test_a_trail_is_charged_for_each_write_that_it_records() -> None:
    selector = {
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]},
        ]
    }
    trail = of("AWS::CloudTrail::Trail", IsLogging=True, S3BucketName="trail", AdvancedEventSelectors=[selector])
    found = of_one({"Table": table(), "Trail": trail}, trail_data_event=1e-6)
    assert costs(found.per_million_writes)["data events of a CloudTrail trail"] == pytest.approx(1)
    reads = {**selector, "FieldSelectors": [*selector["FieldSelectors"], {"Field": "readOnly", "Equals": ["true"]}]}
    trail["Properties"]["AdvancedEventSelectors"] = [reads]
    found = of_one({"Table": table(), "Trail": trail}, trail_data_event=1e-6)
    assert "data events of a CloudTrail trail" not in costs(found.per_million_writes)


def test_replicas_are_charged_where_they_are() -> None:
    resource = of(
        "AWS::DynamoDB::GlobalTable",
        BillingMode="PAY_PER_REQUEST",
        Replicas=[{"Region": "eu-central-1"}, {"Region": "us-east-1"}],
    )
    (found,) = estimate(app({"Table": resource}), load_prices()).tables
    assert costs(found.per_gb) == {"table storage in eu-central-1": 0.306, "table storage in us-east-1": 0.25}
    said = costs(found.per_million_writes)
    assert said == {"write request units in eu-central-1": 0.7625, "write request units in us-east-1": 0.625}
    assert {line.price_name for line in found.per_million_writes} == {"replicated_write_request_unit"}


def test_a_table_class_has_its_own_prices() -> None:
    (found,) = estimate(app({"Table": table(TableClass="STANDARD_INFREQUENT_ACCESS")}), load_prices()).tables
    assert costs(found.per_gb) == {"table storage": 0.1224}
    assert costs(found.per_million_writes) == {"write request units": 0.955}


def test_provisioned_capacity_and_indexes_are_not_hidden() -> None:
    index = {"IndexName": "by-status", "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}]}
    found = of_one({"Table": table(BillingMode="PROVISIONED", GlobalSecondaryIndexes=[index])})
    assert found.per_million_writes == ()
    assert [note.partition(":")[0] for note in found.notes] == [
        "writes are billed as provisioned capacity, by the hour",
        "indexes",
    ]


def endpoint(kind: str, service: str, **properties: Any) -> Body:
    name = f"com.amazonaws.eu-central-1.{service}"
    return of("AWS::EC2::VPCEndpoint", VpcEndpointType=kind, ServiceName=name, **properties)


def whole(resources: Body, **known: float) -> Estimate:
    return estimate(app(resources), prices(table_storage=0, **known))


def test_what_serves_several_tables_is_shown_once_and_divided() -> None:
    found = whole({"Key": key(), "First": encrypted("Key"), "Second": encrypted("Key")}, kms_key=1)
    (shared,) = found.shared
    assert shared.tables == ("Orders/First", "Orders/Second")
    assert (total(shared.lines), shared.for_each) == (1, 0.5)
    assert [total(each.monthly) for each in found.tables] == [0, 0]
    assert total(found.fixed) == 1


def test_endpoints_are_charged_by_the_hour_and_zone_but_gateways_are_free() -> None:
    resources = {
        "Table": table(),
        "Gateway": endpoint("Gateway", "dynamodb"),
        "Kms": endpoint("Interface", "kms", SubnetIds=["subnet-1", "subnet-2"]),
        "DynamoDb": endpoint("Interface", "dynamodb", SubnetIds=["subnet-1"]),
        "Unknown": endpoint("Interface", "logs"),
    }
    found = whole(resources, interface_endpoint_hour=0.01)
    assert costs(found.tables[0].monthly) == {"hours of interface endpoints": 7.3}
    assert [line.cost for line in found.other] == [pytest.approx(14.6), None]


def test_a_secret_has_no_known_price_and_is_not_counted_as_zero() -> None:
    found = whole({"Table": table(), "Secret": of("AWS::SecretsManager::Secret")})
    (line,) = found.other
    assert (line.quantity, line.cost) == (1, None)


def test_what_is_in_no_figure_is_named() -> None:
    resources = {
        "Table": table(),
        "Role": of("AWS::IAM::Role"),
        "Function": of("AWS::Lambda::Function"),
        "Database": of("AWS::RDS::DBInstance"),
    }
    assert whole(resources).not_estimated == {"AWS::Lambda::Function": 1, "AWS::RDS::DBInstance": 1}


def test_a_region_without_prices_is_refused() -> None:
    with pytest.raises(UnknownRegionError, match="ap-south-1"):
        estimate(app({"Table": table()}, region="ap-south-1"), load_prices())
    found = estimate(app({"Table": table()}, region="ap-south-1"), load_prices(instead="us-east-1"))
    assert costs(found.tables[0].per_gb) == {"table storage": 0.25}
    assert any("the prices of us-east-1 are used instead" in warning for warning in found.warnings)


def test_old_prices_are_warned_of() -> None:
    old = replace(prices(table_storage=1), day=DAY - timedelta(days=181))
    assert estimate(app({"Table": table()}), old).warnings[0].startswith("the prices are 181 days old")
    assert whole({"Table": table()}).warnings == ()
