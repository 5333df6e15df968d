"""Logs what an application reads of a table, in the schema of the table's audit trail (AUD-6).

For what runs in AWS Lambda, containers or elsewhere: it needs boto3 and the standard library, and nothing of the CDK.
docs/reads.md says how to use it, and what a line holds.
"""

from .read_log import ReadLog
from .settings import ReadLogSettings
from .writer import ReadNotLoggedError

__all__ = ["ReadLog", "ReadLogSettings", "ReadNotLoggedError"]
