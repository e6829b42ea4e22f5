"""what moderators and the operator decide from Discord: limits, keys, access, consent"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SUMMED = ("model_id", "user_id", "state", "cost_nano_usd", "input_tokens", "output_tokens")
TABLES = ("budget_notices", "operator", "opt_outs", "blocks", "guilds", "guild_keys")


def choices() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("fallbacks", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("overrides", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("language", sa.String(10)),
        sa.Column("length", sa.String(10), server_default="normal", nullable=False),
        sa.Column("style", sa.String(10), server_default="plain", nullable=False),
        sa.Column("temperature", sa.Double()),
        sa.Column("strip_metadata", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tell_company", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("access", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("rate", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("budget", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("endpoint", sa.JSON()),
    )


# No batches: they would rebuild the tables, without SQLite's AUTOINCREMENT.
def upgrade() -> None:
    paid = sa.Column("own_key", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("questions", paid)
    op.add_column("questions", sa.Column("trace", sa.Text()))
    spent = ["guild_id", "created_at", "cost_nano_usd", "reserved_nano_usd"]
    op.create_index("ix_questions_spent", "questions", spent)
    op.drop_index("ix_questions_guild_id_created_at", "questions")
    op.create_index("ix_questions_usage", "questions", ["guild_id", "created_at", *SUMMED])
    traced = sa.text("trace IS NOT NULL")
    op.create_index(
        "ix_questions_traced",
        "questions",
        ["created_at"],
        sqlite_where=traced,
        postgresql_where=traced,
    )
    for column in choices():
        op.add_column("guild_settings", column)
    kind = sa.Column("kind", sa.String(16), server_default="settings", nullable=False)
    op.add_column("settings_changes", kind)
    create_guilds()
    create_operator()


def create_guilds() -> None:
    op.create_table(
        "guild_keys",
        snowflake("guild_id"),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", sa.String(4), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "provider", name="pk_guild_keys"),
    )
    op.create_table(
        "guilds",
        snowflake("guild_id"),
        sa.Column("operator_keys", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("joined_at", MOMENT),
        sa.Column("left_at", MOMENT),
        sa.Column("introduced_at", MOMENT),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guilds"),
    )
    op.create_index("ix_guilds_left_at", "guilds", ["left_at"])
    op.create_table(
        "budget_notices",
        snowflake("guild_id"),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "period", "level", name="pk_budget_notices"),
    )


def create_operator() -> None:
    op.create_table(
        "blocks",
        sa.Column("kind", sa.String(8), nullable=False),
        snowflake("id"),
        sa.Column("reason", sa.String(300)),
        sa.Column("blocked_by", sa.BigInteger(), nullable=False),
        sa.Column("blocked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_blocks"),
    )
    op.create_table(
        "opt_outs",
        snowflake("user_id"),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_opt_outs"),
    )
    op.create_table(
        "operator",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("new_guilds", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("guild_day_nano_usd", sa.BigInteger()),
        sa.Column("guild_month_nano_usd", sa.BigInteger()),
        sa.Column("announcement", sa.String(300)),
        sa.Column("announced_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_operator"),
    )


def snowflake(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("settings_changes", "kind")
    for column in choices():
        op.drop_column("guild_settings", column.name)
    op.drop_index("ix_questions_usage", "questions")
    op.create_index("ix_questions_guild_id_created_at", "questions", ["guild_id", "created_at"])
    op.drop_index("ix_questions_spent", "questions")
    op.drop_index("ix_questions_traced", "questions")
    op.drop_column("questions", "trace")
    op.drop_column("questions", "own_key")
