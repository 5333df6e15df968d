"""Writes the `rules` of each control anew, as the rules name it: `python -m tests.evidence.rules_lines`.

It makes catalogue and rules agree by believing the rules. Read the difference before committing it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import secure_ddb.evidence.catalogue
from secure_ddb.evidence.catalogue.load import FILES
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.rules.rule import Rule

FOLDER = Path(secure_ddb.evidence.catalogue.__path__[0])
CONTROL = re.compile(r'(?P<before>^id = "(?P<id>[^"]+)"\ntitle = .+\n)rules = \[[^\]]*\]$', re.MULTILINE)
WIDTH = 118


def rewritten(text: str, rules: Iterable[Rule]) -> str:
    """Return the text of a data file with the rules that name each control, in the order of the pack."""

    def line(found: re.Match[str]) -> str:
        serving = [rule.id for rule in rules if found["id"] in (*rule.requirements, *rule.controls)]
        return f"{found['before']}rules = {_array(serving)}"

    return CONTROL.sub(line, text)


def _array(items: list[str]) -> str:
    short = "[" + ", ".join(f'"{item}"' for item in items) + "]"
    if len(f"rules = {short}") <= WIDTH:
        return short
    lines = ["   "]
    for item in items:
        if len(lines[-1]) + len(item) + len(' "",') > WIDTH:
            lines.append("   ")
        lines[-1] += f' "{item}",'
    return "\n".join(["[", *lines, "]"])


if __name__ == "__main__":
    for name in FILES:
        file = FOLDER / name
        file.write_text(rewritten(file.read_text(encoding="utf-8"), RULES), encoding="utf-8")
