"""How a pack's rules are described in SARIF, and how severe they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.evidence.model import Status
from secure_ddb.judging.judge import PACK
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.evidence.model import Result
    from secure_ddb.rules.rule import Rule

# Severity, the worst first, to level and to a score of which code scanning makes critical, high, medium and low.
_SEVERITIES = {
    "critical": ("error", "9.5"),
    "fatal": ("error", "9.5"),
    "high": ("error", "8.0"),
    "error": ("error", "8.0"),
    "medium": ("warning", "5.5"),
    "warning": ("warning", "5.5"),
    "low": ("note", "2.0"),
    "info": ("note", "2.0"),
}
_ORDER = list(_SEVERITIES)
_NOT_VERIFIABLE = "not-verifiable"
# Code scanning refuses a file with more, and shows the first ten.
_MOST_TAGS = 20
_LONGEST_TEXT = 1024


def level(severity: str) -> str:
    """Return the level of a result that is not met."""
    return _SEVERITIES.get(severity, _SEVERITIES["error"])[0]


def rule_id(result: Result) -> str:
    """Return the id of a result's rule, which is another one where the rule could not tell."""
    return f"{result.rule}/{_NOT_VERIFIABLE}" if result.status is Status.NOT_VERIFIABLE else result.rule


def descriptors(pack: str, results: Sequence[Result]) -> list[dict[str, Any]]:
    """Describe the rules of a pack: all of ours, of another pack those with results."""
    found = {rule.id: _of_ours(rule) for rule in RULES} if pack == PACK else {}
    worst = sorted(results, key=lambda each: _ORDER.index(each.severity) if each.severity in _SEVERITIES else 0)
    for result in worst:
        name = rule_id(result)
        if name not in found:
            found[name] = _of_result(result)
    return list(found.values())


def _of_ours(rule: Rule) -> dict[str, Any]:
    return _descriptor(
        rule.id,
        title=rule.title,
        explanation=rule.rationale,
        remedy=rule.remedy,
        source=rule.source,
        severity=rule.severity.value,
        tags=[*rule.requirements, *rule.controls],
    )


def _of_result(result: Result) -> dict[str, Any]:
    explanation = next((rule.rationale for rule in RULES if rule.id == result.rule), "")
    verifiable = result.status is not Status.NOT_VERIFIABLE
    return _descriptor(
        rule_id(result),
        title=result.title if verifiable else f"Not verifiable: {result.title}",
        explanation=explanation or result.title,
        remedy=result.remedy,
        source=result.source,
        severity=result.severity if verifiable else "",
        tags=[*result.requirements, *result.controls],
    )


def _descriptor(
    name: str, *, title: str, explanation: str, remedy: str, source: str, severity: str, tags: Sequence[str]
) -> dict[str, Any]:
    default, score = _SEVERITIES.get(severity, _SEVERITIES["error"]) if severity else ("note", "")
    help_text = " ".join(filter(None, (remedy or title, source)))
    properties: dict[str, Any] = {"tags": list(dict.fromkeys(("security", *tags)))[:_MOST_TAGS]}
    if score:
        properties["security-severity"] = score
    return {
        "id": name,
        "shortDescription": {"text": title[:_LONGEST_TEXT]},
        "fullDescription": {"text": explanation[:_LONGEST_TEXT]},
        "help": {"text": help_text},
        **({"helpUri": source} if source else {}),
        "defaultConfiguration": {"level": default},
        "properties": properties,
    }
