"""questions and guild settings"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_questions()
    create_deliveries()
    create_turns()
    create_settings()


def create_questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.String(16), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("answer_message_id", sa.BigInteger()),
        sa.Column("model_id", sa.String(200)),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("host", sa.String(255)),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("sent_bytes", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("reserved_nano_usd", sa.BigInteger(), nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger()),
        sa.Column("cost_source", sa.String(16)),
        sa.Column("first_token_ms", sa.Integer()),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (state = 'open')",
            name=op.f("ck_questions_open_until_finished"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.UniqueConstraint("source_id", name="uq_questions_source_id"),
        sqlite_autoincrement=True,
    )
    for column in ("guild_id", "user_id"):
        op.create_index(f"ix_questions_{column}_created_at", "questions", [column, "created_at"])
    create_partial_index("answer_message_id", sa.text("answer_message_id IS NOT NULL"))
    create_partial_index("created_at", sa.text("finished_at IS NULL"))


def create_partial_index(column: str, where: sa.TextClause) -> None:
    op.create_index(
        f"ix_questions_{column}",
        "questions",
        [column],
        sqlite_where=where,
        postgresql_where=where,
    )


def of_question(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["question_id"],
        ["questions.id"],
        name=f"fk_{table}_question_id_questions",
        ondelete="CASCADE",
    )


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("application_id", sa.BigInteger()),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("created_at", MOMENT, nullable=False),
        of_question("deliveries"),
        sa.PrimaryKeyConstraint("question_id", name="pk_deliveries"),
    )
    op.create_table(
        "answer_pages",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        of_question("answer_pages"),
        sa.PrimaryKeyConstraint("message_id", name="pk_answer_pages"),
    )
    op.create_index("ix_answer_pages_question_id", "answer_pages", ["question_id"])


def create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("exchange", sa.LargeBinary(), nullable=False),
        sa.Column("erase_at", MOMENT, nullable=False),
        of_question("turns"),
        sa.PrimaryKeyConstraint("question_id", name="pk_turns"),
    )
    op.create_index("ix_turns_erase_at", "turns", ["erase_at"])


def create_settings() -> None:
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(200)),
        sa.Column("also", sa.JSON(), nullable=False),
        sa.Column("prompt", sa.Text()),
        sa.Column("ask_private", sa.Boolean(), nullable=False),
        sa.Column("menus_private", sa.Boolean(), nullable=False),
        sa.Column("retention_hours", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_settings"),
    )
    op.create_table(
        "settings_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_settings_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_settings_changes_guild_id_created_at", "settings_changes", ["guild_id", "created_at"]
    )


def downgrade() -> None:
    for table in (
        "settings_changes",
        "guild_settings",
        "turns",
        "answer_pages",
        "deliveries",
        "questions",
    ):
        op.drop_table(table)
