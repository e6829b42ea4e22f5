"""A message's text drawn: flowed into rows, with quotes, lists, code and small print."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from playground.portrait_ink import (
    BODY,
    EDGE,
    INSET,
    LINK,
    MENTION,
    QUIET,
    SMALL,
    STRONG,
    TEXT,
    WELL,
    Block,
    Colour,
    blank,
    font,
    framed,
    measure,
    padded,
    plate,
    stack,
    typeset,
    write,
)
from playground.portrait_markup import Line, Span, Style

_HEADINGS = {1: 29, 2: 26, 3: 23}
_PILLS = Style.CODE | Style.COVERED | Style.MENTION
_PAD = 5  # room inside a pill, left and right
_CELL, _CODE = 11, 18  # width of a character of code, its size
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style at its place in a row."""

    x: float
    text: str
    style: Style
    width: float


def draw_text(lines: Iterable[Line], width: int) -> Block:
    """Draw lines of text below one another."""
    return stack(_draw_line(line, width) for line in lines)


def one_line(spans: Sequence[Span], size: int, width: int, colour: Colour) -> Block:
    """Draw as much as fits one row, with an ellipsis for the rest."""
    room = width - measure("…", size)
    rows = _flow(spans, size, room) or [[]]
    if len(rows) > 1:
        end = rows[0][-1].x + measure(rows[0][-1].text.rstrip(), size)
        rows[0].append(Run(end, "…", Style.PLAIN, room))
    return _draw_row(rows[0], size, width, colour)


def _draw_line(line: Line, width: int) -> Block:
    if line.quoted:
        return _quote(_unquoted(line, width - 18))
    return _unquoted(line, width)


def _unquoted(line: Line, width: int) -> Block:
    match line.kind:
        case "code":
            return _code(line.spans[0].text, width)
        case "heading":
            size = _HEADINGS[line.depth]
            return padded(_paragraph(line.spans, size, width, STRONG), 0, 6)
        case "small":
            return padded(_paragraph(line.spans, SMALL, width, QUIET), 0, 3)
        case "item":
            return _item(line, width)
        case "text":
            return _paragraph(line.spans, BODY, width)


def _paragraph(spans: Sequence[Span], size: int, width: int, colour: Colour = TEXT) -> Block:
    rows = _flow(spans, size, width)
    if not rows:
        return blank(width, size * 2 // 3)
    return stack(_draw_row(row, size, width, colour) for row in rows)


def _item(line: Line, width: int) -> Block:
    indent = 30 + 26 * line.depth
    block = padded(_paragraph(line.spans, BODY, width - indent), indent)
    if line.marker:
        write(block, (indent - 8, BODY * 1.06), line.marker, BODY, anchor="rs")
    else:
        block.alpha_composite(plate(7, 7, 3, TEXT), (indent - 19, 12))
    return block


def _quote(inside: Block) -> Block:
    block = padded(inside, 18)
    ImageDraw.Draw(block).rectangle((0, 0, 3, block.height), EDGE)
    return block


def _code(text: str, width: int) -> Block:
    room = (width - 32) // _CELL
    rows = [part for line in text.expandtabs(4).split("\n") for part in _cut(line, room)]
    block = framed(width, len(rows) * 26 + 24, 8, WELL)
    for index, row in enumerate(rows):
        _in_cells(block, 16, 12 + index * 26, row)
    return padded(block, 0, 5, 0, 5)


def _in_cells(block: Block, x: int, y: int, text: str) -> None:
    """Write characters at equal distances: the font has no such cut, so wide ones are squeezed."""
    for index, char in enumerate(typeset(text)):
        at, wide = x + index * _CELL, font(_CODE).getlength(char)
        if wide <= _CELL:
            write(block, (at + (_CELL - wide) / 2, y + 19), char, _CODE)
            continue
        glyph = blank(round(wide), 26)
        write(glyph, (0, 19), char, _CODE)
        block.alpha_composite(glyph.resize((_CELL, 26), Image.Resampling.LANCZOS), (at, y))


def _flow(spans: Sequence[Span], size: int, width: float) -> list[list[Run]]:
    rows: list[list[Run]] = []
    x, last = 0.0, Style.PLAIN
    for span in spans:
        pad = _PAD if span.style & _PILLS else 0
        for word in _words(span.text, size, width - 2 * _PAD):
            if rows and span.style != last and (span.style | last) & _PILLS:
                x += _PAD
            if not rows or x + measure(word.rstrip(), size) + pad > width:
                rows.append([])
                x = pad
            advance = measure(word, size)
            rows[-1].append(Run(x, word, span.style, advance))
            x, last = x + advance, span.style
    return [_joined(row) for row in rows]


def _words(text: str, size: int, width: float) -> list[str]:
    """Cut a text into words with the space after them; words wider than a row are cut, too."""
    longest = max(1, int(width / size))
    found: list[str] = []
    for word in _WORD.findall(typeset(text)):
        found += [word] if measure(word.rstrip(), size) <= width else _cut(word, longest)
    return found


def _cut(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)] or [""]


def _joined(row: Sequence[Run]) -> list[Run]:
    """Join neighbours of one style, so that a pill is drawn in one piece."""
    runs: list[Run] = []
    for run in row:
        before = runs[-1] if runs else None
        if before and before.style == run.style and before.x + before.width == run.x:
            text, wide = before.text + run.text, before.width + run.width
            runs[-1] = Run(before.x, text, run.style, wide)
        else:
            runs.append(run)
    return runs


def _draw_row(row: Sequence[Run], size: int, width: int, colour: Colour) -> Block:
    block = blank(width, round(size * 1.42))
    for run in row:
        _draw_run(block, run, size, colour)
    return block


def _draw_run(block: Block, run: Run, size: int, colour: Colour) -> None:
    baseline, style = round(size * 1.06), run.style
    wide = measure(run.text.rstrip() if style & _PILLS else run.text, size)
    if style & _PILLS:
        pill = plate(round(wide) + 2 * _PAD, round(size * 1.3), 6, _ground(style))
        block.alpha_composite(pill, (max(0, round(run.x) - _PAD), 1))
    if style & Style.COVERED:
        return
    ink = _ink(style, colour)
    if style & Style.ITALIC:
        _write_slanted(block, run, size, ink)
    else:
        write(block, (run.x, baseline), run.text, size, ink, bold=bool(style & Style.BOLD))
    drawn = ImageDraw.Draw(block)
    for mark, y in ((Style.UNDERLINED, baseline + 3), (Style.STRUCK, baseline - size // 3)):
        if style & mark:
            drawn.line((run.x, y, run.x + wide, y), ink, 2)


def _ground(style: Style) -> Colour:
    if style & Style.MENTION:
        return MENTION
    return EDGE if style & Style.COVERED else INSET


def _ink(style: Style, colour: Colour) -> Colour:
    if style & Style.LINK:
        return LINK
    if style & Style.QUIET:
        return QUIET
    if style & (Style.BOLD | Style.MENTION):
        return STRONG
    return colour


def _write_slanted(block: Block, run: Run, size: int, ink: Colour) -> None:
    flat = blank(round(run.width) + size, block.height)
    baseline, lean = size * 1.06, 0.2
    write(flat, (0, baseline), run.text, size, ink, bold=bool(run.style & Style.BOLD))
    turn = (1, lean, -lean * baseline, 0, 1, 0)
    slanted = flat.transform(
        flat.size, Image.Transform.AFFINE, turn, Image.Resampling.BICUBIC, fillcolor=(*ink, 0)
    )
    block.alpha_composite(slanted, (round(run.x), 0))
