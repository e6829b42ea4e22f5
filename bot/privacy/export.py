"""One person's data as one document; ids are text, so that no tool rounds them."""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.catalog.types import NANO
from bot.db import turns
from bot.db.guild_tables import GuildKeyRow, GuildSettingsRow, OptOutRow, SettingsChangeRow
from bot.db.keys import SecretBox
from bot.db.tables import questions
from bot.db.tables import turns as kept_turns

VERSION = 1


class Picture(msgspec.Struct, frozen=True):
    """A picture of a question, as far as it is kept."""

    link: str
    filename: str
    description: str | None


class Said(msgspec.Struct, frozen=True):
    """A question with its answer."""

    question: str
    answer: str


class Kept(msgspec.Struct, frozen=True):
    """What can still be followed up."""

    question: str
    answer: str
    pictures: tuple[Picture, ...]
    earlier: tuple[Said, ...]
    until: dt.datetime


class Asked(msgspec.Struct, frozen=True):
    """One question. `hosts` is who was sent pictures; `decision` is how it was decided."""

    number: int
    asked_at: dt.datetime
    ended_at: dt.datetime | None
    way_in: str
    guild_id: str | None
    channel_id: str
    source_id: str
    answer_message_id: str | None
    model: str | None
    state: str
    hosts: str | None
    pictures: int
    bytes_sent: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: str | None
    cost_source: str | None
    first_text_ms: int | None
    duration_ms: int | None
    server_paid: bool
    decision: object
    text: Kept | None


class Changed(msgspec.Struct, frozen=True):
    """A change of a server's settings that the person made.

    `fields` names what they changed; the values are the server's, and may name other people."""

    guild_id: str
    at: dt.datetime
    kind: str
    fields: tuple[str, ...]


class Entered(msgspec.Struct, frozen=True):
    """A key that the person entered for a server."""

    guild_id: str
    provider: str
    origin: str
    last_four: str
    at: dt.datetime


class Export(msgspec.Struct, frozen=True):
    """Everything that is written down about one person."""

    version: int
    made_at: dt.datetime
    user_id: str
    opted_out_since: dt.datetime | None
    questions: tuple[Asked, ...]
    settings_changes: tuple[Changed, ...]
    keys_entered: tuple[Entered, ...]
    named_in_rules_of: tuple[str, ...]
    """Servers whose rules about who may ask, or how often, name the person."""


async def read(session: AsyncSession, box: SecretBox, user_id: int, now: dt.datetime) -> Export:
    """Give what is written down about a person, in every server and outside of them."""
    mine = questions.c.user_id == user_id
    rows = list(await session.execute(select(questions).where(mine).order_by(questions.c.id)))
    texts = await _texts(session, box, user_id)
    opted_out = await session.get(OptOutRow, user_id)
    changed = await session.scalars(
        select(SettingsChangeRow).where(SettingsChangeRow.user_id == user_id)
    )
    keys = await session.scalars(select(GuildKeyRow).where(GuildKeyRow.set_by == user_id))
    return Export(
        version=VERSION,
        made_at=now,
        user_id=str(user_id),
        opted_out_since=opted_out and opted_out.since,
        questions=tuple(_asked(row, texts.get(row.id)) for row in rows),
        settings_changes=tuple(
            Changed(str(row.guild_id), row.created_at, row.kind, _differing(row.before, row.after))
            for row in changed
        ),
        keys_entered=tuple(
            Entered(str(row.guild_id), row.provider, row.origin, row.last_four, row.set_at)
            for row in keys
        ),
        named_in_rules_of=await _named_by(session, user_id),
    )


async def _texts(session: AsyncSession, box: SecretBox, user_id: int) -> dict[int, Kept]:
    """Open what is kept of a person's questions; what no key opens is as good as erased."""
    wanted = (
        select(kept_turns.c.question_id, kept_turns.c.erase_at)
        .join_from(kept_turns, questions)
        .where(questions.c.user_id == user_id)
    )
    texts: dict[int, Kept] = {}
    for question_id, until in list(await session.execute(wanted)):
        exchange = await turns.load(session, box, question_id)
        if exchange is not None:
            texts[question_id] = Kept(
                exchange.text,
                exchange.answer,
                tuple(Picture(each.url, each.filename, each.alt) for each in exchange.images),
                tuple(Said(turn.question, turn.answer) for turn in exchange.history),
                until,
            )
    return texts


async def _named_by(session: AsyncSession, user_id: int) -> tuple[str, ...]:
    row = GuildSettingsRow
    found = await session.execute(select(row.guild_id, row.access, row.rate))
    return tuple(
        str(guild_id)
        for guild_id, access, rate in found
        if user_id in _members((access, "allowed_members"), (access, "denied_members"))
        or user_id in _members((rate, "exempt_members"))
    )


def _differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    names = dict.fromkeys((*before, *after))
    return tuple(name for name in names if before.get(name) != after.get(name))


def _members(*lists: tuple[dict[str, Any], str]) -> Sequence[int]:
    return [member for rules, name in lists for member in rules.get(name) or ()]


def _asked(row: Row[*tuple[Any, ...]], text: Kept | None) -> Asked:
    return Asked(
        number=row.id,
        asked_at=row.created_at,
        ended_at=row.finished_at,
        way_in=row.entry,
        guild_id=_id(row.guild_id),
        channel_id=str(row.channel_id),
        source_id=str(row.source_id),
        answer_message_id=_id(row.answer_message_id),
        model=row.model_id,
        state=row.state,
        hosts=row.host,
        pictures=row.images,
        bytes_sent=row.sent_bytes,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_usd=None if row.cost_nano_usd is None else f"{Decimal(row.cost_nano_usd) / NANO:f}",
        cost_source=row.cost_source,
        first_text_ms=row.first_token_ms,
        duration_ms=row.duration_ms,
        server_paid=row.own_key,
        decision=json.loads(row.trace) if row.trace else None,
        text=text,
    )


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)
