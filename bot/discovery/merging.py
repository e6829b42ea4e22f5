"""What is known of a provider's models, brought up to date with a list that was read whole."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

from bot.catalog.discovered import Discovered, Listed, names_in, names_of
from bot.catalog.types import Model

_FACTS = tuple(field.name for field in fields(Listed))
_ABILITIES = ("sees", "chat", "reasoning")
_WATCHED = ("context_tokens", "input_usd", "output_usd")


APART = dt.timedelta(hours=1)  # two looks within it see the same slip of a provider


def merged(
    provider_id: str,
    known: Sequence[Discovered],
    listed: Sequence[Listed],
    shipped: Iterable[Model],
    now: dt.datetime,
) -> list[Discovered]:
    """Give the rows that are new or different.

    Whatever was listed before or ships and is missing now has been missed once; a later list in a
    row that lacks it makes it gone, since the first of the two."""
    before = {row.name: row for row in known}
    rows = {item.name: _seen(provider_id, before.get(item.name), item, now) for item in listed}
    present = {name for item in listed for name in names_in(item)}
    for row in known:
        if row.name not in rows:
            here = not present.isdisjoint(names_in(row))
            rows[row.name] = _here(row, now) if here else _missed(row, now)
    for model in shipped:
        if model.name not in rows and present.isdisjoint(names_of(model)):
            rows[model.name] = _missed(Discovered(provider=provider_id, name=model.name), now)
    return [row for row in rows.values() if row != before.get(row.name)]


def _seen(
    provider_id: str, before: Discovered | None, item: Listed, now: dt.datetime
) -> Discovered:
    facts = {name: getattr(item, name) for name in _FACTS}
    if before is None:
        return Discovered(**facts, provider=provider_id, first_seen=now, last_seen=now)
    # What a model can do doesn't change because a list says nothing of it for once.
    kept = {name: getattr(before, name) for name in _ABILITIES if facts[name] is None}
    after = replace(_here(before, now), **facts | kept)
    if before.last_seen is None or all(_same(before, after, name) for name in _WATCHED):
        return after
    return replace(
        after,
        was_context_tokens=before.context_tokens,
        was_input_usd=before.input_usd,
        was_output_usd=before.output_usd,
        changed_at=now,
    )


def _same(before: Discovered, after: Discovered, name: str) -> bool:
    return getattr(before, name) == getattr(after, name)


def _here(row: Discovered, now: dt.datetime) -> Discovered:
    first = row.first_seen or now
    return replace(row, first_seen=first, last_seen=now, missing_since=None, gone_since=None)


def _missed(row: Discovered, now: dt.datetime) -> Discovered:
    if row.missing_since is None:
        return replace(row, missing_since=now)
    if now - row.missing_since < APART:
        return row
    return replace(row, gone_since=row.gone_since or row.missing_since)
