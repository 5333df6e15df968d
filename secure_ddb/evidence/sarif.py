"""Results in the format that code scanning reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from secure_ddb.evidence.model import Evidence, Location, PackFacts, Result, Status
from secure_ddb.evidence.sarif_rules import descriptors, level, rule_id
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.rules.rule import Rule

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
# Where something must be shown of which neither template nor source is known: every cloud assembly has one.
_APP_FILE = "manifest.json"
_SHOWN = (Status.NOT_MET, Status.NOT_VERIFIABLE)


def sarif(evidence: Evidence, rules: Sequence[Rule] = RULES) -> str:
    """Write results that are not met or not verifiable as SARIF 2.1.0, with one run for each pack.

    The others are left out: code scanning makes an alert of every result, and knows no suppressions. For the same
    reason results that are not verifiable have rules of their own, without a security severity.

    Args:
        evidence: The results.
        rules: The rules that were asked, a company's own included.
    """
    packs = {pack.name: pack for pack in evidence.packs}
    for result in evidence.results:
        packs.setdefault(result.pack, PackFacts(name=result.pack))
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [_run(evidence, pack, rules, first=not number) for number, pack in enumerate(packs.values())],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(evidence: Evidence, pack: PackFacts, asked: Sequence[Rule], *, first: bool) -> dict[str, Any]:
    results = [each for each in evidence.results if each.pack == pack.name and each.status in _SHOWN]
    rules = descriptors(pack.name, results, asked)
    positions = {rule["id"]: position for position, rule in enumerate(rules)}
    invocation: dict[str, Any] = {"executionSuccessful": pack.succeeded}
    if first and evidence.problems:
        invocation["toolExecutionNotifications"] = [
            {"level": "warning", "message": {"text": problem}} for problem in evidence.problems
        ]
    version = {"version": pack.version} if pack.version else {}
    return {
        "tool": {"driver": {"name": pack.name, **version, "rules": rules}},
        "invocations": [invocation],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The working directory of the synth or the check."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(evidence, results, positions)),
    }


def _results(evidence: Evidence, results: Iterable[Result], positions: dict[str, int]) -> Iterable[dict[str, Any]]:
    templates = {stack.name: stack.template for stack in evidence.stacks}
    seen: Counter[str] = Counter()
    for result in results:
        fingerprint = _fingerprint(result)
        seen[fingerprint] += 1
        place = result.location or Location(file=result.template or templates.get(result.stack) or _APP_FILE)
        yield {
            "ruleId": rule_id(result),
            "ruleIndex": positions[rule_id(result)],
            "kind": "review" if result.status is Status.NOT_VERIFIABLE else "fail",
            "level": "none" if result.status is Status.NOT_VERIFIABLE else level(result.severity),
            "message": {"text": _message(result)},
            "locations": [{"physicalLocation": _physical(place), **_logical(result)}],
            # The one name that code scanning looks at; the number keeps equal results apart.
            "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}"},
            "properties": _properties(result),
        }


def _fingerprint(result: Result) -> str:
    """Return a hash that stays the same when lines move."""
    where = result.construct or f"{result.template}/{result.logical_id}"
    identity = (result.pack, rule_id(result), result.key, where)
    return sha256("\0".join(identity).encode()).hexdigest()[:32]


def _message(result: Result) -> str:
    """Return place and detail. Code scanning also shows the rule's title."""
    name = result.construct or result.logical_id or result.stack
    path = f" ({result.property_path})" if result.property_path else ""
    about = "not verifiable: " if result.status is Status.NOT_VERIFIABLE else ""
    seen = f"{about}{result.detail or result.title}{path}".rstrip(".")
    return f"{name}: {seen}." if name else f"{seen}."


def _physical(place: Location) -> dict[str, Any]:
    path = PurePath(place.file)
    # One outside of the root has no relative name that code scanning would find.
    artifact = {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}
    # Where in the line is not known, and code scanning wants columns.
    region = {"startLine": place.line, "startColumn": 1, "endLine": place.line, "endColumn": 2}
    return {"artifactLocation": artifact, "region": region}


def _logical(result: Result) -> dict[str, Any]:
    name = result.construct or (f"{result.stack}/{result.logical_id}" if result.logical_id else result.stack)
    return {"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]} if name else {}


def _properties(result: Result) -> dict[str, Any]:
    """Return the attributes that SARIF has no place for."""
    attributes = {
        "severity": result.severity,
        "template": result.template,
        "stack": result.stack,
        "logicalId": result.logical_id,
        "resourceType": result.resource_type,
        "propertyPath": result.property_path,
    }
    return {name: value for name, value in attributes.items() if value}
