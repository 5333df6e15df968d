"""Events that DynamoDB and Lambda could send, ordinary and hostile ones, in any number."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.audit.checks import Item, Record

# The same examples in every run: what decides whether a change lands does not depend on luck.
PROPERTY = settings(deadline=None, derandomize=True, database=None, max_examples=50)

_MARK = "MARKER"
_SEVENS = "7" * 30
MARKS = (_MARK, base64.b64encode(_MARK.encode()).decode(), _SEVENS)
"""What is in each text, each binary value and each number that is not about the shortest; in no name."""

_HOSTILE = (
    "",
    " ",
    "\n",
    '{"schema":1,"failure":{}}\n',
    '"}}\r\n{"level":"TRACE"}',
    "\x00\x1b[2J\x7f\x85\u2028\u2029",
    '\\"',
    "\\n",
    "\ud800",
    "\udfff",
    "\U0001f600",
    "\u202e",
    "link",
    ',"link":"',
)
_texts = st.one_of(st.sampled_from(_HOSTILE), st.text(max_size=12))
names = _texts.filter(bool)
"""Names of attributes, which are never empty."""

_strings = st.builds(lambda text, number: {"S": f"{text}{_MARK}{number}"}, _texts, st.integers(0, 9))
_numbers = st.builds(
    lambda sign, digits: {"N": f"{sign}{_SEVENS}{digits}"}, st.sampled_from(("", "-", "0.")), st.integers(0, 10**8)
)
_binaries = st.builds(lambda content: {"B": _base64(content)}, st.binary(max_size=8))
_scalars = st.one_of(
    _strings,
    _numbers,
    _binaries,
    st.sampled_from(({"S": ""}, {"B": ""}, {"N": "0"}, {"NULL": True}, {"BOOL": True}, {"BOOL": False})),
)


def _base64(content: bytes) -> str:
    # Three bytes of the content's own at most are mixed with the mark's in one group of base64.
    return base64.b64encode(content.ljust(9, b"\xff") + _MARK.encode()).decode()


def _set_of(kind: str, members: st.SearchStrategy[dict[str, str]]) -> st.SearchStrategy[dict[str, Any]]:
    unique = st.lists(members.map(lambda member: member[kind]), min_size=1, max_size=4, unique=True)
    return unique.map(lambda values: {f"{kind}S": values})


_sets = st.one_of(_set_of("S", _strings), _set_of("N", _numbers), _set_of("B", _binaries))


def _containers(values: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.lists(values, max_size=4).map(lambda elements: {"L": elements}),
        st.dictionaries(_strings.map(lambda text: text["S"]), values, max_size=4).map(lambda entries: {"M": entries}),
    )


values = st.recursive(_scalars | _sets, _containers, max_leaves=8)
"""Values of all types."""

keys = st.dictionaries(names, st.one_of(_strings, _numbers, _binaries), min_size=1, max_size=2)
"""Keys of items: of one attribute or of two."""


@st.composite
def changes(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Record:
    """Return what is in the field `dynamodb` of a record, with the action."""
    key: Item = draw(keys)
    old: Item = draw(st.dictionaries(names, values, max_size=6)) | key
    new = {name: draw(values) if draw(st.booleans()) else value for name, value in old.items() if draw(st.booleans())}
    new |= draw(st.dictionaries(names, values, max_size=3)) | key
    images = {"INSERT": {"NewImage": new}, "REMOVE": {"OldImage": old}, "MODIFY": {"NewImage": new, "OldImage": old}}
    action = draw(st.sampled_from(sorted(images)))
    return {"eventName": action, "dynamodb": {"Keys": key, **images[action]}}


def record(change: Record, number: int = 1) -> Record:
    """Return a record as Lambda passes it: through JSON."""
    content = {
        "eventID": f"{number:032x}",
        "eventName": change["eventName"],
        "dynamodb": change["dynamodb"]
        | {
            "SequenceNumber": f"{5200000000047189201511000 + number}",
            "ApproximateCreationDateTime": 1764230400 + number,
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:111122223333:table/Visits/stream/2026-01-15T09:30:00.123",
    }
    passed: Record = json.loads(json.dumps(content))
    return passed


records = st.lists(changes(), min_size=1, max_size=5).map(
    lambda drawn: [record(change, number) for number, change in enumerate(drawn, 1)]
)
"""The records of a batch."""
