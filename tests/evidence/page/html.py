"""Reads a page as a tree, as a browser would, as far as these pages need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOID = {"input", "link", "meta", "wbr"}
_SVG_EMPTY = {"path", "rect", "use"}


@dataclass
class Element:
    """An element."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with single spaces."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", **attributes: str) -> Iterator[Element]:
        """Return what is in it, of a tag and with attributes."""
        for child in self.children:
            if isinstance(child, str):
                continue
            has = all(child.attributes.get(name) == value for name, value in attributes.items())
            if has and tag in ("", child.tag):
                yield child
            yield from child.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only element of a tag and with attributes."""
        (found,) = self.all(tag, **attributes)
        return found


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "tr"):
            self._end_left_out(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SVG_EMPTY, f"<{tag}/> does not end there in HTML"
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1].tag != tag:
            assert self._open[-1].tag in ("td", "tr"), f"<{self._open[-1].tag}> is open at </{tag}>"
            self._open.pop()
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _end_left_out(self, tag: str) -> None:
        """End the cell or row that a new one follows."""
        for depth in range(len(self._open) - 1, 0, -1):
            name = self._open[depth].tag
            if name in ("table", "tbody", "thead") or (tag == "td" and name == "tr"):
                return
            if name in ("td", "tr"):
                del self._open[depth:]


def read(html: str) -> Element:
    """Read a page; what is left open or ended wrongly is an error."""
    tree = _Tree()
    tree.feed(html)
    tree.close()
    assert len(tree._open) == 1, tree._open[-1].tag
    return tree.root
