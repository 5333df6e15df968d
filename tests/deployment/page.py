"""Writes the table of docs/deploying.md and docs/deployment-policies: `python -m tests.deployment.page`."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path

from tests.deployment.left_out import REFUSED, UNUSED
from tests.deployment.permissions import HANDLERS, needed
from tests.deployment.policies import SERVICE_LINKED_ROLES, documents, is_left_out, key_services, passed_to
from tests.deployment.replica_policy import NAME, replica_document

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "deploying.md"
POLICIES = DOCS / "deployment-policies"
BEGIN, END = "<!-- begin: written by python -m tests.deployment.page -->", "<!-- end -->"


def generated() -> str:
    """Return the generated part of the page in Markdown."""
    return f"{_needed_table()}\n\n{_left_out_table()}\n\n{_conditions()}"


def with_generated(text: str) -> str:
    """Return the page with its generated part renewed."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, "the page has lost its markers"
    assert end, "the page has lost its markers"
    return f"{before}{BEGIN}\n{generated()}\n{END}{after}"


def policy_files() -> dict[Path, str]:
    """Return each policy file and its content."""
    policies = {**documents(), NAME: replica_document()}
    return {POLICIES / f"{name}.json": json.dumps(each, indent=2) + "\n" for name, each in policies.items()}


def _needed_table() -> str:
    groups: dict[tuple[str, frozenset[str]], list[str]] = {}
    for action, handlers in needed().items():
        if not is_left_out(action):
            service, name = action.split(":")
            groups.setdefault((service, frozenset(handlers)), []).append(name)
    rows = [
        [service, ", ".join(f"`{name}`" for name in names), *("yes" if each in handlers else "" for each in HANDLERS)]
        for (service, handlers), names in sorted(groups.items(), key=lambda group: (group[0][0], group[1]))
    ]
    return _table(["Service", "Actions", *HANDLERS], rows)


def _left_out_table() -> str:
    unused = [
        [
            f"`{row.resource_type}`: {', '.join(f'`{name}`' for name in row.properties)}, which no template sets.",
            _matching(row.actions),
        ]
        for row in UNUSED
    ]
    refused = [[row.reason, _matching(row.actions)] for row in REFUSED]
    return "Left out, although the schemas name them:\n\n" + _table(["Why", "Actions"], [*unused, *refused])


def _conditions() -> str:
    roles = [f"- `{service}`: {why}" for service, why in SERVICE_LINKED_ROLES.items()]
    return "\n".join(
        [
            f"`iam:PassRole` is limited to roles of the stack and to {_listed(passed_to())}.",
            "",
            f"Use of the key is limited to requests through {_listed(key_services())}.",
            "",
            "`iam:CreateServiceLinkedRole` is limited to these services, which create their role on first use:",
            "",
            *roles,
        ]
    )


def _matching(patterns: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in needed() if any(fnmatchcase(each, pattern) for pattern in patterns))


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


if __name__ == "__main__":
    for file, content in policy_files().items():
        file.write_text(content, encoding="utf-8")
    PAGE.write_text(with_generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
