"""Whether the audit function wrote the lines: the MACs of links, which only AWS KMS can compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.audit_trail.verify.events import temporary_database
from secure_ddb.audit_trail.verify.report import MOST_SHOWN, Kind, OriginReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.audit_trail.verify.report import Report

    VerifyMac = Callable[[str, str], bool]

_CACHE_KIB = 8_192
_TABLES = """
    CREATE TABLE batches (link TEXT, mac TEXT, previous TEXT, place TEXT, UNIQUE (link, mac));
    CREATE INDEX continued ON batches (previous);
"""

_WRONG = "the MAC of the link {link} is not the audit function's: it did not write this batch, or the MAC was altered"
_MISSING = "batch {first} has no MAC, so nothing shows that the audit function wrote it"


class WholeBatch(NamedTuple):
    """A batch whose lines are all there, each with the right link.

    Attributes:
        table: The table that its last line is about.
        first: Its first sequence number.
        created: About when the change of its last line was made, in seconds since 1970.
        previous: The link that its first line continues.
        link: The link of its last line.
        mac: The MAC of that link, if there is one.
        where: The place of its last line.
    """

    table: str
    first: str
    created: float
    previous: str | None
    link: str
    mac: str | None
    where: str


class Origin:
    """The whole batches of a trail and their MACs.

    A link is computed from all lines before it in its chain. So a right MAC proves them all, and AWS KMS is asked only
    about the last batch of each chain, and about those before it as long as MACs are wrong.
    """

    def __init__(self, report: Report, verify_mac: VerifyMac | None) -> None:
        """Begin with no batch; without `verify_mac`, only look at where MACs are missing."""
        self._report = report
        self._verify_mac = verify_mac
        self._with_mac: set[str] = set()
        self._missing: dict[str, list[WholeBatch]] = {}
        self._counts: dict[str, int] = {}
        if verify_mac:
            self._database = temporary_database(_TABLES, _CACHE_KIB)
            report.origin = OriginReport()

    def take(self, batch: WholeBatch) -> None:
        """Take a whole batch."""
        if batch.mac:
            self._with_mac.add(batch.table)
            self._report.saw_mac(batch.created)
        else:
            missing = self._missing.setdefault(batch.table, [])
            self._counts[batch.table] = self._counts.get(batch.table, 0) + 1
            if len(missing) < MOST_SHOWN:
                missing.append(batch)
        if self._verify_mac:
            row = (batch.link, batch.mac or "", batch.previous, batch.where)
            self._database.execute("INSERT OR IGNORE INTO batches VALUES (?, ?, ?, ?)", row)

    def finish(self) -> None:
        """Report missing MACs in tables that have others, or in all where they are to be verified, and wrong ones."""
        for table, batches in self._missing.items():
            self._report.batches_without_mac += self._counts[table]
            if self._verify_mac or table in self._with_mac:
                for batch in batches:
                    self._report.add(Kind.ORIGIN, batch.where, _MISSING.format(first=batch.first))
                self._report.counts[Kind.ORIGIN] += self._counts[table] - len(batches)
        if self._verify_mac:
            self._verify_ends(self._verify_mac)
            self._database.close()

    def _verify_ends(self, verify_mac: VerifyMac) -> None:
        reported: set[str] = set()
        for end in self._ends():
            link: str | None = end
            while link and link not in reported and (rows := self._rows(link)):
                with_mac = [(mac, place) for mac, _, place in rows if mac]
                if any(self._is_right(verify_mac, link, mac) for mac, _ in with_mac):
                    break
                for _, place in with_mac[:1]:
                    self._report.add(Kind.ORIGIN, place, _WRONG.format(link=link))
                reported.add(link)
                link = rows[0][1]

    def _ends(self) -> list[str]:
        """Return the links of the batches that no whole batch continues."""
        return [
            link
            for (link,) in self._database.execute(
                "SELECT DISTINCT link FROM batches WHERE link NOT IN "
                "(SELECT previous FROM batches WHERE previous IS NOT NULL) ORDER BY rowid"
            )
        ]

    def _rows(self, link: str) -> list[tuple[str, str | None, str]]:
        """Return MAC, previous link and place of the batch that ends with a link, and of copies with another MAC."""
        query = "SELECT mac, previous, place FROM batches WHERE link = ? ORDER BY rowid"
        return self._database.execute(query, (link,)).fetchall()

    def _is_right(self, verify_mac: VerifyMac, link: str, mac: str) -> bool:
        origin = self._report.origin
        is_right = verify_mac(link, mac)
        if origin:
            origin.verified += 1
            origin.right += is_right
        return is_right
