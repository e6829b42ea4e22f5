"""What a chart shows, in words and numbers that are ready to be drawn."""

from typing import Literal

import msgspec

Kind = Literal["stacked", "ranked", "heatmap"]
Unit = Literal["count", "usd"]


class Panel(msgspec.Struct, frozen=True):
    """One set of axes: `values` has a row for each of the chart's series, a number for each tick.

    Where all of them are 0 it says `nothing` instead."""

    label: str
    unit: Unit
    values: tuple[tuple[float, ...], ...]
    nothing: str


class Chart(msgspec.Struct, frozen=True):
    """A picture of one or two panels that share their ticks and series.

    stacked: a bar a tick, its parts the series. ranked: a lying bar a tick, one series. heatmap: a
    column a tick, a line a series."""

    kind: Kind
    title: str
    ticks: tuple[str, ...]
    ticks_label: str
    series: tuple[str, ...]
    panels: tuple[Panel, ...]
