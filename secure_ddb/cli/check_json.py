"""The findings of a check, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Status
from secure_ddb.evidence.write_json import plain

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence


def findings_json(evidence: Evidence) -> str:
    """Write everything but what is met: each finding has the names of `Result`."""
    findings = [result for result in evidence.results if result.status is not Status.MET]
    report = {
        "version": evidence.version,
        "judged_on": evidence.judged_on,
        "problems": evidence.problems,
        "met": sum(result.status is Status.MET for result in evidence.results),
        "findings": findings,
    }
    return json.dumps(report, default=plain, ensure_ascii=False, indent=2)
