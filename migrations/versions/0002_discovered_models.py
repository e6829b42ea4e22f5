"""discovered models and notices of their end"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "discovered_models",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("sees", sa.Boolean()),
        sa.Column("chat", sa.Boolean()),
        sa.Column("reasoning", sa.Boolean()),
        sa.Column("context_tokens", sa.Integer()),
        sa.Column("input_nano_usd", sa.BigInteger()),
        sa.Column("output_nano_usd", sa.BigInteger()),
        sa.Column("shutdown", sa.Date()),
        sa.Column("first_seen", MOMENT),
        sa.Column("last_seen", MOMENT),
        sa.Column("missing_since", MOMENT),
        sa.Column("gone_since", MOMENT),
        sa.Column("was_context_tokens", sa.Integer()),
        sa.Column("was_input_nano_usd", sa.BigInteger()),
        sa.Column("was_output_nano_usd", sa.BigInteger()),
        sa.Column("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("provider", "name", name="pk_discovered_models"),
    )
    op.create_table(
        "notices",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(240), nullable=False),
        sa.Column("shutdown", sa.Date(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "model_id", "shutdown", name="pk_notices"),
    )


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("discovered_models")
