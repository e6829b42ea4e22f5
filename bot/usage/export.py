"""Every question of a guild as a CSV file, exact to the nano-dollar."""

import asyncio
import csv
import datetime as dt
import io
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Database
from bot.db.tables import QuestionRow
from bot.money import NANO

LARGEST = 10 * 1024 * 1024
"""Bytes; Discord takes no larger file from a bot."""

_CHUNK = 2000
_REST = 64 * 1024
_NAME = "usage.csv"
_HEAD = (
    "number",
    "time_utc",
    "member_id",
    "channel_id",
    "way_in",
    "model",
    "state",
    "pictures",
    "bytes",
    "host",
    "input_tokens",
    "output_tokens",
    "reserved_usd",
    "cost_usd",
    "cost_source",
    "own_key",
    "milliseconds",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

_row = QuestionRow
_COLUMNS = (
    _row.id,
    _row.created_at,
    _row.user_id,
    _row.channel_id,
    _row.entry,
    _row.model_id,
    _row.state,
    _row.images,
    _row.sent_bytes,
    _row.host,
    _row.input_tokens,
    _row.output_tokens,
    _row.reserved_nano_usd,
    _row.cost_nano_usd,
    _row.cost_source,
    _row.own_key,
    _row.duration_ms,
)


@dataclass(frozen=True, slots=True)
class Export:
    """A file with a row for each question.

    `ends` is when the last of them was asked where there was no room for all, else None."""

    filename: str
    data: bytes
    rows: int
    ends: dt.datetime | None


async def export(
    db: Database,
    *,
    guild_id: int,
    since: dt.datetime,
    until: dt.datetime,
    largest: int = LARGEST,
) -> Export:
    """Write a guild's questions of a span of time down, oldest first; zipped where it must be."""
    file = _File(largest)
    async for rows in _chunks(db, guild_id, since, until):
        if not await asyncio.to_thread(file.add, rows):
            return file.finish(ends=file.last)
    return file.finish(ends=None)


def exact_usd(nano_usd: int) -> str:
    """Give an amount in dollars with all nine decimals."""
    return f"{nano_usd // NANO}.{nano_usd % NANO:09}"


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Give rows as RFC 4180 has them, in UTF-8; no text in it is a formula for a spreadsheet."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


async def _chunks(
    db: Database, guild_id: int, since: dt.datetime, until: dt.datetime
) -> AsyncIterator[list[tuple[Any, ...]]]:
    """Give the rows in pieces, each read in a moment: nobody's question waits for all of them."""
    place = tuple_(_row.created_at, _row.id)
    after = (since, 0)
    while True:
        query = (
            select(*_COLUMNS)
            # Said twice: SQLite finds the place by the moment, and the rest by looking.
            .where(_row.guild_id == guild_id, _row.created_at >= after[0], place > after)
            .where(_row.created_at < until)
            .order_by(_row.created_at, _row.id)
            .limit(_CHUNK)
        )

        async def work(
            session: AsyncSession, query: Select[*tuple[Any, ...]] = query
        ) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await session.execute(query)]

        rows = await db.read(work)
        if not rows:
            return
        yield rows
        after = (rows[-1][1], rows[-1][0])


class _File:
    """The file as it grows, plain and zipped; the plain one is given up when it is too large."""

    def __init__(self, largest: int) -> None:
        self.last: dt.datetime | None = None
        self._largest = largest
        self._rows = 0
        self._plain: bytearray | None = bytearray()
        self._packed = io.BytesIO()
        self._zip = zipfile.ZipFile(self._packed, "w", zipfile.ZIP_DEFLATED)
        self._member = self._zip.open(_NAME, "w", force_zip64=True)
        self._put(as_csv([_HEAD]))

    def add(self, rows: list[tuple[Any, ...]]) -> bool:
        """Add rows, or give False where they might not fit."""
        piece = as_csv(_cells(row) for row in rows)
        if not self._has_room(len(piece)):
            return False
        self._put(piece)
        self._rows += len(rows)
        self.last = rows[-1][1]
        return True

    def finish(self, *, ends: dt.datetime | None) -> Export:
        """Close the file and give it."""
        self._member.close()
        self._zip.close()
        if self._plain is not None:
            return Export(_NAME, bytes(self._plain), self._rows, ends)
        return Export(f"{_NAME}.zip", self._packed.getvalue(), self._rows, ends)

    def _has_room(self, size: int) -> bool:
        # On top comes what is still inside the compressor, and the zip's own directory.
        if self._plain is not None and len(self._plain) + size <= self._largest:
            return True
        return self._packed.tell() + size + _REST <= self._largest

    def _put(self, piece: bytes) -> None:
        self._member.write(piece)
        if self._plain is not None:
            self._plain += piece
            if len(self._plain) > self._largest:
                self._plain = None


def _cells(row: tuple[Any, ...]) -> tuple[object, ...]:
    number, asked_at, user_id, *facts, reserved, cost, source, own_key, took = row
    return (
        number,
        asked_at.isoformat(),
        user_id if user_id > 0 else "deleted",
        *facts,
        exact_usd(reserved),
        "" if cost is None else exact_usd(cost),
        source,
        "yes" if own_key else "no",
        took,
    )


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from computing what somebody wrote."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
