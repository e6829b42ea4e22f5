"""A chart's figures as a table: in the message where it fits, else as a file."""

from collections.abc import Sequence

from bot.usage.export import as_csv

Row = tuple[str, ...]

_NAMES = 2  # columns of words, on the left; numbers follow on the right


def as_text(rows: Sequence[Row], limit: int) -> str | None:
    """Give the rows in a code block, the first one as their head; None beyond `limit`
    characters."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    # Three of these in a name would end the block.
    block = "\n".join(lines).replace("`", "'")
    text = f"```\n{block}\n```"
    return text if len(text) <= limit else None


def as_file(rows: Sequence[Row]) -> bytes:
    """Give the rows as a CSV file."""
    return as_csv(rows)


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if at < _NAMES else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
