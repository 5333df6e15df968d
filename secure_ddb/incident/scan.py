"""Scans a table in several segments at a time, and hands over page after page."""

from __future__ import annotations

import threading
from queue import Full, Queue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.incident.items import Item

# Pages that wait for each segment. A page has 1 MB at most.
_WAITING = 2
# How soon a thread sees that the reader has gone.
_SECONDS = 0.1


def scan(tables: Any, table: str, segments: int) -> Iterator[list[Item]]:  # noqa: ANN401 - boto3 has no types
    """Return all items of a table, page by page, in no order. Reads are consistent, so that no late write is missed.

    Args:
        tables: Client of boto3 for DynamoDB, which several threads may use.
        table: Name or ARN of the table.
        segments: How many scans run at a time.
    """
    pages = _Pages(segments)
    request = {"TableName": table, "ConsistentRead": True, "TotalSegments": segments}
    threads = [
        threading.Thread(target=_read, args=[tables, {**request, "Segment": segment}, pages], daemon=True)
        for segment in range(segments)
    ]
    for thread in threads:
        thread.start()
    try:
        ended = 0
        while ended < segments:
            page = pages.take()
            if page is None:
                ended += 1
            else:
                yield page
    finally:
        pages.close()
        for thread in threads:
            thread.join(timeout=1)


def _read(tables: Any, request: dict[str, Any], pages: _Pages) -> None:  # noqa: ANN401 - boto3 has no types
    """Read a segment; its end is None, or the error that ended it."""
    try:
        for page in tables.get_paginator("scan").paginate(**request):
            if not pages.put(page["Items"]):
                return
        pages.put(None)
    except BaseException as error:  # noqa: BLE001 - raised again where pages are taken
        pages.put(error)


class _Pages:
    """Pages that wait to be taken, as many as there is room for."""

    def __init__(self, segments: int) -> None:
        self._queue: Queue[list[Item] | BaseException | None] = Queue(segments * _WAITING)
        self._closed = threading.Event()

    def put(self, page: list[Item] | BaseException | None) -> bool:
        """Wait for room, and return whether pages are still accepted."""
        while not self._closed.is_set():
            try:
                self._queue.put(page, timeout=_SECONDS)
            except Full:
                continue
            return True
        return False

    def take(self) -> list[Item] | None:
        """Return the next page, or None at the end of a segment; raise the error that ended one."""
        page = self._queue.get()
        if isinstance(page, BaseException):
            raise page
        return page

    def close(self) -> None:
        """Stop accepting pages."""
        self._closed.set()
