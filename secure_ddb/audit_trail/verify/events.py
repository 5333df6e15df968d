"""Which changes have been seen, kept on disk: they are as many as there are lines."""

from __future__ import annotations

import sqlite3
from enum import Enum, auto
from typing import TYPE_CHECKING

from secure_ddb.audit_trail.verify.failure_bucket import KeptChange
from secure_ddb.audit_trail.verify.line import digest, encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.audit_trail.verify.line import Failure, Line

_CACHE_KIB = 24_576

# Digests are random. So rows stay in the order in which they come, and only an index of the events is in order: it is
# small enough for the cache.
_TABLES = """
    CREATE TABLE first_lines (event BLOB UNIQUE, line BLOB, content BLOB, link BLOB);
    CREATE TABLE further_lines (event BLOB, line BLOB, content BLOB, link BLOB, UNIQUE (event, line));
    CREATE VIEW lines AS SELECT * FROM first_lines UNION ALL SELECT * FROM further_lines;
    CREATE TABLE copies (link BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE failures (event BLOB, number TEXT, error TEXT, place TEXT, PRIMARY KEY (event, number)) WITHOUT ROWID;
    CREATE TABLE kept
        (event BLOB, number TEXT, id TEXT, shard TEXT, place TEXT, PRIMARY KEY (event, number)) WITHOUT ROWID;
"""


class Seen(Enum):
    """The relation of a line to earlier ones."""

    NEW = auto()
    COPY = auto()
    DUPLICATE = auto()
    CONTRADICTION = auto()


def temporary_database(tables: str, cache_kib: int) -> sqlite3.Connection:
    """Open a database with these tables in a temporary file, which sqlite deletes with it."""
    database = sqlite3.connect("", isolation_level=None)
    # Nothing is ever read after a crash, so nothing has to be safe from one.
    database.executescript(
        f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{cache_kib}; {tables} BEGIN;"
    )
    return database


class Events:
    """The changes that lines were about, by their ids."""

    def __init__(self) -> None:
        """Begin with none, in a temporary file that sqlite deletes when it is closed, or when the process ends."""
        self._database = temporary_database(_TABLES, _CACHE_KIB)

    def see(self, line: Line) -> Seen:
        """Return the relation of a line to earlier ones, and remember it."""
        row = (line.event_digest, line.text_digest, line.content, line.link)
        if self._database.execute("INSERT OR IGNORE INTO first_lines VALUES (?, ?, ?, ?)", row).rowcount:
            return Seen.NEW
        query = "SELECT line, content FROM lines WHERE event = ?"
        before = self._database.execute(query, (line.event_digest,)).fetchall()
        if any(seen == line.text_digest for seen, _ in before):
            self._database.execute("INSERT OR IGNORE INTO copies VALUES (?)", (line.link,))
            return Seen.COPY
        self._database.execute("INSERT INTO further_lines VALUES (?, ?, ?, ?)", row)
        return Seen.DUPLICATE if all(content == line.content for _, content in before) else Seen.CONTRADICTION

    def fail(self, failure: Failure, place: str) -> bool:
        """Remember a change that could not be written, and say whether it is the first time: Lambda tries again."""
        row = (digest(encoded(failure.event_id or "")), failure.sequence_number, failure.error, place)
        inserted = self._database.execute("INSERT OR IGNORE INTO failures VALUES (?, ?, ?, ?)", row)
        return inserted.rowcount > 0

    def keep(self, change: KeptChange) -> bool:
        """Remember a change that is in the failure bucket, and say whether it is the first time."""
        event = digest(encoded(change.event_id or ""))
        row = (event, change.sequence_number, change.event_id, change.shard, change.where)
        return self._database.execute("INSERT OR IGNORE INTO kept VALUES (?, ?, ?, ?, ?)", row).rowcount > 0

    def not_logged(self) -> Iterator[tuple[str, str, str]]:
        """Return the sequence number, the error and the place of changes that failed, and that no line is about.

        Those that are in the failure bucket are left to `kept_only`.
        """
        yield from self._database.execute(
            "SELECT number, error, place FROM failures WHERE event NOT IN (SELECT event FROM lines) "
            "AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.event = failures.event AND kept.number = failures.number) "
            "ORDER BY number"
        )

    def kept_only(self) -> Iterator[tuple[KeptChange, str | None]]:
        """Return the changes in the failure bucket that no line is about, and with which error one failed, if known."""
        rows = self._database.execute(
            "SELECT id, kept.number, shard, kept.place, error FROM kept LEFT JOIN failures USING (event, number) "
            "WHERE event NOT IN (SELECT event FROM lines) ORDER BY kept.place, kept.number"
        )
        for *change, error in rows:
            yield KeptChange(*change), error

    def copied(self, links: Iterable[str]) -> dict[str, bool]:
        """Return those of the links that a line has, and whether that line is there more than once."""
        self._database.execute("CREATE TEMP TABLE asked (link BLOB PRIMARY KEY)")
        self._database.executemany("INSERT INTO asked VALUES (?)", ((link,) for link in links))
        rows = self._database.execute(
            "SELECT link, link IN (SELECT link FROM copies) FROM lines WHERE link IN (SELECT link FROM asked)"
        )
        return {link: bool(copied) for link, copied in rows}

    def close(self) -> None:
        """Delete the file."""
        self._database.close()
