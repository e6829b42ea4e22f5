"""What is written down about questions, and about the models that answer them."""

import datetime as dt

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    false,
    func,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, snowflake

OPEN = "open"
ANSWERED = "answered"
MODEL_REFUSED = "refused:model"
UNSAFE = "refused:unsafe"
UNSCREENED = "refused:unscreened"
INTERRUPTED = "failed:interrupted"

_SUMMED = ("model_id", "user_id", "state", "cost_nano_usd", "input_tokens", "output_tokens")


def _question_key() -> Mapped[int]:
    return mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)


def _index_where(name: str, condition: str, column: str = "") -> Index:
    where = text(condition)
    column = column or name.removeprefix("ix_questions_")
    return Index(name, column, sqlite_where=where, postgresql_where=where)


class QuestionRow(Base):
    """One question: its claim, its reservation and its receipt.

    `coalesce(cost_nano_usd, reserved_nano_usd)` is what it counts for in a budget: the reservation
    while it is open, its cost afterwards, the reservation again where nobody knows the cost.
    `own_key` says that the guild's own key or endpoint paid, not the operator's; `trace` is how it
    was decided, as JSON. A `user_id` of 0 or below is nobody: see `bot.privacy`."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (state = 'open')", name="open_until_finished"),
        # All that sums need, so that none of the rows themselves are read.
        Index("ix_questions_usage", "guild_id", "created_at", *_SUMMED),
        Index("ix_questions_spent", "guild_id", "created_at", "cost_nano_usd", "reserved_nano_usd"),
        Index("ix_questions_user_id_created_at", "user_id", "created_at"),
        _index_where("ix_questions_answer_message_id", "answer_message_id IS NOT NULL"),
        _index_where("ix_questions_created_at", "finished_at IS NULL"),
        _index_where("ix_questions_traced", "trace IS NOT NULL", "created_at"),
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
    own_key: Mapped[bool] = mapped_column(server_default=false())
    trace: Mapped[str | None] = mapped_column(Text)
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

    message_id: Mapped[int] = snowflake(primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("questions.id", ondelete="CASCADE"), index=True
    )


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


def reached_a_model() -> ColumnElement[bool]:
    """Give the condition that a question wasn't refused here, or cost money all the same."""
    state, cost = QuestionRow.state, func.coalesce(QuestionRow.cost_nano_usd, 1)
    paid = (MODEL_REFUSED, UNSAFE, UNSCREENED)
    # Nearly all are answered, which is told much quicker.
    return or_(state == ANSWERED, state.not_like("refused:%"), state.in_(paid), cost > 0)


# Core statements on these cost half of what the mapped classes cost; a question waits for them.
questions = Base.metadata.tables["questions"]
deliveries = Base.metadata.tables["deliveries"]
turns = Base.metadata.tables["turns"]
answer_pages = Base.metadata.tables["answer_pages"]
discovered_models = Base.metadata.tables["discovered_models"]
