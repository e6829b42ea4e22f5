"""UsageBook: what was asked and what it cost, read anew each time."""

import datetime as dt

from bot.choices import Budget
from bot.db.engine import Database
from bot.usage import UsageSummary, summary
from bot.usage.buckets import Bucket, By, buckets
from bot.usage.export import Export, export
from bot.usage.forecast import Forecast, forecast_of


class UsageBook:
    """The figures of guilds and people, from one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def summary(
        self, *, guild_id: int | None, user_id: int | None, since: dt.datetime
    ) -> UsageSummary:
        """Sum up what was asked since a moment, of a guild, of a person, or of both."""
        return await summary(self._db, guild_id=guild_id, user_id=user_id, since=since)

    async def buckets(self, by: By, *, guild_id: int, since: dt.datetime) -> tuple[Bucket, ...]:
        """Sum a guild's questions up for a chart."""
        return await buckets(self._db, by, guild_id=guild_id, since=since)

    async def export(self, *, guild_id: int, since: dt.datetime, until: dt.datetime) -> Export:
        """Give a guild's questions of a span of time as a file."""
        return await export(self._db, guild_id=guild_id, since=since, until=until)

    async def forecast(self, guild_id: int, budget: Budget, now: dt.datetime) -> Forecast:
        """Give how a guild's budgets stand."""
        return await forecast_of(self._db, guild_id, budget, now)
