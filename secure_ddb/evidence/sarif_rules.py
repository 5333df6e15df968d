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
# Code scanning rejects a file with more, and shows the first ten.
_MOST_TAGS = 20
_LONGEST_TEXT = 1024


def level(severity: str) -> str:
    """Return the level of a result that is not met."""
    return _SEVERITIES.get(severity, _SEVERITIES["error"])[0]


def rule_id(result: Result) -> str:
    """Return the id of a result's rule, which is another one where the rule could not tell."""
    return f"{result.rule}/{_NOT_VERIFIABLE}" if result.status is Status.NOT_VERIFIABLE else result.rule


def descriptors(pack: str, results: Sequence[Result], rules: Sequence[Rule] = RULES) -> list[dict[str, Any]]:
    """Describe the rules of a pack: all of ours, of another pack those with results."""
    found: dict[str, dict[str, Any]] = {}
    for rule in rules if pack == PACK else ():
        found[rule.id] = _descriptor(rule.id, rule.title, rule.rationale, rule.severity.value, rule)
    worst = sorted(results, key=lambda each: _ORDER.index(each.severity) if each.severity in _SEVERITIES else 0)
    for result in worst:
        name = rule_id(result)
        if name not in found:
            verifiable = result.status is not Status.NOT_VERIFIABLE
            title = result.title if verifiable else f"Not verifiable: {result.title}"
            rationale = next((rule.rationale for rule in rules if rule.id == result.rule), result.title)
            found[name] = _descriptor(name, title, rationale, result.severity if verifiable else "", result)
    return list(found.values())


def _descriptor(name: str, title: str, explanation: str, severity: str, about: Rule | Result) -> dict[str, Any]:
    default, score = _SEVERITIES.get(severity, _SEVERITIES["error"]) if severity else ("note", "")
    tags = dict.fromkeys(("security", *about.requirements, *about.controls))
    properties: dict[str, Any] = {"tags": list(tags)[:_MOST_TAGS]}
    if score:
        properties["security-severity"] = score
    return {
        "id": name,
        "shortDescription": {"text": title[:_LONGEST_TEXT]},
        "fullDescription": {"text": explanation[:_LONGEST_TEXT]},
        "help": {"text": " ".join(filter(None, (about.remedy or title, about.source)))},
        **({"helpUri": about.source} if about.source else {}),
        "defaultConfiguration": {"level": default},
        "properties": properties,
    }
