"""The charts' child process: draws what it is told with matplotlib, gives it back as PNG.

`python -m bot.charts.drawing` serves; about 120 MB of memory once matplotlib is loaded."""

# matplotlib's stubs leave its many keywords untyped.
# pyright: reportUnknownMemberType=false

import io
from collections.abc import Sequence
from math import ceil, nan
from typing import Any

import matplotlib as mpl
import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.typing import RcKeyType

from bot.charts.types import Chart, Panel, Unit
from bot.childside import serve

_MEMORY = 1024 * 1024 * 1024
_CPU_SECONDS = 30

# A ground of its own: Discord shows the picture on a dark or a light one.
GROUND, INK, FAINT = "#ffffff", "#1f2328", "#59636e"
_GRID = "#d1d9e0"
# Okabe and Ito's colours, told apart with any kind of colour blindness; hatches say it again.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#bbbbbb")
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "---", "ooo", "|||")
_HEAT = "YlGnBu"  # light to dark, in any kind of colour blindness

_STYLE: dict[RcKeyType, Any] = {
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": GROUND,
    "figure.facecolor": GROUND,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,  # a model's name may have dollars in it
}
_WIDTH, _DPI = 7.5, 192  # inches; letters of 10 points are still readable in a narrow chat
_TICKS = 12
_NAME = 34  # characters


def draw(chart: Chart) -> bytes:
    """Give the chart as an opaque PNG."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, _height(chart)), dpi=_DPI, layout="constrained")
        figure.suptitle(chart.title, fontsize=13, fontweight="bold")
        sideways = chart.kind == "ranked"
        rows, columns = (1, len(chart.panels)) if sideways else (len(chart.panels), 1)
        grid = figure.subplots(rows, columns, squeeze=False, sharex=not sideways, sharey=sideways)
        for axes, panel in zip(grid.flat, chart.panels, strict=True):
            _DRAWN[chart.kind](axes, chart, panel)
        if not sideways:
            grid.flat[-1].set_xlabel(chart.ticks_label)
        if chart.kind == "stacked":
            _legend(figure, grid.flat[0], chart.series)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return buffer.getvalue()


def _height(chart: Chart) -> float:
    match chart.kind:
        case "stacked":
            return 5.0 + 0.25 * ceil(len(chart.series) / 2)
        case "ranked":
            return 1.6 + 0.34 * max(3, len(chart.ticks))
        case "heatmap":
            return 5.6


def _stacked(axes: Axes, chart: Chart, panel: Panel) -> None:
    places = range(len(chart.ticks))
    feet = [0.0] * len(chart.ticks)
    for at, values in enumerate(panel.values):
        axes.bar(
            places,
            values,
            bottom=feet,
            width=min(0.8, 0.1 * len(chart.ticks)),
            color=COLOURS[at],
            hatch=HATCHES[at],
            edgecolor=INK,
            linewidth=0.6,
        )
        feet = [foot + value for foot, value in zip(feet, values, strict=True)]
    axes.set_xlim(-0.6, len(chart.ticks) - 0.4)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(panel.label)
    _scale(axes.yaxis, panel)
    _few_ticks(axes, chart)
    axes.grid(axis="y", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def _ranked(axes: Axes, chart: Chart, panel: Panel) -> None:
    (values,) = panel.values
    bars = axes.barh(
        range(len(chart.ticks)), values, color=COLOURS[0], edgecolor=INK, linewidth=0.6
    )
    axes.bar_label(bars, [written(value, panel.unit) for value in values], padding=3, fontsize=9)
    axes.set_yticks(range(len(chart.ticks)), [_short(tick) for tick in chart.ticks])
    axes.set_ylim(len(chart.ticks) - 0.4, -0.6)  # the first one on top
    axes.set_xlim(0, 1.3 * max(values) or 1)  # room for the numbers
    axes.set_xlabel(panel.label)
    _scale(axes.xaxis, panel, steps=4)
    axes.tick_params(axis="y", length=0)


def _heatmap(axes: Axes, chart: Chart, panel: Panel) -> None:
    most = max(max(values) for values in panel.values)
    # Fields with nothing stay empty; the root keeps small numbers apart beside a large one.
    fields = [[value or nan for value in values] for values in panel.values]
    norm = PowerNorm(0.5, vmin=0, vmax=most or 1)
    shown = axes.imshow(fields, aspect="auto", cmap=_HEAT, norm=norm)
    axes.set_yticks(range(len(chart.series)), chart.series)
    axes.tick_params(length=0)
    _few_ticks(axes, chart)
    for edge in axes.spines.values():
        edge.set_visible(True)
    if not most:
        _say(axes, panel.nothing)
        return
    bar = axes.figure.colorbar(shown, ax=axes, pad=0.02, label=panel.label)
    _scale(bar.ax.yaxis, panel, steps=4)
    if panel.unit == "count":
        _write_numbers(axes, panel, shown)


def _write_numbers(axes: Axes, panel: Panel, shown: AxesImage) -> None:
    colours = shown.to_rgba(np.array(panel.values))
    for line, values in enumerate(panel.values):
        for column, value in enumerate(values):
            if value:
                ink = ink_on([float(part) for part in colours[line, column, :3]])
                axes.text(
                    column, line, _brief(value), ha="center", va="center", fontsize=7, color=ink
                )


def ink_on(colour: Sequence[float]) -> str:
    """Give black or white, whichever is easier to read on this colour (parts from 0 to 1)."""
    dark, light = contrast((0, 0, 0), colour), contrast((1, 1, 1), colour)
    return "#000000" if dark >= light else "#ffffff"


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Give WCAG's contrast of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Sequence[float]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _legend(figure: Figure, axes: Axes, series: Sequence[str]) -> None:
    figure.legend(
        handles=list(axes.containers),
        labels=[_short(name) for name in series],
        loc="outside lower center",
        ncols=2,
        frameon=False,
        fontsize=9,
        handlelength=2.4,
        handleheight=1.1,
    )


def _few_ticks(axes: Axes, chart: Chart) -> None:
    shown = range(0, len(chart.ticks), ceil(len(chart.ticks) / _TICKS))
    axes.set_xticks(list(shown), [chart.ticks[at] for at in shown])


def _scale(axis: Axis, panel: Panel, steps: int = 6) -> None:
    if not any(any(values) for values in panel.values):
        axis.set_ticks([])
        _say(axis.axes, panel.nothing)
        return

    def label(value: float, _at: int | None) -> str:
        return written(value, panel.unit)

    whole = panel.unit == "count"
    axis.set_major_locator(MaxNLocator(steps, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(label))


def _say(axes: Axes, sentence: str) -> None:
    axes.text(0.5, 0.5, sentence, color=FAINT, ha="center", va="center", transform=axes.transAxes)


def written(value: float, unit: Unit) -> str:
    """Give a number as an axis has it."""
    if unit == "count":
        return f"{value:,.0f}"
    if value >= 1 or not value:
        return f"${value:,.2f}"
    dollars, _point, rest = f"{value:.{1 - _exponent(value)}f}".partition(".")
    return f"${dollars}.{rest.rstrip('0'):0<2}"


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _brief(value: float) -> str:
    return f"{value:.0f}" if value < 1000 else f"{value / 1000:.0f}k"


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


_DRAWN = {"stacked": _stacked, "ranked": _ranked, "heatmap": _heatmap}


def answer(_head: dict[str, Any], data: bytes) -> tuple[dict[str, object], bytes]:
    """Answer one request: a Chart as JSON in, a PNG out."""
    return {}, draw(msgspec.json.decode(data, type=Chart))


if __name__ == "__main__":
    serve(answer, memory=_MEMORY, cpu_seconds=_CPU_SECONDS)
