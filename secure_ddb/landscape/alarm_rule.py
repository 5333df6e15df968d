"""The rule of a composite alarm: in which states of other alarms it rings.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.three_valued import Truth

    # Name or ARN of an alarm to whether it is in ALARM; otherwise it is OK.
    InAlarm = Callable[[str], Truth]
    Expression = Callable[[InAlarm], Truth]

# Brackets and commas, text in quotes, and words, in which a placeholder may hold anything.
_TOKEN = re.compile(r"""[(),]|"(?:[^"\\]|\\.)*"|'[^']*'|(?:\$\{[^}]*\}|[^\s(),"'])(?:\$\{[^}]*\}|[^\s(),"])*""")
_AMOUNT = re.compile(r"(\d{1,9})(%?)")
# Nobody writes more brackets around brackets, and Python has a limit.
_DEEPEST = 100
_STATES: dict[str, Callable[[Truth], Truth]] = {
    "ALARM": lambda in_alarm: in_alarm,
    "OK": negate,
    # Here all alarms measure something.
    "INSUFFICIENT_DATA": lambda _: False,
}


class AlarmRule:
    """The rule of a composite alarm.

    Attributes:
        text: The rule as it was written, with references resolved.
        words: Everything in it that may be the name or the ARN of an alarm.
    """

    def __init__(self, text: str) -> None:
        """Read a rule; of one that is not understood nobody can tell when it holds."""
        self.text = text
        self.words = dict.fromkeys(map(_unquoted, _TOKEN.findall(text)))
        try:
            self._expression: Expression | None = _read(text)
        except (LookupError, ValueError):
            self._expression = None

    @property
    def is_understood(self) -> bool:
        """Whether it is written as AWS demands."""
        return self._expression is not None

    def holds(self, in_alarm: InAlarm) -> Truth:
        """Tell whether it holds; None if that depends on what nobody knows before the deployment."""
        return self._expression(in_alarm) if self._expression else None


def _read(text: str) -> Expression:
    if _TOKEN.sub("", text).strip():
        raise ValueError(text)
    tokens = deque(_TOKEN.findall(text))
    expression = _chain(tokens, depth=0)
    if tokens:
        raise ValueError(text)
    return expression


def _chain(tokens: deque[str], depth: int) -> Expression:
    operands, operators = [_operand(tokens, depth)], []
    while tokens and tokens[0].upper() in {"AND", "OR"}:
        operators.append(tokens.popleft().upper())
        operands.append(_operand(tokens, depth))
    return partial(_chained, operands, operators)


def _chained(operands: list[Expression], operators: list[str], in_alarm: InAlarm) -> Truth:
    first, *others = (operand(in_alarm) for operand in operands)
    from_left, and_first = first, [first]
    for operator, answer in zip(operators, others, strict=True):
        if operator == "AND":
            from_left, and_first[-1] = all_of(from_left, answer), all_of(and_first[-1], answer)
        else:
            from_left = any_of([from_left, answer])
            and_first.append(answer)
    # AWS does not say which of AND and OR comes first.
    return from_left if from_left is any_of(and_first) else None


def _operand(tokens: deque[str], depth: int) -> Expression:
    if depth > _DEEPEST:
        raise ValueError(depth)
    word = tokens.popleft().upper()
    if word == "NOT":
        negated = _operand(tokens, depth + 1)
        return lambda in_alarm: negate(negated(in_alarm))
    if word in {"TRUE", "FALSE"}:
        return lambda _: word == "TRUE"
    if word == "(":
        inside = _chain(tokens, depth + 1)
        _expect(tokens, ")")
        return inside
    return _at_least(tokens) if word == "AT_LEAST" else _in_state(_STATES[word], tokens)


def _in_state(state: Callable[[Truth], Truth], tokens: deque[str]) -> Expression:
    _expect(tokens, "(")
    name = _unquoted(tokens.popleft())
    _expect(tokens, ")")
    return lambda in_alarm: state(in_alarm(name))


def _at_least(tokens: deque[str]) -> Expression:
    _expect(tokens, "(")
    amount = _AMOUNT.fullmatch(tokens.popleft())
    if not amount:
        raise ValueError(tokens)
    _expect(tokens, ",")
    word = tokens.popleft().upper()
    negated = word == "NOT"
    state = _STATES[tokens.popleft().upper() if negated else word]
    _expect(tokens, ",", "(")
    names = [_unquoted(tokens.popleft())]
    while tokens[0] == ",":
        tokens.popleft()
        names.append(_unquoted(tokens.popleft()))
    _expect(tokens, ")", ")")
    needed = int(amount[1]) * len(names) / 100 if amount[2] else int(amount[1])

    def reached(in_alarm: InAlarm) -> Truth:
        found = [state(in_alarm(name)) for name in names]
        answers = [negate(each) for each in found] if negated else found
        if answers.count(True) >= needed:
            return True
        return None if len(answers) - answers.count(False) >= needed else False

    return reached


def _expect(tokens: deque[str], *expected: str) -> None:
    for each in expected:
        if tokens.popleft() != each:
            raise ValueError(each)


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] in "\"'" else token
