"""Limits, what is used of them, and what is offered under them, as values."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from bot.clock import day_of, month_of, next_month

MINUTE = dt.timedelta(minutes=1)


class Scope(StrEnum):
    """Whose questions count."""

    MEMBER = "member"
    GUILD = "guild"
    OPERATOR = "operator"
    """The guild's, where the operator's keys pay."""
    PERSON = "person"
    """One's own outside guilds."""


class Window(StrEnum):
    """The time in which they count: the last 60 seconds, or the UTC day or month so far."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many questions, or so many nano-USD where `money`, in a window."""

    scope: Scope
    window: Window
    most: int
    money: bool = False
    role_id: int | None = None
    """The role whose rate it is, if it is one's."""

    def since(self, now: dt.datetime) -> dt.datetime:
        """Give when the window that `now` is in began."""
        if self.window is Window.MINUTE:
            return now - MINUTE
        return month_of(now) if self.window is Window.MONTH else day_of(now)

    def resets_at(self, now: dt.datetime, oldest: dt.datetime | None = None) -> dt.datetime:
        """Give when there is room again; `oldest` is when the first that counts was asked."""
        if self.window is Window.MINUTE:
            return (oldest or now) + MINUTE
        if self.window is Window.DAY:
            return day_of(now) + dt.timedelta(days=1)
        return next_month(now)


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used; `oldest` only where a minute's reset needs it."""

    amount: int
    oldest: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to answer: the model asked first, and the most that it can cost."""

    model_id: str
    label: str
    reserve_nano: int
    own_key: bool = False
