"""Which rules there are, and what each of them says about itself."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import secure_ddb.rules
from secure_ddb.cloudformation.template import Template
from secure_ddb.iam import actions, wildcards
from secure_ddb.iam import policy as policies
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.pack import RULES
from tests.rules.handwritten import body

if TYPE_CHECKING:
    from secure_ddb.rules.rule import Rule

FOLDER = Path(secure_ddb.rules.__path__[0])
PACKAGE = FOLDER.parent
# Contracts: waivers name the ids, and reports show the titles.
TITLES = {
    "ENC1": "The table is encrypted with a customer managed key",
    "ENC2": "The table's key rotates at least once a year",
    "ENC3": "The policies of the table and its stream deny requests without TLS",
    "ENC4": "A key that is scheduled for deletion can be rescued for 30 days",
    "ENC5": "The table's keys outlive their stack",
    "ENC6": "The table's users can use its key through DynamoDB",
    "ENC7": "Who administers the table's key cannot use it",
    "ENC8": "The table's key is used only through services, in its own account and Region",
    "ENC9": "Grants on the table's key are only for services of AWS",
    "ENC10": "Services use the table's keys only for resources of this account",
    "ENC11": "Topics, buckets and queues that serve the table refuse requests without TLS",
    "ENC12": "A Kinesis stream of the table's changes is encrypted with a customer managed key",
    "ENC13": "The account can administer the table's keys, and no other account",
    "ENC14": "The table's key uses the company's own key material",
    "BAK1": "The table has point-in-time recovery",
    "BAK2": "Point-in-time recovery reaches back as far as the data's classification demands",
    "BAK3": "The table is protected against deletion",
    "BAK4": "The table outlives its stack",
    "BAK5": "The table is in a backup plan",
    "BAK6": "Daily, weekly and monthly recovery points are kept for as long as the data's classification demands",
    "BAK7": "The backup vault is encrypted with a customer managed key that AWS Backup can use",
    "BAK8": "The vault's policy lets nobody delete recovery points or shorten their life",
    "BAK9": "The backup vault is locked, and the plan's retention is within the lock's limits",
    "BAK10": "AWS Backup's role can copy the table and use its key",
    "BAK11": "The backup vault outlives its stack",
    "BAK12": "Failed backup jobs are reported",
    "BAK13": "A missing backup raises an alarm",
    "AUD1": "The table's stream shows items before and after a change",
    "AUD2": "The table's stream has a consumer that is on and takes every record",
    "AUD3": "A change that cannot be recorded is tried again, and then makes way for the others",
    "AUD4": "Changes that could not be recorded are kept",
    "AUD5": "The records of changes are encrypted with a customer managed key",
    "AUD6": "The log of changes is kept for as long as the data's classification demands",
    "AUD7": "CloudWatch Logs can use the key of the log of changes",
    "AUD8": "The records of changes outlive their stack",
    "AUD9": "The function that records changes may do what it has to",
    "AUD10": "The bucket of failed changes is versioned and locked for as long as the log is kept",
    "AUD11": "The bucket of failed changes blocks public access and access lists",
    "AUD12": "Only the function that records changes alters the bucket of failed changes",
    "AUD13": "The log of changes shows item keys only where the data's classification allows it",
    "AUD14": "The audit function can digest item keys, and nobody else",
    "AUD15": "The audit function knows its log group and its bucket",
    "AUD16": "CloudTrail records who reads and who writes items",
    "AUD17": "The trail of reads validates its log files",
    "AUD18": "The trail of reads is encrypted with a customer managed key that CloudTrail can use",
    "AUD19": "The bucket of the trail of reads is locked, blocks public access and outlives its stack",
    "AUD20": "Only CloudTrail alters the bucket of the trail of reads, and only for this account",
    "AUD21": "Every line of the log of changes to restricted data is archived",
    "AUD22": "The archive of the log of changes is encrypted with a customer managed key",
    "AUD23": "The archive of the log of changes is write-once, blocks public access and outlives its stack",
    "AUD24": "Only the delivery stream alters the archive of the log of changes",
    "AUD25": "CloudWatch Logs and Firehose may hand the log of changes on to its archive",
    "AUD26": "Services use the function that records changes, and its log, only for this account",
    "AUD27": "A URL of the function that records changes demands AWS IAM",
    "AUD28": "The log of changes is handed on within its account",
    "AUD29": "Other functions that read the table's stream can read and decrypt it",
    "AUD30": "The log of changes is protected against deletion",
    "AUD31": "The role of the audit function is bound to it",
    "NET1": "Gateway endpoints let only named actions on named tables pass",
    "NET2": "A gateway endpoint lets either item-level or table-management actions pass, and no export or restore",
    "NET3": "Gateway endpoints let only principals of the account or organization pass",
    "NET4": "Gateway endpoints let only tables of their own account pass",
    "NET5": "Each gateway endpoint has route tables of its own",
    "NET6": "The table's perimeter denies items to requests from outside of the company's networks",
    "NET7": "The table's perimeter denies everything to principals from outside of the account or organization",
    "NET8": "The table's perimeter lets services of AWS and AWS Backup's role work",
    "NET9": "The table's perimeter admits only endpoints whose policies name the table",
    "NET10": "Subnets with a gateway endpoint have no route to an internet gateway",
    "NET11": "Subnets with a gateway endpoint have a network ACL of their zone",
    "IAM1": "There are no IAM users",
    "IAM2": "Permissions on tables list their actions, without wildcards",
    "IAM3": "Permissions on tables name the tables, without wildcards",
    "IAM4": "Permissions on some items do not allow requests that name no key",
    "IAM5": "Permissions on some attributes also limit what is selected and what is returned",
    "IAM6": "People manage tables only with MFA",
    "IAM7": "Roles with access to tables can be assumed by somebody of the account only",
    "IAM8": "No policy of a table, or of what serves it, allows anything to everybody",
    "IAM9": "Permissions on keys name the keys",
    "IAM10": "The roles that record changes and make backups may do nothing else",
    "IAM11": "Policies of a table, and of what serves it, list what they allow",
    "IAM12": "The account can change the policies of the table and of its topics, queues and buckets",
    "IAM13": "Guardrails keep every guarantee from being undone",
    "MON1": "Throttled requests raise an alarm",
    "MON2": "Errors of DynamoDB itself raise an alarm",
    "MON3": "Many refused requests raise an alarm",
    "MON4": "Slow requests raise an alarm",
    "MON5": "An audit function that fails, is throttled or lags behind raises an alarm",
    "MON6": "Changes that could not be recorded raise an alarm",
    "MON7": "Alarms report to a topic",
    "MON8": "The topic's policy lets the alarms publish",
    "MON9": "The topic of the alarms is encrypted with a customer managed key",
    "MON10": "The key of the alarms' topic lets the alarms publish",
    "MON11": "Contributor Insights are on, and off for restricted data",
    "MON12": "Services may only publish to the alarms' topic, and only for this account",
    "MON13": "Replicas that lag behind raise an alarm",
    "MON14": "An archive that falls behind the log of changes raises an alarm",
    "MON15": "An event source mapping that no longer reads changes raises an alarm",
    "OPS1": "The table and everything that serves it has the mandatory tags",
    "OPS2": "There is no DynamoDB Accelerator (DAX)",
    "OPS3": "Capacity scales with demand",
    "OPS4": "Policies are no longer than AWS accepts",
    "OPS5": "Stacks are no larger than CloudFormation accepts",
    "OPS6": "Tag keys of roles differ in more than case",
    "WAIVER1": "No waiver has run out",
    "WAIVER2": "Every waiver waives a finding",
}


def test_rules_are_these() -> None:
    assert {rule.id.removeprefix("SecureDdb-"): rule.title for rule in RULES} == TITLES
    assert len(RULES) == len(TITLES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_explains_itself(rule: Rule) -> None:
    assert re.fullmatch(r"SecureDdb-[A-Z]+\d+", rule.id)
    assert not rule.title.endswith(".")
    assert all(text.endswith(".") for text in (rule.explanation, rule.remedy))
    assert rule.source.startswith("https://docs.aws.amazon.com/")
    assert rule.controls
    assert rule.requirements or rule.id.startswith("SecureDdb-WAIVER")


def test_every_file_with_a_rule_is_in_the_pack() -> None:
    files = [file for file in FOLDER.glob("*/*.py") if "\nRULE = Rule(" in file.read_text(encoding="utf-8")]
    assert len(files) == len(RULES) - 2, "the two rules on waivers share a file"


def test_only_the_plugin_needs_cdk_or_node() -> None:
    folders = ("cloudformation", "iam", "landscape", "rules", "judging", "evidence")
    importing = [
        file.name
        for folder in folders
        for file in (PACKAGE / folder).rglob("*.py")
        if re.search(r"^\s*(from|import) (aws_cdk|jsii|constructs)", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert importing == ["plugin.py"]


def calls(tables: int) -> int:
    """Count the functions that are called to judge some tables, with all that belongs to them, that share a topic."""
    templates = [
        Template(
            name=f"Stack{number}", stack_name=f"Stack{number}", account="111122223333", region="eu-central-1", body=one
        )
        for number, one in ((number, _of_its_own(number)) for number in range(tables))
    ]
    count = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    # What an earlier call has left there would make this one cheaper.
    texts = (wildcards.arn_like, wildcards.matches_some, wildcards._compare, wildcards._regex, wildcards._resource_like)
    for kept in (actions.actions_named, policies._condition, policies._principal, *texts):
        kept.cache_clear()
    re.purge()
    previous = sys.getprofile()
    sys.setprofile(counted)
    try:
        judge(Assembly(templates))
    finally:
        sys.setprofile(previous)
    return count


def _of_its_own(number: int) -> dict[str, Any]:
    text = json.dumps(body()["Resources"]).replace("orders", f"orders{number}").replace("/audit", f"/audit{number}")
    resources: dict[str, Any] = json.loads(text.replace('"audit"', f'"audit{number}"'))
    if number:
        for name in ("Topic", "TopicPolicy"):
            del resources[name]
        for resource in resources.values():
            if "AlarmActions" in resource["Properties"]:
                resource["Properties"]["AlarmActions"] = [{"Fn::ImportValue": "Topic"}]
        return {"Resources": resources}
    export = {"Topic": {"Value": {"Ref": "Topic"}, "Export": {"Name": "Topic"}}}
    return {"Resources": resources, "Outputs": export}


def test_work_grows_no_faster_than_the_number_of_tables() -> None:
    # Counted and not timed, so that it fails only for a reason.
    twenty, thirty, forty = calls(20), calls(30), calls(40)
    assert forty - thirty <= 1.01 * (thirty - twenty)
