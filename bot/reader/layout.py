"""From places with text to lines in reading order."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

_SURE = 0.78
_CROWDED = 0.5
_GREEK = ("\u0370", "\u03ff")
_FAR = 1.0  # gaps, in heights of the text
_PARAGRAPH = 1.1
_PROSE = 8.0  # a column of prose is at least this many times as wide as its lines are high


@dataclass(frozen=True, slots=True)
class Place:
    """Where text seems to be (corners clockwise from its top left), what was read and how sure."""

    corners: tuple[Point, Point, Point, Point]
    text: str
    score: float

    @property
    def width(self) -> float:
        """The length of its upper edge, in pixels."""
        return math.dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        """The length of its left edge, in pixels."""
        return math.dist(self.corners[0], self.corners[3])


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    right: float
    top: float
    bottom: float
    text: str

    @property
    def height(self) -> float:
        return self.bottom - self.top


def is_legible(place: Place) -> bool:
    """Tell whether what was read is likely to be what is written.

    The model has no letters for Cyrillic, Arabic and others: it drops them, so few letters stand
    on much room, or it guesses at similar ones, unsure. Of Greek it knows half."""
    letters = [letter for letter in place.text if not letter.isspace()]
    greek = sum(_GREEK[0] <= letter <= _GREEK[1] for letter in letters)
    crowded = len(letters) * place.height >= _CROWDED * place.width
    return place.score >= _SURE and crowded and greek * 4 <= len(letters)


def in_reading_order(places: Sequence[Place]) -> tuple[str, ...]:
    """Give the text line by line, an empty line between paragraphs.

    What stands side by side is one line (a receipt's prices), columns of prose come one after
    the other."""
    lines: list[str] = []
    for column in _columns(_boxes(places)):
        lines += [""] if lines else []
        lines += _spaced(_lines(column))
    return tuple(lines)


def _boxes(places: Sequence[Place]) -> list[_Box]:
    """Turn a crooked photograph straight: its lines' usual slope becomes level."""
    if not places:
        return []
    slope = statistics.median(
        math.atan2(second[1] - first[1], second[0] - first[0])
        for first, second in (place.corners[:2] for place in places)
    )
    cosine, sine = math.cos(-slope), math.sin(-slope)
    boxes: list[_Box] = []
    for place in places:
        xs = [x * cosine - y * sine for x, y in place.corners]
        ys = [x * sine + y * cosine for x, y in place.corners]
        boxes.append(_Box(min(xs), max(xs), min(ys), max(ys), place.text.strip()))
    return boxes


def _lines(boxes: Sequence[_Box]) -> list[list[_Box]]:
    lines: list[list[_Box]] = []
    for box in sorted(boxes, key=lambda box: box.top + box.bottom):
        if lines and _beside(lines[-1][-1], box):
            lines[-1].append(box)
        else:
            lines.append([box])
    return lines


def _beside(one: _Box, other: _Box) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.height, other.height)


def _spaced(lines: Sequence[Sequence[_Box]]) -> list[str]:
    """Write lines out, with an empty one where the gap to the next is that of a paragraph."""
    if not lines:
        return []
    usual = statistics.median(box.height for line in lines for box in line)
    written: list[str] = []
    bottom = math.inf
    for line in lines:
        if min(box.top for box in line) - bottom > _PARAGRAPH * usual:
            written.append("")
        bottom = max(box.bottom for box in line)
        written.append(_joined(sorted(line, key=lambda box: box.left)))
    return written


def _joined(line: Sequence[_Box]) -> str:
    text = line[0].text
    for before, box in pairwise(line):
        text += ("   " if box.left - before.right > _FAR * box.height else " ") + box.text
    return text


def _columns(boxes: Sequence[_Box]) -> list[Sequence[_Box]]:
    """Split where an empty strip runs from top to bottom between two columns of prose."""
    ordered = sorted(boxes, key=lambda box: box.left)
    reached = -math.inf
    for at, box in enumerate(ordered):
        left, right = ordered[:at], ordered[at:]
        if box.left > reached and _is_prose(left) and _is_prose(right):
            return [left, *_columns(right)]
        reached = max(reached, box.right)
    return [boxes]


def _is_prose(column: Sequence[_Box]) -> bool:
    return len(column) >= 3 and (
        statistics.median((box.right - box.left) / max(1.0, box.height) for box in column) > _PROSE
    )
