"""Careful hands for lists that somebody else wrote: what isn't as documented counts as not said."""

import datetime as dt
import re
from collections.abc import Awaitable
from decimal import Decimal, InvalidOperation
from typing import Protocol, cast

from bot.i18n import _

MAX_NAME = 160
_NAME = re.compile(r"[A-Za-z0-9~/.][\w.:/@+~\\-]*", re.ASCII)
_NOT_IN_LABELS = re.compile(r"[^\w .:+()&'-]")
_MAX_LABEL = 80
_MAX_TOKENS = 1_000_000_000
_MAX_USD = 10_000
_MILLION = 1_000_000


class OddList(Exception):
    """The answer is no list of models; the text says why, for people."""


class Ask(Protocol):
    """Asks a provider and gives its JSON, numbers with a point as Decimal."""

    def __call__(self, path: str, body: object = None) -> Awaitable[object]:
        """Get `path`, which is appended to the base URL, or post `body` there; raises OddList.

        A path that begins with two slashes begins at the server's root instead."""
        ...


def items(body: object, key: str = "data") -> list[object]:
    """Give what the list holds; OddList when there is no list, or nothing in it."""
    found = each(body) or each(at(body, key))
    if not found:
        raise OddList(_("it holds no models"))
    return found


def each(value: object) -> list[object]:
    """Give what a list inside an item holds; nothing when it's no list."""
    return cast("list[object]", value) if isinstance(value, list) else []


def at(value: object, *path: str) -> object:
    """Give what lies under these keys, one below the other; None if anything is missing."""
    for key in path:
        value = cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
    return value


def name(value: object) -> str | None:
    """Give a model's name, unless nobody could write it down."""
    fits = isinstance(value, str) and len(value) <= MAX_NAME and _NAME.fullmatch(value)
    return cast("str", value) if fits else None


def names(value: object) -> tuple[str, ...]:
    """Give the names in a list."""
    return tuple(found for one in each(value) if (found := name(one)))


def words(value: object) -> frozenset[str]:
    """Give the words in a list, in lower case."""
    return frozenset(one.casefold() for one in each(value) if isinstance(one, str))


def label(value: object) -> str:
    """Give a name for people without anything that Discord would take for markup."""
    text = _NOT_IN_LABELS.sub("", value) if isinstance(value, str) else ""
    return " ".join(text.split())[:_MAX_LABEL].strip()


def count(value: object) -> int | None:
    """Give a number of tokens."""
    number = _decimal(value)
    return int(number) if number is not None and 1 <= number <= _MAX_TOKENS else None


def usd(value: object, *, per: object = 1) -> Decimal | None:
    """Give USD per million tokens from a price for `per` tokens; None unless it is believable."""
    price, tokens = _decimal(value), _decimal(per)
    if price is None or not tokens or tokens < 0:
        return None
    price = price * _MILLION / tokens
    return round(price, 9).normalize() + 0 if 0 <= price <= _MAX_USD else None


def day(value: object) -> dt.date | None:
    """Give the day that a date, a moment or seconds since 1970 name."""
    try:
        if isinstance(value, str):
            return dt.date.fromisoformat(value[:10])
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return dt.datetime.fromtimestamp(value, dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        pass
    return None


def flag(value: object) -> bool | None:
    """Give a yes or no."""
    return value if isinstance(value, bool) else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e18") else None
