"""What CDK writes into validation-report.json, of the shape that it has there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.json_schema import TEXT, TEXTS, Shape
from secure_ddb.evidence.files import AssemblyError, read_json
from secure_ddb.judging.judge import PACK
from secure_ddb.judging.plugin_metadata import read_seen

if TYPE_CHECKING:
    from pathlib import Path

_RESOURCE = Shape(dict, {"templatePath": TEXT, "logicalId": TEXT, "propertyPaths": TEXTS})
_CONSTRUCT = Shape(dict, {"constructPath": TEXT, "cloudFormationResource": _RESOURCE})
_VIOLATION = Shape(
    dict,
    {
        "ruleName": TEXT,
        "description": TEXT,
        "violatingConstructs": Shape(list, each=_CONSTRUCT),
        "severity": TEXT,
        "suggestedFix": TEXT,
        "reason": TEXT,
        "acknowledgedAt": TEXT,
    },
    frozenset({"ruleName", "description", "violatingConstructs"}),
)
_REPORT = Shape(
    dict,
    {
        "pluginName": TEXT,
        "pluginVersion": TEXT,
        "conclusion": TEXT,
        "violations": Shape(list, each=_VIOLATION),
        "suppressedViolations": Shape(list, each=_VIOLATION),
        "metadata": Shape(dict),
    },
    frozenset({"pluginName", "conclusion", "violations"}),
)
_REPORTS = Shape(dict, {"pluginReports": Shape(list, each=_REPORT)}, frozenset({"pluginReports"}))


def plugin_reports(file: Path) -> list[dict[str, Any]]:
    """Read what each plugin reported.

    Raises:
        AssemblyError: It is no JSON, or of another shape.
    """
    reports: list[dict[str, Any]] = read_json(file, _REPORTS)["pluginReports"]
    for position, report in enumerate(reports):
        if report["pluginName"] == PACK:
            try:
                read_seen(report.get("metadata", {}))
            except (TypeError, ValueError) as error:
                where = f"pluginReports.{position}.metadata"
                raise AssemblyError(f"{file} cannot be read: {where} is not as {PACK} writes it") from error
    return reports
