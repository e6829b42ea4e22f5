"""What providers' lists said of models, kept between two readings."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog.discovered import Discovered
from bot.catalog.types import NANO
from bot.db.tables import discovered_models as table

_MONEY = ("input", "output", "was_input", "was_output")
_SAME = (
    "provider",
    "name",
    "label",
    "sees",
    "chat",
    "reasoning",
    "context_tokens",
    "shutdown",
    "first_seen",
    "last_seen",
    "missing_since",
    "gone_since",
    "was_context_tokens",
    "changed_at",
)
_AT_ONCE = 200  # keys in one statement


async def load(session: AsyncSession, provider_id: str | None = None) -> list[Discovered]:
    """Give what is kept, of one provider or of all, in the order of names."""
    kept = select(table).order_by(table.c.provider, table.c.name)
    if provider_id is not None:
        kept = kept.where(table.c.provider == provider_id)
    return [_of_row(row) for row in await session.execute(kept)]


async def store(session: AsyncSession, models: Iterable[Discovered]) -> None:
    """Keep these instead of what was kept under their names."""
    rows = [_to_row(model) for model in models]
    keys = [(row["provider"], row["name"]) for row in rows]
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        await session.execute(delete(table).where(tuple_(table.c.provider, table.c.name).in_(some)))
    if rows:
        await session.execute(insert(table), rows)


def _to_row(model: Discovered) -> dict[str, Any]:
    money = {f"{name}_nano_usd": _nano(getattr(model, f"{name}_usd")) for name in _MONEY}
    same = {name: getattr(model, name) for name in _SAME}
    return same | money | {"aliases": list(model.aliases)}


def _of_row(row: Row[Any]) -> Discovered:
    money: dict[str, Any] = {
        f"{name}_usd": _usd(getattr(row, f"{name}_nano_usd")) for name in _MONEY
    }
    same = {name: getattr(row, name) for name in _SAME}
    return Discovered(**same, **money, aliases=tuple(row.aliases))


def _nano(usd: Decimal | None) -> int | None:
    return None if usd is None else int(usd * NANO)


def _usd(nano: int | None) -> Decimal | None:
    return None if nano is None else (Decimal(nano) / NANO).normalize() + 0
