"""Every rule of this library, in the order in which they are listed."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import secure_ddb.rules
from secure_ddb.rules.rule import Rule

_SUBJECTS = ("ENC", "BAK", "AUD", "NET", "IAM", "MON", "DET", "OPS", "WAIVER")


def _place(rule: Rule) -> tuple[int, int]:
    subject = rule.id.removeprefix("SecureDdb-").rstrip("0123456789")
    return _SUBJECTS.index(subject), int(rule.id.removeprefix(f"SecureDdb-{subject}"))


def _all_rules() -> tuple[Rule, ...]:
    modules = walk_packages(secure_ddb.rules.__path__, "secure_ddb.rules.")
    found = (vars(import_module(module.name)).values() for module in modules if module.name != __name__)
    # Each once, although modules import some from each other.
    rules = {id(each): each for values in found for each in values if isinstance(each, Rule)}
    return tuple(sorted(rules.values(), key=_place))


RULES: tuple[Rule, ...] = _all_rules()
