"""proofs of sight, screens, and models used unproven"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.String(240), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("transport", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger()),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proofs"),
    )
    op.create_index("ix_proofs_guild_id_tried_at", "proofs", ["guild_id", "tried_at"])
    op.create_table(
        "blind_notices",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(240), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "model_id", "since", name="pk_blind_notices"),
    )
    with op.batch_alter_table("guild_settings") as settings:
        settings.add_column(sa.Column("unproven", sa.JSON(), server_default="[]", nullable=False))
        settings.add_column(sa.Column("screen_model", sa.String(200)))
        settings.add_column(
            sa.Column("screen_lenient", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("guild_settings") as settings:
        for column in ("screen_lenient", "screen_model", "unproven"):
            settings.drop_column(column)
    op.drop_table("blind_notices")
    op.drop_table("proofs")
