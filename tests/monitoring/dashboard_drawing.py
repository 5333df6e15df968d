"""Writes docs/dashboard.svg, a dashboard with sample data: `python -m tests.monitoring.dashboard_drawing`.

It draws the widgets of the body that examples/monitoring.py synthesizes, where CloudWatch would place them.
CloudWatch's own rendering differs.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment

from examples.monitoring import OrdersStack
from secure_ddb.cloudformation.template import Template
from secure_ddb.landscape.assembly import Assembly
from tests.monitoring.dashboard_samples import HOURS, by_day, metric_of, sample, total

DRAWING = Path(__file__).parents[2] / "docs" / "dashboard.svg"
# Pixels of one unit of the grid, and around a graph inside of its widget.
_UNIT_X, _UNIT_Y, _GAP = 50, 38, 8
_LEFT, _TOP, _RIGHT, _BOTTOM = 62, 34, 14, 46
_COLOURS = ("#2563ab", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#be185d")
_MOST_IN_LEGEND = 6
_DAYS = 14
_LAST_DAYS = ["14 days ago", "7 days ago", "today"]
_NO_DATA = "No data: AWS made the material of this key"
# As an image it cannot follow the page around it, so it has a background of its own.
_STYLE = """\
svg { background: #eef1f4; font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
.widget { fill: #fff; stroke: #c8d0d8; }
.title { font-size: 14px; font-weight: 600; fill: #17212b; }
.axis, .legend { font-size: 11px; fill: #4a5763; }
.grid { stroke: #e3e8ec; }
.line { fill: none; stroke-width: 1.6; }
.mark { stroke: #b91c1c; stroke-dasharray: 4 3; }
.alarm { font-size: 11px; fill: #fff; }
"""


def synthesized() -> tuple[dict[str, Any], dict[str, str]]:
    """Return the body of the example's dashboard, and the ARNs of alarms with their construct ids."""
    app = App()
    OrdersStack(app, "Orders", env=Environment(account="111122223333", region="eu-central-1"))
    template = app.synth().get_stack_by_name("Orders").template
    assembly = Assembly([Template(name="Orders", body=template, account="111122223333", region="eu-central-1")])
    (dashboard,) = assembly.of_type("AWS::CloudWatch::Dashboard")
    alarms = [*assembly.of_type("AWS::CloudWatch::Alarm"), *assembly.of_type("AWS::CloudWatch::CompositeAlarm")]
    names = {alarm.arn: alarm.logical_id[:-8].removeprefix("Orders") for alarm in alarms}
    body: dict[str, Any] = json.loads(str(dashboard.properties["DashboardBody"]))
    return body, names


def svg() -> str:
    """Return the drawing."""
    body, alarms = synthesized()
    widgets = body["widgets"]
    width = max(each["x"] + each["width"] for each in widgets) * _UNIT_X
    height = max(each["y"] + each["height"] for each in widgets) * _UNIT_Y + 28
    drawn = "\n".join(_widget(each, alarms) for each in widgets)
    said = "Sample data, not measured. CloudWatch draws it otherwise."
    note = f'<text x="12" y="{height - 10}" class="legend">{said}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>A dashboard of one table with sample data</title>\n<style>\n{_STYLE}</style>\n"
        f"{drawn}\n{note}\n</svg>\n"
    )


def _widget(widget: dict[str, Any], alarms: dict[str, str]) -> str:
    x, y = widget["x"] * _UNIT_X + _GAP / 2, widget["y"] * _UNIT_Y + _GAP / 2
    width, height = widget["width"] * _UNIT_X - _GAP, widget["height"] * _UNIT_Y - _GAP
    properties = widget["properties"]
    if widget["type"] == "alarm":
        inner = _alarms(properties["alarms"], alarms, width)
    else:
        inner = _graph(properties, width, height)
    return (
        f'<g transform="translate({x:g},{y:g})"><rect class="widget" width="{width}" height="{height}" rx="4"/>'
        f'<text class="title" x="12" y="22">{escape(properties["title"])}</text>{inner}</g>'
    )


def _alarms(arns: list[str], names: dict[str, str], width: int) -> str:
    """Draw the states of alarms: those of the incident are in ALARM."""
    in_alarm = {"Health", "Throttles", "CapacityUse"}
    columns = 8
    size = (width - 24) / columns
    drawn = []
    for position, arn in enumerate(arns):
        row, column = divmod(position, columns)
        name = names[arn]
        colour = "#b91c1c" if name in in_alarm else "#15803d"
        x, y = 12 + column * size, 32 + row * 26
        drawn.append(
            f'<rect x="{x:g}" y="{y}" width="{size - 6:g}" height="22" rx="3" fill="{colour}"/>'
            f'<text class="alarm" x="{x + 6:g}" y="{y + 15}">{escape(name)}</text>'
        )
    return "".join(drawn)


def _graph(properties: dict[str, Any], width: int, height: int) -> str:
    lines = [(label, _values(metric, label, properties)) for metric, label in _lines(properties["metrics"])]
    marks = [each["value"] for each in properties.get("annotations", {}).get("horizontal", ())]
    top = max([1.0, *marks, *(value for _, values in lines for value in values)]) * 1.1
    inner_width, inner_height = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    ticks = _LAST_DAYS if _is_by_day(properties) else [f"{hour:02}:00" for hour in range(0, HOURS + 1, 6)]
    drawn = [_axes(top, inner_width, inner_height, ticks)]
    if not any(values for _, values in lines):
        drawn.append(f'<text class="axis" x="{_LEFT + 20}" y="{_TOP + inner_height / 2:g}">{_NO_DATA}</text>')
    for position, values in enumerate(values for _, values in lines if values):
        drawn.append(_line(values, top, inner_width, inner_height, _COLOURS[position % len(_COLOURS)]))
    for mark in marks:
        y = _TOP + inner_height * (1 - mark / top)
        drawn.append(f'<line class="mark" x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
    return "".join([*drawn, _legend([label for label, _ in lines], height)])


def _lines(metrics: list[list[Any]]) -> list[tuple[str, str]]:
    shown = [line for line in metrics if not (isinstance(line[-1], dict) and line[-1].get("visible") is False)]
    return [metric_of(line) for line in shown]


def _values(metric: str, label: str, properties: dict[str, Any]) -> list[float]:
    if _is_by_day(properties):
        return by_day(metric, label, _DAYS)
    values = sample(metric, label)
    return total(values, properties["period"]) if properties["stat"] == "Sum" else values


def _is_by_day(properties: dict[str, Any]) -> bool:
    return properties.get("start") == f"-P{_DAYS}D"


def _axes(top: float, width: float, height: float, ticks: list[str]) -> str:
    drawn = []
    for step in range(5):
        y = _TOP + height * (1 - step / 4)
        drawn.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + width:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="axis" text-anchor="end" x="{_LEFT - 6}" y="{y + 4:.1f}">{_short(top * step / 4)}</text>'
        )
    for position, tick in enumerate(ticks):
        x = _LEFT + width * position / (len(ticks) - 1)
        anchor = "end" if position == len(ticks) - 1 else "middle"
        drawn.append(
            f'<text class="axis" text-anchor="{anchor}" x="{x:.1f}" y="{_TOP + height + 15:.1f}">{tick}</text>'
        )
    return "".join(drawn)


def _line(values: list[float], top: float, width: float, height: float, colour: str) -> str:
    step = width / (len(values) - 1)
    points = " ".join(
        f"{_LEFT + step * position:.1f},{_TOP + height * (1 - value / top):.1f}"
        for position, value in enumerate(values)
    )
    return f'<polyline class="line" stroke="{colour}" points="{points}"/>'


def _legend(labels: list[str], height: int) -> str:
    drawn = []
    x = 14.0
    shown = labels[:_MOST_IN_LEGEND] if len(labels) > _MOST_IN_LEGEND + 1 else labels
    for position, label in enumerate([*shown, *([f"and {len(labels) - len(shown)} more"] if shown != labels else [])]):
        colour = _COLOURS[position % len(_COLOURS)] if position < len(shown) else "none"
        drawn.append(
            f'<rect x="{x:g}" y="{height - 17}" width="9" height="9" fill="{colour}"/>'
            f'<text class="legend" x="{x + 13:g}" y="{height - 9}">{escape(label)}</text>'
        )
        x += 26 + 6.1 * len(label)
    return "".join(drawn)


def _short(value: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


if __name__ == "__main__":
    DRAWING.write_text(svg(), encoding="utf-8")
