"""What is written down: the tables, and the two column rules they share."""

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    false,
    or_,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

OPEN = "open"
ANSWERED = "answered"
MODEL_REFUSED = "refused:model"
UNSAFE = "refused:unsafe"
UNSCREENED = "refused:unscreened"
INTERRUPTED = "failed:interrupted"

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment, always aware and in UTC (SQLite hands back naive ones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone can't be stored")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {dt.datetime: UtcDateTime}


def _snowflake(*, primary_key: bool = False) -> Mapped[int]:
    # A plain BigInteger key of SQLite would be NULL when left out, never counted up.
    return mapped_column(BigInteger, primary_key=primary_key, autoincrement=False)


def _question_key() -> Mapped[int]:
    return mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)


def _index_where(name: str, condition: str) -> Index:
    where = text(condition)
    column = name.removeprefix("ix_questions_")
    return Index(name, column, sqlite_where=where, postgresql_where=where)


class QuestionRow(Base):
    """One question: its claim, its reservation and its receipt.

    `coalesce(cost_nano_usd, reserved_nano_usd)` is what it counts for in a budget: the reservation
    while it is open, its cost afterwards, the reservation again where nobody knows the cost."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (state = 'open')", name="open_until_finished"),
        Index("ix_questions_guild_id_created_at", "guild_id", "created_at"),
        Index("ix_questions_user_id_created_at", "user_id", "created_at"),
        _index_where("ix_questions_answer_message_id", "answer_message_id IS NOT NULL"),
        _index_where("ix_questions_created_at", "finished_at IS NULL"),
        # An id is in buttons that outlive the row, so it is never used twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    entry: Mapped[str] = mapped_column(String(16))
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    answer_message_id: Mapped[int | None] = mapped_column(BigInteger)
    model_id: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(64))
    host: Mapped[str | None] = mapped_column(String(255))
    images: Mapped[int] = mapped_column(default=0)
    sent_bytes: Mapped[int] = mapped_column(default=0)
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reserved_nano_usd: Mapped[int] = mapped_column(BigInteger)
    cost_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    cost_source: Mapped[str | None] = mapped_column(String(16))
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class DeliveryRow(Base):
    """An answer somebody still waits for; `token` and `text` are sealed."""

    __tablename__ = "deliveries"

    question_id: Mapped[int] = _question_key()
    channel_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    application_id: Mapped[int | None] = mapped_column(BigInteger)
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    text: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime]


class TurnRow(Base):
    """An exchange that can be followed up until `erase_at`; sealed."""

    __tablename__ = "turns"

    question_id: Mapped[int] = _question_key()
    exchange: Mapped[bytes] = mapped_column(LargeBinary)
    erase_at: Mapped[dt.datetime] = mapped_column(index=True)


class AnswerPageRow(Base):
    """A further message of a long answer."""

    __tablename__ = "answer_pages"

    message_id: Mapped[int] = _snowflake(primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), index=True
    )


class GuildSettingsRow(Base):
    """What a guild's moderators chose."""

    __tablename__ = "guild_settings"

    guild_id: Mapped[int] = _snowflake(primary_key=True)
    model_id: Mapped[str | None] = mapped_column(String(200))
    also: Mapped[list[str]] = mapped_column(JSON)
    prompt: Mapped[str | None] = mapped_column(Text)
    ask_private: Mapped[bool]
    menus_private: Mapped[bool]
    retention_hours: Mapped[int]
    unproven: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    screen_model: Mapped[str | None] = mapped_column(String(200))
    screen_lenient: Mapped[bool] = mapped_column(server_default=false())
    updated_at: Mapped[dt.datetime]


class SettingsChangeRow(Base):
    """Who changed a guild's settings, when, from what to what (both whole, as JSON)."""

    __tablename__ = "settings_changes"
    __table_args__ = (
        Index("ix_settings_changes_guild_id_created_at", "guild_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime]


class DiscoveredModelRow(Base):
    """A model as its provider's own list last had it; prices in nano-USD per million tokens."""

    __tablename__ = "discovered_models"

    provider: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    label: Mapped[str] = mapped_column(String(100))
    aliases: Mapped[list[str]] = mapped_column(JSON)
    sees: Mapped[bool | None]
    chat: Mapped[bool | None]
    reasoning: Mapped[bool | None]
    context_tokens: Mapped[int | None]
    input_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    output_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    shutdown: Mapped[dt.date | None]
    first_seen: Mapped[dt.datetime | None]
    last_seen: Mapped[dt.datetime | None]
    missing_since: Mapped[dt.datetime | None]
    gone_since: Mapped[dt.datetime | None]
    was_context_tokens: Mapped[int | None]
    was_input_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    was_output_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    changed_at: Mapped[dt.datetime | None]


class NoticeRow(Base):
    """That a guild's moderators were told when their model shuts down."""

    __tablename__ = "notices"

    guild_id: Mapped[int] = _snowflake(primary_key=True)
    model_id: Mapped[str] = mapped_column(String(240), primary_key=True)
    shutdown: Mapped[dt.date] = mapped_column(primary_key=True)
    told_at: Mapped[dt.datetime]


class ProofRow(Base):
    """One request of a proof of sight. `outcome` is sees, blind, or the state of an error.

    `fingerprint` stands for base URL and key; `guild_id` is who brought it about, if a guild."""

    __tablename__ = "proofs"
    __table_args__ = (Index("ix_proofs_guild_id_tried_at", "guild_id", "tried_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[str] = mapped_column(String(240))
    origin: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(32))
    transport: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(64))
    latency_ms: Mapped[int]
    cost_nano_usd: Mapped[int | None] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    tried_at: Mapped[dt.datetime]


class BlindNoticeRow(Base):
    """That a guild's moderators were told that their model sees nothing."""

    __tablename__ = "blind_notices"

    guild_id: Mapped[int] = _snowflake(primary_key=True)
    model_id: Mapped[str] = mapped_column(String(240), primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(primary_key=True)


def reached_a_model() -> ColumnElement[bool]:
    """Give the condition that a question wasn't refused here: it may have cost money."""
    state = QuestionRow.state
    return or_(state.not_like("refused:%"), state.in_((MODEL_REFUSED, UNSAFE, UNSCREENED)))


# Core statements on these cost half of what the mapped classes cost; a question waits for them.
questions = Base.metadata.tables["questions"]
deliveries = Base.metadata.tables["deliveries"]
turns = Base.metadata.tables["turns"]
answer_pages = Base.metadata.tables["answer_pages"]
discovered_models = Base.metadata.tables["discovered_models"]
