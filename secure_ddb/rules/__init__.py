"""Rules on DynamoDB tables and the resources that serve them. The names here are for authors of rules."""

from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.landscape.table import Replica, Table
from secure_ddb.rules.rule import Judgement, Rule, Severity, Verdict, judged, judged_value, manual

__all__ = [
    "Assembly",
    "Judgement",
    "Replica",
    "Rule",
    "Severity",
    "Table",
    "Verdict",
    "as_list",
    "at",
    "is_unknown",
    "judged",
    "judged_value",
    "manual",
]
