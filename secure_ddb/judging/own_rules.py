"""A company's own rules, run with those of this library."""

from __future__ import annotations

import re
from types import ModuleType
from typing import TYPE_CHECKING

from secure_ddb.errors import reject, require_type
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OURS = "SecureDdb"
# What CDK and SARIF make of an id has other characters in it: `Pack::Rule[key]`, `Rule/not-verifiable`.
_ID = re.compile(r"[A-Za-z][A-Za-z0-9.-]*\d", re.ASCII)
_ID_ALLOWED = f"letters, digits, - and . with a number at the end, such as ACME1, and not {_OURS} in front"


def with_own_rules(rules: Iterable[Rule | ModuleType]) -> tuple[Rule, ...]:
    """Return the rules of this library, and then those of a company.

    Args:
        rules: Rules, or modules with rules.

    Raises:
        InvalidArgumentError: One is no rule, a module has none, or an id cannot be accepted or is there twice.
    """
    found: dict[str, Rule] = {}
    for rule in _flat(rules):
        _check(rule)
        if rule.id in found and found[rule.id] is not rule:
            reject("rules", rule.id, "rules with an id each")
        found[rule.id] = rule
    return (*RULES, *found.values())


def _flat(rules: Iterable[Rule | ModuleType]) -> Iterator[Rule]:
    require_type("rules", rules, (list, tuple), "a list of rules, or of modules with rules")
    for each in rules:
        if not isinstance(each, ModuleType):
            yield each
            continue
        # A module may also import rules of this library, for example to refer to them.
        own = [value for value in vars(each).values() if isinstance(value, Rule) and value not in RULES]
        if not own:
            reject("rules", f"module {each.__name__}", "a module with functions that have the decorator @Rule(...)")
        yield from own


def _check(rule: Rule) -> None:
    require_type("rules", rule, Rule, "functions with the decorator @Rule(...), or modules with some")
    if not hasattr(rule, "check"):
        reject("rules", rule.id, "a rule that is the decorator of a function")
    if not isinstance(rule.id, str) or not _ID.fullmatch(rule.id) or rule.id.lower().startswith(_OURS.lower()):
        reject("id of a rule", rule.id, _ID_ALLOWED)
