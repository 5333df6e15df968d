"""Writes the table of docs/access.md, who can do what from where: `python -m tests.policies.access_page`."""

from __future__ import annotations

from pathlib import Path

from tests.policies.requests.summary import COLUMNS, LINES

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
BEGIN, END = "<!-- begin: written by python -m tests.policies.access_page -->", "<!-- end -->"


def table() -> str:
    """Return the table in Markdown."""
    rows = [
        ["Who", "From where", *COLUMNS],
        ["---"] * (len(COLUMNS) + 2),
        *([line.title, line.network, *line.cells] for line in LINES),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(text: str) -> str:
    """Return the page with its table renewed."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, "the page has lost its markers"
    assert end, "the page has lost its markers"
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
