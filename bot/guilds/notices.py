"""Telling moderators in time that their model ends: once for each guild, model and day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bot.catalog.catalog import Catalog
from bot.catalog.types import Model
from bot.clock import Clock, utcnow
from bot.db.engine import Database
from bot.db.guild_tables import NoticeRow
from bot.guilds.once import Once

SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ending:
    """A model that ends on `day`, or ended then, and what can be asked here instead of it."""

    model: Model
    day: dt.date
    successor: Model | None


def ending_of(model: Model, catalog: Catalog) -> Ending | None:
    """Give when this model ends, if that is within 30 days or past; None if it isn't known to."""
    days = [day for day in (model.retired, model.shutdown) if day is not None]
    if not days or min(days) > catalog.today() + SOON:
        return None
    return Ending(model, min(days), _successor(model, catalog))


class Notices:
    """Remembers which guild was told of which end."""

    def __init__(self, db: Database, now: Clock = utcnow) -> None:
        self._once = Once(db, NoticeRow, now)

    async def claim(self, guild_id: int, ending: Ending) -> bool:
        """Tell whether this guild is to be told now; True is given once."""
        return await self._once.claim(_key(guild_id, ending))

    async def release(self, guild_id: int, ending: Ending) -> None:
        """Take a claim back: nobody could be told."""
        await self._once.release(_key(guild_id, ending))


def _key(guild_id: int, ending: Ending) -> dict[str, Any]:
    return {"guild_id": guild_id, "model_id": ending.model.id, "shutdown": ending.day}


def _successor(model: Model, catalog: Catalog) -> Model | None:
    """Follow the successors to the first that can be asked here."""
    seen = {model.id}
    following = model.successor and catalog.find(model.successor)
    while following and following.id not in seen:
        if catalog.usable(following) and not _ends_soon(following, catalog):
            return following
        seen.add(following.id)
        following = following.successor and catalog.find(following.successor)
    return None


def _ends_soon(model: Model, catalog: Catalog) -> bool:
    return model.shutdown is not None and model.shutdown <= catalog.today() + SOON
