"""Verifies that a table's audit trail is complete, for `secure-ddb audit verify`. See docs/audit-trail.md.

Lines are read one by one. What stays in memory are open batches, the ends of chains and the first findings; which
changes have been seen is kept in a temporary file.
"""

from secure_ddb.audit_trail.verify.entry import Entry
from secure_ddb.audit_trail.verify.failure_bucket import FailureBucket
from secure_ddb.audit_trail.verify.reader import open_lines
from secure_ddb.audit_trail.verify.report import Finding, Kind, Report
from secure_ddb.audit_trail.verify.sources import STDIN, find_files, read_entries
from secure_ddb.audit_trail.verify.text import InputError
from secure_ddb.audit_trail.verify.verifier import verify, verify_lines

__all__ = [
    "STDIN",
    "Entry",
    "FailureBucket",
    "Finding",
    "InputError",
    "Kind",
    "Report",
    "find_files",
    "open_lines",
    "read_entries",
    "verify",
    "verify_lines",
]
