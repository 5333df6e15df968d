"""What `secure-ddb check` does once it knows what it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from secure_ddb.cli.check_json import findings_json
from secure_ddb.cli.check_report import print_evidence
from secure_ddb.cli.explain import explain
from secure_ddb.evidence.model import Status
from secure_ddb.evidence.of_templates import evidence_of_templates
from secure_ddb.evidence.sarif import sarif

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.evidence.model import Evidence

__all__ = ["evidence_of_templates", "explain", "fails", "write"]


def write(evidence: Evidence, format_: str) -> None:
    """Write findings to standard output, as `text`, `json` or `sarif`."""
    if format_ == "json":
        click.echo(findings_json(evidence))
    elif format_ == "sarif":
        click.echo(sarif(evidence), nl=False)
    else:
        print_evidence(evidence)


def fails(evidence: Evidence, severities: Sequence[str], *, not_verifiable: bool) -> bool:
    """Tell whether anything of these severities is not met, or not verifiable if that counts too.

    What was not judged at all may be of any severity.
    """
    if not_verifiable and severities and evidence.problems:
        return True
    statuses = {Status.NOT_MET, Status.NOT_VERIFIABLE} if not_verifiable else {Status.NOT_MET}
    return any(result.status in statuses and result.severity in severities for result in evidence.results)
