"""People: what a person may see and erase of what is kept about them, in every server at once."""

import asyncio
import json
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, utcnow
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.privacy import deletion, export

FILE_MAX = 8_000_000  # bytes; Discord takes 10 MiB


@dataclass(frozen=True, slots=True)
class File:
    """A file for a person."""

    name: str
    data: bytes


class People:
    """What is kept about people. Questions under way are `bot.service`'s: stop them first."""

    def __init__(
        self,
        db: Database,
        box: SecretBox,
        now: Clock = utcnow,
    ) -> None:
        self._db = db
        self._box = box
        self._now = now

    async def count(self, user_id: int) -> tuple[int, int]:
        """Give how many questions of a person are written down, and how many with their text."""
        return await self._db.read(lambda session: deletion.count(session, user_id))

    async def export(self, user_id: int) -> File:
        """Give everything that is written down about a person as JSON; zipped when large."""
        found = await self._db.read(
            lambda session: export.read(session, self._box, user_id, self._now())
        )
        return await asyncio.to_thread(_file, found)

    async def delete(self, user_id: int) -> None:
        """Erase what leads to a person, everywhere; their questions' figures stay as nobody's."""

        async def work(session: AsyncSession) -> None:
            await deletion.erase_person(session, self._box, user_id, self._now())

        await self._db.transact(work)

    async def fade(self) -> None:
        """Make nobody's what was asked by deleted people before this month."""
        await self._db.transact(lambda session: deletion.fade_marks(session, self._now()))


def _file(found: export.Export) -> File:
    # json escapes a lone surrogate, which a model may write; msgspec refuses it.
    text = json.dumps(msgspec.to_builtins(found), indent=2).encode()
    name = f"vidi-{found.made_at:%Y-%m-%d}.json"
    return File(name, text) if len(text) <= FILE_MAX else File(f"{name}.zip", _zipped(name, text))


def _zipped(name: str, data: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()
