"""Figures side by side, beside what they should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.process import FLOOR, VIDI

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `aim` is what Vidi should stay under."""

    about: str
    unit: str
    aim: float | None
    values: Mapping[str, float]

    def row(self) -> tuple[str, ...]:
        """Give its cells."""
        floor, vidi = (self.values.get(name) for name in (FLOOR, VIDI))
        aim = "" if self.aim is None else f"{self.aim:g}"
        verdict = ""
        if self.aim is not None and vidi is not None:
            verdict = "met" if vidi <= self.aim else "MISSED"
        return (self.about, self.unit, _number(floor), _number(vidi), aim, verdict)


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """Give the figures as aligned text, a line each."""
    head = ("", "unit", FLOOR, VIDI, "aim", "")
    rows = [head, *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    left = f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}"
    right = (f"{cell:>{width}}" for cell, width in zip(row[2:5], widths[2:5], strict=True))
    return "  ".join((left, *right, row[5])).rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
