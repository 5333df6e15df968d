"""Writes docs/aws-requirements.md, the requirements for reading: `python -m tests.acceptance.page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.oracles import ORACLES
from tests.acceptance.requirement import Basis
from tests.acceptance.requirements.groups import REQUIREMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.requirement import Requirement

PAGE = Path(__file__).parents[2] / "docs" / "aws-requirements.md"
INTRODUCTION = """# What AWS requires of our policies

Each row is a permission that an AWS service needs when a resource is made or when it runs. `make test` has a policy
engine decide each one against the synthesized policies, by the check that the service performs. `make snapshots` writes
this page from [tests/acceptance](../tests/acceptance).

None of this was deployed: [what only a real account can show](not-proven.md).
"""
_MANAGED = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference"
_COLUMNS = ("Needed", "Principal", "Actions", "On", "Decided by", "Rests on")


def page() -> str:
    """Return the page in Markdown."""
    return "\n".join([INTRODUCTION, *_requirements(), *_oracles()]) + "\n"


def _requirements() -> Iterator[str]:
    for service in dict.fromkeys(requirement.service for requirement in REQUIREMENTS):
        yield f"## {service}\n"
        rows = dict.fromkeys(_row(each) for each in REQUIREMENTS if each.service == service)
        for row in (_COLUMNS, ("---",) * len(_COLUMNS), *rows):
            yield f"| {' | '.join(row)} |"
        yield ""


def _row(requirement: Requirement) -> tuple[str, ...]:
    return (
        requirement.moment,
        requirement.who,
        ", ".join(requirement.actions),
        requirement.on,
        requirement.check,
        _source(requirement),
    )


def _source(requirement: Requirement) -> str:
    source = requirement.source
    if requirement.basis is Basis.MANAGED_POLICY:
        return f"[{source}]({_MANAGED}/{source}.html) ({requirement.basis})"
    address, _, remark = source.partition(" (")
    if not address.startswith("https://"):
        return f"{source} ({requirement.basis})"
    return f"[{requirement.basis}]({address}){f' ({remark}' if remark else ''}"


def _oracles() -> Iterator[str]:
    yield "## AWS's own policies\n"
    yield "Our roles allow every action of these AWS managed policies on our resources, except those below.\n"
    yield "| Policy | Role | Left out | Why |\n| --- | --- | --- | --- |"
    for oracle in ORACLES:
        for action, reason in oracle.left_out.items() or [("nothing", "")]:
            yield f"| [{oracle.policy}]({_MANAGED}/{oracle.policy}.html) | {oracle.role} | {action} | {reason} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
