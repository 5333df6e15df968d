"""What is drawn of a table is what the templates say, and what is elsewhere is drawn as such."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.evidence.drawing import drawing_of
from secure_ddb.evidence.model import Arrow, Flow, Part, Role
from secure_ddb.evidence.users import Users
from secure_ddb.landscape.assembly import Assembly
from tests.configurations import CONFIGURATIONS
from tests.evidence import table_drawing
from tests.rules.handwritten import body, changed, template
from tests.rules.handwritten.making import allow, grants
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PARTS = 20
ITEMS = {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]}
ELSEWHERE = "arn:aws:sns:eu-central-1:111122223333:company"


class Drawing:
    """A drawing by the names of its parts."""

    def __init__(self, parts: Iterable[Part], arrows: Iterable[Arrow]) -> None:
        self.parts = tuple(parts)
        self.arrows = tuple(arrows)
        self._names = {part.id: part.detail if part.known and part.detail else part.label for part in self.parts}

    def flows(self, flow: Flow) -> set[tuple[str, str]]:
        return {(self._names[arrow.start], self._names[arrow.end]) for arrow in self.arrows if arrow.flow is flow}

    def into(self, name: str) -> set[str]:
        return {start for flow in Flow for start, end in self.flows(flow) if end == name}

    def labels(self, role: Role) -> list[tuple[str, str, bool]]:
        return [(part.label, part.detail, part.known) for part in self.parts if part.role is role]


ENDPOINTS = [
    *(("Gateway endpoint", name, True) for name in ("Endpoint", "Management")),
    ("Interface endpoint", "OnPremises", True),
]


def drawn(content: dict[str, Any], table: int = 0) -> Drawing:
    assembly = Assembly([template(content)])
    return Drawing(*drawing_of(assembly.tables[table], assembly, Users(assembly)))


def with_resources(**resources: dict[str, Any]) -> Drawing:
    content = body()
    content["Resources"].update(resources)
    return drawn(content)


@pytest.fixture(scope="module")
def whole() -> Drawing:
    return drawn(body())


def test_data_flows_from_the_callers_to_the_records_and_the_backups(whole: Drawing) -> None:
    assert whole.flows(Flow.DATA) == {
        ("1 role", "Endpoint"),
        ("1 role", "Management"),
        ("1 role", "OnPremises"),
        ("Endpoint", "Table"),
        ("Management", "Table"),
        ("OnPremises", "Table"),
        ("Table", "Stream"),
        ("Stream", "Index"),
        ("Stream", "Function"),
        ("Function", "LogGroup"),
        ("LogGroup", "Archive"),
        ("Function", "Bucket"),
        ("Table", "Changes"),
        ("Table", "Vault"),
        ("Table", "Trail"),
        ("Trail", "TrailBucket"),
    }


def test_keys_point_to_what_they_encrypt(whole: Drawing) -> None:
    encrypted = (
        *("Table", "LogGroup", "Archive", "Bucket", "Changes", "Vault", "Topic"),
        *("Trail", "TrailBucket"),
    )
    assert whole.flows(Flow.KEY) == {("Key", name) for name in encrypted}


def test_alarms_lead_from_what_they_watch_to_their_topic(whole: Drawing) -> None:
    # With the one on user errors, which names no table.
    assert whole.labels(Role.ALARM) == [("Alarms", "39", True)]
    watched = ("Table", "Function", "LogGroup", "Archive", "Vault")
    assert whole.flows(Flow.ALARM) == {*((name, "39") for name in watched), ("39", "Topic")}


@pytest.mark.parametrize(
    ("namespace", "dimension", "value", "part"),
    [
        ("AWS/DynamoDB", "TableName", "orders", "Table"),
        ("AWS/Lambda", "FunctionName", {"Ref": "Function"}, "Function"),
        ("AWS/Lambda", "EventSourceMappingUUID", {"Ref": "Mapping"}, "Function"),
        ("AWS/Logs", "LogGroupName", {"Ref": "LogGroup"}, "LogGroup"),
        ("AWS/Firehose", "DeliveryStreamName", {"Ref": "Delivery"}, "Archive"),
        ("AWS/Backup", "BackupVaultName", {"Ref": "Vault"}, "Vault"),
    ],
)
def test_alarm_leads_from_the_one_thing_that_it_watches(
    namespace: str, dimension: str, value: object, part: str
) -> None:
    content = body()
    resources = content["Resources"]
    alarm = deepcopy(resources["SystemErrors"])
    known = {**alarm["Properties"], "Namespace": namespace}
    if dimension != "TableName":
        known["Dimensions"] = [{"Name": dimension, "Value": value}]
    content["Resources"] = {
        **{name: each for name, each in resources.items() if each["Type"] != "AWS::CloudWatch::Alarm"},
        "OneAlarm": {**alarm, "Properties": known},
    }

    drawing = drawn(content)

    assert drawing.labels(Role.ALARM) == [("Alarms", "1", True)]
    assert drawing.into("1") == {part}


def test_only_the_audit_function_is_drawn_as_such() -> None:
    drawing = drawn(body())
    assert {part.label for part in drawing.parts if part.detail in ("Index", "Function")} == {
        "Other function",
        "Audit function",
    }
    assert "Index" not in drawing.into("LogGroup")
    content = changed(("Mapping/Type", "AWS::CloudFormation::WaitConditionHandle"))
    event = {"Type": "DynamoDB", "Properties": {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Changes": event}}}
    content["Resources"]["Recorder"] = function
    assert drawn(content).into("Recorder") == {"Stream"}


def test_parts_have_ids_of_their_own_and_arrows_lead_from_part_to_part(whole: Drawing) -> None:
    ids = [part.id for part in whole.parts]
    assert len(set(ids)) == len(ids)
    assert {end for arrow in whole.arrows for end in (arrow.start, arrow.end)} <= set(ids)
    assert all(part.known for part in whole.parts)


@pytest.mark.parametrize(
    ("path", "role", "label"),
    [
        ("Table/Properties/SSESpecification/KMSMasterKeyId", Role.KEY, "Key elsewhere"),
        ("Mapping/Properties/DestinationConfig/OnFailure/Destination", Role.BUCKET, "Failures elsewhere"),
        ("Mapping/Properties/FunctionName", Role.FUNCTION, "Function elsewhere"),
        ("Plan/Properties/BackupPlan/BackupPlanRule/0/TargetBackupVault", Role.BACKUP, "Backup elsewhere"),
        ("Selection/Properties/BackupPlanId", Role.BACKUP, "Backup elsewhere"),
        ("UserErrors/Properties/AlarmActions", Role.TOPIC, "Topic elsewhere"),
        ("Table/Properties/KinesisStreamSpecification/StreamArn", Role.STREAM, "Kinesis stream elsewhere"),
    ],
)
def test_what_is_named_and_not_in_the_app_is_drawn_as_elsewhere(path: str, role: Role, label: str) -> None:
    value: Any = [{"Ref": "Topic"}, ELSEWHERE] if path.endswith("Actions") else ELSEWHERE

    drawing = drawn(changed((path, value)))

    assert (label, ELSEWHERE, False) in drawing.labels(role)
    assert drawing.into(label) or role is Role.KEY


def test_name_that_only_the_deployment_knows_is_not_made_up() -> None:
    drawing = drawn(changed(("Table/Properties/SSESpecification/KMSMasterKeyId", {"Ref": "Parameter"})))

    assert ("Key elsewhere", "known only at deployment", False) in drawing.labels(Role.KEY)


def test_log_group_that_no_template_has_is_elsewhere() -> None:
    drawing = drawn(changed(("LogGroup/Properties/LogGroupName", "another")))

    assert drawing.labels(Role.LOG) == [("Audit log elsewhere", "its log group is in no template", False)]


@pytest.mark.parametrize("name", ["Mapping", "Selection", "Endpoint", "Reader"])
def test_what_is_not_there_is_not_drawn(name: str) -> None:
    content = body()
    del content["Resources"][name]

    drawing = drawn(content)

    gone = {"Mapping": "Function", "Selection": "Vault", "Endpoint": "Endpoint", "Reader": "1 role"}[name]
    assert gone not in {each for flow in Flow for pair in drawing.flows(flow) for each in pair}


def test_bare_table_is_drawn_with_nothing_but_unknown_callers() -> None:
    drawing = drawn({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}})

    assert drawing.flows(Flow.DATA) == {("Callers", "Table")}
    assert drawing.labels(Role.CALLER) == [("Callers", "no role in the app has a grant", False)]
    assert len(drawing.parts) == 2


@pytest.mark.parametrize("resource", ["*", "arn:aws:dynamodb:*:*:table/ord*"])
def test_roles_with_wide_grants_are_callers(resource: str) -> None:
    wide = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Wide"}], **grants(allow("*", resource))}}

    drawing = with_resources(Wide={"Type": "AWS::IAM::Role", "Properties": {}}, WidePolicy=wide)

    assert drawing.labels(Role.CALLER) == [("Callers", "2 roles", True)]


@pytest.mark.parametrize(
    "statement",
    [
        allow("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/others"),
        allow("s3:*", "*"),
        {**allow("dynamodb:*", "*"), "Effect": "Deny"},
    ],
)
def test_roles_that_may_not_use_the_table_are_no_callers(statement: dict[str, Any]) -> None:
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Other"}], **grants(statement)}}

    drawing = with_resources(Other={"Type": "AWS::IAM::Role", "Properties": {}}, OtherPolicy=policy)

    assert drawing.labels(Role.CALLER) == [("Callers", "1 role", True)]


def test_endpoints_that_let_nothing_to_the_table_pass_are_not_drawn() -> None:
    endpoint = deepcopy(body()["Resources"]["Endpoint"])
    endpoint["Properties"]["PolicyDocument"]["Statement"]["Resource"] = "arn:aws:dynamodb:*:*:table/others"

    assert with_resources(Other=endpoint).labels(Role.ENDPOINT) == ENDPOINTS


def test_endpoint_that_the_table_s_policy_names_and_the_app_does_not_have_is_elsewhere() -> None:
    content = body()
    statement = content["Resources"]["Table"]["Properties"]["ResourcePolicy"]["PolicyDocument"]["Statement"]
    statement["Condition"]["StringNotEquals"] = {"aws:SourceVpce": ["vpce-0example", {"Ref": "Endpoint"}]}

    assert drawn(content).labels(Role.ENDPOINT) == [*ENDPOINTS, ("Endpoint elsewhere", "vpce-0example", False)]


def test_many_of_a_kind_become_one_part() -> None:
    endpoint = body()["Resources"]["Endpoint"]

    drawing = with_resources(**{f"Endpoint{number}": endpoint for number in range(3)})

    assert drawing.labels(Role.ENDPOINT) == [("Gateway endpoint", "5 of them", True), ENDPOINTS[-1]]
    assert ("5 of them", "Table") in drawing.flows(Flow.DATA)


def test_trail_that_does_not_record_the_table_s_items_is_not_drawn() -> None:
    drawing = drawn(changed(("Trail/Properties/AdvancedEventSelectors", []), ("Trail/Properties/EventSelectors", [])))
    assert drawing.labels(Role.TRAIL) == []
    assert "TrailBucket" not in {part.detail for part in drawing.parts}


def test_event_data_store_keeps_its_events_itself() -> None:
    selector = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, ITEMS]}
    store = {"Type": "AWS::CloudTrail::EventDataStore", "Properties": {"AdvancedEventSelectors": [selector]}}
    drawing = with_resources(Store=store)
    assert ("Event data store", "Store", True) in drawing.labels(Role.TRAIL)
    assert ("Table", "Store") in drawing.flows(Flow.DATA)


def test_claimed_trail_is_drawn_as_elsewhere() -> None:
    content = body()
    content["Resources"]["Table"]["Metadata"] = {"SecureTable": {"claims": {"audit.reads": "a trail (stated by X)"}}}
    del content["Resources"]["Trail"]

    assert drawn(content).labels(Role.TRAIL) == [("Trail, claimed", "a trail (stated by X)", False)]


def test_tables_do_not_show_each_other_s_alarms_and_topics() -> None:
    content = body()
    content["Resources"]["Other"] = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "other"}}
    alarm = deepcopy(content["Resources"]["SystemErrors"])
    alarm["Properties"].update(Dimensions=[{"Name": "TableName", "Value": "other"}], AlarmActions=[ELSEWHERE])
    content["Resources"]["OtherAlarm"] = alarm

    assert drawn(content).labels(Role.TOPIC) == [("Topic", "Topic", True)]
    assert drawn(content, table=1).labels(Role.TOPIC) == [("Topic elsewhere", ELSEWHERE, False)]
    assert drawn(content, table=1).labels(Role.ALARM) == [("Alarms", "1", True)]


@pytest.mark.parametrize("name", sorted(CONFIGURATIONS))
def test_drawing_of_each_configuration_can_be_read(name: str) -> None:
    assembly = Assembly([template(synthesized(CONFIGURATIONS[name]).body)])

    for table in assembly.tables:
        parts, _ = drawing_of(table, assembly, Users(assembly))
        assert 1 < len(parts) < MOST_PARTS


def test_archive_and_digest_key_of_a_restricted_table_are_drawn() -> None:
    drawing = drawn(synthesized(CONFIGURATIONS["restricted"]).body)

    (archive,) = (part.detail for part in drawing.parts if part.label == "Archive bucket")
    (log,) = (part.detail for part in drawing.parts if part.role is Role.LOG)
    (digest,) = (part.detail for part in drawing.parts if part.label == "Digest key")
    (function,) = (part.detail for part in drawing.parts if part.role is Role.FUNCTION)
    assert (log, archive) in drawing.flows(Flow.DATA)
    assert (digest, function) in drawing.flows(Flow.KEY)
    names = {part.id: part.label for part in drawing.parts}
    labels = {arrow.label for arrow in drawing.arrows if names[arrow.start] == "Digest key"}
    assert labels == {"digests item keys, encrypts nothing"}


def test_drawing_in_the_documents_is_current() -> None:
    assert table_drawing.DRAWING.read_text(encoding="utf-8") == table_drawing.svg(), "make snapshots writes it"
