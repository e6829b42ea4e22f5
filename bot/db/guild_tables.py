"""What is written down about guilds and people: what moderators and the operator decided."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, snowflake


class GuildSettingsRow(Base):
    """What a guild's moderators chose."""

    __tablename__ = "guild_settings"

    guild_id: Mapped[int] = snowflake(primary_key=True)
    model_id: Mapped[str | None] = mapped_column(String(200))
    also: Mapped[list[str]] = mapped_column(JSON)
    prompt: Mapped[str | None] = mapped_column(Text)
    ask_private: Mapped[bool]
    menus_private: Mapped[bool]
    retention_hours: Mapped[int]
    unproven: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    screen_model: Mapped[str | None] = mapped_column(String(200))
    screen_lenient: Mapped[bool] = mapped_column(server_default=false())
    fallbacks: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    overrides: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    language: Mapped[str | None] = mapped_column(String(10))
    length: Mapped[str] = mapped_column(String(10), server_default="normal")
    style: Mapped[str] = mapped_column(String(10), server_default="plain")
    temperature: Mapped[float | None]
    strip_metadata: Mapped[bool] = mapped_column(server_default=false())
    tell_company: Mapped[bool] = mapped_column(server_default=true())
    access: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    rate: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    budget: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    endpoint: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    updated_at: Mapped[dt.datetime]


class SettingsChangeRow(Base):
    """Who changed a guild's settings, when, from what to what (both whole, as JSON).

    `kind` is settings, or key: then both are what a key may show of itself, or empty. It is
    operator for what the operator decided, with a guild of 0: both are a `bot.owner.decisions`."""

    __tablename__ = "settings_changes"
    __table_args__ = (
        Index("ix_settings_changes_guild_id_created_at", "guild_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16), server_default="settings")
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime]


class GuildKeyRow(Base):
    """A guild's own key for a provider; sealed, and bound to the origin that it was entered for."""

    __tablename__ = "guild_keys"

    guild_id: Mapped[int] = snowflake(primary_key=True)
    provider: Mapped[str] = mapped_column(String(64), primary_key=True)
    origin: Mapped[str] = mapped_column(String(255))
    key: Mapped[bytes] = mapped_column(LargeBinary)
    last_four: Mapped[str] = mapped_column(String(4))
    set_by: Mapped[int] = mapped_column(BigInteger)
    set_at: Mapped[dt.datetime]


class GuildRow(Base):
    """A guild that has or had the bot. `operator_keys` says whether the operator pays for it."""

    __tablename__ = "guilds"

    guild_id: Mapped[int] = snowflake(primary_key=True)
    operator_keys: Mapped[bool] = mapped_column(server_default=true())
    joined_at: Mapped[dt.datetime | None]
    left_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    introduced_at: Mapped[dt.datetime | None]
    """When its first channel was told which company receives pictures."""


class BlockRow(Base):
    """A guild or a user that the operator keeps out. `kind` is guild or user."""

    __tablename__ = "blocks"

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    id: Mapped[int] = snowflake(primary_key=True)
    reason: Mapped[str | None] = mapped_column(String(300))
    blocked_by: Mapped[int] = mapped_column(BigInteger)
    blocked_at: Mapped[dt.datetime]


class OptOutRow(Base):
    """Somebody whose pictures no question sends."""

    __tablename__ = "opt_outs"

    user_id: Mapped[int] = snowflake(primary_key=True)
    since: Mapped[dt.datetime]


class OperatorRow(Base):
    """What the operator decided in Discord; one row."""

    __tablename__ = "operator"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    new_guilds: Mapped[bool] = mapped_column(server_default=true())
    """Whether guilds that join from now on may use the operator's keys."""
    guild_day_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    guild_month_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    announcement: Mapped[str | None] = mapped_column(String(300))
    announced_until: Mapped[dt.datetime | None]


class BudgetNoticeRow(Base):
    """That a guild was told how far its budget is used. `period` is like 2026-11 or 2026-11-22."""

    __tablename__ = "budget_notices"

    guild_id: Mapped[int] = snowflake(primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    level: Mapped[str] = mapped_column(String(8), primary_key=True)
    told_at: Mapped[dt.datetime]


class NoticeRow(Base):
    """That a guild's moderators were told when their model shuts down."""

    __tablename__ = "notices"

    guild_id: Mapped[int] = snowflake(primary_key=True)
    model_id: Mapped[str] = mapped_column(String(240), primary_key=True)
    shutdown: Mapped[dt.date] = mapped_column(primary_key=True)
    told_at: Mapped[dt.datetime]


class BlindNoticeRow(Base):
    """That a guild's moderators were told that their model sees nothing."""

    __tablename__ = "blind_notices"

    guild_id: Mapped[int] = snowflake(primary_key=True)
    model_id: Mapped[str] = mapped_column(String(240), primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(primary_key=True)
