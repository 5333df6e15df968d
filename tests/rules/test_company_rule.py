"""The example of a company's own rule, tested as a company would."""

from examples.company_rules import kept_days
from secure_ddb.judging import judge_template
from secure_ddb.rules import Verdict


def test_a_table_without_the_tag_is_found() -> None:
    template = {"Resources": {"Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {"Tags": []}}}}
    assert [each.verdict for each in judge_template(template, kept_days)] == [Verdict.NOT_MET]
    template["Resources"]["Orders"]["Properties"] = {"Tags": [{"Key": "KeptDays", "Value": "30"}]}
    assert [each.verdict for each in judge_template(template, kept_days)] == [Verdict.MET]
