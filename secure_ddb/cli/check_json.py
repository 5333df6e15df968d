"""The findings of a check, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.model import Status

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence


def findings_json(evidence: Evidence) -> str:
    """Write what is not met, not verifiable or waived: each finding has the names of `Result`."""
    findings = [asdict(result) for result in evidence.results if result.status is not Status.MET]
    report = {
        "version": evidence.version,
        "judged_on": evidence.judged_on,
        "problems": evidence.problems,
        "met": sum(result.status is Status.MET for result in evidence.results),
        "findings": findings,
    }
    return json.dumps(report, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> Any:  # noqa: ANN401 - what JSON has
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value)}")
